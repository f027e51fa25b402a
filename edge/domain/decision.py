"""PURE. The decision on one vehicle: may it pass this lane now, and why.

Rule: anything but a clear "allow" keeps the arm down. A sure reading (accepted by its calibrated
confidence) is compared with the platform's list; the list never turns an unsure reading into a
sure one. A list too old to trust decides nothing: a person does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from edge.domain.assignment import Assignment, AssignmentBook, Assignments, AssignmentState
from edge.domain.facts import PlateView

CLOCK_TOLERANCE = timedelta(minutes=5)
"""A list from so far in the future was noted by a clock that has since been set back: doubted."""

VALIDITY_TOLERANCE = timedelta(seconds=30)
"""How far the platform's clock and ours may differ before a validity is judged wrongly."""


class Verdict(StrEnum):
    ALLOW = "allow"
    REFUSE = "refuse"
    REFER = "refer"


class Reason(StrEnum):
    """Why; stable codes, put into words by the console."""

    ASSIGNED = "assigned"
    OPERATOR = "operator"
    NOT_DECLARED = "not_declared"
    WRONG_LANE = "wrong_lane"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    HELD = "held"
    CANCELLED = "cancelled"
    ALREADY_USED = "already_used"
    CLEARANCE_PENDING = "clearance_pending"
    CLEARANCE_REFUSED = "clearance_refused"
    UNSURE_READING = "unsure_reading"
    UNREAD = "unread"
    READING_CHANGED = "reading_changed"
    SEVERAL_VEHICLES = "several_vehicles"
    NO_ASSIGNMENTS = "no_assignments"
    ASSIGNMENTS_STALE = "assignments_stale"
    ENTRY_TIMEOUT = "entry_timeout"
    BARRIER_REFUSED = "barrier_refused"
    REJECTED = "rejected"
    INTERNAL_ERROR = "internal_error"


@dataclass(frozen=True, slots=True)
class LanePolicy:
    """What a lane asks of a vehicle. `clearances`: authorities that must have said done.
    `book_max_age`: how old the list may be. `read_wait_s`: until a person is asked."""

    lane: str
    direction: str
    clearances: tuple[str, ...]
    book_max_age: timedelta
    read_wait_s: float
    needs_loop: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    verdict: Verdict
    reason: Reason
    assignment: str = ""


def decide(
    plate: PlateView | None,
    book: AssignmentBook,
    policy: LanePolicy,
    now: datetime,
    trailers: Collection[str] = (),
) -> Decision:
    """The decision on a vehicle whose reading has settled (or will not). `trailers`: other plates
    that were read as surely at the same place. They pass together only on one assignment that
    names them all; plates that no assignment joins may be several vehicles."""
    if plate is None:
        return Decision(Verdict.REFER, Reason.UNREAD)
    if not plate.accepted:
        return Decision(Verdict.REFER, Reason.UNSURE_READING)
    doubt = not_trusted(book, policy, now)
    if doubt is not None:
        return Decision(Verdict.REFER, doubt)
    found = book.for_vehicle({plate.text, *trailers})
    if not found and trailers:
        return Decision(Verdict.REFER, Reason.SEVERAL_VEHICLES)
    if not found:
        return Decision(Verdict.REFUSE, Reason.NOT_DECLARED)
    verdicts = [_on(assignment, policy, now) for assignment in found]
    allowed = [d for d in verdicts if d.verdict is Verdict.ALLOW]
    return allowed[0] if allowed else min(verdicts, key=_nearness)


def not_trusted(book: Assignments, policy: LanePolicy, now: datetime) -> Reason | None:
    """Why the list may decide nothing in the lane now; None where it may."""
    if book.as_of is None:
        return Reason.NO_ASSIGNMENTS
    age = now - book.as_of
    if age > policy.book_max_age or age < -CLOCK_TOLERANCE:
        return Reason.ASSIGNMENTS_STALE
    return None


def _on(assignment: Assignment, policy: LanePolicy, now: datetime) -> Decision:
    """The decision if this were the vehicle's only assignment."""

    def refuse(reason: Reason) -> Decision:
        return Decision(Verdict.REFUSE, reason, assignment.assignment_id)

    match assignment.state:
        case AssignmentState.USED:
            return refuse(Reason.ALREADY_USED)
        case AssignmentState.CANCELLED:
            return refuse(Reason.CANCELLED)
        case AssignmentState.HELD:
            return refuse(Reason.HELD)
        case AssignmentState.ACTIVE:
            pass
    if policy.lane not in assignment.lanes or assignment.direction != policy.direction:
        return refuse(Reason.WRONG_LANE)
    # The tolerance is on the side of now: a validity may reach to the end of all dates.
    if now + VALIDITY_TOLERANCE < assignment.valid_from:
        return refuse(Reason.NOT_YET_VALID)
    if now - VALIDITY_TOLERANCE > assignment.valid_to:
        return refuse(Reason.EXPIRED)
    said = assignment.clearances
    if any(c.state == "refused" for c in said):
        return refuse(Reason.CLEARANCE_REFUSED)
    done = {c.authority for c in said} - {c.authority for c in said if c.state != "done"}
    if not done.issuperset(policy.clearances):
        return refuse(Reason.CLEARANCE_PENDING)
    return Decision(Verdict.ALLOW, Reason.ASSIGNED, assignment.assignment_id)


_NEAREST_FIRST = (
    Reason.CLEARANCE_REFUSED,
    Reason.CLEARANCE_PENDING,
    Reason.HELD,
    Reason.WRONG_LANE,
    Reason.NOT_YET_VALID,
    Reason.EXPIRED,
    Reason.ALREADY_USED,
    Reason.CANCELLED,
)
"""Of several assignments that all refuse, the one told is that which came nearest to passing."""


def _nearness(decision: Decision) -> int:
    return _NEAREST_FIRST.index(decision.reason)
