"""Scanners on a serial port at the lane: what is shown to them, a line at a time."""
