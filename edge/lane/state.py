"""PURE. A lane: what it remembers of the vehicle before its barrier, and the effects it can wish.

Where the vehicle stands with the gate is the `stage` (table.py has the stages and all that leads
from one to another); `LaneState` is the coarser word that other systems and people see.

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
from edge.domain.facts import Arm, CodeShown, Heading, PlateView
from edge.domain.guidance import OpenLane
from edge.domain.moment import Moment
from edge.domain.question import Journey, LanePolicy
from edge.domain.reason import Decision, Reason
from edge.lane.vocabulary import Outcome, Stage

TRACK_KEPT_S = 3.0
"""Seconds without news after which a track no longer stands in the lane."""


LIKELY = 0.5
"""Probability from which an unsure reading is named as the passage's plate."""


class Changing(StrEnum):
    """Another vehicle has taken the place of the first before the entry loop had its break."""

    NO = "no"
    BEGUN = "begun"
    """it has a passage of its own already: the break that comes is the first one's"""
    TAKEN = "taken"
    """it has the passage of the first: the break that comes shows that it is another"""


class LaneState(StrEnum):
    EMPTY = "empty"
    READING = "reading"
    WAITING = "waiting"
    ADMITTED = "admitted"
    CROSSING = "crossing"


SHOWN: dict[Stage, LaneState] = {
    Stage.EMPTY: LaneState.EMPTY,
    Stage.READING: LaneState.READING,
    Stage.REREADING: LaneState.READING,
    Stage.REFERRED: LaneState.WAITING,
    Stage.REFUSED: LaneState.WAITING,
    Stage.DOUBTED: LaneState.WAITING,
    Stage.REJECTED: LaneState.WAITING,
    Stage.ADMITTED: LaneState.ADMITTED,
    Stage.LET_IN: LaneState.ADMITTED,
    Stage.CROSSING: LaneState.CROSSING,
    Stage.CROSSING_FOLLOWED: LaneState.CROSSING,
    Stage.CROSSING_UNADMITTED: LaneState.CROSSING,
    Stage.CROSSING_UNFELT: LaneState.CROSSING,
    Stage.CROSSING_RESUMED: LaneState.CROSSING,
    Stage.TAILGATING: LaneState.CROSSING,
    Stage.BEHIND: LaneState.READING,
    Stage.RESUMING_EMPTY: LaneState.EMPTY,
    Stage.RESUMING_STANDING: LaneState.READING,
    Stage.RESUMING_REJECTED: LaneState.WAITING,
    Stage.RESUMING_ADMITTED: LaneState.ADMITTED,
    Stage.RESUMING_CROSSING: LaneState.CROSSING,
    Stage.RESUMING_UNADMITTED: LaneState.CROSSING,
}

RESUMING = frozenset(stage for stage in Stage if stage.value.startswith("resuming"))
ON_ADMISSION = frozenset(
    {
        Stage.ADMITTED,
        Stage.LET_IN,
        Stage.CROSSING,
        Stage.CROSSING_FOLLOWED,
        Stage.CROSSING_UNFELT,
        Stage.CROSSING_RESUMED,
        Stage.RESUMING_ADMITTED,
        Stage.RESUMING_CROSSING,
    }
)
"""The assignment of who stands so is not to be had by another vehicle."""


@dataclass(frozen=True, slots=True)
class Track:
    """A vehicle as vision sees it now; `seen`, and `at_line_since` it stands at the barrier (None:
    it does not), in monotonic seconds; `headings`: all that it has had; `makes_way`: it was there
    when one was refused. The rest as in VehicleSeen."""

    track: str
    kind: str
    plate: PlateView | None
    frames_read: int
    at_barrier: bool
    evidence: tuple[str, ...]
    seen: float
    camera: str = ""
    sees: str = "front"
    heading: Heading = Heading.UNKNOWN
    dwell_s: float = 0.0
    headings: frozenset[Heading] = frozenset()
    makes_way: bool = False
    at_line_since: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """One vehicle's passage from its arrival to its end. `by`: who decided, "gate" or
    "operator:<name>". `plate` is what counts (corrected by a person or read); `view` what was read,
    `trailers` what was as surely read of trailers that an assignment names with it; `reads` the
    last of each text that was read of it or beside it. `recorded` is the text last recorded as
    plate.read, `recorded_sure` those recorded as sure. `before`: plates of the vehicle that stood
    there, where it is read anew; `earlier`: the passage as it was for that one; `frames_needed`:
    so many pictures of its track are read before their text counts. `asked`: why the gate had
    not let it pass when a person decided; `perhaps`: how it has passed unseen, if another stands in
    its place; `taken_back`: it was admitted, and is no more; `guided_to`: the lane that it is sent
    to, or "". `other_code`: one that counts too, for another assignment than `code`. `read_by`
    monotonic: when a person is asked. `version` rises with all that a person sees of it."""

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
    reads: tuple[PlateView, ...] = ()
    recorded_sure: tuple[str, ...] = ()
    before: tuple[str, ...] | None = None
    version: int = 0
    camera: str = ""
    code: CodeShown | None = None
    views: tuple[str, ...] = ()
    said_by: tuple[tuple[str, str], ...] = ()
    dwell_s: float = field(default=0.0, compare=False)
    reversed: bool = False
    queue: int | None = None
    earlier: Passage | None = None
    frames_needed: int = 0
    asked: Reason | None = None
    perhaps: Outcome | None = None
    taken_back: bool = False
    guided_to: str = ""
    other_code: CodeShown | None = None

    @property
    def trailer_texts(self) -> tuple[str, ...]:
        return tuple(view.text for view in self.trailers)

    @property
    def recorded_texts(self) -> frozenset[str]:
        last = {self.recorded[0]} if self.recorded and self.recorded[1] else set()
        return frozenset({*self.recorded_sure, *last})

    @property
    def settled_by_person(self) -> bool:
        return self.by != "gate"

    @property
    def plate(self) -> str:
        if self.corrected:
            return self.corrected
        return self.view.text if self.view else ""

    @property
    def named(self) -> str:
        """The plate as far as it may be named: nothing that is likelier wrong than right."""
        likely = self.view is not None and (self.view.accepted or self.view.confidence >= LIKELY)
        return self.plate if self.corrected or likely else ""

    @property
    def shown(self) -> tuple[Any, ...]:
        """What a person sees of it and decides on."""
        second = self.view.second if self.view else ""
        return (
            self.track,
            self.named,
            self.trailers,
            self.kind,
            self.decision,
            self.code,
            self.other_code,
            second,
        )


