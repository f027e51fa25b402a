"""PURE. Facts: what the gate has seen, heard or been told, in the past tense.

Vision, the guards and people put facts into the gate's one inbox; the lane machine
(edge/lane/state.py) turns them into effects. Facts never ask for anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from edge.domain.alarm_codes import AlarmCode, Params
from edge.domain.plate import agree


@dataclass(frozen=True, slots=True)
class PlateView:
    """A plate as read so far. `confidence`: calibrated probability that `text` is right; `rival`:
    the share of all support that the second likeliest text has, 0 where none is told; `second`:
    what the camera's own reader read of this vehicle, "" where nothing, and how sure it says it is.
    """

    text: str
    display: str
    country: str  # one of plate.COUNTRIES, or "?"
    colour: str
    lines: int
    confidence: float
    accepted: bool
    rival: float = 0.0
    second: str = ""
    second_confidence: float | None = None

    @property
    def contradicted(self) -> bool:
        """Whether the camera's own reader has read another plate."""
        return self.second != "" and not agree(self.text, self.second)


# --- vision ---


class Heading(StrEnum):
    """Which way a vehicle moves, against the lane's travel. REVERSING: it had come forward before;
    WRONG_WAY: it never had."""

    UNKNOWN = ""
    STANDING = "standing"
    FORWARD = "forward"
    REVERSING = "reversing"
    WRONG_WAY = "wrong_way"


@dataclass(frozen=True, slots=True)
class VehicleSeen:
    """A tracked vehicle stands or moves in the lane's zone (NEW and UPDATE of one track).

    `track` is unique within one start of the vision process; `plate` the fused reading, or None;
    `at_barrier`: its front has reached the stop zone. `evidence`: file names of kept pictures.
    `frame_at`: when the whole picture that shows this had come; monotonic, one clock for all
    processes of a computer. `camera`: which of the lane's, "" for its first; `sees`: "front",
    "rear" or "overview". `area`: "approach", "waiting", "exit", or "" where none is drawn;
    `heading`: UNKNOWN where no travel is drawn; `dwell_s`: seconds at the barrier; `unmoved_s`: for
    so long nothing has been seen to come or go in the whole picture.
    """

    lane: str
    track: str
    kind: str
    plate: PlateView | None
    frames_read: int
    at_barrier: bool
    evidence: tuple[str, ...] = ()
    frame_at: float | None = None
    camera: str = ""
    sees: str = "front"
    area: str = ""
    heading: Heading = Heading.UNKNOWN
    dwell_s: float = 0.0
    unmoved_s: float = 0.0


@dataclass(frozen=True, slots=True)
class VehicleLost:
    """The track ended: it left the picture, or the lane's part of it."""

    lane: str
    track: str


@dataclass(frozen=True, slots=True)
class LinePassed:
    """A vehicle's front, or the whole of it with its rear (`whole`), has gone over a line drawn in
    the picture, `forward` or back. `sure`: how sure that is, 0 to 1. `fronts`: how many have gone
    forward over the line since vision began, less those that came back. `frame_at`: as above."""

    lane: str
    track: str
    line: str
    forward: bool
    whole: bool
    sure: float
    fronts: int
    frame_at: float
    camera: str = ""


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """So many vehicles of this lane are seen on its approach and at its barrier."""

    lane: str
    vehicles: int
    camera: str = ""


@dataclass(frozen=True, slots=True)
class CameraChanged:
    """A camera of the lane, or the vision process behind it, works (`ok`) or does not, and why.
    `camera`: which of the lane's; "" for its first."""

    lane: str
    ok: bool
    why: str = ""
    camera: str = ""


@dataclass(frozen=True, slots=True)
class PicturesJudged:
    """What is wrong with the pictures of a lane's camera, all of it: nothing, where `faults` is
    empty. `camera`: which of the lane's, where it has several; `clock_ahead_s`: of its own clock.
    """

    lane: str
    faults: frozenset[AlarmCode]
    camera: str = ""
    clock_ahead_s: float = 0.0


# --- barrier (sent by the guard) ---


class Arm(StrEnum):
    UNKNOWN = "unknown"
    CLOSED = "closed"
    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    STOPPED = "stopped"
    FAULT = "fault"
    OUT_OF_SERVICE = "out_of_service"


