"""PURE. What is true of a barrier now: the signal for the table, and whether it may be closed.

Every condition here guards somebody; tests/barrier/core/test_mutants.py removes them one by one and
must notice each.
"""

from __future__ import annotations

from edge.barrier.core.sensing import blocked, obstructed, settled, unseen
from edge.barrier.core.state import Barrier, CloseWish, OpenedBy
from edge.barrier.core.table import Phase, Signal

IDLE = (Phase.CLOSED, Phase.CLOSING, Phase.STOPPED)
"""Where a wish to open, or a fire, needs a motion."""

MOVING = (Phase.OPENING, Phase.CLOSING)


def signal(b: Barrier, now: float) -> Signal:
    """The most urgent thing true now."""
    s = b.input_state
    if b.modes.stop_ordered:
        return Signal.STOP_ORDERED
    if not known(b, now) or (b.phase is Phase.UNREAD and s.doubtful(now)):
        return Signal.LOST
    if s.proved("limit_open", now) and s.proved("limit_closed", now):
        return Signal.CONFLICT
    if s.on("stop"):
        return Signal.STOP
    if not b.modes.in_service:
        return Signal.RETIRED
    if b.phase in IDLE and fire(b):
        return Signal.FIRE
    if (b.phase is Phase.CLOSING and unseen(s)) or (_comes_down_alone(b) and blocked(s)):
        return Signal.OBSTRUCTED
    place = _reached(b, now) or _moved_by_hand(b, now)
    if place is not None:
        return place
    if b.phase in IDLE and b.claim.open_wish is not OpenedBy.NOBODY:
        return Signal.WISH_OPEN
    if b.phase in MOVING and now - b.motion.moved_at > b.allowed_s():
        if b.phase is Phase.CLOSING and not b.motion.left_limit and s.on("limit_open"):
            return Signal.UNMOVED
        return Signal.OVERDUE if b.motion.retries > 0 else Signal.GIVEN_UP
    wishes = b.claim.close_wish is not CloseWish.NO
    if b.phase in (Phase.OPEN, Phase.STOPPED) and wishes and may_close(b, now):
        return Signal.WISH_CLOSE
    return Signal.NOTHING


def known(b: Barrier, now: float) -> bool:
    """Whether every wired input has been read, and lately."""
    return b.input_state.fresh(now, b.limits.fresh_s) and settled(b.input_state)


def clear_under(b: Barrier) -> bool:
    """Whether everything under the arm has been seen clear, and nothing else since."""
    return b.clear_since is not None and not unseen(b.input_state)


def begins(b: Barrier, now: float) -> bool:
    """Whether the arm may still do what it did before this motion: it waits for the pulse, the
    dead time and its own run-out."""
    return now - b.motion.moved_at < b.limits.start_s


def fire(b: Barrier) -> bool:
    return b.limits.open_on_fire and bool(b.input_state.on("fire"))


def down(b: Barrier, now: float) -> bool:
    """Whether the arm is proved to be at its lower end: its switch says so for long enough, and not
    sooner than an arm can come down."""
    early = b.motion.falls_from is not None and now - b.motion.falls_from < b.plausible_s()
    return b.input_state.proved("limit_closed", now) and not early


def whereabouts(b: Barrier, now: float) -> Phase:
    """The phase; closed as soon as that is proved, whatever else holds the phase."""
    return Phase.CLOSED if known(b, now) and down(b, now) else b.phase


def may_close(b: Barrier, now: float) -> bool:
    """All but the wish: known, clear, warned and red for long enough, and nobody claims the arm."""
    return (
        clear_to_close(b, now)
        and not obstructed(b.input_state)
        and not b.green
        and b.warned(now)
        and (b.clear_since is not None and now - b.clear_since >= b.limits.clear_before_close_s)
    )


def clear_to_close(b: Barrier, now: float) -> bool:
    """`may_close` but for how long it has been so, and a single failed reading."""
    return (
        known(b, now)
        and clear_under(b)
        and not b.crossing.inside
        and not b.crossing.half_in
        and not b.modes.held_open
        and b.claim.authorisation is None
        and not b.input_state.on("manual_open")
        and not fire(b)
    )


def _reached(b: Barrier, now: float) -> Signal | None:
    """The switch that says where the arm is, if that is news; by time where none is wired."""
    s = b.input_state
    # A closing arm that is being turned may still be at the switch it has just left.
    turns = b.phase is Phase.OPENING and begins(b, now)
    if s.proved("limit_open", now) and b.phase not in (Phase.OPEN, Phase.CLOSING) and not turns:
        return Signal.REACHED_OPEN
    if down(b, now) and b.phase not in (Phase.CLOSED, Phase.OPENING):
        return Signal.REACHED_CLOSED
    took = now - b.motion.moved_at - b.limits.start_s
    if b.phase is Phase.OPENING and "limit_open" not in s.wired and took >= b.limits.travel_s:
        return Signal.REACHED_OPEN
    # Nobody looks after the arm from here on, so a slow one gets its margin too.
    late = took >= b.limits.travel_s + b.limits.travel_margin_s and not s.on("limit_open")
    if b.phase is Phase.CLOSING and "limit_closed" not in s.wired and late:
        return Signal.REACHED_CLOSED
    return None


def _comes_down_alone(b: Barrier) -> bool:
    """Whether the arm has left its upper end without our doing: by the barrier's own clock, a
    welded relay, a remote control, the wind."""
    at_rest = b.phase in (Phase.OPEN, Phase.STOPPED) and b.motion.upper
    again = b.phase is Phase.OPENING and b.motion.touched and not b.input_state.on("limit_closed")
    return (at_rest or again) and b.input_state.on("limit_open") is False


def _moved_by_hand(b: Barrier, now: float) -> Signal | None:
    """At rest: the limit is left. In motion: the arm has left its limit and is back there."""
    s = b.input_state
    strayed = (b.phase is Phase.OPEN and s.on("limit_open") is False) or (
        b.phase is Phase.CLOSED and s.on("limit_closed") is False
    )
    countered = b.motion.left_limit and bool(
        (b.phase is Phase.CLOSING and s.proved("limit_open", now))
        or (b.phase is Phase.OPENING and s.proved("limit_closed", now))
    )
    return Signal.MOVED_BY_HAND if strayed or countered else None
