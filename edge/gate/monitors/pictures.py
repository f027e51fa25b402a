"""A camera whose picture stands still to the bit while a vehicle comes onto the entry loop shows
what was and not what is, however still its pictures usually are. So does one in whose picture
nothing moves while a vehicle comes onto the loop, stands there and leaves it: it is frozen before
an encoder that makes each picture a little different, or looks elsewhere. There the whole visit is
waited for, since a loop that only comes on may be a faulty one."""

from __future__ import annotations

from collections.abc import Callable

from edge.gate.port import GateView
from edge.lane.presence import COMES_S
from edge.system.clock import Clock


class PictureMonitor:
    """`doubt` tells vision of the lane."""

    def __init__(
        self, view: Callable[[], GateView], doubt: Callable[[str], None], clock: Clock
    ) -> None:
        self._view, self._doubt, self._clock = view, doubt, clock
        self._free: set[str] = set()
        self._arrived: dict[str, float] = {}
        self._on_loop: dict[str, float] = {}
        self._visits: dict[str, tuple[float, float]] = {}

    def check(self) -> None:
        now = self._clock.now().mono
        for lane in self._view().lanes:
            name = lane.lane
            occupied = lane.barrier.entry_loop if lane.barrier.wire_ok else None
            if occupied is None:
                self._on_loop.pop(name, None)
            elif not occupied:
                self._free.add(name)
                self._arrived.pop(name, None)
                came = self._on_loop.pop(name, now)
                if now - came >= COMES_S:
                    self._visits[name] = came, now
            elif name in self._free:
                self._free.discard(name)
                self._arrived[name] = self._on_loop[name] = now
            since = now - self._arrived.get(name, now)
            if since >= COMES_S and lane.camera.unchanged_s > since + COMES_S:
                self._doubt(name)
                del self._arrived[name]
            came, left = self._visits.get(name, (now, now))
            if now - left >= COMES_S:
                del self._visits[name]
                if lane.camera.unmoved_s > now - came + COMES_S:
                    self._doubt(name)
