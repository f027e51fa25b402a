"""PURE. The guard's core: `step(barrier, input, now) -> (barrier, actions, facts)`.

Rules, in the order of their weight:
 1. The arm closes only by a reading, when every safety input is wired, fresh and clear, and has
    been clear long enough, and a passage is complete or somebody ordered it. No wish is kept for
    later.
 2. What is not freshly known is occupied. After a start or a lost wire nothing moves before all
    inputs have been read.
 3. Stop beats everything, fire beats closing, and what a person opened stays open until a vehicle
    has passed or a person closes.
 4. One authorisation admits one vehicle.
Times are monotonic seconds. docs/barrier.md shows the table (edge/barrier/core/table.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from edge.barrier.core.crossing import (
    ENTRY_TIMEOUT,
    approach,
    claimed,
    cross,
    expire,
    line_crossed,
    unclaimed,
)
from edge.barrier.core.motion import forget_order, light, move, settle
from edge.barrier.core.outage import AGAIN_S, give_up_close, leave_unseen, lost_for_long
from edge.barrier.core.requests import answer_authorisation, answer_order, withdraw
from edge.barrier.core.sensing import InputState, doubted, obstructed, sampled, settled, unknowing
from edge.barrier.core.signals import may_close, signal
from edge.barrier.core.standing import stand
from edge.barrier.core.state import (
    Barrier,
    CloseWish,
    Drive,
    Limits,
    OpenedBy,
    Step,
    Withdrawal,
    reported,
)
from edge.barrier.core.table import ArmAction, Phase
from edge.barrier.core.warning import warn
from edge.domain.alarm_codes import AlarmCode, Params
from edge.domain.commands import Order
from edge.domain.facts import BarrierFact, GuardAlarm

# --- inputs ---


@dataclass(frozen=True, slots=True)
class Sampled:
    """A good reading of all wired inputs; logical values. `at`: monotonic, when it was asked for;
    None: now. What it tells is no newer."""

    inputs: Mapping[str, bool]
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """One reading failed (no answer, bad checksum, wrong address)."""


@dataclass(frozen=True, slots=True)
class WireLost:
    """The board does not answer; `why` for people."""

    why: str


@dataclass(frozen=True, slots=True)
class Stalled:
    """The guard's loop stood still for so many seconds: what was seen before counts no more."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Time has passed without a sample."""


@dataclass(frozen=True, slots=True)
class Authorised:
    authorisation: str


@dataclass(frozen=True, slots=True)
class Revoked:
    authorisation: str


@dataclass(frozen=True, slots=True)
class Ordered:
    order: Order


@dataclass(frozen=True, slots=True)
class LineCrossed:
    """Vision has seen a whole vehicle, its rear too, go over the line under the arm: `forward`, or
    back. `sure`: how sure that is, 0 to 1."""

    forward: bool
    sure: float


Input = (
    Sampled | Missed | WireLost | Stalled | Elapsed | Authorised | Revoked | Ordered | LineCrossed
)

LINE_SURE = 0.9
"""A line that is less sure than this decides nothing."""


def begin(lane: str, limits: Limits, wired: frozenset[str]) -> Barrier:
    """A barrier of which nothing is known yet."""
    return Barrier(lane, limits, unknowing(wired))


def step(barrier: Barrier, given: Input, now: float) -> Step:
    """What follows from one input. Every input is allowed in every state."""
    done = Step(barrier)
    match given:
        case Sampled():
            done = done.then(_see, given, now)
        case Missed():
            done = done.then(_miss, now)
        case WireLost():
            done = done.then(_lose, AlarmCode.WIRE_LOST, {"why": given.why})
        case Stalled():
            done = done.then(_lose, AlarmCode.STALLED, {"seconds": given.seconds})
            done = replace(done, effects=(*done.effects, Drive(ArmAction.RELEASE)))
        case Authorised():
            done = done.then(answer_authorisation, given.authorisation, now)
        case Revoked():
            done = done.then(_revoke, given.authorisation)
        case Ordered():
            done = done.then(answer_order, given.order, now)
        case LineCrossed(forward, sure):
            if sure >= LINE_SURE:
                # Whom the sensors see under the arm has come there before it went over the line.
                done = done.then(cross, now).then(line_crossed, forward, sure)
        case Elapsed():
            pass
    if lost_for_long(done.barrier, now):
        done = done.then(_lose, AlarmCode.WIRE_LOST, {"seconds": AGAIN_S}, "unsteady")
    done = done.then(cross, now)
    if isinstance(given, Sampled):
        done = done.then(_stopped_unread)
    done = done.then(expire, now).then(forget_order, now)
    # A motion may end and the next begin at once; more than a few steps would be a circle.
    for _ in range(4):
        before = done.barrier
        done = done.then(move, now, isinstance(given, Sampled))
        if done.barrier.phase is before.phase and not before.modes.stop_ordered:
            break
    return done.then(settle).then(light, now).then(warn, now).then(stand, now)


