"""PURE. Assignments: which declared vehicle may use which lane, and when.

The shape is the platform's (docs/platform.openapi.yaml). Plate texts are canonical.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from rapidfuzz.distance import Levenshtein


class AssignmentState(StrEnum):
    ACTIVE = "active"
    HELD = "held"
    CANCELLED = "cancelled"
    USED = "used"
    NOT_UNDERSTOOD = "not_understood"
    """Of our own: the platform has sent something under this id, or for these plates, that is not
    understood. A person decides."""


TRACTOR = "tractor"
TRAILER = "trailer"


@dataclass(frozen=True, slots=True)
class AssignedPlate:
    """`role`: TRACTOR or TRAILER."""

    text: str
    country: str
    role: str


@dataclass(frozen=True, slots=True)
class Clearance:
    authority: str
    state: str  # "pending" | "done" | "refused"
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    assignment_id: str
    revision: int
    state: AssignmentState
    direction: str  # "export" | "import"
    plates: tuple[AssignedPlate, ...]
    vehicle_kind: str
    lanes: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime
    priority: int
    clearances: tuple[Clearance, ...]
    goods: str = ""
    trouble: str = ""
    """What of it is not understood, in English; the platform's people correct it."""

    def one_vehicle(self, texts: Collection[str]) -> bool:
        """Whether the plates (canonical) may stand on one vehicle of this assignment: it names
        them all, and of several exactly one is a tractor's. Two tractors are two vehicles, though
        one assignment may name both: they are changed at the border."""
        mine = set(texts)
        if len(mine) == 1:
            return mine <= {p.text for p in self.plates}
        pulling = mine & set(self._only(TRACTOR, TRAILER))
        return len(pulling) == 1 and pulling | mine & set(self.trailers) == mine

    @property
    def trailers(self) -> tuple[str, ...]:
        """The plates that it names as trailers' alone."""
        return self._only(TRAILER, TRACTOR)

    def _only(self, role: str, never: str) -> tuple[str, ...]:
        """The plates that it names in one role and nowhere in the other."""
        others = {p.text for p in self.plates if p.role == never}
        return tuple(p.text for p in self.plates if p.role == role and p.text not in others)

    def tractor_among(self, texts: Collection[str]) -> str:
        """The first of the plates that it names as a tractor's, or ""."""
        named = (p.text for p in self.plates if p.role == TRACTOR)
        return next((text for text in named if text in texts), "")


MOST_FOUND = 500
"""Assignments of one page."""


class Assignments(Protocol):
    """The platform's list, however long; no method here hands out the whole of it."""

    @property
    def as_of(self) -> datetime | None:
        """When the platform last answered (None: never)."""

    @property
    def count(self) -> int:
        """How many assignments stand in it."""

    def about(self, texts: Collection[str], ids: Collection[str] = ()) -> AssignmentBook:
        """The assignments that name the plates (canonical), and those with these ids."""

    def find(self, part: str = "", after: str = "", most: int = MOST_FOUND) -> AssignmentBook:
        """One page: assignments with this part in a plate, in the list's order, after this id."""

    def near(self, text: str) -> AssignmentBook:
        """Assignments with a plate near to the text: at most NEAR characters apart."""

    def not_understood(self, most: int = MOST_FOUND) -> AssignmentBook:
        """Those of which something is not understood."""


@dataclass(frozen=True, slots=True)
class AssignmentBook:
    """The part of the platform's list that concerns some vehicles; immutable.

    `as_of`: when the platform last answered (None: never); how old it may be, see conditions.py.
    """

    items: tuple[Assignment, ...] = ()
    as_of: datetime | None = None

    def about(self, texts: Collection[str], ids: Collection[str] = ()) -> AssignmentBook:
        """See Assignments."""
        mine = [
            a
            for a in self.items
            if a.assignment_id in ids or any(p.text in texts for p in a.plates)
        ]
        return AssignmentBook(tuple(mine), self.as_of)

    @property
    def count(self) -> int:
        """See Assignments."""
        return len(self.items)

    def find(self, part: str = "", after: str = "", most: int = MOST_FOUND) -> AssignmentBook:
        """See Assignments."""
        ids = [a.assignment_id for a in self.items]
        start = ids.index(after) + 1 if after in ids else 0
        mine = [a for a in self.items[start:] if any(part in p.text for p in a.plates)]
        return AssignmentBook(tuple(mine[:most]), self.as_of)

    def near(self, text: str) -> AssignmentBook:
        """See Assignments."""
        mine = [a for a in self.items if any(apart(text, p.text) <= NEAR for p in a.plates)]
        return AssignmentBook(tuple(mine), self.as_of)

    def not_understood(self, most: int = MOST_FOUND) -> AssignmentBook:
        """See Assignments."""
        mine = [a for a in self.items if a.state is AssignmentState.NOT_UNDERSTOOD]
        return AssignmentBook(tuple(mine[:most]), self.as_of)

    def for_plate(self, text: str) -> tuple[Assignment, ...]:
        """Every assignment that names the plate (canonical text), the usable ones first."""
        return self.for_vehicle((text,))

    def for_vehicle(self, texts: Collection[str]) -> tuple[Assignment, ...]:
        """Every assignment under which the plates may be one vehicle's, the usable ones first."""
        found = [a for a in self.items if a.one_vehicle(texts)]
        return tuple(
            sorted(found, key=lambda a: (a.state is not AssignmentState.ACTIVE, -a.priority))
        )

    def revision_of(self, assignment_id: str) -> int:
        """The revision known of it; 0 for one that is not listed."""
        return next((a.revision for a in self.items if a.assignment_id == assignment_id), 0)

    def used(self, assignment_ids: Collection[str]) -> AssignmentBook:
        """The book with these spent, so that no second vehicle passes on one."""
        if not assignment_ids:
            return self
        items = (
            replace(a, state=AssignmentState.USED) if a.assignment_id in assignment_ids else a
            for a in self.items
        )
        return AssignmentBook(tuple(items), self.as_of)


NEAR = 2
"""Maximum characters that are added, dropped or changed between two plates taken for near; with
more it would be guessing."""


def apart(a: str, b: str) -> int:
    """Levenshtein's distance: the fewest characters to add, drop or change. NEAR + 1 for all that
    is farther."""
    return Levenshtein.distance(a, b, score_cutoff=NEAR)
