"""PURE. Authorisations and orders: taken or refused at once, never kept for a better moment.

A close that cannot be done now is refused, because a late close is dangerous. An authorisation
alone may wait, for the first look at the inputs after a start.
"""

from __future__ import annotations

from dataclasses import replace

from edge.barrier.crossing import claimed, unclaimed
from edge.barrier.sensing import obstructed, settled
from edge.barrier.signals import fire
from edge.barrier.state import Barrier, CloseWish, OpenedBy, Step, told
from edge.barrier.table import Phase
from edge.commands import Action, Order
from edge.facts import BarrierFact, GuardAlarm, RequestHandled


def answer_authorisation(b: Barrier, authorisation: str, now: float) -> Step:
    """One vehicle may pass. The same again, or one that was used, changes nothing."""
    if authorisation == b.authorisation or authorisation in b.used:
        return Step(b)
    why = _closed_to_all(b)
    if why:
        return told(b, [RequestHandled(b.lane, authorisation, "refused", why)])
    gone = _withdrawn(b, "another vehicle was authorised")
    asked = replace(b, authorisation=authorisation, asked_at=now)
    return told(claimed(asked, OpenedBy.AUTHORISATION), gone)


def answer_order(b: Barrier, order: Order, now: float) -> Step:
    """A person's or another system's order, answered by exactly one RequestHandled."""
    match order.action:
        case Action.OPEN | Action.HOLD_OPEN:
            return _open(b, order)
        case Action.CLOSE:
            return _close(b, order)
        case Action.RELEASE:
            # The arm stays up until a vehicle has passed or somebody closes it.
            return _done(replace(b, held_open=False), order)
        case Action.LOCK:
            gone = _withdrawn(b, "locked")
            ours = unclaimed(replace(b, held_open=False)) if gone else b
            kept = replace(ours, locked=True, held_open=False, open_wish=OpenedBy.NOBODY)
            return _done(kept, order, gone)
        case Action.UNLOCK:
            return _done(replace(b, locked=False), order)
        case Action.STOP:
            gone = _withdrawn(b, "stopped by a person")
            return _done(replace(wishless(b), stop_ordered=True), order, gone)
        case Action.OUT_OF_SERVICE:
            return _done(replace(b, in_service=False), order)
        case Action.IN_SERVICE:
            ended: list[BarrierFact] = []
            if b.failed:
                ended = [GuardAlarm(b.lane, "travel_timeout", False, "back in service")]
            return _done(replace(b, in_service=True, failed=False), order, ended)


def wishless(b: Barrier) -> Barrier:
    """Nobody wants anything of the arm any more: after a stop nothing moves again unasked."""
    return replace(
        b,
        authorisation=None,
        open_wish=OpenedBy.NOBODY,
        close_wish=CloseWish.NO,
        held_open=False,
    )


def withdraw(b: Barrier, why: str) -> Step:
    """`wishless`, and whoever was authorised is told."""
    return told(wishless(b), _withdrawn(b, why))


def _open(b: Barrier, order: Order) -> Step:
    why = _closed_to_all(b) or _unable(b)
    if why:
        return _refused(b, order, why)
    held = b.held_open or order.action is Action.HOLD_OPEN
    return _done(claimed(replace(b, held_open=held), OpenedBy.ORDER), order)


def _close(b: Barrier, order: Order) -> Step:
    why = _unable(b) or _closing_refused(b)
    if why:
        return _refused(b, order, why)
    if b.phase in (Phase.CLOSED, Phase.CLOSING):
        return _done(b, order)
    gone = _withdrawn(b, "closed by a person")
    due = replace(b, close_wish=CloseWish.ORDER, authorisation=None, open_wish=OpenedBy.NOBODY)
    return _done(due, order, gone)


def _closing_refused(b: Barrier) -> str:
    if b.held_open:
        return "held open; release it first"
    if b.inside or obstructed(b.senses):
        return "a vehicle is, or may be, under the arm"
    if b.clear_since is None:
        return "the safety inputs have only just become clear; try again"
    if fire(b):
        return "the fire contact holds it open"
    if b.senses.on("manual_open"):
        return "the local button holds it open"
    if b.senses.on("stop"):
        return "the local stop is pressed"
    return "the arm is opening; wait, or stop it first" if b.phase is Phase.OPENING else ""


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
    if not b.in_service or b.phase is Phase.OUT_OF_SERVICE:
        return "out of service"
    return "both limit switches are active" if b.phase is Phase.FAULT else ""


def _withdrawn(b: Barrier, why: str) -> list[BarrierFact]:
    if b.authorisation is None:
        return []
    return [RequestHandled(b.lane, b.authorisation, "refused", why)]


def _done(b: Barrier, order: Order, first: list[BarrierFact] | None = None) -> Step:
    return told(b, [*(first or []), RequestHandled(b.lane, order.request, "done", "")])


def _refused(b: Barrier, order: Order, why: str) -> Step:
    return told(b, [RequestHandled(b.lane, order.request, "refused", why)])
