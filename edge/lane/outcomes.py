"""PURE. The name of the way out that a passage took."""

from __future__ import annotations

from collections.abc import Sequence

from edge.domain.facts import Arm
from edge.domain.reason import Reason, Verdict
from edge.lane.cells import Cell
from edge.lane.state import Motion, Passage
from edge.lane.vocabulary import Outcome

BY_HAND = frozenset({"local", "moved_by_hand"})
"""Causes of the arm's motions that no program gave."""

UP = frozenset({Arm.OPENING, Arm.OPEN, Arm.STOPPED})

OF_REASON: dict[Reason, Outcome] = {
    Reason.WRONG_LANE: Outcome.WRONG_LANE,
    Reason.WRONG_DIRECTION: Outcome.WRONG_LANE,
    Reason.SEVERAL_VEHICLES: Outcome.TWO_VEHICLES,
    Reason.TRAILER_ALONE: Outcome.TRAILER_ONLY,
    Reason.TRACTOR_UNSURE: Outcome.TRAILER_ONLY,
    Reason.UNREAD: Outcome.UNREADABLE,
    Reason.UNSURE_READING: Outcome.UNREADABLE,
    Reason.SECOND_CANDIDATE: Outcome.UNREADABLE,
    Reason.READING_CHANGED: Outcome.SWAPPED,
    Reason.ANOTHER_VEHICLE: Outcome.SWAPPED,
    Reason.BARRIER_REFUSED: Outcome.DEVICE_FAULT,
    Reason.INTERNAL_ERROR: Outcome.DEVICE_FAULT,
    Reason.RESUMED: Outcome.RESUMED,
    Reason.ENTRY_TIMEOUT: Outcome.ABANDONED,
}
"""Where a vehicle that was not let through leaves: why it was not."""


def outcome_of(cell: Cell, passage: Passage, motions: Sequence[Motion]) -> Outcome:
    """The cell's name, or that of the decision; an arm that was moved by hand has its own."""
    if cell.outcome is Outcome.PASSED_UNADMITTED and raised_by(passage, motions) in BY_HAND:
        return Outcome.ARM_BY_HAND
    if cell.outcome is not None:
        return cell.outcome
    decision = passage.decision
    if decision is None:
        return Outcome.ABANDONED
    refused = decision.verdict is Verdict.REFUSE
    return OF_REASON.get(decision.reason, Outcome.REFUSED if refused else Outcome.REFERRED)


def raised_by(passage: Passage, motions: Sequence[Motion]) -> str:
    """The cause of the motion that had the arm up as the vehicle came under it; "": it was down."""
    entered = passage.entered_at
    for motion in reversed(motions):
        if motion.arm in UP:
            return motion.cause
        if motion.arm is Arm.CLOSED and (entered is None or motion.at <= entered):
            return ""
    return ""
