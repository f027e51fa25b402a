"""The commands of `gate`."""
