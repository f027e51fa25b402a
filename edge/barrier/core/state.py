"""PURE. What the guard's core remembers of one barrier, and the shape of what a step gives back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from edge.barrier.core.sensing import InputState
from edge.barrier.core.table import ArmAction, Phase, Signal
from edge.barrier.core.travel import Travel, plausible_s
from edge.domain.alarm_codes import AlarmCode, Params
from edge.domain.facts import Arm, ArmMoved, BarrierFact, GuardAlarm

BLIND_S = 0.25
"""One lost answer and the next question fit in; with a second one lost the arm is turned at once,
which is 0.5 s after the last good reading (docs/decisions/0020)."""


class OpenedBy(StrEnum):
    NOBODY = "nobody"
    AUTHORISATION = "authorisation"
    ORDER = "operator"
    LOCAL = "local"


class CloseWish(StrEnum):
    """Why the arm is due to come down."""

    NO = "no"
    PASSAGE = "passage"
    """a vehicle has passed: entry, safety loop, clear"""
    UNUSED = "unused"
    """we opened for somebody, and the authorisation has ended unused"""
    ORDER = "operator"
    """somebody ordered it; forgotten at the first disturbance"""


class Withdrawal(StrEnum):
    """Why nobody's wish is kept; as whoever was authorised is told."""

    STOPPED = "stopped by a person"
    CONFLICT = "both limit switches"
    LOCAL_STOP = "the local stop"
    OUT_OF_SERVICE = "out of service"
    CLOSED_BY_HAND = "the arm was closed by hand"


@dataclass(frozen=True, slots=True)
class Limits:
    """The times of one barrier, in seconds; see config.BarrierConfig. `start_s`: how long a motion
    may wait for the pulse and the dead time of the motion before it. `entry_held_s`: how long a
    passage may be kept open by the entry loop alone before that is told; `close_alarm_s`,
    `hold_alarm_s`, `occupied_alarm_s`: a due close, a hold, an occupied sensor. `warn_s`: how long
    the warning burns before the arm comes down. `blind_s`: a failed reading is taken for an
    occupied one if the last good one is older. `stands_s`: so long after it began to be turned an
    arm comes down no more by what we did; a stop that is wired ends that at once."""

    fresh_s: float
    travel_s: float
    travel_margin_s: float
    clear_before_close_s: float
    entry_timeout_s: float
    retries: int
    open_on_fire: bool
    start_s: float = 0.0
    entry_held_s: float = 10.0
    close_alarm_s: float = 30.0
    hold_alarm_s: float = 14400.0
    occupied_alarm_s: float = 3600.0
    warn_s: float = 0.0
    blind_s: float = BLIND_S
    stands_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Motion:
    """The motion under way, or the last one. `moved_at`: when it last got its pulse; `left_limit`:
    the arm has left the switch it began at; `full`: it began there and needed no retry.
    `falls_from`: since when the arm comes down, or may, by whoever's doing; `upper`: its upper end
    is the last place that was proved, and nobody has sent it down or stopped it since. `away`,
    `touched`: since it began to open it was seen at its upper end: on that switch after it was off
    it, or so late that nothing of ours brings it down any more. `retries`:
    those that are left; `reversals`: closings in a row that something has turned. `lost_at`: when
    the inputs were lost in the middle of an opening."""

    moved_at: float = 0.0
    left_limit: bool = False
    full: bool = False
    falls_from: float | None = None
    upper: bool = False
    away: bool = False
    touched: bool = False
    retries: int = 0
    reversals: int = 0
    lost_at: float | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Who wants what of the arm. `asked_at`: when the authorisation came or the arm was open for
    it; `used`: authorisations that a vehicle has used. `open_wish`: who wants it open, until the
    motion begins."""

    authorisation: str | None = None
    asked_at: float = 0.0
    used: tuple[str, ...] = ()
    opened_by: OpenedBy = OpenedBy.NOBODY
    open_wish: OpenedBy = OpenedBy.NOBODY
    close_wish: CloseWish = CloseWish.NO


class Exit(StrEnum):
    """What the exit loop has said since a vehicle came under the arm."""

    NO = "no"
    """nothing"""
    BEFORE = "before"
    """occupied since before, by another one"""
    LEFT = "left"
    """that one has left it"""
    ON = "on"
    """occupied by this one"""
    PASSED = "passed"
    """this one has left it"""


class Way(StrEnum):
    """Which way a vehicle went over the arm's line."""

    UNKNOWN = "unknown"
    FORWARD = "forward"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Crossing:
    """Who is before and under the arm.

    Under it:
    - `inside`: a vehicle is; `inside_by`: on which authorisation; `backwards`: it came from the
      other side; `in_order`: it came over the entry loop.
    - `entry_kept`: it still is on the entry loop, or somebody close behind it is: no break since it
      came. `gap_since`: since when nothing else sees it.
    - `seen`: the sensors that have told of it; `exit`, `line`, `line_sure`: what the exit loop and
      vision's line have, and how sure the line is.
    - `half_in`: a safety sensor has seen somebody under an arm that is up, for whom no loop speaks,
      and the entry loop has had no break since: he may come from there.
    - `slipping`: somebody is under an arm that is down, or is said to be, and he is not told yet
      (slipping.py); `behind` is then the one behind him, and `seen`, `exit`, `line`, `gap_since`
      are his.
    - `stopped`: the arm was stopped over whoever is under it and not told yet, or may have been
      before the first reading: he is not `in_order`.
    - `order_unknown`: the safety loop has not been seen clear since the inputs are read again;
      `found`: it had not when the one inside was seen first.

    Before it:
    - `arrived`: somebody is on the entry loop; `behind`: the one inside, which has left it.
    - `released_at`: when that loop was left at last, with nothing under the arm; `leaving_at`: when
      it became clear with nobody on the safety loop; `off_at`: when it was left last."""

    inside: bool = False
    in_order: bool = False
    backwards: bool = False
    inside_by: str | None = None
    entry_kept: bool = False
    gap_since: float | None = None
    released_at: float | None = None
    seen: frozenset[str] = frozenset()
    exit: Exit = Exit.NO
    line: Way = Way.UNKNOWN
    line_sure: float = 0.0
    arrived: bool = False
    behind: bool = False
    leaving_at: float | None = None
    slipping: bool = False
    half_in: bool = False
    order_unknown: bool = True
    found: bool = False
    off_at: float | None = None
    stopped: bool = True


