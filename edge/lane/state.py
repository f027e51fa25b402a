"""PURE. A lane: what it remembers of the vehicle before its barrier, and the effects it can wish.

States of one vehicle's passage (edge/lane/rules.py and its neighbours hold the rules):

    EMPTY -> READING -> ADMITTED -> CROSSING -> EMPTY
                  \\-> WAITING (a person, a new list or a reading decides) -> ADMITTED | EMPTY

`Lane` is immutable and JSON-able, because it is committed with the events that report it: after a
crash the gate goes on from exactly what customs will hear (edge/lane/snapshot.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from edge.domain.alarm_codes import AlarmCode
from edge.domain.assignment import AssignmentBook
from edge.domain.decision import Decision, Journey, LanePolicy
from edge.domain.facts import PlateView
from edge.domain.moment import Moment

TRACK_KEPT_S = 3.0
"""A track not heard of for so long no longer stands in the lane."""


class LaneState(StrEnum):
    EMPTY = "empty"
    READING = "reading"
    WAITING = "waiting"
    ADMITTED = "admitted"
    CROSSING = "crossing"


@dataclass(frozen=True, slots=True)
class Track:
    """A vehicle as vision sees it now; `seen` monotonic seconds."""

    track: str
    kind: str
    plate: PlateView | None
    frames_read: int
    at_barrier: bool
    evidence: tuple[str, ...]
    seen: float


@dataclass(frozen=True, slots=True)
class Passage:
    """One vehicle's passage from its arrival to its end. `by`: who decided, "gate" or
    "operator:<name>". `plate` is what counts (corrected by a person or read); `view` what was read,
    `trailers` what was as surely read of trailers that an assignment names with it. `recorded` is
    the text last recorded as plate.read. `read_by` monotonic: when a person is asked."""

    id: str
    arrived_at: datetime
    read_by: float
    track: str = ""
    kind: str = ""
    view: PlateView | None = None
    frames: int = 0
    evidence: tuple[str, ...] = ()
    recorded: tuple[str, bool] | None = None
    decision: Decision | None = None
    by: str = "gate"
    corrected: str = ""
    decided_at: datetime | None = None
    entered_at: datetime | None = None
    trailers: tuple[PlateView, ...] = ()

    @property
    def trailer_texts(self) -> tuple[str, ...]:
        return tuple(view.text for view in self.trailers)

    @property
    def plate(self) -> str:
        if self.corrected:
            return self.corrected
        return self.view.text if self.view else ""


@dataclass(frozen=True, slots=True)
class Lane:
    """`present`: a vehicle stands on the entry loop. `gone`: (track, plate) of vehicles that have
    passed but may still be in the picture. `since`: when the state began."""

    lane: str
    state: LaneState = LaneState.EMPTY
    passage: Passage | None = None
    present: bool = False
    tracks: Mapping[str, Track] = field(default_factory=dict)
    gone: tuple[tuple[str, str], ...] = ()
    since: datetime | None = None
    restored: bool = False

    @property
    def texts(self) -> frozenset[str]:
        """Every plate that is read or typed of whoever stands there."""
        views = [track.plate for track in self.tracks.values()]
        passage = self.passage
        typed = set()
        if passage is not None:
            views += [passage.view, *passage.trailers]
            typed = {passage.corrected} - {""}
        return frozenset({view.text for view in views if view is not None} | typed)

    @property
    def passing_on(self) -> str:
        """The assignment that the admitted or crossing vehicle uses, or ""."""
        passing = self.state in (LaneState.ADMITTED, LaneState.CROSSING)
        decision = self.passage.decision if self.passage and passing else None
        return decision.assignment if decision else ""


# --- effects: what the gate shall do, in this order ---


@dataclass(frozen=True, slots=True)
class Record:
    """Commit an event of this lane."""

    type: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Authorise:
    passage: str


@dataclass(frozen=True, slots=True)
class Revoke:
    passage: str


@dataclass(frozen=True, slots=True)
class CloseArm:
    """Ask the guard to close behind a passage that nobody watched."""


@dataclass(frozen=True, slots=True)
class Spend:
    """The assignment has been used by a passage."""

    assignment: str


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    code: AlarmCode


Effect = Record | Authorise | Revoke | CloseArm | Spend | RaiseAlarm


# --- what a rule is given and gives back ---


@dataclass(frozen=True, slots=True)
class Context:
    """What a reaction may know besides the lane itself. `new_id` gives passage ids; `journeys`: of
    the vehicle before the barrier, newest first; `clock_trusted`: a time server holds the clock."""

    now: Moment
    book: AssignmentBook
    policy: LanePolicy
    new_id: Callable[[], str]
    journeys: tuple[Journey, ...] = ()
    clock_trusted: bool = True


Reaction = tuple[Lane, list[Effect]]
"""The lane after a fact, and what to do."""
