"""Twins of the hardware and of the systems around the gate; never used at run time of the product."""
