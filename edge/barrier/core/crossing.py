"""PURE. Who comes, goes through and leaves: from the sensors to facts and to the wish to close.

A passage is entry loop -> safety loop -> clear, in that order. A vehicle from the other side, or a
person in the photocell's beam, keeps the arm up, but uses nobody's authorisation and completes no
passage. Where no entry loop is wired the order cannot be known and is not asked for.

What is counted are fronts, not moments in which nothing is seen. Clear under the arm is not passed:
a drawbar or a high trailer leaves both sensors clear in its middle, and both may miss a moment.
While the entry loop has had no break since the vehicle came, it may still be there; time alone ends
nothing then, but that loop's release, the exit loop, vision's line, or a person. Whoever leaves the
entry loop last has turned back. A front on the entry loop behind a vehicle that has left it is
another vehicle: where it goes on and nothing was ever clear, it has followed bumper to bumper.
Where the beam has seen somebody for whom no loop speaks, who may come from the entry loop, nothing
closes before that is left. A front on the entry loop, and one that is there as a vehicle is thought
to have passed, may be that one's rear: the arm waits as long for it as for a driver who starts.
"""

from __future__ import annotations

from dataclasses import replace

from edge.barrier.core import slipping
from edge.barrier.core.evidence import (
    BACK_OFF_S,
    checked,
    exit_seen,
    exit_would_know,
    loop_of,
    may_follow,
    sensors_on,
    sureness,
    way_of,
)
from edge.barrier.core.sensing import obstructed, settled, vehicle_seen
from edge.barrier.core.slipping import is_up
from edge.barrier.core.state import (
    Barrier,
    CloseWish,
    Crossing,
    Exit,
    OpenedBy,
    Step,
    Way,
    reported,
)
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

ENTRY_TIMEOUT = "entry_timeout"

DROPOUT_S = 0.15
"""The entry loop may miss so long a moment of the vehicle on it: the next one comes later."""

UNFINISHED = AlarmCode.PASSAGE_UNFINISHED


def approach(b: Barrier, now: float) -> Step:
    """What the entry loop says."""
    entry, c = b.input_state.on("entry_loop"), b.crossing
    if c.arrived:
        return _off_the_entry_loop(b, now) if entry is False else Step(b)
    come = replace(c, arrived=True, leaving_at=None)
    if entry and c.off_at is not None and now - c.off_at < DROPOUT_S:
        still = c.slipping and c.behind
        come = replace(come, entry_kept=c.entry_kept or not c.behind, slipping=still)
        return Step(replace(b, crossing=come))
    if not b.input_state.counts("entry_loop"):
        return Step(b)
    # It may be the rear of the one that is thought to have passed.
    b = _clear_from(b, now)
    if c.leaving_at is not None:
        return _back(b).then(_arrives)
    if c.slipping and is_up(b):
        # The arm has been opened for him, as far as anybody knew; this may be his rear.
        b = replace(b, crossing=replace(c, arrived=True))
        return reported(b, [VehicleArrived(b.lane)]).then(_entered)
    return _arrives(b)


def _arrives(b: Barrier) -> Step:
    """The next one is on the entry loop."""
    c, first = b.crossing, slipping.followed(b)
    c = replace(c, arrived=True, behind=c.inside or c.slipping)
    return reported(replace(b, crossing=c), [*first, VehicleArrived(b.lane)])


def _back(b: Barrier) -> Step:
    """Who has left the entry loop has been seen nowhere since."""
    if b.crossing.slipping:
        return slipping.came_back(b)
    b = replace(b, crossing=replace(b.crossing, leaving_at=None))
    return reported(b, [VehicleBackedOff(b.lane)])


def _off_the_entry_loop(b: Barrier, now: float) -> Step:
    """Towards the arm, or away from it? The safety loop will tell within BACK_OFF_S."""
    c, seen = b.crossing, vehicle_seen(b.input_state)
    gone = replace(c, arrived=False, half_in=False, off_at=now)
    if not c.inside and seen:
        # Under an arm that is said to be down, or in the beam over a safety loop that is dead.
        return slipping.slips_too(replace(b, crossing=gone))
    if c.inside and c.behind:
        # The one behind it: under the arm now (`cross`), or looked for as any other.
        comes = seen or not exit_would_know(b) or c.exit is not Exit.NO
        if comes:
            return Step(replace(b, crossing=replace(gone, leaving_at=now)))
        return Step(replace(b, crossing=replace(gone, released_at=now, entry_kept=False)))
    if c.inside:
        released_at = now if c.gap_since is not None else None
        gone = replace(gone, entry_kept=False, released_at=released_at)
        return Step(replace(b, crossing=gone))
    return Step(replace(b, crossing=replace(gone, leaving_at=now)))


