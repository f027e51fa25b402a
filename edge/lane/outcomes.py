"""PURE. The name of the way out that a passage took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from edge.domain.facts import Arm
from edge.domain.reason import Reason, Verdict
from edge.lane.cells import Cell
from edge.lane.identity import trailers_beside
from edge.lane.state import Motion
from edge.lane.vehicle import Passage
from edge.lane.vocabulary import Outcome

BY_HAND = frozenset({"local", "moved_by_hand"})
"""Causes of the arm's motions that no program gave."""

BENT = timedelta(seconds=1)
"""Time within which a vehicle is under an arm that it bends up; people take longer to raise it."""

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
    Reason.SECOND_READER_DIFFERS: Outcome.UNREADABLE,
    Reason.READING_CHANGED: Outcome.SWAPPED,
    Reason.ANOTHER_VEHICLE: Outcome.SWAPPED,
    Reason.BARRIER_REFUSED: Outcome.DEVICE_FAULT,
    Reason.INTERNAL_ERROR: Outcome.DEVICE_FAULT,
    Reason.RESUMED: Outcome.RESUMED,
    Reason.ENTRY_TIMEOUT: Outcome.ABANDONED,
}
"""Where a vehicle that was not let through leaves: why it was not."""


NOT_READ = frozenset(reason for reason, way in OF_REASON.items() if way is Outcome.UNREADABLE)

OF_THE_VEHICLE = frozenset({Outcome.WRONG_LANE, Outcome.TWO_VEHICLES, Outcome.TRAILER_ONLY})
"""What a vehicle is, also where a person has said no to it."""


def outcome_of(cell: Cell, passage: Passage, motions: Sequence[Motion]) -> Outcome:
    """The cell's name, or that of the decision; an arm that was moved by hand has its own."""
    if cell.outcome is Outcome.PASSED_UNADMITTED and _by_hand(passage, motions):
        return Outcome.ARM_BY_HAND
    if cell.outcome is not None:
        return cell.outcome
    decision = passage.decision
    if decision is None:
        return Outcome.ABANDONED
    if _trailer_out_of_sight(passage, decision.reason):
        return Outcome.TRAILER_ONLY
    if decision.reason is Reason.REJECTED and passage.asked is not None:
        asked = OF_REASON.get(passage.asked, Outcome.REFUSED)
        return asked if asked in OF_THE_VEHICLE else Outcome.REFUSED
    refused = decision.verdict is Verdict.REFUSE
    return OF_REASON.get(decision.reason, Outcome.REFUSED if refused else Outcome.REFERRED)


def _trailer_out_of_sight(passage: Passage, reason: Reason) -> bool:
    """Whether its trailer was surely read beside it and goes out of sight first, as it backs away:
    what is said of it then is that it is not read."""
    said = passage.asked if reason is Reason.REJECTED else reason
    return said in NOT_READ and bool(trailers_beside(passage))


def raised_by(passage: Passage, motions: Sequence[Motion]) -> str:
    """The cause for which the arm went up before the vehicle came under it; "": it was down."""
    raised = _raised(passage, motions)
    return raised.cause if raised else ""


def _raised(passage: Passage, motions: Sequence[Motion]) -> Motion | None:
    """The first motion since the arm was down."""
    entered, first = passage.entered_at, None
    for motion in reversed(motions):
        if motion.arm in UP:
            first = motion
        elif motion.arm is Arm.CLOSED and (entered is None or motion.at <= entered):
            break
    return first


def _by_hand(passage: Passage, motions: Sequence[Motion]) -> bool:
    """Whether people raised the arm: one that a vehicle bends up goes up as that comes under it."""
    raised, entered = _raised(passage, motions), passage.entered_at
    if raised is None or raised.cause not in BY_HAND:
        return False
    return entered is None or entered - raised.at >= BENT
