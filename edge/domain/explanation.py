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
from edge.domain.ruling import Rulings


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


# --- what another policy would have said of what is past ---


@dataclass(frozen=True, slots=True)
class Past:
    """A decision of the gate as the journal has it. `row`: that held; "" where none did, or where
    something else than the list spoke (a reading that changed, a restart)."""

    lane: str
    kind: str
    at: datetime
    verdict: str
    reason: str
    row: str
    mode: str


_ROWS = {row.reason.value: row for row in ROWS}
_MODES = {mode.value: mode for mode in LaneMode}


def again(past: Past, rulings: Rulings) -> Decision | None:
    """What it would be under other rulings; None: the same. A policy changes what a row says, never
    which row holds: the row that held then holds again."""
    row = _ROWS.get(past.row)
    if row is None:
        return None
    mode = _MODES.get(past.mode, LaneMode.AUTOMATIC)
    rule = rulings.on(row.reason, past.lane, past.kind, past.at)
    decision = by_mode(ruled(row, rule), mode)
    return None if decision.verdict.value == past.verdict else decision


def row_of(reason: str) -> str:
    """The row of a decision from before rows were recorded: its reason, where that is one."""
    return reason if reason in _ROWS else ""
