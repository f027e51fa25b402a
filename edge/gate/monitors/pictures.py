"""A camera whose picture stands still to the bit while a vehicle comes onto the entry loop shows
what was and not what is, however still its pictures usually are."""

from __future__ import annotations

from collections.abc import Callable

from edge.gate.port import GateView
from edge.system.clock import Clock

COMES_S = 3.0
"""Seconds from the loop to a place that the camera sees, at a walking pace."""


class PictureMonitor:
    """`doubt` tells vision of the lane."""

    def __init__(
        self, view: Callable[[], GateView], doubt: Callable[[str], None], clock: Clock
    ) -> None:
        self._view, self._doubt, self._clock = view, doubt, clock
        self._free: set[str] = set()
        self._arrived: dict[str, float] = {}

    def check(self) -> None:
        now = self._clock.now().mono
        for lane in self._view().lanes:
            occupied = lane.barrier.entry_loop if lane.barrier.wire_ok else None
            if occupied is False:
                self._free.add(lane.lane)
                self._arrived.pop(lane.lane, None)
            elif occupied and lane.lane in self._free:
                self._free.discard(lane.lane)
                self._arrived[lane.lane] = now
            since = now - self._arrived.get(lane.lane, now)
            if since >= COMES_S and lane.camera.unchanged_s > since + COMES_S:
                self._doubt(lane.lane)
                del self._arrived[lane.lane]