def cross(b: Barrier, now: float) -> Step:
    """What the safety inputs say under an arm that is up, and who used which authorisation."""
    clear = settled(b.input_state) and not obstructed(b.input_state)
    up, c = is_up(b), b.crossing
    done = Step(b)
    if c.inside and clear:
        done = _left(b, now)
    elif c.inside and vehicle_seen(b.input_state):
        # Who was close behind it and has left the entry loop in the gap is under the arm now.
        done = _seen_inside(b) if c.leaving_at is None else _followed(b)
    elif up and _under(b) and c.behind and c.leaving_at is not None:
        # One has slipped and gone; the arm is up now, and the next one has come.
        done = slipping.passed(b).then(_entered, True)
    elif up and _under(b) and not c.behind:
        done = _entered(b)
    elif c.slipping:
        done = slipping.watched(b, clear, now)
    elif c.leaving_at is not None and _under(b):
        done = slipping.slip(b)
    b = done.barrier
    if b.crossing.inside:
        b = replace(b, crossing=_watched(b))
    elif b.crossing.arrived and up and vehicle_seen(b.input_state):
        b = replace(b, crossing=replace(b.crossing, half_in=True))
    if _seen_clear(b):
        b = replace(b, crossing=replace(b.crossing, order_unknown=False))
    leaving_at = b.crossing.leaving_at
    done = done.then(lambda _: Step(b))
    if leaving_at is not None and now - leaving_at >= BACK_OFF_S and not b.crossing.inside:
        return done.then(_back)
    return done


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
    ours = ours and not (b.phase is Phase.UNREAD and b.gone)
    wish = CloseWish.UNUSED if ours else b.claim.close_wish
    claim = replace(b.claim, authorisation=None, close_wish=wish, open_wish=OpenedBy.NOBODY)
    # What is due now is due since the inputs were lost, and too late after outage.AGAIN_S.
    motion = b.motion if ours else replace(b.motion, lost_at=None)
    return replace(b, claim=claim, motion=motion)


def claimed(b: Barrier, by: OpenedBy) -> Barrier:
    """Wanted open; whatever a person wants up is up for that person from now on."""
    if by is OpenedBy.AUTHORISATION:
        opened_by = b.claim.opened_by
    else:
        b, opened_by = asked_to_come(b, Phase.OPEN, "limit_open"), by
    b = replace(b, motion=replace(b.motion, lost_at=None))
    claim = replace(b.claim, open_wish=by, close_wish=CloseWish.NO, opened_by=opened_by)
    return replace(b, claim=claim)


def asked_to_come(b: Barrier, end: Phase, switch: str) -> Barrier:
    """Where no switch tells that the arm is at that end, a person who asks for a motion to it sees
    that it is not: it has been moved by something else."""
    by_time = b.phase is end and switch not in b.input_state.wired
    return replace(b, phase=Phase.STOPPED) if by_time else b


def line_crossed(b: Barrier, forward: bool, sure: float) -> Step:
    """Vision has seen a whole vehicle go over the line under the arm."""
    c = b.crossing
    if forward and c.line is Way.FORWARD:
        # The next one, with its rear, without a moment between the two that was clear.
        return _followed(b).then(_over_the_line, Way.FORWARD, sure)
    if c.inside or c.slipping:
        over = _over_the_line(b, Way.FORWARD if forward else Way.BACK, sure)
        return over.then(slipping.passed) if forward and c.slipping else over
    if forward and c.arrived and not is_up(b) and vehicle_seen(b.input_state):
        # The next one is so close behind it that the entry loop has had no break.
        slipped = slipping.slip(b).then(_over_the_line, Way.FORWARD, sure).then(_arrives)
        return slipped.then(slipping.passed)
    came = c.leaving_at is not None or "entry_loop" not in b.input_state.wired
    if not (forward and came):
        return Step(b)
    # Nothing under the arm has seen it: beside the beam, above the loop.
    if is_up(b):
        return _entered(b).then(_passed_unseen, sure)
    return slipping.slip(b).then(_over_the_line, Way.FORWARD, sure).then(slipping.passed)


def _over_the_line(b: Barrier, line: Way, sure: float) -> Step:
    return Step(replace(b, crossing=replace(b.crossing, line=line, line_sure=sure)))


def _passed_unseen(b: Barrier, sure: float) -> Step:
    return _over_the_line(b, Way.FORWARD, sure).then(crossed)


def _entered(b: Barrier, follows: bool = False) -> Step:
    c = b.crossing
    in_order = "entry_loop" not in b.input_state.wired or c.arrived or c.leaving_at is not None
    in_order = in_order or c.order_unknown or c.slipping or follows
    on = sensors_on(b.input_state) | ({"entry_loop"} if in_order else frozenset())
    left = exit_seen(b)
    closes = in_order and not c.stopped
    c = replace(c, inside=True, in_order=closes, entry_kept=c.arrived, found=c.order_unknown)
    c = replace(c, seen=on, exit=left, slipping=False, half_in=False, stopped=False)
    if not in_order:
        return Step(replace(b, crossing=replace(c, backwards=True)))
    used = b.claim.authorisation
    facts: list[BarrierFact] = [VehicleEntered(b.lane, used)]
    # One decision admits one: a second vehicle under an arm that we opened is a tailgater, unless
    # the arm is nobody's to bring down behind the first.
    if used is None and b.claim.opened_by is OpenedBy.AUTHORISATION and b.modes.in_service:
        facts += [TailgateSeen(b.lane, sureness(b, c))]
    spent = b.claim.used if used is None else (*b.claim.used[-199:], used)
    inside = replace(
        b,
        crossing=replace(c, inside_by=used, leaving_at=None),
        claim=replace(b.claim, authorisation=None, used=spent, close_wish=CloseWish.NO),
        motion=replace(b.motion, reversals=0),
    )
    return reported(inside, facts)


