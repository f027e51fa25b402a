"""PURE. What the guard's core remembers of one barrier, and the shape of what a step gives back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from edge.barrier.sensing import Senses
from edge.barrier.table import Deed, Phase, Signal
from edge.facts import Arm, ArmMoved, BarrierFact, GuardAlarm

LEARN_SHARE = 0.2
"""How much one motion weighs in the learned travel time."""

DRIFT = 1.5
"""A motion longer than so many times the learned one tells of a failing drive ..."""

DRIFT_AFTER = 5
"""... once so many motions have been learned."""


class OpenedBy(StrEnum):
    NOBODY = "nobody"
    AUTHORISATION = "authorisation"
    ORDER = "operator"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Limits:
    """The times of one barrier, in seconds; see config.BarrierConfig."""

    fresh_s: float
    travel_s: float
    travel_margin_s: float
    clear_before_close_s: float
    entry_timeout_s: float
    retries: int
    open_on_fire: bool


@dataclass(frozen=True, slots=True)
class Travel:
    """The learned duration of one motion."""

    mean_s: float | None = None
    motions: int = 0


@dataclass(frozen=True, slots=True)
class Barrier:
    """`since`: when the phase began; `moved_at`: when the motion last got its pulse. `inside`: a
    vehicle is under the arm, admitted by `inside_by`. `leaving_at`: when the entry loop became
    clear with nobody on the safety loop. `close_due`: a passage is complete, or a close was
    ordered."""

    lane: str
    limits: Limits
    senses: Senses
    phase: Phase = Phase.UNREAD
    since: float = 0.0
    moved_at: float = 0.0
    clear_since: float | None = None
    authorisation: str | None = None
    used: tuple[str, ...] = ()
    opened_by: OpenedBy = OpenedBy.NOBODY
    inside: bool = False
    inside_by: str | None = None
    arrived: bool = False
    leaving_at: float | None = None
    close_due: bool = False
    open_ordered: bool = False
    held_open: bool = False
    locked: bool = False
    in_service: bool = True
    failed: bool = False
    retries: int = 0
    green: bool = False
    lost: str = ""
    stop_told: bool = False
    travel: dict[str, Travel] = field(default_factory=dict)

    def arm_moved(self, why: Signal) -> ArmMoved:
        cause = self.opened_by.value if self.phase is Phase.OPENING else why.value
        arm = Arm.UNKNOWN if self.phase is Phase.UNREAD else Arm(self.phase.value)
        if self.phase is Phase.CLOSING:
            cause = "passage" if self.inside_by is None else "operator"
        return ArmMoved(self.lane, arm, cause)

    def learned(self, motion: str, seconds: float) -> tuple[Barrier, list[BarrierFact]]:
        """With one more motion learned; tells when it took far longer than usual."""
        old = self.travel.get(motion, Travel())
        code = f"travel_drift_{motion}"
        facts: list[BarrierFact] = []
        if old.mean_s is not None and old.motions >= DRIFT_AFTER:
            slow = seconds > DRIFT * old.mean_s
            text = f"the motion took {seconds:.1f} s, usually {old.mean_s:.1f} s; have it serviced"
            facts.append(GuardAlarm(self.lane, code, slow, text))
        mean = seconds if old.mean_s is None else old.mean_s + LEARN_SHARE * (seconds - old.mean_s)
        travel = {**self.travel, motion: Travel(mean, old.motions + 1)}
        return replace(self, travel=travel), facts


@dataclass(frozen=True, slots=True)
class Drive:
    deed: Deed


@dataclass(frozen=True, slots=True)
class Light:
    green: bool


Effect = Drive | Light


@dataclass(frozen=True, slots=True)
class Step:
    """A barrier after an input, what to do with the outputs, and what to report, in order."""

    barrier: Barrier
    effects: tuple[Effect, ...] = ()
    facts: tuple[BarrierFact, ...] = ()

    def then(self, rule: Callable[..., Step], *args: Any) -> Step:
        """With one more rule applied to the barrier."""
        more = rule(self.barrier, *args)
        return Step(more.barrier, self.effects + more.effects, self.facts + more.facts)


def told(barrier: Barrier, facts: Sequence[BarrierFact]) -> Step:
    return Step(barrier, (), tuple(facts))
