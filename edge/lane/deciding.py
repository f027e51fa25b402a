"""PURE. A turn is decided: by the list, by a doubt or by a person; recorded before its effect."""

from __future__ import annotations

from dataclasses import replace

from edge.domain import events
from edge.domain.decision import Decision, Reason, Verdict, decide
from edge.domain.facts import OperatorDecided
from edge.lane.records import decided_data, read_data
from edge.lane.state import Authorise, Context, Effect, Lane, LaneState, Reaction, Record, Revoke


def decide_turn(lane: Lane, context: Context) -> Reaction:
    turn = lane.turn
    assert turn is not None
    if lane.state is LaneState.ADMITTED:
        return lane, []
    if turn.decision and turn.decision.reason in FINAL_UNTIL_PERSON:
        return lane, []
    sure = turn.view is not None and turn.view.accepted
    if not sure and context.now.mono < turn.read_by:
        return lane, []
    return decided_by_list(lane, context)


def decided_by_list(lane: Lane, context: Context) -> Reaction:
    """What the list says of all that is read; nothing where it says no more than before."""
    turn = lane.turn
    assert turn is not None
    now = context.now.wall
    decision = decide(turn.view, context.book, context.policy, now, turn.trailer_texts)
    if decision == turn.decision:
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
    turn = lane.turn
    assert turn is not None
    effects: list[Effect] = []
    view = turn.view
    if view is not None and turn.told is None:
        turn = replace(turn, told=(view.text, view.accepted))
        effects.append(Record(events.PLATE_READ, read_data(turn, view)))
    turn = replace(turn, decision=decision, decided_at=context.now.wall)
    effects.append(Record(events.PASSAGE_DECIDED, decided_data(turn)))
    allowed, was_allowed = decision.verdict is Verdict.ALLOW, lane.state is LaneState.ADMITTED
    if allowed and not was_allowed:
        effects.append(Authorise(turn.passage))
    elif was_allowed and not allowed:
        effects.append(Revoke(turn.passage))
    state = LaneState.ADMITTED if allowed else LaneState.WAITING
    since = lane.since if state is lane.state else context.now.wall
    return replace(lane, turn=turn, state=state, since=since), effects


def refer(lane: Lane, reason: Reason, context: Context) -> Reaction:
    """A doubt: whatever was allowed is taken back, and a person is asked."""
    assert lane.turn is not None
    if lane.turn.decision is not None and lane.turn.decision.reason is reason:
        return lane, []
    return decided(lane, Decision(Verdict.REFER, reason), context)


def settled_by_person(lane: Lane, fact: OperatorDecided, context: Context) -> Reaction:
    turn = lane.turn
    if turn is None or turn.passage != fact.passage or lane.state is not LaneState.WAITING:
        return lane, []
    known = context.book.for_plate(fact.plate or turn.plate)
    usable = [a for a in known if a.state.value == "active"]
    assignment = usable[0].assignment_id if usable else ""
    turn = replace(turn, by=f"operator:{fact.user}", corrected=fact.plate)
    lane = replace(lane, turn=turn)
    if fact.admit:
        return decided(lane, Decision(Verdict.ALLOW, Reason.OPERATOR, assignment), context)
    return decided(lane, Decision(Verdict.REFUSE, Reason.REJECTED), context)