def _followed(b: Barrier) -> Step:
    """The next one is under the arm, and nothing was clear between the two."""
    return crossed(b).then(lambda b: _entered(b, follows=True))


def _watched(b: Barrier) -> Crossing:
    """The vehicle under the arm, with what the sensors say of it now."""
    c, on = b.crossing, sensors_on(b.input_state)
    return replace(c, seen=c.seen | on, exit=exit_seen(b))


def _seen_inside(b: Barrier) -> Step:
    """The vehicle, or its other end, is under the arm now, or may be; or the one close behind it
    has come there too, whose gap may be there next."""
    kept = b.crossing.entry_kept or may_follow(b)
    c = replace(b.crossing, released_at=None, entry_kept=kept)
    return _without_gap(replace(b, crossing=c))


def _left(b: Barrier, now: float) -> Step:
    """Nothing is seen under the arm any more: passed, turned back, or a gap in the vehicle."""
    since = now if b.crossing.gap_since is None else b.crossing.gap_since
    match way_of(b, now - since, now):
        case Way.FORWARD:
            # Whoever is on the entry loop may be its rear, behind a bed that nothing sees.
            return crossed(_clear_from(b, now) if b.crossing.arrived else b)
        case Way.BACK:
            return _turned_back(b)
        case _:
            return _in_gap(b, since, now)


def _clear_from(b: Barrier, now: float) -> Barrier:
    """From the entry loop a rear has not reached the loop under the arm yet: the way counts as
    clear from now on at the earliest."""
    return replace(b, clear_since=now)


def _in_gap(b: Barrier, since: float, now: float) -> Step:
    """Nothing sees the vehicle but the entry loop; after a while that is told."""
    b = replace(b, crossing=replace(b.crossing, gap_since=since))
    if b.reported.gap or now - since < b.limits.entry_held_s:
        return Step(b)
    stands = replace(b, reported=replace(b.reported, gap=True))
    return reported(stands, [GuardAlarm(b.lane, UNFINISHED, True)])


def _without_gap(b: Barrier) -> Step:
    crossing = replace(b.crossing, gap_since=None)
    alarms = replace(b.reported, gap=False)
    facts = [GuardAlarm(b.lane, UNFINISHED, False)] if b.reported.gap else []
    return reported(replace(b, crossing=crossing, reported=alarms), facts)


def crossed(b: Barrier) -> Step:
    """The vehicle inside has gone through."""
    due = b.crossing.in_order and not b.modes.held_open
    gone = checked(b).then(_outside)
    if due:
        gone = gone.then(_due, CloseWish.PASSAGE)
    c, sure = b.crossing, sureness(b, b.crossing)
    backwards = c.backwards and "entry_loop" in c.seen
    fact = VehicleCrossed(b.lane, c.inside_by, backwards=backwards, sure=sure)
    return gone.then(reported, [fact])


def _due(b: Barrier, wish: CloseWish) -> Step:
    return Step(replace(b, claim=replace(b.claim, close_wish=wish)))


def _turned_back(b: Barrier) -> Step:
    """It has gone back where it came from; that is told where it was at the arm's own line."""
    gone = _outside(b)
    if b.crossing.in_order and b.claim.authorisation is None:
        gone = gone.then(lambda b: Step(unclaimed(b)))
    facts: list[BarrierFact] = []
    if not b.crossing.arrived:
        # Otherwise that is told when it leaves the entry loop.
        facts += [VehicleBackedOff(b.lane, sureness(b, b.crossing))]
    if "photocell" in b.crossing.seen and b.crossing.line is not Way.BACK:
        facts += [GuardAlarm(b.lane, AlarmCode.TURNED_BACK, True)]
    return gone.then(reported, facts)


def _outside(b: Barrier) -> Step:
    """Without the vehicle that was inside."""
    gone = replace(b.crossing, inside=False, inside_by=None, line=Way.UNKNOWN, behind=False)
    gone = replace(gone, backwards=False)
    return _without_gap(replace(b, crossing=gone))


def _seen_clear(b: Barrier) -> bool:
    return b.input_state.clear_runs.get(loop_of(b), 0) > 0


def _under(b: Barrier) -> bool:
    """Whether a vehicle is under the arm: the loop's word, the photocell's where there is none, or
    both where it has slipped beyond the loop."""
    slipped = b.crossing.slipping and vehicle_seen(b.input_state)
    return slipped or b.input_state.counts(loop_of(b))
