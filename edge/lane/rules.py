"""PURE. The rules of a lane: `react(lane, fact, context) -> (lane, effects)`.

A vehicle's passage begins when it stands at the barrier (entry loop, or vision where no loop is
wired), is decided when its plate is surely read or the wait is over, and ends when it has crossed
or gone.
One authorisation belongs to one passage; whatever casts doubt on who stands there takes it back.
"""

from __future__ import annotations

from dataclasses import replace

from edge.domain.alarm_codes import AlarmCode
from edge.domain.decision import Reason
from edge.domain.facts import (
    Arm,
    AssignmentsChanged,
    BarrierFirstSeen,
    Fact,
    OperatorDecided,
    RequestHandled,
    TailgateSeen,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
    VehicleSeen,
)
from edge.lane.deciding import refer, settled_by_person
from edge.lane.ending import complete, end, unidentified
from edge.lane.reading import update
from edge.lane.state import (
    Authorise,
    Context,
    Lane,
    LaneState,
    Passage,
    RaiseAlarm,
    Reaction,
    Track,
)


def react(lane: Lane, fact: Fact, context: Context) -> Reaction:
    """The lane after the fact, and what to do; every fact is allowed in every state."""
    match fact:
        case VehicleSeen():
            track = Track(
                fact.track,
                fact.kind,
                fact.plate,
                fact.frames_read,
                fact.at_barrier,
                fact.evidence,
                context.now.mono,
            )
            return update(replace(lane, tracks={**lane.tracks, fact.track: track}), context)
        case VehicleLost():
            left = {name: t for name, t in lane.tracks.items() if name != fact.track}
            gone = tuple(pair for pair in lane.gone if pair[0] != fact.track)
            return update(replace(lane, tracks=left, gone=gone), context)
        case VehicleArrived():
            return update(replace(lane, present=True), context)
        case VehicleBackedOff():
            return _backed_off(replace(lane, present=False), context)
        case VehicleEntered():
            return _entered(replace(lane, present=False), fact.authorisation, context)
        case VehicleCrossed():
            return _crossed(lane, fact.authorisation, context)
        case TailgateSeen():
            return lane, [RaiseAlarm(AlarmCode.TAILGATE)]
        case RequestHandled():
            return _handled(lane, fact, context)
        case OperatorDecided():
            return settled_by_person(lane, fact, context)
        case AssignmentsChanged() | Ticked():
            return update(lane, context)
        case BarrierFirstSeen():
            return _resumed(lane, fact, context)
        case _:
            return lane, []


# --- the vehicle moves ---


def _entered(lane: Lane, authorisation: str | None, context: Context) -> Reaction:
    passage = lane.passage
    if passage is None:
        return lane, []
    if authorisation is not None and authorisation != passage.id:
        return lane, []
    passage = replace(passage, entered_at=context.now.wall)
    return (
        replace(lane, state=LaneState.CROSSING, passage=passage, since=context.now.wall),
        [],
    )


def _crossed(lane: Lane, authorisation: str | None, context: Context) -> Reaction:
    passage = lane.passage
    mine = passage is not None and authorisation == passage.id
    if passage is not None and (mine or lane.state is LaneState.CROSSING):
        if authorisation is not None and not mine:
            return lane, []
        return _completed(lane, passage, True, context)
    return unidentified(lane, context)


def _completed(lane: Lane, passage: Passage, observed: bool, context: Context) -> Reaction:
    """The passage ends, and the next vehicle may already stand there."""
    lane, effects = complete(lane, passage, observed, context)
    lane, more = update(lane, context)
    return lane, effects + more


def _backed_off(lane: Lane, context: Context) -> Reaction:
    # From the safety loop too: the guard tells a vehicle that has turned back from one that passed.
    return (lane, []) if lane.passage is None else end(lane, "backed_off", context)


def _handled(lane: Lane, fact: RequestHandled, context: Context) -> Reaction:
    """The guard could not carry out an authorisation: a person is asked."""
    passage = lane.passage
    mine = passage is not None and fact.request == passage.id
    if not mine or fact.outcome != "refused" or lane.state is not LaneState.ADMITTED:
        return lane, []
    timeout = fact.why == Reason.ENTRY_TIMEOUT
    if timeout and context.policy.needs_loop and not lane.present:
        return end(lane, "entry_timeout", context)
    return refer(lane, Reason.ENTRY_TIMEOUT if timeout else Reason.BARRIER_REFUSED, context)


# --- after a restart ---


def _resumed(lane: Lane, fact: BarrierFirstSeen, context: Context) -> Reaction:
    """Goes on with the passage that the crash interrupted, from what the loops and the arm show.

    On the safety loop: it is crossing. Still on the entry loop: authorised again, the same id.
    Gone, and the arm up: it crossed unseen (recorded as not observed, its assignment spent).
    Gone, and the arm down: it left.
    """
    if not lane.restored:
        return lane, []
    lane = replace(lane, restored=False, present=bool(fact.entry_loop))
    passage = lane.passage
    if passage is None or lane.state not in (LaneState.ADMITTED, LaneState.CROSSING):
        if passage is not None and fact.entry_loop is False:
            return end(lane, "left_during_restart", context)
        return update(lane, context)
    if fact.safety_loop:
        passage = replace(passage, entered_at=passage.entered_at or context.now.wall)
        return replace(lane, state=LaneState.CROSSING, passage=passage), []
    if lane.state is LaneState.CROSSING:
        return _completed(lane, passage, False, context)
    if fact.entry_loop or fact.entry_loop is None:
        return lane, [Authorise(passage.id)]
    if fact.arm in (Arm.OPEN, Arm.OPENING, Arm.STOPPED, Arm.UNKNOWN):
        return _completed(lane, passage, False, context)
    return end(lane, "left_during_restart", context)
