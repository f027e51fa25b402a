"""PURE. The modes of a lane, and what each makes of a decision."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from edge.domain.reason import Decision, Reason, Verdict


class LaneMode(StrEnum):
    AUTOMATIC = "automatic"
    """what reading, list and policy admit is let through"""
    ATTENDED = "attended"
    """a person confirms each opening"""
    CLOSED = "closed"
    """nobody passes, and nobody may open"""
    FREE_FLOW = "free_flow"
    """evacuation: the arm stays up, everybody may pass, everything is recorded"""
    SHADOW = "shadow"
    """decides and records, and moves nothing: beside another controller"""


def by_mode(decision: Decision, mode: LaneMode) -> Decision:
    """The decision as the lane's mode has it; `detail` says what it would have been."""
    match mode:
        case LaneMode.ATTENDED if decision.verdict is Verdict.ALLOW:
            return replace(
                decision, verdict=Verdict.REFER, reason=Reason.ATTENDED, detail=decision.reason
            )
        case LaneMode.CLOSED:
            return replace(
                decision, verdict=Verdict.REFUSE, reason=Reason.LANE_CLOSED, detail=decision.reason
            )
        case LaneMode.FREE_FLOW:
            return replace(
                decision,
                verdict=Verdict.ALLOW,
                reason=Reason.FREE_FLOW,
                detail=decision.reason,
                assignment=decision.assignment if decision.verdict is Verdict.ALLOW else "",
            )
        case _:
            return decision