@dataclass(frozen=True, slots=True)
class ArmMoved:
    """The arm's state changed; `cause` e.g. "authorisation", "operator", "local", "safety"."""

    lane: str
    arm: Arm
    cause: str


@dataclass(frozen=True, slots=True)
class VehicleArrived:
    """The entry loop became occupied."""

    lane: str


@dataclass(frozen=True, slots=True)
class VehicleBackedOff:
    """The entry loop became clear and the vehicle did not go through. `sure`: how sure the guard's
    sensors are of that, 0 to 1; so in the facts below."""

    lane: str
    sure: float = field(default=1.0, compare=False)


@dataclass(frozen=True, slots=True)
class VehicleEntered:
    """A vehicle reached the safety loop under the open arm; `authorisation` it used, or None."""

    lane: str
    authorisation: str | None


@dataclass(frozen=True, slots=True)
class VehicleCrossed:
    """A vehicle went over the safety loop and is clear of the arm; `vehicles`: so many went through
    together on the one authorisation; `backwards`: it came from the other side."""

    lane: str
    authorisation: str | None
    vehicles: int = 1
    backwards: bool = False
    sure: float = field(default=1.0, compare=False)


@dataclass(frozen=True, slots=True)
class TailgateSeen:
    """A second vehicle passed on one authorisation."""

    lane: str
    sure: float = field(default=1.0, compare=False)


@dataclass(frozen=True, slots=True)
class GuardAlarm:
    """A fault of the barrier or its wire began (`active`) or ended. `variant` and `params`: which
    text of the code, and what stands in its gaps."""

    lane: str
    code: AlarmCode
    active: bool
    params: Params = field(default_factory=dict)
    variant: str = ""


@dataclass(frozen=True, slots=True)
class RequestHandled:
    """What became of an order given to the guard: `outcome` "done" | "refused", and why."""

    lane: str
    request: str
    outcome: str
    why: str


# --- people, platform, time ---


@dataclass(frozen=True, slots=True)
class OperatorDecided:
    """A person settled the waiting vehicle; `plate` if they corrected the reading. `version`: of
    the passage as they saw it (None: whatever it is); `assignment`: which they chose, or ""."""

    lane: str
    passage: str
    admit: bool
    plate: str
    reason: str
    user: str
    version: int | None = None
    assignment: str = ""


@dataclass(frozen=True, slots=True)
class CodeSeen:
    """Somebody has shown a code at the lane; `source`: "scanner", "camera" or "attendant"."""

    lane: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class CodeShown:
    """A code that was checked, by its `id`: the `assignment` that it names, or why it is refused
    (second_key.CodeRefusal); `expires` ISO."""

    lane: str
    id: str
    assignment: str
    source: str
    refused: str
    expires: str


@dataclass(frozen=True, slots=True)
class AssignmentsChanged:
    """The book of assignments has changed; waiting vehicles are decided anew."""


@dataclass(frozen=True, slots=True)
class BarrierFirstSeen:
    """The first fresh look at the barrier after a start, before anything is asked of it, or after
    a time in which its inputs could not be read. `arm_before`: as it was when it was read last
    before a start; None where that is not known."""

    lane: str
    arm: Arm
    entry_loop: bool | None
    safety_loop: bool | None
    exit_loop: bool | None = None
    arm_before: Arm | None = None


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time has passed; deadlines are looked at."""


Fact = (
    VehicleSeen
    | VehicleLost
    | LinePassed
    | QueueChanged
    | CameraChanged
    | PicturesJudged
    | ArmMoved
    | VehicleArrived
    | VehicleBackedOff
    | VehicleEntered
    | VehicleCrossed
    | TailgateSeen
    | GuardAlarm
    | RequestHandled
    | OperatorDecided
    | CodeSeen
    | CodeShown
    | AssignmentsChanged
    | BarrierFirstSeen
    | Ticked
)
BarrierFact = (
    ArmMoved
    | VehicleArrived
    | VehicleBackedOff
    | VehicleEntered
    | VehicleCrossed
    | TailgateSeen
    | GuardAlarm
    | RequestHandled
    | BarrierFirstSeen
)
VisionFact = (
    CodeSeen
    | VehicleSeen
    | VehicleLost
    | LinePassed
    | QueueChanged
    | CameraChanged
    | PicturesJudged
)
