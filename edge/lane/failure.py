"""PURE. A lane whose rules failed on a fact: the fact is taken up without the list, and the vehicle
waits for a person. What was allowed by the gate is taken back; a person's word stands, and so does
a crossing that is under way.
"""

from __future__ import annotations

from dataclasses import replace

from edge.domain.assignment import AssignmentBook
from edge.domain.facts import Fact
from edge.domain.reason import Decision, Reason, Verdict
from edge.lane.rules import follow, react
from edge.lane.sign import Sign
from edge.lane.state import Context, Lane, Reaction
from edge.lane.vocabulary import Cue

FAILED = Sign(Cue.FAILED, Decision(Verdict.REFER, Reason.INTERNAL_ERROR))


def without_list(lane: Lane, fact: Fact, context: Context) -> Reaction:
    """The lane after a fact on which `react` failed."""
    context = replace(context, book=AssignmentBook(), list_failed=True)
    try:
        after, effects = react(lane, fact, context)
    except Exception:
        # The list is not to blame: the lane stays, and its vehicle is a person's.
        after, effects = lane, []
    after, more = follow(after, FAILED, context)
    return after, effects + more
