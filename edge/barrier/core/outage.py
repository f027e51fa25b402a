"""PURE. What becomes of an opening, or of a close that is due, when the inputs are lost.

An opening of which nothing has been seen, and a close that is due while only readings fail, wait
AGAIN_S for them. Whatever else was due is not done later, when nobody knows what happened: it is
told. Inputs that have not been known for AGAIN_S are lost, whatever single readings say. An opening
is said once more where the arm is found at its lower end, for its pulse has done nothing, or
between its ends while a close is due, and at most as often as a motion that is late. An arm that is
found up was up while nobody saw who came under it, and a gap in him looks like nobody: it is up for
nobody that we know of, and an admission that ends unused does not bring it down.
"""

from __future__ import annotations

from dataclasses import replace

from edge.barrier.core.state import Barrier, CloseWish, OpenedBy, Step, reported, stay_up
from edge.barrier.core.table import Phase
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import Arm, BarrierFirstSeen, GuardAlarm

AGAIN_S = 10.0
"""A connection that flickers, or lost answers in a row, are over by then."""


def lose_sight(b: Barrier, was: Phase, now: float) -> Step:
    """The inputs cannot be read any more."""
    motion, claim = b.motion, b.claim
    if was is Phase.OPENING:
        motion = replace(motion, lost_at=now)
    if was is Phase.OPENING and motion.retries > 0:
        claim = replace(claim, open_wish=claim.opened_by)
        motion = replace(motion, retries=motion.retries - 1)
    crossing = replace(b.crossing, order_unknown=True)
    b = replace(b, claim=claim, motion=motion, crossing=crossing, unread_since=now)
    return give_up_close(b)


def lost_for_long(b: Barrier, now: float) -> bool:
    """Whether readings that fail have become inputs that are lost; a good one may be the first of
    those that tell."""
    s, since = b.input_state, b.unread_since
    if b.phase is not Phase.UNREAD or b.gone or since is None or now - since <= AGAIN_S:
        return False
    return not s.clear_runs or not s.fresh(now, b.limits.fresh_s)


def leave_unseen(b: Barrier) -> Step:
    """Whoever is under the arm may leave unseen, and the next one stand there with his gap when the
    inputs are read again: nothing comes down behind either, as after a start."""
    c = b.crossing
    due = c.inside and c.in_order and not b.modes.held_open
    c = replace(c, gap_since=None, in_order=False, stopped=not c.inside)
    b = replace(b, crossing=c)
    return stay_up(b, "left_unread") if due else Step(b)


def give_up_close(b: Barrier) -> Step:
    """A due close is not done after a lost wire, and an ordered one after nothing."""
    wish = b.claim.close_wish
    waits = wish in (CloseWish.PASSAGE, CloseWish.UNUSED) and not b.gone
    return Step(b) if wish is CloseWish.NO or waits else stay_up(b, "unread")


def see_again(b: Barrier, now: float) -> Step:
    """The inputs are read again."""
    if b.gone:
        arm, on = Arm(b.phase.value), b.input_state.on
        loops = (on("entry_loop"), on("safety_loop"), on("exit_loop"))
        look = BarrierFirstSeen(b.lane, arm, *loops)
        return reported(replace(_found_up(b), gone=False), [look]).then(see_again, now)
    lost_at = b.motion.lost_at
    if lost_at is None:
        return Step(b)
    if b.claim.close_wish is not CloseWish.NO:
        # An arm between its ends may still be on its way up.
        return Step(b)
    wished = b.claim.open_wish is not OpenedBy.NOBODY
    if b.phase is Phase.CLOSED and wished and now - lost_at <= AGAIN_S:
        return Step(b)
    return _settled(b) if b.phase is Phase.OPEN else _settled(b).then(_opening_lost)


def _found_up(b: Barrier) -> Barrier:
    if b.claim.opened_by is not OpenedBy.AUTHORISATION:
        return b
    return replace(b, claim=replace(b.claim, opened_by=OpenedBy.NOBODY))


def close_waits(b: Barrier, was: Phase, now: float) -> bool:
    """Whether an arm that is up now is still due to close."""
    lost_at = b.motion.lost_at
    lately = lost_at is not None and now - lost_at <= AGAIN_S
    return was in (Phase.OPENING, Phase.UNREAD) or lately


def opening_found(b: Barrier) -> Step:
    """The arm is up, by whoever's doing."""
    facts = [GuardAlarm(b.lane, AlarmCode.OPENING_LOST, False)] if b.reported.opening_lost else []
    return reported(replace(b, reported=replace(b.reported, opening_lost=False)), facts)


def _settled(b: Barrier) -> Step:
    claim = replace(b.claim, open_wish=OpenedBy.NOBODY)
    return Step(replace(b, motion=replace(b.motion, lost_at=None), claim=claim))


def _opening_lost(b: Barrier) -> Step:
    facts = [] if b.reported.opening_lost else [GuardAlarm(b.lane, AlarmCode.OPENING_LOST, True)]
    return reported(replace(b, reported=replace(b.reported, opening_lost=True)), facts)
