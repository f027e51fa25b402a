"""PURE. Authorisations and orders: taken or refused at once, never kept for a better moment.

A close that cannot be done now is refused, because a late close is dangerous. An authorisation
alone may wait, for the first look at the inputs after a start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.barrier.core.crossing import asked_to_come, claimed, crossed, unclaimed
from edge.barrier.core.signals import clear_under, fire
from edge.barrier.core.state import (
    Barrier,
    CloseWish,
    OpenedBy,
    Step,
    Withdrawal,
    reported,
    stay_up,
)
from edge.barrier.core.table import Phase
from edge.domain.alarm_codes import AlarmCode
from edge.domain.commands import Action, Order
from edge.domain.facts import BarrierFact, GuardAlarm, RequestHandled
from edge.domain.guard_refusal import GuardRefusal


def answer_authorisation(b: Barrier, authorisation: str, now: float) -> Step:
    """One vehicle may pass. The same again, or one that was used, changes nothing."""
    if authorisation == b.claim.authorisation or authorisation in b.claim.used:
        return Step(b)
    why = _closed_to_all(b)
    if why:
        return reported(b, [RequestHandled(b.lane, authorisation, "refused", why)])
    gone = _withdrawn(b, GuardRefusal.ANOTHER)
    # Whoever is admitted besides the vehicle inside stands behind it: the entry loop is not its.
    asked = replace(
        b,
        claim=replace(b.claim, authorisation=authorisation, asked_at=now),
        crossing=replace(b.crossing, entry_kept=False),
    )
    return reported(claimed(asked, OpenedBy.AUTHORISATION), gone)


def answer_order(b: Barrier, order: Order, now: float) -> Step:
    """A person's or another system's order, answered by exactly one RequestHandled."""
    match order.action:
        case Action.OPEN | Action.HOLD_OPEN:
            return _open(b, order)
        case Action.CLOSE:
            return _close(b, order)
        case Action.RELEASE:
            # The arm stays up until a vehicle has passed or somebody closes it.
            return _done(replace(b, modes=replace(b.modes, held_open=False)), order)
        case Action.LOCK:
            gone = _withdrawn(b, GuardRefusal.LOCKED)
            ours = unclaimed(b) if gone else b
            modes = replace(ours.modes, locked=True, held_open=False)
            return _done(replace(ours, modes=modes), order, gone).then(_left_locked)
        case Action.UNLOCK:
            return _done(replace(b, modes=replace(b.modes, locked=False)), order)
        case Action.STOP:
            return _done(replace(b, modes=replace(b.modes, stop_ordered=True)), order)
        case Action.OUT_OF_SERVICE:
            # At once: whoever is under an arm that cannot be read now completes no passage later.
            done = _done(replace(b, modes=replace(b.modes, in_service=False)), order)
            return done.then(withdraw, Withdrawal.OUT_OF_SERVICE)
        case Action.IN_SERVICE:
            ended: list[BarrierFact] = []
            if b.modes.failed:
                ended = [GuardAlarm(b.lane, AlarmCode.TRAVEL_TIMEOUT, False)]
            return _done(
                replace(b, modes=replace(b.modes, in_service=True, failed=False)), order, ended
            )


def only_looking(b: Barrier, on: bool) -> Barrier:
    """Another controller moves the arm (`on`): nothing is wanted of it, and who has passed lowers
    it no more than while it is held open. A motion of ours is none, so it neither fails nor puts
    the arm out of service: where it is the switches say."""
    claim = replace(b.claim, open_wish=OpenedBy.NOBODY, close_wish=CloseWish.NO)
    unmoved = on and b.phase in (Phase.OPENING, Phase.CLOSING)
    phase = Phase.STOPPED if unmoved else b.phase
    return replace(b, phase=phase, claim=claim, modes=replace(b.modes, held_open=on))


def _left_locked(b: Barrier) -> Step:
    """Nobody comes to an arm that is locked while it is up: that is told."""
    up = b.phase in (Phase.OPENING, Phase.OPEN) or (
        b.phase is Phase.STOPPED and not b.input_state.on("limit_closed")
    )
    comes_down = b.crossing.inside or b.claim.close_wish is not CloseWish.NO
    return stay_up(b, "locked") if up and not comes_down else Step(b)


def withdraw(b: Barrier, why: Withdrawal) -> Step:
    """Nobody wants anything of the arm any more, and whoever was authorised is told: after a stop
    nothing moves again unasked, nor does the vehicle that is under the arm now complete a passage
    that would close it."""
    none, upper = CloseWish.NO, b.motion.upper and b.input_state.on("limit_open") is not False
    wishless = replace(
        b,
        claim=replace(b.claim, authorisation=None, open_wish=OpenedBy.NOBODY, close_wish=none),
        modes=replace(b.modes, held_open=False, stop_ordered=False),
        crossing=replace(b.crossing, in_order=False, stopped=not b.crossing.inside),
        motion=replace(b.motion, upper=upper, lost_at=None),
    )
    done = reported(wishless, _withdrawn(b, why))
    if b.claim.close_wish is CloseWish.NO or b.modes.failed:
        return done
    return done.then(stay_up, "withdrawn", {"why": (why.name.lower(),)})


def _open(b: Barrier, order: Order) -> Step:
    why = _unread(b) or _closed_to_all(b)
    if why:
        return _refused(b, order, why)
    held = b.modes.held_open or order.action is Action.HOLD_OPEN
    return _done(claimed(replace(b, modes=replace(b.modes, held_open=held)), OpenedBy.ORDER), order)


def _close(b: Barrier, order: Order) -> Step:
    why = _unread(b) or _unable(b) or _closing_refused(b)
    if why:
        return _refused(b, order, why)
    b = asked_to_come(b, Phase.CLOSED, "limit_closed")
    if b.phase in (Phase.CLOSED, Phase.CLOSING):
        return _done(b, order)
    done = crossed(b) if b.crossing.inside else Step(b)
    return done.then(_ordered_close, order)


def _ordered_close(b: Barrier, order: Order) -> Step:
    gone = _withdrawn(b, GuardRefusal.CLOSED_BY_PERSON)
    # Where something turns it, nobody wants it up any more, and that is told.
    ours = b.claim.opened_by is OpenedBy.AUTHORISATION
    by = b.claim.opened_by if ours else OpenedBy.NOBODY
    claim = replace(b.claim, close_wish=CloseWish.ORDER, authorisation=None, opened_by=by)
    crossing = replace(b.crossing, half_in=False)
    return _done(replace(b, claim=claim, crossing=crossing), order, gone)


def _closing_refused(b: Barrier) -> GuardRefusal | None:
    if b.modes.held_open:
        return GuardRefusal.HELD_OPEN
    if not clear_under(b):
        return GuardRefusal.OCCUPIED
    if fire(b):
        return GuardRefusal.FIRE
    if b.input_state.on("manual_open"):
        return GuardRefusal.BUTTON
    return GuardRefusal.OPENING if b.phase is Phase.OPENING else None


def _closed_to_all(b: Barrier) -> GuardRefusal | None:
    """Why nobody may be let through now, or None."""
    return GuardRefusal.LOCKED if b.modes.locked else _unable(b)


def _unread(b: Barrier) -> GuardRefusal | None:
    return GuardRefusal.UNREAD if b.phase is Phase.UNREAD else None


def _unable(b: Barrier) -> GuardRefusal | None:
    """Why the arm may not be moved now, or None."""
    if not b.modes.in_service:
        return GuardRefusal.OUT_OF_SERVICE
    if b.input_state.on("stop"):
        return GuardRefusal.STOP_PRESSED
    return GuardRefusal.BOTH_LIMITS if b.phase is Phase.FAULT else None


def _withdrawn(b: Barrier, why: GuardRefusal | Withdrawal) -> list[BarrierFact]:
    if b.claim.authorisation is None:
        return []
    return [RequestHandled(b.lane, b.claim.authorisation, "refused", why)]


def _done(b: Barrier, order: Order, first: Sequence[BarrierFact] = ()) -> Step:
    return reported(b, [*first, RequestHandled(b.lane, order.request, "done", "")])


def _refused(b: Barrier, order: Order, why: GuardRefusal) -> Step:
    return reported(b, [RequestHandled(b.lane, order.request, "refused", why)])
