"""PURE. The platform's declaration of the vehicle before a lane, for the person who decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edge.domain.assignment import Assignment, AssignmentBook


@dataclass(frozen=True, slots=True)
class Cleared:
    """An authority's word: `state` "done", "pending" or "refused"; `needed` by this lane."""

    authority: str
    state: str
    needed: bool


@dataclass(frozen=True, slots=True)
class Declared:
    """An assignment as it is shown. `state`: see AssignmentState."""

    assignment: str
    state: str
    plates: tuple[str, ...]
    kind: str
    goods: str
    priority: int
    direction: str
    lanes: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime
    clearances: tuple[Cleared, ...]


def declared(
    book: AssignmentBook, assignment: str, plate: str, needed: Sequence[str]
) -> Declared | None:
    """The assignment that was decided by; before that, the first one that names the plate."""
    found = [a for a in book.items if a.assignment_id == assignment] if assignment else []
    found = found or list(book.for_plate(plate) if plate else ())
    return _shown(found[0], needed) if found else None


def _shown(a: Assignment, needed: Sequence[str]) -> Declared:
    return Declared(
        a.assignment_id,
        a.state.value,
        tuple(p.text for p in a.plates),
        a.vehicle_kind,
        a.goods,
        a.priority,
        a.direction,
        a.lanes,
        a.valid_from,
        a.valid_to,
        tuple(_cleared(a, authority, authority in needed) for authority in _authorities(a, needed)),
    )


def _authorities(assignment: Assignment, needed: Sequence[str]) -> list[str]:
    """The authorities that this lane needs, then the others that have a clearance."""
    said = (c.authority for c in assignment.clearances)
    return list(dict.fromkeys((*needed, *said)))


def _cleared(assignment: Assignment, authority: str, needed: bool) -> Cleared:
    """The clearance of one authority. Of several the worst counts, as in the decision; without any
    it is pending."""
    states = [c.state for c in assignment.clearances if c.authority == authority] or ["pending"]
    worst = next(s for s in ("refused", "pending", "done") if s in states)
    return Cleared(authority, worst, needed)
