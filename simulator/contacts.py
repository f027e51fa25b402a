"""The contacts between a barrier's board and the lane: what a twin board drives and senses.

Logical values: True means occupied, pressed, reached or energised; a board's twin applies channel
numbers and normally closed contacts itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class LaneHardware(Protocol):
    """One lane's physics as its board sees it. Thread-safe."""

    def drive(self, output: str, on: bool) -> None:
        """Energises or releases "open", "close", "stop", "green", "red" or "siren"."""

    def sense(self) -> Mapping[str, bool]:
        """entry_loop, safety_loop, photocell, limit_open, limit_closed, stop, fire, manual_open."""
