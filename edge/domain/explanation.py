"""PURE. Why a vehicle would be decided so: each assignment of it, how far it came, and which row
and which rule of the policy spoke."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from edge.domain.assignment import AssignmentBook
from edge.domain.decision import decide, first_row, ruled
from edge.domain.decision_rows import ROWS
from edge.domain.facts import PlateView
from edge.domain.mode import LaneMode, by_mode
from edge.domain.question import LanePolicy, Question, Vehicle
from edge.domain.reason import Decision, Verdict


@dataclass(frozen=True, slots=True)
class Held:
    """One assignment against the rows. `number`: of the row that held, from 1 (0: none did)."""

    assignment: str
    number: int
    row: str
    condition: str
    verdict: str
    rule: str
    detail: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """`decision`: by list and policy; `final`: as the lane's `mode` has it. `held`: the farthest
    first."""

    decision: Decision
    final: Decision
    mode: LaneMode
    held: tuple[Held, ...]


def explain(
    reads: tuple[PlateView, ...],
    vehicle: Vehicle,
    book: AssignmentBook,
    policy: LanePolicy,
    now: datetime,
) -> Explanation:
    """As `decide` decides it."""
    question = Question(reads, vehicle, book, policy, now, ())
    found = book.for_vehicle(question.sure) if question.sure else ()
    held = [
        _held(Question(reads, vehicle, book, policy, now, found, assignment))
        for assignment in found or (None,)
    ]
    decision = decide(reads, vehicle, book, policy, now)
    farthest = sorted(held, key=lambda one: -one.number)
    return Explanation(decision, by_mode(decision, policy.mode), policy.mode, tuple(farthest))


def _held(question: Question) -> Held:
    at = first_row(question)
    assignment = question.assignment.assignment_id if question.assignment else ""
    if at == len(ROWS):
        return Held(assignment, 0, "", "no row holds", Verdict.REFER.value, "", "")
    row, policy = ROWS[at], question.policy
    rule = policy.rulings.on(row.reason, policy.lane, question.vehicle.kind, question.now)
    said = ruled(row, rule, assignment, row.detail(question))
    return Held(
        assignment, at + 1, row.reason.value, row.condition, said.verdict.value, said.rule,
        said.detail,
    )  # fmt: skip
