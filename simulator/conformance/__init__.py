"""Conformance kits: what integrators hold their receiver or platform against before a gate does."""
