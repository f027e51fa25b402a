"""PURE. From the signal through the table to actions, and the bookkeeping of each change of
phase."""

from __future__ import annotations

from dataclasses import replace

from edge.barrier.core.outage import close_waits, lose_sight, opening_found, see_again
from edge.barrier.core.requests import withdraw
from edge.barrier.core.sensing import blocked, obstructed, unseen
from edge.barrier.core.signals import MOVING, begins, clear_to_close, signal
from edge.barrier.core.state import (
    Barrier,
    CloseWish,
    Drive,
    Light,
    OpenedBy,
    Step,
    Withdrawal,
    reported,
    stay_up,
)
from edge.barrier.core.table import TABLE, ArmAction, Phase, Signal
from edge.barrier.core.travel import Travel
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import BarrierFact, GuardAlarm

MOST_REVERSALS = 3
"""Maximum reversals without a vehicle on the loop; after them the arm stays up, with an alarm."""

_ENDS = {
    Signal.STOP_ORDERED: Withdrawal.STOPPED,
    Signal.CONFLICT: Withdrawal.CONFLICT,
    Signal.STOP: Withdrawal.LOCAL_STOP,
    Signal.RETIRED: Withdrawal.OUT_OF_SERVICE,
}
"""While one of these is true nobody's wish is kept."""

ALONE = AlarmCode.MOVES_BY_ITSELF

_DRIFT = {"open": AlarmCode.TRAVEL_DRIFT_OPEN, "close": AlarmCode.TRAVEL_DRIFT_CLOSE}

_FROM = {Phase.OPENING: Phase.CLOSED, Phase.CLOSING: Phase.OPEN}
"""Where a full motion begins."""


def move(b: Barrier, now: float, looked: bool) -> Step:
    """The one cell of the table that applies now. `looked`: by a reading of now; what was read
    before sends no arm down, nor says that it has not arrived: on a line that is busy with others
    it may be old."""
    b = _watched(b, now)
    true = signal(b, now)
    to, action = TABLE[b.phase, true]
    if not looked and action in (ArmAction.CLOSE, ArmAction.RETRY):
        return Step(b)
    if action is ArmAction.RETRY:
        action = ArmAction.OPEN if b.phase is Phase.OPENING else ArmAction.CLOSE
        left = b.motion.retries - 1
        again = replace(b.motion, retries=left, moved_at=now, full=False, falls_from=now)
        b = replace(b, motion=again)
    done = Step(b, () if action is ArmAction.NONE else (Drive(action),))
    if true in _ENDS:
        done = done.then(withdraw, _ENDS[true])
    if true is Signal.OBSTRUCTED and to is b.phase:
        done = done.then(_falls_again, now)
    return done if to is b.phase else done.then(_to, to, true, now)


def _to(b: Barrier, phase: Phase, why: Signal, now: float) -> Step:
    """Into another phase."""
    moved = Step(replace(b, phase=phase))
    return moved.then(_changed, b.phase, why, now).then(_reported, b.phase, why)


def settle(b: Barrier) -> Step:
    """What a step leaves behind: no wish that has been granted or can no longer be."""
    over = b.phase not in (Phase.UNREAD, Phase.CLOSED, Phase.CLOSING, Phase.STOPPED)
    return Step(replace(b, claim=replace(b.claim, open_wish=OpenedBy.NOBODY)) if over else b)


def forget_order(b: Barrier, now: float) -> Step:
    """An ordered close lives until the first disturbance."""
    waits = b.phase in (Phase.OPEN, Phase.STOPPED) and b.claim.close_wish is CloseWish.ORDER
    if waits and not clear_to_close(b, now):
        return Step(replace(b, claim=replace(b.claim, close_wish=CloseWish.NO)))
    return Step(b)


def light(b: Barrier, now: float) -> Step:
    """Green only under an arm whose switch says fully open, for a vehicle that may go.

    Whoever started on the green that ends now has not reached the loop yet: the way counts as clear
    from now on at the earliest."""
    up = b.phase is Phase.OPEN and b.input_state.steady("limit_open")
    goes = b.crossing.inside_by is not None and b.crossing.gap_since is None
    green = up and (b.claim.authorisation is not None or goes or b.modes.held_open)
    if green == b.green:
        return Step(b)
    since = now if b.clear_since is not None else None
    return Step(replace(b, green=green, clear_since=since), (Light(green),))


