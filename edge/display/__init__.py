"""The lane's display for the driver: its texts and its kinds of signs."""
