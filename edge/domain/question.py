"""PURE. What a decision is asked: one vehicle in one lane at one time, and one assignment of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.domain.assignment import TRAILER, Assignment, AssignmentBook, AssignmentState
from edge.domain.facts import PlateView
from edge.domain.mode import LaneMode
from edge.domain.plate import parse
from edge.domain.policy import KeyWeight
from edge.domain.ruling import AS_IT_STANDS, Rulings


@dataclass(frozen=True, slots=True)
class LanePolicy:
    """What a lane asks of a vehicle. `clearances`: authorities that must have said done.
    `book_max_age`: how old the list may be. `read_wait_s`: until a person is asked. `two_way`: a
    vehicle may come back within `journey` on another assignment; the same way again it never may.
    `trailer_needed`: one that is declared with a trailer passes only with a trailer's plate read.
    `watched`: plates (canonical) that a person looks at. `version`: of all this and of the rows.
    `rulings`: what the gate's policy, the `number`-th that counts, says of rows."""

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
    rulings: Rulings = AS_IT_STANDS
    number: int = 0
    second_key: KeyWeight = KeyWeight.OFF
    mode: LaneMode = LaneMode.AUTOMATIC
    trailer_needed: bool = False


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

    @property
    def strange(self) -> bool:
        """Whether the assignment is one that is not understood: nothing in it can be judged."""
        return (
            self.assignment is not None and self.assignment.state is AssignmentState.NOT_UNDERSTOOD
        )

    def on(self, holds: Callable[[Assignment], bool]) -> bool:
        return self.assignment is not None and not self.strange and holds(self.assignment)

    def journeyed(self, same_way: bool) -> bool:
        """Whether the vehicle's last passage was so lately, and this way or the other."""
        last = next(iter(self.vehicle.journeys), None)
        # A clock that has been set back by seconds since has the passage ahead of it.
        if last is None or abs(self.now - last.at) >= self.policy.journey:
            return False
        return (last.direction == self.policy.direction) is same_way
