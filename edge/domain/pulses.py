"""PURE. How long a pulse must be that a barrier takes."""

from __future__ import annotations

SHORTEST_PULSE_S, LONGEST_PULSE_S = 0.2, 1.0
"""Shorter pulses are missed by some barriers; over 3 s some close when the pulse ends."""
