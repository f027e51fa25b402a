"""PURE. The decision on one vehicle: may it pass this lane now, and why.

Rule: anything but a clear "allow" keeps the arm down. `ROWS` is the whole decision: each assignment
under which the vehicle may stand is held against the rows from the top, and the first that holds
speaks for it. The lower that row, the nearer the assignment is to passing; of several, the one
that came farthest decides. Where no row holds, a person is asked.

docs/lane.md prints the rows, docs/lane_cases.csv the cases that hold them in place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from edge.domain.assignment import (
    TRAILER,
    Assignment,
    AssignmentBook,
    Assignments,
    AssignmentState,
)
from edge.domain.facts import PlateView
from edge.domain.moment import iso
from edge.domain.plate import parse

CLOCK_TOLERANCE = timedelta(minutes=5)
"""A list from so far in the future was noted by a clock that has since been set back: doubted."""

VALIDITY_TOLERANCE = timedelta(seconds=30)
"""How far the platform's clock and ours may differ before a validity is judged wrongly."""

CLOCK_ERROR = timedelta(minutes=15)
"""Time around an end of a validity in which a clock that no time server holds decides nothing."""

RIVAL = 0.2
"""Probability of the second likeliest text from which a reading is not sure, however sure the
first is called."""


class Verdict(StrEnum):
    ALLOW = "allow"
    REFUSE = "refuse"
    REFER = "refer"


class Reason(StrEnum):
    """Why; stable codes, put into words by the console's catalogues."""

    ASSIGNED = "assigned"
    TWO_WAY = "two_way"
    OPERATOR = "operator"
    WATCH_LIST = "watch_list"
    NOT_DECLARED = "not_declared"
    WRONG_LANE = "wrong_lane"
    WRONG_DIRECTION = "wrong_direction"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    CONTRADICTORY_VALIDITY = "contradictory_validity"
    HELD = "held"
    CANCELLED = "cancelled"
    ALREADY_USED = "already_used"
    CLEARANCE_PENDING = "clearance_pending"
    CLEARANCE_REFUSED = "clearance_refused"
    PASSED_ALREADY = "passed_already"
    RETURNED_SOON = "returned_soon"
    UNSURE_READING = "unsure_reading"
    SECOND_CANDIDATE = "second_candidate"
    TRACTOR_UNSURE = "tractor_unsure"
    TRAILER_ALONE = "trailer_alone"
    IMPLAUSIBLE_KIND = "implausible_kind"
    UNREAD = "unread"
    READING_CHANGED = "reading_changed"
    ANOTHER_VEHICLE = "another_vehicle"
    SEVERAL_VEHICLES = "several_vehicles"
    SEVERAL_ASSIGNMENTS = "several_assignments"
    NO_ASSIGNMENTS = "no_assignments"
    ASSIGNMENTS_STALE = "assignments_stale"
    CLOCK_UNTRUSTED = "clock_untrusted"
    ENTRY_TIMEOUT = "entry_timeout"
    BARRIER_REFUSED = "barrier_refused"
    RESUMED = "resumed"
    REJECTED = "rejected"
    INTERNAL_ERROR = "internal_error"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class LanePolicy:
    """What a lane asks of a vehicle. `clearances`: authorities that must have said done.
    `book_max_age`: how old the list may be. `read_wait_s`: until a person is asked. `two_way`: a
    vehicle may come back within `journey` on another assignment; the same way again it never may.
    `watched`: plates (canonical) that a person looks at. `version`: of all this and of the rows."""

    lane: str
    direction: str
    clearances: tuple[str, ...]
    book_max_age: timedelta
    read_wait_s: float
    needs_loop: bool = True
    two_way: bool = True
    journey: timedelta = timedelta(minutes=10)
    watched: frozenset[str] = frozenset()
    version: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """A passage of the vehicle at this gate that is completed."""

    direction: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What is known of it beside its plates: `kind` as seen ("" unknown), `journeys` newest first,
    whether the wall clock is held by a time server."""

    kind: str = ""
    journeys: tuple[Journey, ...] = ()
    clock_trusted: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason` is the row's code; `detail` what it is about: authorities, lanes, a time."""

    verdict: Verdict
    reason: Reason
    assignment: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What the rows look at: one vehicle in one lane at one time, and one assignment of it."""

    reads: tuple[PlateView, ...]
    vehicle: Vehicle
    book: AssignmentBook
    policy: LanePolicy
    now: datetime
    found: tuple[Assignment, ...]
    assignment: Assignment | None = None

    @property
    def sure(self) -> frozenset[str]:
        return frozenset(view.text for view in self.reads if view.accepted)

    def is_trailer(self, text: str) -> bool:
        """By its format or by every assignment that names it."""
        plate = parse(text)
        roles = {p.role for a in self.book.items for p in a.plates if p.text == text}
        return roles == {TRAILER} or (not roles and plate is not None and plate.kind == "trailer")

    @property
    def trailers_only(self) -> bool:
        """Whether something is surely read, and all of it are trailers' plates."""
        return bool(self.sure) and all(self.is_trailer(text) for text in self.sure)

    def on(self, holds: Callable[[Assignment], bool]) -> bool:
        return self.assignment is not None and holds(self.assignment)

    def journeyed(self, same_way: bool) -> bool:
        """Whether the vehicle's last passage was so lately, and this way or the other."""
        last = next(iter(self.vehicle.journeys), None)
        # A clock that has been set back by seconds since has the passage ahead of it.
        if last is None or abs(self.now - last.at) >= self.policy.journey:
            return False
        return (last.direction == self.policy.direction) is same_way