def _miss(b: Barrier, now: float) -> Step:
    blind = not b.input_state.fresh(now, b.limits.blind_s)
    return Step(replace(b, input_state=doubted(b.input_state, blind)))


def _see(b: Barrier, given: Sampled, now: float) -> Step:
    pressed_before = b.input_state.on("manual_open")
    at = now if given.at is None else given.at
    if now - at >= b.limits.fresh_s:
        # It has waited for us, while we stood still.
        return Step(replace(b, input_state=doubted(b.input_state)))
    # What was seen before a gap longer than the freshness time is no sample in a row with this one.
    stale = not b.input_state.fresh(at, b.limits.fresh_s)
    before = doubted(b.input_state) if stale else b.input_state
    input_state = replace(sampled(before, given.inputs, at), blind=stale)
    # Whoever was under the arm when it was stopped is there until nothing is.
    down = b.phase is Phase.CLOSED and input_state.steady("limit_closed")
    stopped = b.crossing.stopped and obstructed(input_state) and not down
    crossing = replace(b.crossing, stopped=stopped)
    b = replace(b, input_state=input_state, crossing=crossing)
    facts: list[BarrierFact] = []
    read_again = settled(input_state) and not input_state.doubtful(now)
    if b.reported.lost is not None and read_again:
        facts += [GuardAlarm(b.lane, b.reported.lost, False)]
        b = replace(b, reported=replace(b.reported, lost=None))
    stop = bool(input_state.on("stop"))
    if stop != b.reported.stop:
        facts += [GuardAlarm(b.lane, AlarmCode.STOP_PRESSED, stop)]
        b = replace(b, reported=replace(b.reported, stop=stop))
    if input_state.on("manual_open") and pressed_before is False:
        b = _pressed(b)
    return reported(b, facts).then(approach, now)


def _stopped_unread(b: Barrier) -> Step:
    """A stop that is over before the first look is a stop, also for whom it was seen with."""
    if b.phase is Phase.UNREAD and b.input_state.on("stop"):
        return withdraw(b, Withdrawal.LOCAL_STOP)
    return Step(b)


def _pressed(b: Barrier) -> Barrier:
    """The local button: opens, or stops a close; what a person opened we do not close unasked."""
    refused = b.input_state.on("stop") or (b.modes.locked and b.phase is not Phase.CLOSING)
    if refused:
        return replace(b, claim=replace(b.claim, close_wish=CloseWish.NO))
    return claimed(b, OpenedBy.LOCAL)


def _lose(b: Barrier, code: AlarmCode, why: Params, variant: str = "") -> Step:
    """Nothing is known any more; the alarm is told once."""
    done = Step(replace(b, input_state=unknowing(b.input_state.wired), gone=True))
    if b.reported.lost is None:
        alarmed = replace(done.barrier, reported=replace(b.reported, lost=code))
        done = reported(alarmed, [GuardAlarm(b.lane, code, True, why, variant)])
    return done.then(leave_unseen).then(give_up_close)


def _revoke(b: Barrier, authorisation: str) -> Step:
    return Step(unclaimed(b) if b.claim.authorisation == authorisation else b)


__all__ = [
    "ENTRY_TIMEOUT",
    "Authorised",
    "Elapsed",
    "Input",
    "InputState",
    "LineCrossed",
    "Missed",
    "Ordered",
    "Revoked",
    "Sampled",
    "Stalled",
    "WireLost",
    "begin",
    "may_close",
    "signal",
    "step",
]
