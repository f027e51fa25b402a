"""PURE. When a process beside the service (vision, console) counts as hanging, from what it says
of itself.

It says in which stage it is and for how long its own loop has been in the step at hand, from a
thread beside that loop: silence means that the whole process is stopped, a long step that the loop
hangs. A step takes tens of milliseconds; loading takes long on a slow computer, and the loader of
libraries lets no other thread run meanwhile: but it always wants the processor or the disk, and one
that loads and wants neither hangs. Where processes are replaced again and again for that,
each further one gets twice the time, so that a computer that is only slow is not kept restarting:
but for one that came round well and then stands, and for one that is stopped, which hang.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

BEAT_S = 0.5
"""Seconds between two words of the process."""


class Stage(StrEnum):
    LOADING = "loading"
    """libraries, models, templates"""
    WORKING = "working"
    """one step after the other: frames, requests"""


class Run(StrEnum):
    """What the computer says of a process."""

    STOPPED = "stopped"
    """by a signal: it cannot answer"""
    WANTS = "wants"
    """it runs, or waits for the processor or the disk"""
    RESTS = "rests"
    """its first thread waits, others of it may work"""
    IDLE = "idle"
    """no thread of it wants anything"""


@dataclass(frozen=True, slots=True)
class Beat:
    """`busy_s`: seconds since the loop began the step that it is in."""

    stage: Stage
    busy_s: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of silence, and in one step, after which the process is replaced; `idle_s`: of
    loading in which it wants neither processor nor disk, None where it may wait for something."""

    silent_s: Mapping[Stage, float]
    busy_s: Mapping[Stage, float]
    idle_s: float | None = None


QUICK = Limits(
    {Stage.LOADING: 60.0, Stage.WORKING: 3.0}, {Stage.LOADING: 180.0, Stage.WORKING: 4.0}, 3.0
)
"""Of a process whose steps take tens of milliseconds."""

STOPPED_S = 3.0
"""Seconds after which one that is stopped is replaced, whatever else is waited for."""

WELL_S = 2.0
WELL = 0.5
"""Seconds of work, and the most of its time that no step and no silence may have taken meanwhile,
after which a process works well."""

MOST_DOUBLINGS = 4
FORGIVEN_S = 120.0
"""Seconds of work after which one replacement is forgotten, where none would have come of it."""


class Patience:
    """Of one kind of process, over all that follow each other."""

    def __init__(self, limits: Limits = QUICK) -> None:
        self._limits = limits
        self._replaced = 0
        self.begin()

    def begin(self) -> None:
        """A new process."""
        self._last = Beat(Stage.LOADING, 0.0)
        self._silent_s = self._stopped_s = self._idle_s = self._worked_s = self._slowest = 0.0
        self._well_s = self._rested_s = self._wanted_s = 0.0

    @property
    def loading(self) -> bool:
        return self._last.stage is Stage.LOADING

    def heard(self, beat: Beat) -> None:
        last, self._last = self._last, beat
        if last.stage is beat.stage is Stage.WORKING and beat.busy_s <= last.busy_s:
            self._came_round(max(last.busy_s / self._limits.busy_s[beat.stage], self._silence))
        self._silent_s = 0.0

    def _came_round(self, took: float) -> None:
        """`took`: of the time that it may have."""
        self._well_s = self._well_s + self._rested_s + self._wanted_s if took <= WELL else 0.0
        self._rested_s = self._wanted_s = 0.0

    def spoke(self) -> None:
        """Anything else."""
        self._silent_s = 0.0

    def waited(self, seconds: float, run: Run = Run.RESTS) -> float | None:
        """The supervisor has listened for so long, and was awake: seconds for which the process has
        not answered, where that is too long. `run`: what the computer says of the process."""
        factor, stage = self._factor(self._replaced), self._last.stage
        self._silent_s += seconds
        self._stopped_s = self._stopped_s + seconds if run is Run.STOPPED else 0.0
        self._idle_s = self._idle_s + seconds if run is Run.IDLE and self.loading else 0.0
        if run is Run.WANTS:
            self._wanted_s += seconds
        else:
            self._rested_s += seconds
        if self._stopped_s >= STOPPED_S:
            return self._stopped_s
        if self._limits.idle_s is not None and self._idle_s >= self._limits.idle_s:
            return self._idle_s
        if stage is Stage.WORKING:
            self._worked_s += seconds
            if self._worked_s >= FORGIVEN_S:
                if self._slowest < self._factor(self._replaced - 1):
                    self._replaced = max(0, self._replaced - 1)
                self._worked_s = self._slowest = 0.0
        busy, busy_s = self._last.busy_s + self._silent_s, self._limits.busy_s[stage]
        self._slowest = max(self._slowest, self._silence, busy / busy_s)
        if self._silence <= factor and busy <= busy_s * factor:
            return None
        if not self._hangs:
            self._replaced = min(self._replaced + 1, MOST_DOUBLINGS + 1)
        return max(self._silent_s, busy)

    @property
    def _silence(self) -> float:
        """Of what it may have."""
        return self._silent_s / self._limits.silent_s[self._last.stage]

    @property
    def _hangs(self) -> bool:
        """Rather than that the computer is slow."""
        return self._well_s >= WELL_S and self._rested_s > self._wanted_s

    @staticmethod
    def _factor(replaced: int) -> float:
        """How much longer is waited. A single hang says nothing of the computer."""
        return 2.0 ** min(MOST_DOUBLINGS, max(0, replaced - 1))
