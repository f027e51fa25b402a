"""PURE. A lane whose rules failed on a fact: the fact is taken up without the list, and the vehicle
waits for a person. What was allowed by the gate is taken back; a person's word stands, and so does
a crossing that is under way.
"""

from __future__ import annotations

from dataclasses import replace

from edge.domain.assignment import AssignmentBook
from edge.domain.decision import Reason
from edge.domain.facts import Fact
from edge.lane.deciding import refer
from edge.lane.rules import react
from edge.lane.state import Context, Lane, LaneState, Reaction

REFERABLE = (LaneState.READING, LaneState.WAITING, LaneState.ADMITTED)


def without_list(lane: Lane, fact: Fact, context: Context) -> Reaction:
    """The lane after a fact on which `react` failed."""
    context = replace(context, book=AssignmentBook())
    try:
        after, effects = react(lane, fact, context)
    except Exception:
        # The list is not to blame: the lane stays, and its vehicle is a person's.
        after, effects = lane, []
    if after.passage is None or after.passage.by != "gate" or after.state not in REFERABLE:
        return after, effects
    after, more = refer(after, Reason.INTERNAL_ERROR, context)
    return after, effects + more
