"""A lane's world on a running clock, as boards and cameras on real threads need it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from simulator.world.road import Road, Seen
from simulator.world.vehicle import Vehicle


class LaneWorld(Road):
    """Implements contacts.LaneHardware. `step` moves everything on; its calls are thread-safe."""

    def __init__(self, lane: str, clock: Callable[[], float], travel_s: float = 1.2) -> None:
        super().__init__(lane, clock(), travel_s)
        self._clock = clock
        self._lock = threading.RLock()

    def add(self, vehicle: Vehicle) -> None:
        """One more at the end of the queue."""
        with self._lock:
            self.join(vehicle)

    def waiting(self) -> int:
        with self._lock:
            return len(self.vehicles)

    def step(self) -> None:
        with self._lock:
            self.advance(self._clock())

    def drive(self, output: str, on: bool) -> None:
        with self._lock:
            self.advance(self._clock())
            self.contact(output, on)

    def sense(self) -> dict[str, bool]:
        with self._lock:
            self.advance(self._clock())
            return self.inputs()

    def placed(self) -> list[Seen]:
        """The vehicles as the camera's scene wants them."""
        with self._lock:
            self.advance(self._clock())
            return self.seen()

    def placed_behind(self) -> list[Seen]:
        """The same for the camera that looks at the rears."""
        with self._lock:
            self.advance(self._clock())
            return self.rears()
