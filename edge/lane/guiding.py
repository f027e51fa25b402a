"""PURE. Where the vehicle is sent that may not pass here, and what is told where that changes."""

from __future__ import annotations

from dataclasses import replace

from edge.domain import events
from edge.domain.guidance import right_lane, sent_elsewhere
from edge.domain.mode import LaneMode
from edge.domain.reason import Decision, Reason
from edge.lane.effects import Effect, Record
from edge.lane.records import decided_data
from edge.lane.state import Context, Lane, LaneState


def sent_to(decision: Decision, before: str, context: Context) -> str:
    """The lane for a vehicle that is decided so, and was sent to `before`; "": none, or this is
    not ours to say, beside another controller."""
    policy = context.policy
    if decision.reason is Reason.REJECTED:
        # A person has told him to go; where to still holds.
        return before if before in context.open_lanes else ""
    if policy.mode is LaneMode.SHADOW or not sent_elsewhere(decision):
        return ""
    of = (a for a in context.book.items if a.assignment_id == decision.assignment)
    assigned = next((a.lanes for a in of), ())
    return right_lane(policy.lane, policy.direction, assigned, context.open_lanes, before)


def guided(lane: Lane, context: Context) -> tuple[Lane, list[Effect]]:
    """The lane whose waiting vehicle is sent where it may go by now; a change is told as a further
    `passage.decided`."""
    passage = lane.passage
    if passage is None or passage.decision is None or context.list_failed:
        return lane, []
    if lane.state is not LaneState.WAITING or lane.restored:
        return lane, []
    to = sent_to(passage.decision, passage.guided_to, context)
    if to == passage.guided_to:
        return lane, []
    passage = replace(passage, guided_to=to)
    data = decided_data(passage, context.policy)
    return replace(lane, passage=passage), [Record(events.PASSAGE_DECIDED, data)]
