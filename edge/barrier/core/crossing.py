"""PURE. Who comes, goes through and leaves: from the loops to facts and to the wish to close.

A passage is entry loop -> safety loop -> clear, in that order. A vehicle from the other side, or a
person in the photocell's beam, keeps the arm up, but uses nobody's authorisation and completes no
passage. Where no entry loop is wired the order cannot be known and is not asked for.

Clear under the arm is not passed: a drawbar or a high trailer leaves both sensors clear in its
middle. While the entry loop has had no break since the vehicle came, it may still be there; time
alone ends nothing then, but the loop's release, or a person.
"""

from __future__ import annotations

from dataclasses import replace

from edge.barrier.core.sensing import obstructed, settled
from edge.barrier.core.state import Barrier, CloseWish, OpenedBy, Step, reported, stay_up
from edge.barrier.core.table import Phase
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
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

UNFINISHED = AlarmCode.PASSAGE_UNFINISHED


def approach(b: Barrier, now: float) -> Step:
    """What the entry loop says."""
    entry = b.input_state.on("entry_loop")
    if entry and not b.arrived:
        facts: list[BarrierFact] = [VehicleBackedOff(b.lane)] if b.leaving_at is not None else []
        return reported(replace(b, arrived=True, leaving_at=None), [*facts, VehicleArrived(b.lane)])
    if entry is False and b.arrived:
        # Towards the arm, or away from it? The safety loop will tell within BACK_OFF_S.
        if b.inside:
            released_at = now if b.gap_since is not None else None
            return Step(replace(b, arrived=False, entry_kept=False, released_at=released_at))
        return Step(replace(b, arrived=False, leaving_at=now))
    return Step(b)


def cross(b: Barrier, now: float) -> Step:
    """What the safety inputs say under an arm that is up, and who used which authorisation."""
    clear = settled(b.input_state) and not obstructed(b.input_state)
    done = Step(b)
    if not b.inside and _is_up(b) and _under(b):
        done = _entered(b)
    elif b.inside and clear:
        done = _left(b, now)
    elif b.inside:
        done = _seen_inside(b)
    b = done.barrier
    if _seen_clear(b):
        done = done.then(lambda b: Step(replace(b, unwatched=False)))
    if b.leaving_at is not None and now - b.leaving_at >= BACK_OFF_S:
        gone = [VehicleBackedOff(b.lane)]
        done = done.then(lambda b: reported(replace(b, leaving_at=None), gone))
    return done


def expire(b: Barrier, now: float) -> Step:
    """An authorisation that nobody uses ends, and the arm comes down behind it."""
    if b.authorisation is None or b.phase is Phase.OPENING:
        return Step(b)
    if now - b.asked_at < b.limits.entry_timeout_s:
        return Step(b)
    handled = RequestHandled(b.lane, b.authorisation, "refused", ENTRY_TIMEOUT)
    return reported(unclaimed(b), [handled])


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
    in_order = "entry_loop" not in b.input_state.wired or b.arrived or b.leaving_at is not None
    in_order = in_order or b.unwatched
    inside = replace(
        b,
        inside=True,
        in_order=in_order,
        entry_kept=b.arrived,
        beamed=bool(b.input_state.on("photocell")),
    )
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
    return reported(inside, facts)


def _seen_inside(b: Barrier) -> Step:
    """The vehicle, or its other end, is under the arm now, or may be."""
    b = replace(b, released_at=None, beamed=b.beamed or bool(b.input_state.on("photocell")))
    return _without_gap(b)


def _left(b: Barrier, now: float) -> Step:
    """Nothing is seen under the arm any more: passed, turned back, or a gap in the vehicle."""
    if b.entry_kept:
        return _in_gap(b, now)
    if b.released_at is None:
        return crossed(b)
    # Its rear may be between the loops.
    if now - b.released_at < BACK_OFF_S:
        return _in_gap(b, now)
    beam_would_know = "photocell" in b.input_state.wired
    return _turned_back(b) if beam_would_know and not b.beamed else crossed(b)


def _in_gap(b: Barrier, now: float) -> Step:
    """Nothing sees the vehicle but the entry loop; after a while that is told."""
    since = now if b.gap_since is None else b.gap_since
    b = replace(b, gap_since=since)
    if b.gap_told or now - since < b.limits.entry_held_s:
        return Step(b)
    return reported(replace(b, gap_told=True), [GuardAlarm(b.lane, UNFINISHED, True)])


def _without_gap(b: Barrier) -> Step:
    b, stood = replace(b, gap_since=None, gap_told=False), b.gap_told
    facts = [GuardAlarm(b.lane, UNFINISHED, False)] if stood else []
    return reported(b, facts)


def crossed(b: Barrier) -> Step:
    """The vehicle inside has gone through."""
    due = b.in_order and not b.held_open
    gone = _outside(b)
    if due and b.phase is Phase.UNREAD:
        gone = gone.then(stay_up, "left_unread")
    elif due:
        gone = gone.then(lambda b: Step(replace(b, close_wish=CloseWish.PASSAGE)))
    return gone.then(reported, [VehicleCrossed(b.lane, b.inside_by)])


def _turned_back(b: Barrier) -> Step:
    """It was on the safety loop and never in the beam: it has gone back where it came from."""
    gone = _outside(b)
    if b.in_order and b.authorisation is None:
        gone = gone.then(lambda b: Step(unclaimed(b)))
    return gone.then(reported, [VehicleBackedOff(b.lane)])


def _outside(b: Barrier) -> Step:
    """Without the vehicle that was inside."""
    gone = replace(b, inside=False, inside_by=None)
    return _without_gap(gone)


def _is_up(b: Barrier) -> bool:
    moving = b.phase in (Phase.OPENING, Phase.OPEN, Phase.CLOSING)
    return moving or (b.phase is Phase.STOPPED and not b.input_state.on("limit_closed"))


def _seen_clear(b: Barrier) -> bool:
    return b.input_state.clear_runs.get(_loop(b), 0) > 0


def _under(b: Barrier) -> bool:
    """Whether a vehicle is under the arm: the loop's word, the photocell's where there is none."""
    return b.input_state.steady(_loop(b))


def _loop(b: Barrier) -> str:
    return "safety_loop" if "safety_loop" in b.input_state.wired else "photocell"
