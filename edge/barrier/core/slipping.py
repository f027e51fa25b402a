"""PURE. Who goes on over the entry loop although the arm is down, or is said to be.

An arm that is torn off, lifted by hand or driven round shows as closed, stopped or out of service.
Whoever leaves the entry loop with somebody under such an arm has slipped under it, and has passed
when nothing is seen there any more. Nothing that comes afterwards takes that back: no reading that
fails, no stop, no next vehicle. Only a front on the entry loop leaves open whether he comes back
over it or the next one waits there: the exit loop and vision's line know; without them he has
turned back where that loop is left with nothing under the arm, and has passed where it stays
occupied. An exit loop that has seen nobody says that he has not passed.
"""

from __future__ import annotations

from dataclasses import replace

from edge.barrier.core.evidence import (
    exit_seen,
    exit_since,
    exit_would_know,
    loop_of,
    sensors_on,
    sureness,
)
from edge.barrier.core.sensing import vehicle_seen
from edge.barrier.core.state import Barrier, Exit, Step, Way, reported
from edge.barrier.core.table import Phase
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    BarrierFact,
    GuardAlarm,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
)


def is_up(b: Barrier) -> bool:
    """Whether the arm is up, or on its way; not known to be down is up."""
    moving = b.phase in (Phase.OPENING, Phase.OPEN, Phase.CLOSING)
    flickers = b.phase is Phase.UNREAD and not b.gone
    between = b.phase in (Phase.STOPPED, Phase.OUT_OF_SERVICE) or flickers
    return moving or (between and not b.input_state.on("limit_closed"))


def slip(b: Barrier, alone: bool = False) -> Step:
    """Somebody is under the arm, off the entry loop; `alone`: nobody was there before him."""
    on = sensors_on(b.input_state) | {"entry_loop"}
    left = exit_since(b) if alone else exit_seen(b)
    c = replace(b.crossing, seen=on, exit=left, in_order=True, found=False)
    return Step(replace(b, crossing=replace(c, slipping=True, leaving_at=None)))


def slips_too(b: Barrier) -> Step:
    """The next one has left the entry loop and is under the arm: the one before it has passed."""
    return passed(b).then(slip) if b.crossing.slipping else slip(b, alone=True)


def followed(b: Barrier) -> list[BarrierFact]:
    """What is told of the one under the arm when a front comes to the entry loop."""
    return [VehicleEntered(b.lane, None)] if b.crossing.slipping else []


def watched(b: Barrier, clear: bool, now: float) -> Step:
    """Who has slipped: whether he is there still, has passed or has come back."""
    c = b.crossing
    since = now if c.gap_since is None else c.gap_since
    on = c.seen | sensors_on(b.input_state)
    c = replace(c, seen=on, exit=exit_seen(b), gap_since=since if clear else None)
    seen = replace(b, crossing=c)
    if c.leaving_at is not None and b.input_state.counts(loop_of(b)):
        return slips_too(seen)
    if is_up(b) and vehicle_seen(b.input_state):
        # The arm goes up for the one behind; this one drives on under it.
        under = replace(c, inside=True, entry_kept=False, slipping=False)
        return Step(replace(b, crossing=under))
    if not clear:
        return Step(seen)
    if c.line is Way.BACK:
        return came_back(seen)
    known = is_up(b) or c.exit in (Exit.ON, Exit.PASSED)
    unseen = exit_would_know(b) and c.exit is Exit.NO
    waits = unseen or c.leaving_at is not None or now - since < b.limits.entry_held_s
    return Step(seen) if c.behind and waits and not known else passed(seen)


def passed(b: Barrier) -> Step:
    """He has gone on."""
    facts: list[BarrierFact] = [
        *([] if b.crossing.behind else [VehicleEntered(b.lane, None)]),
        VehicleCrossed(b.lane, None, sure=sureness(b, b.crossing)),
        GuardAlarm(b.lane, AlarmCode.PASSED_CLOSED, True),
    ]
    return reported(_gone(b), facts)


def came_back(b: Barrier) -> Step:
    """He was under the arm, and has gone back where he came from."""
    # Whoever is on the entry loop backs off when he leaves that.
    facts: list[BarrierFact] = [] if b.crossing.arrived else [VehicleBackedOff(b.lane)]
    b = _gone(replace(b, crossing=replace(b.crossing, leaving_at=None)))
    return reported(b, [*facts, GuardAlarm(b.lane, AlarmCode.TURNED_BACK, True)])


def _gone(b: Barrier) -> Barrier:
    c = replace(b.crossing, slipping=False, behind=False, gap_since=None, line=Way.UNKNOWN)
    return replace(b, crossing=c)
