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
    entry, c = b.input_state.on("entry_loop"), b.crossing
    if entry and not c.arrived:
        back = [] if c.leaving_at is None else [VehicleBackedOff(b.lane)]
        come = replace(b, crossing=replace(c, arrived=True, leaving_at=None))
        return reported(come, [*back, VehicleArrived(b.lane)])
    if entry is False and c.arrived:
        # Towards the arm, or away from it? The safety loop will tell within BACK_OFF_S.
        gone = replace(c, arrived=False, leaving_at=now)
        if c.inside:
            released_at = now if c.gap_since is not None else None
            gone = replace(c, arrived=False, entry_kept=False, released_at=released_at)
        return Step(replace(b, crossing=gone))
    return Step(b)


def cross(b: Barrier, now: float) -> Step:
    """What the safety inputs say under an arm that is up, and who used which authorisation."""
    clear = settled(b.input_state) and not obstructed(b.input_state)
    done = Step(b)
    if not b.crossing.inside and _is_up(b) and _under(b):
        done = _entered(b)
    elif b.crossing.inside and clear:
        done = _left(b, now)
    elif b.crossing.inside:
        done = _seen_inside(b)
    b, gone = done.barrier, list[BarrierFact]()
    if _seen_clear(b):
        b = replace(b, crossing=replace(b.crossing, order_unknown=False))
    if b.crossing.leaving_at is not None and now - b.crossing.leaving_at >= BACK_OFF_S:
        b = replace(b, crossing=replace(b.crossing, leaving_at=None))
        gone = [VehicleBackedOff(b.lane)]
    return done if b is done.barrier else done.then(lambda _: reported(b, gone))


def expire(b: Barrier, now: float) -> Step:
    """An authorisation that nobody uses ends, and the arm comes down behind it."""
    if b.claim.authorisation is None or b.phase is Phase.OPENING:
        return Step(b)
    if now - b.claim.asked_at < b.limits.entry_timeout_s:
        return Step(b)
    handled = RequestHandled(b.lane, b.claim.authorisation, "refused", ENTRY_TIMEOUT)
    return reported(unclaimed(b), [handled])


def unclaimed(b: Barrier) -> Barrier:
    """Without its authorisation; the arm is due to come down if we opened it for that."""
    ours = b.claim.opened_by is OpenedBy.AUTHORISATION and not b.modes.held_open
    ours = ours and b.phase is not Phase.UNREAD
    wish = CloseWish.UNUSED if ours else b.claim.close_wish
    claim = replace(b.claim, authorisation=None, close_wish=wish, open_wish=OpenedBy.NOBODY)
    return replace(b, claim=claim)


def claimed(b: Barrier, by: OpenedBy) -> Barrier:
    """Wanted open; whatever a person wants up is up for that person from now on."""
    opened_by = b.claim.opened_by if by is OpenedBy.AUTHORISATION else by
    claim = replace(b.claim, open_wish=by, close_wish=CloseWish.NO, opened_by=opened_by)
    return replace(b, claim=claim)


def _entered(b: Barrier) -> Step:
    c, beam = b.crossing, bool(b.input_state.on("photocell"))
    in_order = "entry_loop" not in b.input_state.wired or c.arrived or c.leaving_at is not None
    in_order = in_order or c.order_unknown
    c = replace(c, inside=True, in_order=in_order, entry_kept=c.arrived, beamed=beam)
    if not in_order:
        return Step(replace(b, crossing=c))
    used = b.claim.authorisation
    facts: list[BarrierFact] = [VehicleEntered(b.lane, used)]
    # One decision admits one: a second vehicle under an arm that we opened is a tailgater.
    if used is None and b.claim.opened_by is OpenedBy.AUTHORISATION:
        facts += [TailgateSeen(b.lane)]
    spent = b.claim.used if used is None else (*b.claim.used[-199:], used)
    inside = replace(
        b,
        crossing=replace(c, inside_by=used, leaving_at=None),
        claim=replace(b.claim, authorisation=None, used=spent, close_wish=CloseWish.NO),
        motion=replace(b.motion, reversals=0),
    )
    return reported(inside, facts)


def _seen_inside(b: Barrier) -> Step:
    """The vehicle, or its other end, is under the arm now, or may be."""
    beamed = b.crossing.beamed or bool(b.input_state.on("photocell"))
    return _without_gap(replace(b, crossing=replace(b.crossing, released_at=None, beamed=beamed)))


def _left(b: Barrier, now: float) -> Step:
    """Nothing is seen under the arm any more: passed, turned back, or a gap in the vehicle."""
    c = b.crossing
    if c.entry_kept:
        return _in_gap(b, now)
    if c.released_at is None:
        return crossed(b)
    # Its rear may be between the loops.
    if now - c.released_at < BACK_OFF_S:
        return _in_gap(b, now)
    beam_would_know = "photocell" in b.input_state.wired
    return _turned_back(b) if beam_would_know and not c.beamed else crossed(b)


def _in_gap(b: Barrier, now: float) -> Step:
    """Nothing sees the vehicle but the entry loop; after a while that is told."""
    since = now if b.crossing.gap_since is None else b.crossing.gap_since
    b = replace(b, crossing=replace(b.crossing, gap_since=since))
    if b.reported.gap or now - since < b.limits.entry_held_s:
        return Step(b)
    return reported(
        replace(b, reported=replace(b.reported, gap=True)), [GuardAlarm(b.lane, UNFINISHED, True)]
    )


def _without_gap(b: Barrier) -> Step:
    b, stood = (
        replace(
            b, crossing=replace(b.crossing, gap_since=None), reported=replace(b.reported, gap=False)
        ),
        b.reported.gap,
    )
    facts = [GuardAlarm(b.lane, UNFINISHED, False)] if stood else []
    return reported(b, facts)


def crossed(b: Barrier) -> Step:
    """The vehicle inside has gone through."""
    due = b.crossing.in_order and not b.modes.held_open
    gone = _outside(b)
    if due and b.phase is Phase.UNREAD:
        gone = gone.then(stay_up, "left_unread")
    elif due:
        gone = gone.then(_due, CloseWish.PASSAGE)
    return gone.then(reported, [VehicleCrossed(b.lane, b.crossing.inside_by)])


def _due(b: Barrier, wish: CloseWish) -> Step:
    return Step(replace(b, claim=replace(b.claim, close_wish=wish)))


def _turned_back(b: Barrier) -> Step:
    """It was on the safety loop and never in the beam: it has gone back where it came from."""
    gone = _outside(b)
    if b.crossing.in_order and b.claim.authorisation is None:
        gone = gone.then(lambda b: Step(unclaimed(b)))
    return gone.then(reported, [VehicleBackedOff(b.lane)])


def _outside(b: Barrier) -> Step:
    """Without the vehicle that was inside."""
    gone = replace(b, crossing=replace(b.crossing, inside=False, inside_by=None))
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
