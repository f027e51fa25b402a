"""PURE. When the vision process counts as hanging, from what it says of itself.

It says in which stage it is and for how long its own loop has been in the step at hand, from a
thread beside that loop: silence means that the whole process is stopped, a long step that the loop
hangs. A step takes tens of milliseconds; loading the models takes long on a slow computer, and the
loader of libraries lets no other thread run meanwhile. Where the process was replaced for that, the
next one gets twice the time, so that a computer that is only slow is not kept restarting.
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
STEADY_S = 600.0
"""Seconds of work after which a process gets as little time as the first one again."""


class Patience:
    """Of one gate's vision, over all its processes."""

    def __init__(self) -> None:
        self._doublings = 0
        self.begin()

    def begin(self) -> None:
        """A new process."""
        self._last = Beat(Stage.LOADING, 0.0)
        self._silent_s = self._worked_s = 0.0

    def heard(self, beat: Beat) -> None:
        self._last, self._silent_s = beat, 0.0

    def spoke(self) -> None:
        """Anything else."""
        self._silent_s = 0.0

    def waited(self, seconds: float) -> float | None:
        """The supervisor has listened for so long, and was awake: seconds for which the process has
        not answered, where that is too long."""
        stage, factor = self._last.stage, 2**self._doublings
        self._silent_s += seconds
        if stage is Stage.WATCHING:
            self._worked_s += seconds
            if self._worked_s >= STEADY_S:
                self._doublings = 0
        busy = self._last.busy_s + self._silent_s
        if self._silent_s <= SILENT_S[stage] * factor and busy <= BUSY_S[stage] * factor:
            return None
        self._doublings = min(self._doublings + 1, MOST_DOUBLINGS)
        return max(self._silent_s, busy)
