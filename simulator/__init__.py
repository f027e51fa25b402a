"""Twins of the hardware and of the systems around the gate; never used by the product itself."""