def decide(
    reads: tuple[PlateView, ...],
    vehicle: Vehicle,
    book: AssignmentBook,
    policy: LanePolicy,
    now: datetime,
) -> Decision:
    """The decision on a vehicle whose reading has settled (or will not). `reads`: all that was read
    of it. Plates pass together only on one assignment that names them all."""
    question = Question(reads, vehicle, book, policy, now, ())
    found = book.for_vehicle(question.sure) if question.sure else ()
    best, decision = -1, Decision(Verdict.REFER, Reason.UNDECIDED)
    for assignment in found or (None,):
        asked = Question(reads, vehicle, book, policy, now, found, assignment)
        at = first_row(asked)
        if at > best:
            best, decision = at, _spoken(at, asked)
    return decision


def first_row(question: Question) -> int:
    """Which row speaks; as many as there are rows where none does."""
    held = (n for n, row in enumerate(ROWS) if row.holds(question))
    return next(held, len(ROWS))


def _spoken(at: int, question: Question) -> Decision:
    assignment = question.assignment.assignment_id if question.assignment else ""
    if at == len(ROWS):
        return Decision(Verdict.REFER, Reason.UNDECIDED, assignment)
    row = ROWS[at]
    return Decision(row.verdict, row.reason, assignment, row.detail(question))


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
    neither used nor cancelled. Clearances and a hold are what the person has looked at."""
    open_ = a.state in (AssignmentState.ACTIVE, AssignmentState.HELD)
    here = policy.lane in a.lanes and a.direction == policy.direction
    return open_ and here and not (_contradictory(a) or _early(a, now) or _late(a, now))


# --- conditions ---


TWO_WHEELS = frozenset({"motorcycle", "moped"})


def _implausible(question: Question) -> bool:
    """A motorcycle with a lorry's plate, or the other way. Cars, buses and trucks are told apart
    too poorly by eye to doubt anybody."""

    def clash(a: Assignment) -> bool:
        seen, declared = question.vehicle.kind, a.vehicle_kind
        return bool(seen and declared) and (seen in TWO_WHEELS) is not (declared in TWO_WHEELS)

    return question.on(clash)


def _contradictory(a: Assignment) -> bool:
    return a.valid_from > a.valid_to


def _early(a: Assignment, now: datetime) -> bool:
    # The tolerance is on the side of now: a validity may reach to the end of all dates.
    return now + VALIDITY_TOLERANCE < a.valid_from


def _late(a: Assignment, now: datetime) -> bool:
    return now - VALIDITY_TOLERANCE > a.valid_to


def _clock_matters(question: Question) -> bool:
    """Whether a clock that is a little wrong would judge the validity otherwise."""

    def near_an_end(a: Assignment) -> bool:
        return any(
            question.now - CLOCK_ERROR < end < question.now + CLOCK_ERROR
            for end in (a.valid_from, a.valid_to)
        )

    return not question.vehicle.clock_trusted and question.on(near_an_end)


def _refused_by(question: Question) -> list[str]:
    """Authorities that have refused it, whether this lane needs them or not."""
    said = question.assignment.clearances if question.assignment else ()
    return sorted({c.authority for c in said if c.state == "refused"})


def _lacking(question: Question) -> list[str]:
    """Authorities that this lane needs and that have not said done, or not with one voice."""
    if question.assignment is None:
        return []
    said = question.assignment.clearances
    done = {c.authority for c in said} - {c.authority for c in said if c.state != "done"}
    return [name for name in question.policy.clearances if name not in done]


def _state(state: AssignmentState) -> Callable[[Question], bool]:
    return lambda q: q.on(lambda a: a.state is state)


def _list(reason: Reason) -> Callable[[Question], bool]:
    return lambda q: not_trusted(q.book, q.policy, q.now) is reason


def _nothing(question: Question) -> str:
    return ""


# --- the rows ---


@dataclass(frozen=True, slots=True)
class Row:
    """`condition` is what docs/lane.md prints; the words for people are `reason_<code>` and
    `do_<code>` in the catalogues."""

    reason: Reason
    verdict: Verdict
    condition: str
    holds: Callable[[Question], bool] = field(compare=False)
    detail: Callable[[Question], str] = field(default=_nothing, compare=False)


_R, _V = Reason, Verdict

ROWS: tuple[Row, ...] = (
    Row(
        _R.WATCH_LIST,
        _V.REFER,
        "a plate that was read, surely or not, is on the watch list",
        lambda q: any(view.text in q.policy.watched for view in q.reads),
    ),
    Row(_R.UNREAD, _V.REFER, "no plate was read", lambda q: not q.reads),
    Row(
        _R.TRACTOR_UNSURE,
        _V.REFER,
        "only a trailer's plate is sure, and beside it another was read unsurely",
        lambda q: q.trailers_only and len(q.reads) > len(q.sure),
    ),
    Row(
        _R.TRAILER_ALONE,
        _V.REFER,
        "only a trailer's plate was read",
        lambda q: q.trailers_only,
    ),
    Row(_R.UNSURE_READING, _V.REFER, "no plate is surely read", lambda q: not q.sure),
    Row(
        _R.SECOND_CANDIDATE,
        _V.REFER,
        "another text is nearly as likely as the one that is read",
        lambda q: any(view.accepted and view.rival >= RIVAL for view in q.reads),
    ),
    Row(
        _R.NO_ASSIGNMENTS,
        _V.REFER,
        "no list was ever fetched",
        _list(_R.NO_ASSIGNMENTS),
    ),
    Row(
        _R.ASSIGNMENTS_STALE,
        _V.REFER,
        "the list is older than the lane allows, or of the future",
        _list(_R.ASSIGNMENTS_STALE),
    ),
    Row(
        _R.SEVERAL_VEHICLES,
        _V.REFER,
        "several plates are sure, and no assignment names them as one vehicle's",
        lambda q: len(q.sure) > 1 and not q.found,
    ),
    Row(_R.NOT_DECLARED, _V.REFUSE, "no assignment names the plate", lambda q: not q.found),
    Row(
        _R.IMPLAUSIBLE_KIND,
        _V.REFER,
        "a two-wheeler is seen where a larger vehicle is declared, or the other way",
        _implausible,
        lambda q: f"{q.vehicle.kind}, declared {q.assignment.vehicle_kind}" if q.assignment else "",
    ),
    Row(_R.CANCELLED, _V.REFUSE, "cancelled", _state(AssignmentState.CANCELLED)),
    Row(_R.ALREADY_USED, _V.REFUSE, "used by a passage before", _state(AssignmentState.USED)),
    Row(
        _R.CONTRADICTORY_VALIDITY,
        _V.REFER,
        "its validity ends before it begins",
        lambda q: q.on(_contradictory),
    ),
    Row(
        _R.CLOCK_UNTRUSTED,
        _V.REFER,
        "no time server holds the clock, and its validity begins or ends within 15 minutes",
        _clock_matters,
    ),
    Row(
        _R.EXPIRED,
        _V.REFUSE,
        "its validity is over",
        lambda q: q.on(lambda a: _late(a, q.now)),
        lambda q: iso(q.assignment.valid_to) if q.assignment else "",
    ),
    Row(
        _R.NOT_YET_VALID,
        _V.REFUSE,
        "its validity has not begun",
        lambda q: q.on(lambda a: _early(a, q.now)),
        lambda q: iso(q.assignment.valid_from) if q.assignment else "",
    ),
    Row(
        _R.WRONG_DIRECTION,
        _V.REFUSE,
        "it is for the other direction",
        lambda q: q.on(lambda a: a.direction != q.policy.direction),
        lambda q: q.assignment.direction if q.assignment else "",
    ),
    Row(
        _R.WRONG_LANE,
        _V.REFUSE,
        "it does not name this lane",
        lambda q: q.on(lambda a: q.policy.lane not in a.lanes),
        lambda q: ", ".join(q.assignment.lanes) if q.assignment else "",
    ),
    Row(_R.HELD, _V.REFUSE, "held by the platform", _state(AssignmentState.HELD)),
    Row(
        _R.CLEARANCE_REFUSED,
        _V.REFUSE,
        "an authority has refused it",
        lambda q: bool(_refused_by(q)),
        lambda q: ", ".join(_refused_by(q)),
    ),
    Row(
        _R.CLEARANCE_PENDING,
        _V.REFUSE,
        "an authority that this lane needs has not cleared it",
        lambda q: bool(_lacking(q)),
        lambda q: ", ".join(_lacking(q)),
    ),
    Row(
        _R.PASSED_ALREADY,
        _V.REFER,
        "the vehicle passed in this direction minutes ago, and has not been seen coming back",
        lambda q: q.journeyed(same_way=True),
    ),
    Row(
        _R.RETURNED_SOON,
        _V.REFER,
        "it passed the other way minutes ago, and the lane has no two-way traffic",
        lambda q: q.journeyed(same_way=False) and not q.policy.two_way,
    ),
    Row(
        _R.TWO_WAY,
        _V.ALLOW,
        "all is in order; it passed the other way minutes ago, which the lane allows",
        lambda q: q.journeyed(same_way=False),
    ),
    Row(
        _R.ASSIGNED,
        _V.ALLOW,
        "all is in order",
        lambda q: q.on(lambda a: a.state is AssignmentState.ACTIVE),
    ),
)