def _watched(b: Barrier, now: float) -> Barrier:
    """Since when all is clear, and whether the arm has left the switch it began at."""
    s = b.input_state
    if unseen(s) or not s.fresh(now, b.limits.fresh_s):
        b = replace(b, clear_since=None)
    elif b.clear_since is None and not obstructed(s):
        b = replace(b, clear_since=now)
    motion = b.motion
    if b.phase is Phase.OPENING:
        # An arm that is being turned may still arrive where it was sent before.
        left = motion.left_limit or (s.on("limit_closed") is False and not begins(b, now))
        away = motion.away or s.on("limit_open") is False
        stands = now - motion.moved_at >= b.limits.stands_s
        touched = motion.touched or ((away or stands) and s.steady("limit_open"))
        return replace(b, motion=replace(motion, left_limit=left, away=away, touched=touched))
    left = s.on("limit_open") is False
    return replace(b, motion=replace(motion, left_limit=True)) if left else b


def _changed(b: Barrier, was: Phase, why: Signal, now: float) -> Step:
    """The bookkeeping of a change of phase."""
    done = Step(b)
    if b.phase in MOVING:
        done = done.then(_begun, was, why, now)
    elif b.phase in (Phase.OPEN, Phase.CLOSED):
        done = done.then(_arrived, was, now)
    elif b.phase is Phase.UNREAD:
        done = done.then(lose_sight, was, now)
    if was is Phase.UNREAD:
        done = done.then(see_again, now)
    if why is Signal.UNMOVED:
        done = done.then(stay_up, "unmoved")
    if why is Signal.MOVED_BY_HAND:
        done = done.then(_by_hand, was, now)
    if why is Signal.OBSTRUCTED and was is not Phase.CLOSING:
        done = done.then(_alone, "opened")
    if why is Signal.GIVEN_UP:
        done = done.then(_given_up, was)
    return done


def _begun(b: Barrier, was: Phase, why: Signal, now: float) -> Step:
    """A motion begins."""
    again = b.phase is Phase.OPENING and b.motion.lost_at is not None
    b = replace(
        b,
        motion=replace(
            b.motion,
            moved_at=now,
            left_limit=False,
            full=was is _FROM[b.phase],
            retries=b.motion.retries if again else b.limits.retries,
            upper=False,
            away=False,
            touched=False,
            lost_at=None,
        ),
    )
    if b.phase is Phase.CLOSING:
        return Step(replace(b, motion=replace(b.motion, falls_from=now)))
    b = replace(b, claim=replace(b.claim, opened_by=_opened_by(b, was, why)))
    if b.claim.close_wish in (CloseWish.NO, CloseWish.ORDER):
        return Step(replace(b, claim=replace(b.claim, close_wish=CloseWish.NO)))
    if why is Signal.FIRE:
        return stay_up(b, "fire")
    if why is Signal.OBSTRUCTED and not blocked(b.input_state):
        # Turned by failed readings: what keeps it up is the wire (standing.py).
        return Step(b)
    b = replace(b, motion=replace(b.motion, reversals=min(b.motion.reversals, MOST_REVERSALS) + 1))
    if b.motion.reversals > MOST_REVERSALS:
        return stay_up(b, "turned", {"times": b.motion.reversals})
    return Step(b)


def _opened_by(b: Barrier, was: Phase, why: Signal) -> OpenedBy:
    """For whom the arm goes up; one that was not down is up for whomever it was up for."""
    claim = b.claim
    found = was is Phase.STOPPED and claim.opened_by is OpenedBy.NOBODY
    return claim.opened_by if why is Signal.OBSTRUCTED or found else claim.open_wish


