"""PURE. What became of a person's decision about a waiting vehicle: the arm is the answer, not the
note that he decided."""

from __future__ import annotations

from edge.domain.facts import Arm
from edge.domain.reason import Reason
from edge.gate.refusal_texts import guard_said
from edge.lane.state import Lane, LaneState
from edge.system.causes import Cause, cause

CHANGED_MEANWHILE = cause("refused.changed_meanwhile")
"""The page that a person saw is not how things stand."""

DONE = Cause()
RISING = frozenset({Arm.OPENING, Arm.OPEN})


def settled(lane: Lane, passage: str, admit: bool, version: int, arm: Arm) -> Cause | None:
    """ "" where it is done, None where that is still to come, else why it is not. `version`: of the
    passage before the decision."""
    current = lane.passage
    if current is None:
        return DONE
    if current.id != passage:
        # It has left; or he saw another than the passage was of, and is asked of that one.
        return CHANGED_MEANWHILE if admit else DONE
    if lane.state is LaneState.CROSSING:
        return DONE
    if lane.state is LaneState.ADMITTED:
        if not admit:
            return CHANGED_MEANWHILE
        return DONE if arm in RISING else None
    if current.version == version or current.decision is None:
        return None
    if current.decision.reason is Reason.BARRIER_REFUSED:
        return guard_said(current.decision.detail)
    rejected = current.decision.reason is Reason.REJECTED and current.settled_by_person
    return DONE if rejected and not admit else CHANGED_MEANWHILE
