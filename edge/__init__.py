"""The gate: the service on the border gate's own computer."""

__version__ = "0.1.0"
