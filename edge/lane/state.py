"""PURE. A lane: what it remembers of the vehicle before its barrier, and what a rule is given.

Where the vehicle stands with the gate is the `stage` (table.py has the stages and all that leads
from one to another); `LaneState` is the coarser word that other systems and people see.

`Lane` is immutable and JSON-able, because it is committed with the events that report it: after a
crash the gate goes on from exactly what customs will hear (edge/lane/snapshot.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from edge.domain.assignment import AssignmentBook
from edge.domain.facts import Arm
from edge.domain.guidance import OpenLane
from edge.domain.moment import Moment
from edge.domain.question import Journey, LanePolicy
from edge.lane.effects import Effect
from edge.lane.vehicle import Passage, Track
from edge.lane.vocabulary import Stage

TRACK_KEPT_S = 3.0
"""Seconds without news after which a track no longer stands in the lane."""


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
class Motion:
    """The arm's state changed; see facts.ArmMoved."""

    arm: Arm
    cause: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Lane:
    """`present`: a vehicle stands on the entry loop, as far as it was told, since `present_at`
    (`came`: the same, monotonic);
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
    came: float = -math.inf
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