@dataclass(frozen=True, slots=True)
class Modes:
    """What persons, or too many failed motions (`failed`), have set. `stop_ordered`: a stop that
    has not been carried out yet."""

    held_open: bool = False
    locked: bool = False
    in_service: bool = True
    failed: bool = False
    stop_ordered: bool = False


@dataclass(frozen=True, slots=True)
class Reported:
    """Alarms that stand. `lost`: why nothing is read; `left_open`: why the arm stays up although it
    was due to close, or ""; `stop`: the local stop is pressed; `opening_lost`: an opening was lost
    with the inputs; `alone`: the arm came down by itself; `gap`: a passage is unfinished;
    `silent`: a sensor tells of no vehicle; `standing`: codes of what has stood for too long
    (standing.py)."""

    lost: AlarmCode | None = None
    left_open: str = ""
    stop: bool = False
    opening_lost: bool = False
    alone: bool = False
    gap: bool = False
    silent: bool = False
    standing: frozenset[AlarmCode] = frozenset()


@dataclass(frozen=True, slots=True)
class Barrier:
    """`gone`: the inputs are, or until they are known again were, lost by more than readings that
    fail for some seconds. `unread_since`: since when they are not known, after they were.
    `clear_since`: since when everything under the arm has been clear (and, once a green has
    ended, the light red). `warned_since`: since when the warning burns. `standing`: since when what
    may stand too long does. `silent`: passages in a row that a sensor has not told of."""

    lane: str
    limits: Limits
    input_state: InputState
    phase: Phase = Phase.UNREAD
    motion: Motion = Motion()
    claim: Claim = Claim()
    crossing: Crossing = Crossing()
    modes: Modes = Modes()
    reported: Reported = Reported()
    gone: bool = False
    unread_since: float | None = None
    clear_since: float | None = None
    warned_since: float | None = None
    green: bool = False
    standing: Mapping[str, float] = field(default_factory=dict)
    silent: Mapping[str, int] = field(default_factory=dict)
    travel: Mapping[str, Travel] = field(default_factory=dict)

    def warned(self, now: float) -> bool:
        """Whether the warning has burned for long enough, where one is asked for."""
        if not self.limits.warn_s:
            return True
        return self.warned_since is not None and now - self.warned_since >= self.limits.warn_s

    def allowed_s(self) -> float:
        """How long the motion under way may take."""
        motion = "open" if self.phase is Phase.OPENING else "close"
        limits = self.limits
        travel = self.travel.get(motion, Travel()).supervised_s(limits.travel_s)
        return travel + limits.travel_margin_s + limits.start_s

    def plausible_s(self) -> float:
        """So long after it began to come down the arm is not down yet."""
        return plausible_s(self.travel, self.limits.travel_s)

    def arm_moved(self, why: Signal) -> ArmMoved:
        cause = why.value
        if self.phase is Phase.OPENING:
            special = {Signal.OBSTRUCTED: "safety", Signal.FIRE: "fire"}
            cause = special.get(why, self.claim.opened_by.value)
        elif self.phase is Phase.CLOSING:
            cause = self.claim.close_wish.value
        arm = Arm.UNKNOWN if self.phase is Phase.UNREAD else Arm(self.phase.value)
        return ArmMoved(self.lane, arm, cause)


@dataclass(frozen=True, slots=True)
class Drive:
    action: ArmAction


@dataclass(frozen=True, slots=True)
class Light:
    green: bool


@dataclass(frozen=True, slots=True)
class Warn:
    """The warning before and while the arm comes down."""

    on: bool


Effect = Drive | Light | Warn


@dataclass(frozen=True, slots=True)
class Step:
    """A barrier after an input, what to do with the outputs, and what to report, in order."""

    barrier: Barrier
    effects: tuple[Effect, ...] = ()
    facts: tuple[BarrierFact, ...] = ()

    def then(self, rule: Callable[..., Step], *args: Any) -> Step:
        """With one more rule applied to the barrier."""
        more = rule(self.barrier, *args)
        if more.barrier is self.barrier and not more.effects and not more.facts:
            return self
        return Step(more.barrier, self.effects + more.effects, self.facts + more.facts)


def stay_up(b: Barrier, why: str, params: Params | None = None) -> Step:
    """The arm is due to come down and will not: that is told. `why`: the alarm's variant."""
    alarm = GuardAlarm(b.lane, AlarmCode.LEFT_OPEN, True, params or {}, why)
    facts = [] if b.reported.left_open else [alarm]
    claim, standing = replace(b.claim, close_wish=CloseWish.NO), replace(b.reported, left_open=why)
    return reported(replace(b, claim=claim, reported=standing), facts)


def reported(barrier: Barrier, facts: Sequence[BarrierFact]) -> Step:
    return Step(barrier, (), tuple(facts))
