"""PURE. When the vision process counts as hanging, from what it says of itself.

It says in which stage it is and for how long its own loop has been in the step at hand, from a
thread beside that loop: silence means that the whole process is stopped, a long step that the loop
hangs. A step takes tens of milliseconds; loading the models takes long on a slow computer, and the
loader of libraries lets no other thread run meanwhile. Where processes are replaced again and again
for that, each further one gets twice the time, so that a computer that is only slow is not kept
restarting.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BEAT_S = 0.5
"""Seconds between two words of the process."""


class Stage(StrEnum):
    LOADING = "loading"
    """libraries and models"""
    WATCHING = "watching"
    """one frame after the other"""


@dataclass(frozen=True, slots=True)
class Beat:
    """`busy_s`: seconds since the loop began the step that it is in."""

    stage: Stage
    busy_s: float


SILENT_S = {Stage.LOADING: 60.0, Stage.WATCHING: 3.0}
BUSY_S = {Stage.LOADING: 180.0, Stage.WATCHING: 4.0}
"""Seconds of silence, and in one step, after which the process is replaced."""

MOST_DOUBLINGS = 4
FORGIVEN_S = 120.0
"""Seconds of work after which one replacement is forgotten, where none would have come of it."""


class Patience:
    """Of one gate's vision, over all its processes."""

    def __init__(self) -> None:
        self._replaced = 0
        self.begin()

    def begin(self) -> None:
        """A new process."""
        self._last = Beat(Stage.LOADING, 0.0)
        self._silent_s = self._worked_s = self._slowest = 0.0

    def heard(self, beat: Beat) -> None:
        self._last, self._silent_s = beat, 0.0

    def spoke(self) -> None:
        """Anything else."""
        self._silent_s = 0.0

    def waited(self, seconds: float) -> float | None:
        """The supervisor has listened for so long, and was awake: seconds for which the process has
        not answered, where that is too long."""
        factor, stage = self._factor(self._replaced), self._last.stage
        self._silent_s += seconds
        if stage is Stage.WATCHING:
            self._worked_s += seconds
            if self._worked_s >= FORGIVEN_S:
                if self._slowest < self._factor(self._replaced - 1):
                    self._replaced = max(0, self._replaced - 1)
                self._worked_s = self._slowest = 0.0
        busy = self._last.busy_s + self._silent_s
        self._slowest = max(self._slowest, self._silent_s / SILENT_S[stage], busy / BUSY_S[stage])
        if self._silent_s <= SILENT_S[stage] * factor and busy <= BUSY_S[stage] * factor:
            return None
        self._replaced = min(self._replaced + 1, MOST_DOUBLINGS + 1)
        return max(self._silent_s, busy)

    @staticmethod
    def _factor(replaced: int) -> float:
        """How much longer is waited. A single hang says nothing of the computer."""
        return 2.0 ** min(MOST_DOUBLINGS, max(0, replaced - 1))
