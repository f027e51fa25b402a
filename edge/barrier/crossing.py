"""PURE. Who comes, goes through and leaves: from the loops to facts and to the wish to close.

A passage is entry loop -> safety loop -> clear, in that order. A vehicle from the other side, or a
person in the photocell's beam, keeps the arm up, but uses nobody's authorisation and completes no
passage. Where no entry loop is wired the order cannot be known and is not asked for.
"""

from __future__ import annotations

from dataclasses import replace

from edge.barrier.sensing import obstructed, settled
from edge.barrier.state import Barrier, CloseWish, OpenedBy, Step, told
from edge.barrier.table import Phase
from edge.facts import (
    BarrierFact,
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


def approach(b: Barrier, now: float) -> Step:
    """What the entry loop says."""
    entry = b.senses.on("entry_loop")
    if entry and not b.arrived:
        facts: list[BarrierFact] = [VehicleBackedOff(b.lane)] if b.leaving_at is not None else []
        return told(replace(b, arrived=True, leaving_at=None), [*facts, VehicleArrived(b.lane)])
    if entry is False and b.arrived:
        # Towards the arm, or away from it? The safety loop will tell within BACK_OFF_S.
        return Step(replace(b, arrived=False, leaving_at=None if b.inside else now))
    return Step(b)


def cross(b: Barrier, now: float) -> Step:
    """What the safety inputs say under an arm that is up, and who used which authorisation."""
    clear = settled(b.senses) and not obstructed(b.senses)
    done = Step(b)
    if not b.inside and _is_up(b) and _under(b):
        done = _entered(b)
    elif b.inside and clear:
        done = _crossed(b)
    b = done.barrier
    if _seen_clear(b):
        done = done.then(lambda b: Step(replace(b, unwatched=False)))
    if b.leaving_at is not None and now - b.leaving_at >= BACK_OFF_S:
        gone = [VehicleBackedOff(b.lane)]
        done = done.then(lambda b: told(replace(b, leaving_at=None), gone))
    return done


def expire(b: Barrier, now: float) -> Step:
    """An authorisation that nobody uses ends, and the arm comes down behind it."""
    if b.authorisation is None or b.phase is Phase.OPENING:
        return Step(b)
    if now - b.asked_at < b.limits.entry_timeout_s:
        return Step(b)
    handled = RequestHandled(b.lane, b.authorisation, "refused", ENTRY_TIMEOUT)
    return told(unclaimed(b), [handled])


def unclaimed(b: Barrier) -> Barrier:
    """Without its authorisation; the arm is due to come down if we opened it for that."""
    ours = b.opened_by is OpenedBy.AUTHORISATION and not b.held_open
    ours = ours and b.phase is not Phase.UNREAD
    wish = CloseWish.UNUSED if ours else b.close_wish
    return replace(b, authorisation=None, close_wish=wish, open_wish=OpenedBy.NOBODY)


def claimed(b: Barrier, by: OpenedBy) -> Barrier:
    """Wanted open; whatever a person wants up is up for that person from now on."""
    opened_by = b.opened_by if by is OpenedBy.AUTHORISATION else by
    return replace(b, open_wish=by, close_wish=CloseWish.NO, opened_by=opened_by)


def _entered(b: Barrier) -> Step:
    in_order = "entry_loop" not in b.senses.wired or b.arrived or b.leaving_at is not None
    in_order = in_order or b.unwatched
    inside = replace(b, inside=True, in_order=in_order)
    if not in_order:
        return Step(inside)
    used = b.authorisation
    facts: list[BarrierFact] = [VehicleEntered(b.lane, used)]
    # One decision admits one: a second vehicle under an arm that we opened is a tailgater.
    if used is None and b.opened_by is OpenedBy.AUTHORISATION:
        facts += [TailgateSeen(b.lane)]
    spent = b.used if used is None else (*b.used[-199:], used)
    inside = replace(
        inside,
        inside_by=used,
        authorisation=None,
        used=spent,
        leaving_at=None,
        close_wish=CloseWish.NO,
        reversals=0,
    )
    return told(inside, facts)


def _crossed(b: Barrier) -> Step:
    due = b.in_order and not b.held_open
    gone = replace(
        b,
        inside=False,
        inside_by=None,
        close_wish=CloseWish.PASSAGE if due else b.close_wish,
    )
    return told(gone, [VehicleCrossed(b.lane, b.inside_by)])


def _is_up(b: Barrier) -> bool:
    moving = b.phase in (Phase.OPENING, Phase.OPEN, Phase.CLOSING)
    return moving or (b.phase is Phase.STOPPED and not b.senses.on("limit_closed"))


def _seen_clear(b: Barrier) -> bool:
    return b.senses.clear_runs.get(_loop(b), 0) > 0


def _under(b: Barrier) -> bool:
    """Whether a vehicle is under the arm: the loop's word, the photocell's where there is none."""
    return b.senses.steady(_loop(b))


def _loop(b: Barrier) -> str:
    return "safety_loop" if "safety_loop" in b.senses.wired else "photocell"
