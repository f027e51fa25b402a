"""PURE. The guard's core: `step(barrier, input, now) -> (barrier, deeds, facts)`.

Rules, in the order of their weight:
 1. The arm closes only when every safety input is wired, fresh and clear, and has been clear long
    enough, and a passage is complete or somebody ordered it. No wish is kept for later.
 2. What is not freshly known is occupied. After a start or a lost wire nothing moves before all
    inputs have been read.
 3. Stop beats everything, fire beats closing, and what a person opened stays open until a vehicle
    has passed or a person closes.
 4. One authorisation admits one vehicle.
Times are monotonic seconds. docs/barrier.md shows the table (edge/barrier/table.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge.barrier.requests import answer_authorisation, answer_order
from edge.barrier.sensing import Senses, doubted, obstructed, sampled, settled, unknowing
from edge.barrier.state import (
    Barrier,
    Drive,
    Effect,
    Light,
    Limits,
    OpenedBy,
    Step,
    told,
)
from edge.barrier.table import TABLE, Deed, Phase, Signal
from edge.commands import Order
from edge.facts import (
    BarrierFact,
    GuardAlarm,
    RequestHandled,
    TailgateSeen,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
)

BACK_OFF_S = 2.0
"""A vehicle between the entry loop and the safety loop may be on neither for so long."""

ENTRY_TIMEOUT = "entry_timeout"


# --- inputs ---


@dataclass(frozen=True, slots=True)
class Sampled:
    """A good reading of all wired inputs; logical values."""

    inputs: dict[str, bool]


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


Input = Sampled | Missed | WireLost | Stalled | Elapsed | Authorised | Revoked | Ordered


def begin(lane: str, limits: Limits, wired: frozenset[str], now: float) -> Barrier:
    """A barrier of which nothing is known yet."""
    return Barrier(lane, limits, unknowing(wired), since=now)


def step(barrier: Barrier, given: Input, now: float) -> Step:
    """What follows from one input. Every input is allowed in every state."""
    done = Step(barrier)
    match given:
        case Sampled():
            done = done.then(_see, given.inputs, now)
        case Missed():
            done = Step(replace(barrier, senses=doubted(barrier.senses)))
        case WireLost():
            done = done.then(_lose, "wire_lost", given.why)
        case Stalled():
            text = f"the guard stood still for {given.seconds:.1f} s; outputs were released"
            done = done.then(_lose, "stalled", text)
            done = replace(done, effects=(*done.effects, Drive(Deed.RELEASE)))
        case Authorised():
            done = done.then(answer_authorisation, given.authorisation, now)
        case Revoked():
            done = done.then(_revoke, given.authorisation)
        case Ordered():
            done = done.then(answer_order, given.order, now)
        case Elapsed():
            pass
    done = done.then(_cross, now).then(_expire, now)
    # A motion may end and the next begin at once; more than a few steps would be a circle.
    for _ in range(4):
        before = done.barrier
        done = done.then(_move, now)
        if done.barrier.phase is before.phase:
            break
    return done.then(_light)


# --- looking ---


def _see(b: Barrier, inputs: dict[str, bool], now: float) -> Step:
    senses = sampled(b.senses, inputs, now)
    b = replace(b, senses=senses)
    facts: list[BarrierFact] = []
    if b.lost and settled(senses):
        facts += [GuardAlarm(b.lane, b.lost, False, "the inputs are read again")]
        b = replace(b, lost="")
    stop = bool(senses.on("stop"))
    if stop != b.stop_told:
        facts += [GuardAlarm(b.lane, "stop_pressed", stop, "the local stop is pressed")]
        b = replace(b, stop_told=stop)
    entry = senses.on("entry_loop")
    if entry and not b.arrived:
        if b.leaving_at is not None:
            facts += [VehicleBackedOff(b.lane)]
        facts += [VehicleArrived(b.lane)]
        b = replace(b, arrived=True, leaving_at=None)
    elif entry is False and b.arrived:
        # Towards the arm, or away from it? The safety loop will tell within BACK_OFF_S.
        towards = b.inside or bool(senses.on("safety_loop"))
        b = replace(b, arrived=False, leaving_at=None if towards else now)
    return told(b, facts)


def _lose(b: Barrier, code: str, why: str) -> Step:
    """Nothing is known any more; the alarm is told once."""
    b = replace(b, senses=unknowing(b.senses.wired))
    if b.lost:
        return Step(b)
    return told(replace(b, lost=code), [GuardAlarm(b.lane, code, True, why)])


# --- who goes through ---


def _cross(b: Barrier, now: float) -> Step:
    """Entry -> safety -> clear, and who used which authorisation."""
    facts: list[BarrierFact] = []
    under = [b.senses.on(n) for n in ("safety_loop", "photocell")]
    up = b.phase in (Phase.OPENING, Phase.OPEN, Phase.CLOSING) or (
        b.phase is Phase.STOPPED and not b.senses.on("limit_closed")
    )
    if not b.inside and up and any(under):
        used = b.authorisation
        facts += [VehicleEntered(b.lane, used)]
        # One decision admits one: a second vehicle under an arm that we opened is a tailgater.
        if used is None and b.opened_by is OpenedBy.AUTHORISATION:
            facts += [TailgateSeen(b.lane)]
        b = replace(
            b,
            inside=True,
            inside_by=used,
            authorisation=None,
            used=b.used if used is None else (*b.used[-199:], used),
            leaving_at=None,
            close_due=False,
        )
    elif b.inside and settled(b.senses) and not obstructed(b.senses):
        facts += [VehicleCrossed(b.lane, b.inside_by)]
        b = replace(b, inside=False, inside_by=None, close_due=not b.held_open)
    if b.leaving_at is not None and now - b.leaving_at >= BACK_OFF_S:
        facts += [VehicleBackedOff(b.lane)]
        b = replace(b, leaving_at=None)
    return told(b, facts)


def _expire(b: Barrier, now: float) -> Step:
    """An authorisation that nobody uses ends, and the arm comes down behind it."""
    if b.authorisation is None or b.phase is not Phase.OPEN:
        return Step(b)
    if now - b.since < b.limits.entry_timeout_s:
        return Step(b)
    handled = RequestHandled(b.lane, b.authorisation, "refused", ENTRY_TIMEOUT)
    return told(replace(b, authorisation=None, close_due=_ours(b)), [handled])


def _revoke(b: Barrier, authorisation: str) -> Step:
    if b.authorisation != authorisation:
        return Step(b)
    return Step(replace(b, authorisation=None, close_due=b.close_due or _ours(b)))


def _ours(b: Barrier) -> bool:
    """Whether the arm is up because of an authorisation, so that we may close it unasked."""
    return b.opened_by is OpenedBy.AUTHORISATION and not b.held_open


# --- moving ---


def signal(b: Barrier, now: float) -> Signal:
    """The most urgent thing true now."""
    s, limits = b.senses, b.limits
    if not s.fresh(now, limits.fresh_s) or not settled(s):
        return Signal.LOST
    if s.on("limit_open") and s.on("limit_closed"):
        return Signal.CONFLICT
    if s.on("stop"):
        return Signal.STOP
    if not b.in_service:
        return Signal.RETIRED
    idle = b.phase in (Phase.CLOSED, Phase.CLOSING, Phase.STOPPED)
    if idle and limits.open_on_fire and s.on("fire"):
        return Signal.FIRE
    if b.phase is Phase.CLOSING and obstructed(s):
        return Signal.OBSTRUCTED
    reached = _reached(b, now)
    if reached is not None:
        return reached
    if b.phase is Phase.OPEN and s.on("limit_open") is False:
        return Signal.MOVED_BY_HAND
    if b.phase is Phase.CLOSED and s.on("limit_closed") is False:
        return Signal.MOVED_BY_HAND
    if idle and _wants_open(b):
        return Signal.WISH_OPEN
    if b.phase in (Phase.OPENING, Phase.CLOSING) and now - b.moved_at > _allowed(b):
        return Signal.OVERDUE
    if b.phase in (Phase.OPEN, Phase.STOPPED) and may_close(b, now) and b.close_due:
        return Signal.WISH_CLOSE
    return Signal.NOTHING


def may_close(b: Barrier, now: float) -> bool:
    """Rule 1, all of it but the wish."""
    s = b.senses
    return (
        s.fresh(now, b.limits.fresh_s)
        and settled(s)
        and not obstructed(s)
        and b.clear_since is not None
        and now - b.clear_since >= b.limits.clear_before_close_s
        and not b.inside
        and not b.held_open
        and b.authorisation is None
        and not _wants_open(b)
        and not (s.on("fire") and b.limits.open_on_fire)
    )


def _wants_open(b: Barrier) -> bool:
    if b.locked:
        return False
    return (
        b.authorisation is not None
        or b.held_open
        or b.open_ordered
        or bool(b.senses.on("manual_open"))
    )


def _reached(b: Barrier, now: float) -> Signal | None:
    """The switch that says where the arm is, if that is news; by time where none is wired."""
    s = b.senses
    if s.on("limit_open") and b.phase not in (Phase.OPEN, Phase.CLOSING):
        return Signal.REACHED_OPEN
    if s.on("limit_closed") and b.phase not in (Phase.CLOSED, Phase.OPENING):
        return Signal.REACHED_CLOSED
    waited = now - b.moved_at
    if b.phase is Phase.OPENING and "limit_open" not in s.wired and waited >= b.limits.travel_s:
        return Signal.REACHED_OPEN
    if b.phase is Phase.CLOSING and "limit_closed" not in s.wired and waited >= b.limits.travel_s:
        return Signal.REACHED_CLOSED
    return None


def _allowed(b: Barrier) -> float:
    return b.limits.travel_s + b.limits.travel_margin_s


def _move(b: Barrier, now: float) -> Step:
    b = _clear_clock(b, now)
    now_true = signal(b, now)
    to, deed = TABLE[b.phase, now_true]
    if deed is Deed.RETRY:
        return _retry(b, now)
    effects: tuple[Effect, ...] = () if deed is Deed.NONE else (Drive(deed),)
    if deed is Deed.RELEASE and to is b.phase:
        effects = ()
    facts: list[BarrierFact] = []
    if to is not b.phase:
        b, facts = _entered_phase(b, to, now_true, now)
    return Step(b, effects, tuple(facts))


def _clear_clock(b: Barrier, now: float) -> Barrier:
    """Since when everything under the arm has been clear."""
    known = b.senses.fresh(now, b.limits.fresh_s) and settled(b.senses)
    if not known or obstructed(b.senses):
        return replace(b, clear_since=None)
    return b if b.clear_since is not None else replace(b, clear_since=now)


def _entered_phase(
    b: Barrier, to: Phase, why: Signal, now: float
) -> tuple[Barrier, list[BarrierFact]]:
    """The bookkeeping of a change of phase."""
    facts: list[BarrierFact] = []
    was = b.phase
    b = replace(b, phase=to, since=now)
    if to in (Phase.OPENING, Phase.CLOSING):
        if was not in (Phase.OPENING, Phase.CLOSING):
            b = replace(b, retries=b.limits.retries)
        b = replace(b, moved_at=now)
    if to is Phase.OPENING:
        b = replace(b, opened_by=_opener(b, why), close_due=b.close_due and was is Phase.CLOSING)
    if to is Phase.OPEN:
        if was is Phase.OPENING:
            b, drift = b.learned("open", now - b.moved_at)
            facts += drift
        elif was in (Phase.CLOSED, Phase.STOPPED) and b.opened_by is not OpenedBy.AUTHORISATION:
            b = replace(b, opened_by=OpenedBy.LOCAL)
        b = replace(b, open_ordered=False)
    if to is Phase.CLOSED:
        if was is Phase.CLOSING:
            b, drift = b.learned("close", now - b.moved_at)
            facts += drift
        b = replace(b, opened_by=OpenedBy.NOBODY, close_due=False)
    if to is Phase.STOPPED and was in (Phase.CLOSED, Phase.OPEN) and why is Signal.MOVED_BY_HAND:
        b = replace(b, opened_by=OpenedBy.LOCAL, close_due=False)
    if why is Signal.STOP or to is Phase.OUT_OF_SERVICE:
        facts += _withdraw(b, "the local stop" if why is Signal.STOP else "out of service")
        b = replace(b, authorisation=None, open_ordered=False, close_due=False)
    conflict = to is Phase.FAULT
    if conflict or was is Phase.FAULT:
        text = "both limit switches are active at once; check their wiring"
        facts += [GuardAlarm(b.lane, "both_limits", conflict, text)]
    facts.append(b.arm_moved(why))
    return b, facts


def _withdraw(b: Barrier, why: str) -> list[BarrierFact]:
    if b.authorisation is None:
        return []
    return [RequestHandled(b.lane, b.authorisation, "refused", why)]


def _opener(b: Barrier, why: Signal) -> OpenedBy:
    if why is Signal.OBSTRUCTED:
        return b.opened_by
    if why is Signal.FIRE:
        return OpenedBy.LOCAL
    if b.authorisation is not None and not b.held_open and not b.open_ordered:
        return OpenedBy.AUTHORISATION
    return OpenedBy.LOCAL if b.senses.on("manual_open") else OpenedBy.ORDER


def _retry(b: Barrier, now: float) -> Step:
    """A motion that does not end: once more if that is safe, then out of service."""
    what = "open" if b.phase is Phase.OPENING else "closed"
    if b.retries > 0 and (b.phase is Phase.OPENING or not obstructed(b.senses)):
        again = Drive(Deed.OPEN if b.phase is Phase.OPENING else Deed.CLOSE)
        return Step(replace(b, retries=b.retries - 1, moved_at=now), (again,))
    text = (
        f"the arm has not reached its {what} switch within {_allowed(b):.1f} s; out of service "
        "until a person has looked and puts it back"
    )
    facts: list[BarrierFact] = [GuardAlarm(b.lane, "travel_timeout", True, text)]
    b = replace(b, in_service=False, failed=True)
    b, more = _entered_phase(b, Phase.OUT_OF_SERVICE, Signal.OVERDUE, now)
    return Step(b, (Drive(Deed.STOP),), (*facts, *more))


def _light(b: Barrier) -> Step:
    """Green only under a fully open arm for a vehicle that may go (invariant 15)."""
    up = b.phase is Phase.OPEN and b.senses.on("limit_open") is not False
    green = up and (b.authorisation is not None or b.inside_by is not None or b.held_open)
    if green == b.green:
        return Step(b)
    return Step(replace(b, green=green), (Light(green),))


__all__ = [
    "Authorised",
    "Elapsed",
    "Input",
    "Missed",
    "Ordered",
    "Revoked",
    "Sampled",
    "Senses",
    "Stalled",
    "WireLost",
    "begin",
    "may_close",
    "signal",
    "step",
]
