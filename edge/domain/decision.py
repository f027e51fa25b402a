"""PURE. The decision on one vehicle: may it pass this lane now, and why.

Rule: anything but a clear "allow" keeps the arm down. `ROWS` (decision_rows.py) is the whole
decision: each assignment that names the vehicle is held against the rows from the top, and the
first row that holds decides on it. The lower that row, the nearer the assignment is to passing; of
several assignments the one that came farthest decides. Where no row holds, a person is asked.

docs/lane.md prints the rows, docs/lane_cases.csv the cases that hold them in place.
"""

from __future__ import annotations

from datetime import datetime

from edge.domain.assignment import AssignmentBook
from edge.domain.decision_rows import ROWS, Row
from edge.domain.facts import PlateView
from edge.domain.question import LanePolicy, Question, Vehicle
from edge.domain.reason import Decision, Reason, Verdict
from edge.domain.ruling import Rule


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
    row, policy = ROWS[at], question.policy
    rule = policy.rulings.on(row.reason, policy.lane, question.vehicle.kind, question.now)
    return ruled(row, rule, assignment, row.detail(question))


def ruled(row: Row, rule: Rule | None, assignment: str = "", detail: str = "") -> Decision:
    """What a row says under the policy's rule for it (None: it stands as it is)."""
    code, place = row.reason.value, rule.place if rule else ""
    verdict = rule.verdict if rule and rule.verdict is not None else row.verdict
    if verdict is Verdict.ALLOW and row.verdict is not Verdict.ALLOW:
        return Decision(verdict, Reason.TWO_WAY, assignment, detail, code, place)
    if row.verdict is Verdict.ALLOW and verdict is not Verdict.ALLOW:
        return Decision(verdict, Reason.POLICY, assignment, place, code, place)
    return Decision(verdict, row.reason, assignment, detail, code, place)
