"""PURE. The conditions that the decision's rows ask of an assignment, a clock and the list."""

from __future__ import annotations

from datetime import datetime, timedelta

from edge.domain.assignment import Assignment, Assignments, AssignmentState
from edge.domain.question import LanePolicy, Question
from edge.domain.reason import Reason

CLOCK_TOLERANCE = timedelta(minutes=5)
"""A list from so far in the future was noted by a clock that has since been set back: doubted."""

VALIDITY_TOLERANCE = timedelta(seconds=30)
"""How far the platform's clock and ours may differ before a validity is judged wrongly."""

CLOCK_ERROR = timedelta(minutes=15)
"""Time around an end of a validity in which a clock that no time server holds decides nothing."""

TWO_WHEELS = frozenset({"motorcycle", "moped"})


def not_trusted(book: Assignments, policy: LanePolicy, now: datetime) -> Reason | None:
    """Why the list may decide nothing in the lane now; None where it may."""
    if book.as_of is None:
        return Reason.NO_ASSIGNMENTS
    age = now - book.as_of
    if age > policy.book_max_age or age < -CLOCK_TOLERANCE:
        return Reason.ASSIGNMENTS_STALE
    return None


def usable(a: Assignment, policy: LanePolicy, now: datetime) -> bool:
    """Whether a person may let a vehicle pass on it here: of this lane, direction and time, and
    neither used nor cancelled. Clearances and a hold are what the person has looked at; of one that
    is not understood, everything."""
    if a.state is AssignmentState.NOT_UNDERSTOOD:
        return True
    open_ = a.state in (AssignmentState.ACTIVE, AssignmentState.HELD)
    here = policy.lane in a.lanes and a.direction == policy.direction
    return open_ and here and not (contradictory(a) or early(a, now) or late(a, now))


def implausible(question: Question) -> bool:
    """A motorcycle with a lorry's plate, or the other way. Cars, buses and trucks are told apart
    too poorly by eye to doubt anybody."""

    def clash(a: Assignment) -> bool:
        seen, declared = question.vehicle.kind, a.vehicle_kind
        return bool(seen and declared) and (seen in TWO_WHEELS) is not (declared in TWO_WHEELS)

    return question.on(clash)


def contradictory(a: Assignment) -> bool:
    return a.valid_from > a.valid_to


def early(a: Assignment, now: datetime) -> bool:
    # The tolerance is on the side of now: a validity may reach to the end of all dates.
    return now + VALIDITY_TOLERANCE < a.valid_from


def late(a: Assignment, now: datetime) -> bool:
    return now - VALIDITY_TOLERANCE > a.valid_to


def clock_matters(question: Question) -> bool:
    """Whether a clock that is a little wrong would judge the validity otherwise."""

    def near_an_end(a: Assignment) -> bool:
        return any(
            question.now - CLOCK_ERROR < end < question.now + CLOCK_ERROR
            for end in (a.valid_from, a.valid_to)
        )

    return not question.vehicle.clock_trusted and question.on(near_an_end)


def trailer_unread(question: Question) -> bool:
    """Whether the lane reads trailers before it opens, and of those declared none is surely read:
    what is pulled may be another's."""

    def unread(a: Assignment) -> bool:
        return bool(a.trailers) and question.sure.isdisjoint(a.trailers)

    return question.policy.trailer_needed and question.on(unread)


def refused_by(question: Question) -> list[str]:
    """Authorities that have refused it, whether this lane needs them or not."""
    if question.assignment is None or question.strange:
        return []
    said = question.assignment.clearances
    return sorted({c.authority for c in said if c.state == "refused"})


def lacking(question: Question) -> list[str]:
    """Authorities that this lane needs and that have not said done, or not with one voice."""
    if question.assignment is None or question.strange:
        return []
    said = question.assignment.clearances
    done = {c.authority for c in said} - {c.authority for c in said if c.state != "done"}
    return [name for name in question.policy.clearances if name not in done]
