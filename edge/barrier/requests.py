"""PURE. Authorisations and orders: taken or refused at once, never kept for a better moment.

A close that cannot be done now is refused, because a late close is dangerous. An authorisation
alone may wait, for the first look at the inputs after a start.
"""

from __future__ import annotations

from dataclasses import replace

from edge.barrier.sensing import obstructed, settled
from edge.barrier.state import Barrier, Drive, Step, told
from edge.barrier.table import Deed, Phase
from edge.commands import Action, Order
from edge.facts import BarrierFact, GuardAlarm, RequestHandled


def answer_authorisation(b: Barrier, authorisation: str, now: float) -> Step:
    """One vehicle may pass. The same again, or one that was used, changes nothing."""
    if authorisation == b.authorisation or authorisation in b.used:
        return Step(b)
    why = _closed_to_all(b)
    if why:
        return told(b, [RequestHandled(b.lane, authorisation, "refused", why)])
    since = now if b.phase is Phase.OPEN else b.since
    return Step(replace(b, authorisation=authorisation, close_due=False, since=since))


def answer_order(b: Barrier, order: Order, now: float) -> Step:
    """A person's or another system's order, answered by exactly one RequestHandled."""
    match order.action:
        case Action.OPEN:
            return _open(b, order)
        case Action.CLOSE:
            return _close(b, order, now)
        case Action.HOLD_OPEN:
            if b.locked or not b.in_service:
                return _refused(b, order, _closed_to_all(b))
            return _done(replace(b, held_open=True, close_due=False), order)
        case Action.RELEASE:
            # The arm stays up until a vehicle has passed or somebody closes it.
            return _done(replace(b, held_open=False), order)
        case Action.LOCK:
            kept = replace(b, locked=True, held_open=False, open_ordered=False, authorisation=None)
            gone: list[BarrierFact] = []
            if b.authorisation is not None:
                gone = [RequestHandled(b.lane, b.authorisation, "refused", "locked")]
            return told(kept, [*gone, RequestHandled(b.lane, order.request, "done", "")])
        case Action.UNLOCK:
            return _done(replace(b, locked=False), order)
        case Action.STOP:
            return _stop(b, order)
        case Action.OUT_OF_SERVICE:
            return _done(replace(b, in_service=False), order)
        case Action.IN_SERVICE:
            ended: list[BarrierFact] = []
            if b.failed:
                ended = [GuardAlarm(b.lane, "travel_timeout", False, "back in service")]
            ready = replace(b, in_service=True, failed=False)
            return told(ready, [*ended, RequestHandled(b.lane, order.request, "done", "")])


def _open(b: Barrier, order: Order) -> Step:
    why = _closed_to_all(b) or _unable(b)
    if why:
        return _refused(b, order, why)
    if b.phase in (Phase.OPEN, Phase.OPENING):
        return _done(replace(b, close_due=False), order)
    return _done(replace(b, open_ordered=True, close_due=False), order)


def _close(b: Barrier, order: Order, now: float) -> Step:
    why = _unable(b)
    if not why and b.held_open:
        why = "held open; release it first"
    if not why and (b.inside or obstructed(b.senses)):
        why = "a vehicle is, or may be, under the arm"
    if not why and b.clear_since is None:
        why = "the safety inputs have only just become clear; try again"
    if why:
        return _refused(b, order, why)
    if b.phase in (Phase.CLOSED, Phase.CLOSING):
        return _done(b, order)
    withdrawn: list[BarrierFact] = []
    if b.authorisation is not None:
        withdrawn = [RequestHandled(b.lane, b.authorisation, "refused", "closed by a person")]
    due = replace(b, close_due=True, authorisation=None, open_ordered=False)
    return told(due, [*withdrawn, RequestHandled(b.lane, order.request, "done", "")])


def _stop(b: Barrier, order: Order) -> Step:
    """Stops a motion where it is; nothing moves again unasked."""
    gone: list[BarrierFact] = []
    if b.authorisation is not None:
        gone = [RequestHandled(b.lane, b.authorisation, "refused", "stopped by a person")]
    moving = b.phase in (Phase.OPENING, Phase.CLOSING)
    kept = replace(
        b,
        phase=Phase.STOPPED if moving else b.phase,
        authorisation=None,
        open_ordered=False,
        held_open=False,
        close_due=False,
    )
    handled = RequestHandled(b.lane, order.request, "done", "")
    return Step(kept, (Drive(Deed.STOP),), (*gone, handled))


def _closed_to_all(b: Barrier) -> str:
    """Why nobody may be let through now, or ""."""
    if b.locked:
        return "locked"
    if not b.in_service:
        return "out of service"
    if b.senses.on("stop"):
        return "the local stop is pressed"
    if b.phase is Phase.FAULT:
        return "both limit switches are active"
    return ""


def _unable(b: Barrier) -> str:
    """Why no motion can be ordered now, or ""."""
    if b.phase is Phase.UNREAD or not settled(b.senses):
        return "the inputs cannot be read; look at the barrier's wire"
    return _closed_to_all(b) if b.phase in (Phase.FAULT, Phase.OUT_OF_SERVICE) else ""


def _done(b: Barrier, order: Order) -> Step:
    return told(b, [RequestHandled(b.lane, order.request, "done", "")])


def _refused(b: Barrier, order: Order, why: str) -> Step:
    return told(b, [RequestHandled(b.lane, order.request, "refused", why)])