def _arrived(b: Barrier, was: Phase, now: float) -> Step:
    """At a limit: the motion is learned if it was a full one."""
    facts: list[BarrierFact] = []
    motion = "open" if b.phase is Phase.OPEN else "close"
    switch = "limit_" + _END[motion]
    whole = b.motion.full and was in MOVING and b.phase is not _FROM[was]
    if whole and switch in b.input_state.wired:
        b, facts = _learned(b, motion, b.input_state.on_since[switch] - b.motion.moved_at)
    b = replace(b, motion=replace(b.motion, upper=b.phase is Phase.OPEN))
    if b.phase is Phase.OPEN:
        close_wish = b.claim.close_wish if close_waits(b, was, now) else CloseWish.NO
        claim = replace(b.claim, close_wish=close_wish, asked_at=now)
        return reported(replace(b, claim=claim), facts).then(opening_found)
    if b.reported.left_open:
        facts += [GuardAlarm(b.lane, AlarmCode.LEFT_OPEN, False)]
    on_something = was in (Phase.OPEN, Phase.STOPPED) and blocked(b.input_state)
    if b.reported.alone and not on_something:
        facts += [GuardAlarm(b.lane, ALONE, False)]
        b = replace(b, reported=replace(b.reported, alone=False))
    shut = replace(
        b,
        claim=replace(b.claim, opened_by=OpenedBy.NOBODY, close_wish=CloseWish.NO),
        crossing=replace(b.crossing, in_order=False),
        motion=replace(b.motion, reversals=0),
        reported=replace(b.reported, left_open=""),
    )
    done = reported(shut, facts)
    return done.then(_alone, "down") if on_something else done


_END = {"open": "open", "close": "closed"}


def _learned(b: Barrier, motion: str, seconds: float) -> tuple[Barrier, list[BarrierFact]]:
    old = b.travel.get(motion, Travel())
    new = old.after(seconds, b.limits.travel_s)
    facts: list[BarrierFact] = []
    if new.drifting != old.drifting:
        took = {"seconds": seconds, "usual": new.usual_s, "set": b.limits.travel_s}
        facts = [GuardAlarm(b.lane, _DRIFT[motion], new.drifting, took)]
    return replace(b, travel={**b.travel, motion: new}), facts


def _falls_again(b: Barrier, now: float) -> Step:
    """It was opened, touched its upper end and comes down once more on something."""
    motion = replace(b.motion, moved_at=now, full=False, away=False, touched=False)
    return Step(replace(b, motion=motion)).then(_alone, "opened")


def _alone(b: Barrier, variant: str) -> Step:
    """The arm comes down without our doing on something that is seen."""
    facts = [] if b.reported.alone else [GuardAlarm(b.lane, ALONE, True, {}, variant)]
    return reported(replace(b, reported=replace(b.reported, alone=True)), facts)


def _by_hand(b: Barrier, was: Phase, now: float) -> Step:
    """Somebody else moves the arm: nothing of ours is done against that."""
    if was is Phase.OPEN:
        b = replace(b, motion=replace(b.motion, falls_from=now))
    due = was is Phase.OPEN and b.claim.close_wish is not CloseWish.NO
    b = replace(b, claim=replace(b.claim, opened_by=OpenedBy.LOCAL, open_wish=OpenedBy.NOBODY))
    if due:
        return stay_up(b, "by_hand")
    return withdraw(b, Withdrawal.CLOSED_BY_HAND) if was is Phase.OPENING else Step(b)


def _given_up(b: Barrier, was: Phase) -> Step:
    variant = "opening" if was is Phase.OPENING else "closing"
    tried = {"times": b.limits.retries + 1}
    gone = replace(b, modes=replace(b.modes, in_service=False, failed=True))
    return reported(gone, [GuardAlarm(b.lane, AlarmCode.TRAVEL_TIMEOUT, True, tried, variant)])


def _reported(b: Barrier, was: Phase, why: Signal) -> Step:
    facts: list[BarrierFact] = []
    conflict = b.phase is Phase.FAULT
    if conflict or was is Phase.FAULT:
        facts += [GuardAlarm(b.lane, AlarmCode.BOTH_LIMITS, conflict)]
    return reported(b, [*facts, b.arm_moved(why)])
