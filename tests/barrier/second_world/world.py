"""Virtual time: what is due is done in its order, between that the bodies move.

Seconds as floats. Nothing here sleeps; time moves only when somebody waits for it.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

LONGEST_STEP_S = 0.025
"""The bodies are never left alone for longer: 10 cm at 4 m/s, 1 degree of a fast arm."""


class World:
    """The clock, what is due, and everything that moves."""

    def __init__(self, start: float = 1000.0) -> None:
        self.t = start
        self._bodies_at = start
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self.moves: list[Callable[[float, float], None]] = []
        """Called with (now, dt) for each step of the bodies."""
        self.deaf: list[tuple[float, float, str]] = []
        """From when to when nobody could act, and why: no process, no wire, no power."""
        self.ended: list[tuple[float, float, str]] = []
        """The same after an orderly end, which leaves no arm on its way down by our doing."""

    def at(self, when: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (max(when, self.t), next(self._order), action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        self.at(self.t + seconds, action)

    def settle(self) -> None:
        """Brings the bodies to this moment; whoever looks at them or touches them does it first."""
        while self._bodies_at < self.t:
            dt = min(self.t - self._bodies_at, LONGEST_STEP_S)
            now = self._bodies_at + dt
            self._bodies_at = self.t if self.t - now < 1e-9 else now
            for move in self.moves:
                move(self._bodies_at, dt)

    def step(self, until: float) -> bool:
        """On to the next thing that is due, or to `until`; whether something was done."""
        if self._due and self._due[0][0] <= until:
            self.t, _, action = heapq.heappop(self._due)
            if self.t - self._bodies_at >= LONGEST_STEP_S:
                self.settle()
            action()
            return True
        self.t = until
        if self.t - self._bodies_at >= LONGEST_STEP_S:
            self.settle()
        return False

    def run(self, until: float) -> None:
        while self.step(until):
            pass
