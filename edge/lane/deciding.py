"""PURE. A passage is decided: by the list, by a doubt or by a person; recorded before its
effect."""

from __future__ import annotations

from dataclasses import replace

from edge.domain import events
from edge.domain.decision import Decision, Reason, Vehicle, Verdict, decide
from edge.domain.facts import OperatorDecided
from edge.lane.records import decided_data, read_data
from edge.lane.state import Authorise, Context, Effect, Lane, LaneState, Reaction, Record, Revoke


def decide_passage(lane: Lane, context: Context) -> Reaction:
    passage = lane.passage
    assert passage is not None
    if lane.state is LaneState.ADMITTED:
        return lane, []
    if passage.decision and passage.decision.reason in FINAL_UNTIL_PERSON:
        return lane, []
    sure = passage.view is not None and passage.view.accepted
    if not sure and context.now.mono < passage.read_by:
        return lane, []
    return decided_by_list(lane, context)


def decided_by_list(lane: Lane, context: Context) -> Reaction:
    """What the list says of all that is read; nothing where it says no more than before."""
    passage = lane.passage
    assert passage is not None
    reads = tuple(view for view in (passage.view, *passage.trailers) if view is not None)
    vehicle = Vehicle(passage.kind, context.journeys, context.clock_trusted)
    decision = decide(reads, vehicle, context.book, context.policy, context.now.wall)
    if decision == passage.decision:
        return lane, []
    return decided(lane, decision, context)


FINAL_UNTIL_PERSON = frozenset(
    {
        Reason.READING_CHANGED,
        Reason.SEVERAL_VEHICLES,
        Reason.ENTRY_TIMEOUT,
        Reason.BARRIER_REFUSED,
        Reason.INTERNAL_ERROR,
    }
)
"""Doubts that neither a list nor another frame can settle."""


def decided(lane: Lane, decision: Decision, context: Context) -> Reaction:
    """Records the decision, then lets it have its effect."""
    passage = lane.passage
    assert passage is not None
    effects: list[Effect] = []
    view = passage.view
    if view is not None and passage.recorded is None:
        passage = replace(passage, recorded=(view.text, view.accepted))
        effects.append(Record(events.PLATE_READ, read_data(passage, view)))
    passage = replace(passage, decision=decision, decided_at=context.now.wall)
    effects.append(Record(events.PASSAGE_DECIDED, decided_data(passage)))
    allowed, was_allowed = decision.verdict is Verdict.ALLOW, lane.state is LaneState.ADMITTED
    if allowed and not was_allowed:
        effects.append(Authorise(passage.id))
    elif was_allowed and not allowed:
        effects.append(Revoke(passage.id))
    state = LaneState.ADMITTED if allowed else LaneState.WAITING
    since = lane.since if state is lane.state else context.now.wall
    return replace(lane, passage=passage, state=state, since=since), effects


def refer(lane: Lane, reason: Reason, context: Context) -> Reaction:
    """A doubt: whatever was allowed is taken back, and a person is asked."""
    assert lane.passage is not None
    if lane.passage.decision is not None and lane.passage.decision.reason is reason:
        return lane, []
    return decided(lane, Decision(Verdict.REFER, reason), context)


def settled_by_person(lane: Lane, fact: OperatorDecided, context: Context) -> Reaction:
    passage = lane.passage
    if passage is None or passage.id != fact.passage or lane.state is not LaneState.WAITING:
        return lane, []
    known = context.book.for_plate(fact.plate or passage.plate)
    usable = [a for a in known if a.state.value == "active"]
    assignment = usable[0].assignment_id if usable else ""
    passage = replace(passage, by=f"operator:{fact.user}", corrected=fact.plate)
    lane = replace(lane, passage=passage)
    if fact.admit:
        return decided(lane, Decision(Verdict.ALLOW, Reason.OPERATOR, assignment), context)
    return decided(lane, Decision(Verdict.REFUSE, Reason.REJECTED), context)