@dataclass(frozen=True, slots=True)
class Motion:
    """The arm's state changed; see facts.ArmMoved."""

    arm: Arm
    cause: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Lane:
    """`present`: a vehicle stands on the entry loop, as far as it was told, since `present_at`;
    `loop_free_since` (monotonic): since when the loop itself says otherwise; `arm_free_since`:
    since when nobody is on a loop; `exit_since`: since when somebody is on the exit loop; `found`:
    it was found under the arm, and the guard has not said so yet; `blind`: the loops have been
    silent since the vehicle was last felt; `released`: the loop was left, and the camera keeps who
    stood on it in sight; `changing`: see there; `followed_at`: when the `follower` was first
    noticed.
    `served`: (track, plate) of vehicles that have passed but may still be in the
    picture; `vanished`: tracks that were lost at the line; `counted_at` (monotonic): when one
    passed last whom no camera named; `slipped_at`: when a two-wheeler was lost at the line, and so
    has passed; `follower`: the one read behind the vehicle under the arm; `noted`: it and more.
    `motions`: the arm's last. `since`: when the state began. `queues`: vehicles that wait, by the
    camera that counts them; `fronts`: gone forward over each line drawn in a picture."""

    lane: str
    stage: Stage = Stage.EMPTY
    passage: Passage | None = None
    present: bool = False
    present_at: datetime | None = None
    loop_free_since: float | None = None
    arm_free_since: float | None = None
    exit_since: float | None = None
    found: bool = False
    blind: bool = False
    released: bool = False
    changing: Changing = Changing.NO
    tracks: Mapping[str, Track] = field(default_factory=dict)
    served: tuple[tuple[str, str], ...] = ()
    vanished: tuple[str, ...] = ()
    counted_at: float | None = None
    slipped_at: float | None = None
    follower: Track | None = None
    followed_at: datetime | None = None
    noted: tuple[Track, ...] = ()
    motions: tuple[Motion, ...] = ()
    since: datetime | None = None
    queues: Mapping[str, int] = field(default_factory=dict)
    fronts: Mapping[str, int] = field(default_factory=dict)

    @property
    def state(self) -> LaneState:
        return SHOWN[self.stage]

    @property
    def arm_up(self) -> bool:
        """Whether the arm has not been down since it last moved, as far as was told."""
        return not self.motions or self.motions[-1].arm is not Arm.CLOSED

    @property
    def restored(self) -> bool:
        """Whether the first look at the barrier after a start is still to come."""
        return self.stage in RESUMING

    @property
    def queue(self) -> int | None:
        """Vehicles that wait, by the camera that sees most of them; None where none tells."""
        return max(self.queues.values(), default=None)

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
        passing = self.passage if self.stage in ON_ADMISSION else None
        return passing.decision.assignment if passing and passing.decision else ""


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
class Spend:
    """The assignment has been used by a passage."""

    assignment: str


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    code: AlarmCode


@dataclass(frozen=True, slots=True)
class Remember:
    """The plates have passed this way just now: a journey of theirs."""

    plates: tuple[str, ...]
    direction: str


Effect = Record | Authorise | Revoke | Spend | RaiseAlarm | Remember


# --- what a rule is given and gives back ---


@dataclass(frozen=True, slots=True)
class Context:
    """What a reaction may know besides the lane itself. `new_id` gives passage ids; `journeys`: the
    last completed of each plate in question; `clock_trusted`: a time server holds the clock;
    `entry_loop`, `safety_loop`, `exit_loop`: what it says now (None: not known, or not wired);
    `list_failed`: nothing can be decided by the list, which is none here; `open_lanes`: those into
    which vehicles may be sent."""

    now: Moment
    book: AssignmentBook
    policy: LanePolicy
    new_id: Callable[[], str]
    journeys: Mapping[str, Journey] = field(default_factory=dict)
    clock_trusted: bool = True
    entry_loop: bool | None = None
    safety_loop: bool | None = None
    exit_loop: bool | None = None
    list_failed: bool = False
    open_lanes: Mapping[str, OpenLane] = field(default_factory=dict)


Reaction = tuple[Lane, list[Effect]]
"""The lane after a fact, and what to do."""
