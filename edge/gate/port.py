"""What the console may see of the gate and ask of it: one snapshot for pages, API and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from edge.barrier.port import BarrierStatus
from edge.domain.alarm_codes import Params
from edge.domain.assignment import MOST_FOUND, Assignment, AssignmentBook
from edge.domain.commands import Seen
from edge.domain.declaration import Declared
from edge.sync.journal.port import PastEvents
from edge.sync.platform.port import ParkedPassage
from edge.sync.port import LinkStatus
from edge.system.causes import Cause
from edge.system.timings import Timing
from edge.vision.port import CameraStatus

MOST_PARKED = 500
"""Parked passages of one page."""


@dataclass(frozen=True, slots=True)
class ReferralView:
    """A vehicle that waits for a person; see domain.referral. Times are ISO. `expire_s` after
    `opened_at` it ends undecided; `holder` has it to himself until `held_until` ("": nobody);
    `first_by`: who has admitted it already, where `four_eyes` are asked for; `raised_by`: who
    passed it on to a supervisor ("gate": time did), or ""; `reasons`: all for which the vehicle has
    been referred, the first one first."""

    id: str
    state: str
    opened_at: str
    expire_s: float
    holder: str
    held_until: str
    first_by: str
    four_eyes: bool
    raised_by: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeView:
    """The code that was shown for the vehicle. `source`: "scanner", "camera" or "attendant";
    `refused`: why it does not count (second_key.CodeRefusal), or ""; `other`: the assignment of
    another code that was shown and counts too, or ""."""

    assignment: str
    source: str
    refused: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class GuidanceView:
    """The lane that the vehicle is sent to, and what people call it."""

    to: str
    name: str


@dataclass(frozen=True, slots=True)
class LaneView:
    """A lane at this moment. `state`: see state.LaneState; `passage` the open passage's id or None.

    `waiting`: true while the vehicle waits for a person's decision; `verdict` "allow", "refuse",
    "refer" or "" ; `reason` a stable code (reason.Reason); `assignment` its id or "". `declared`:
    what the platform says of that assignment, or of the plate; `trailers`: plates read with it.
    `version` rises with all that a person sees of the passage; `detail`: what the reason is about;
    `choices`: assignments on which a person may let a waiting vehicle pass here and now; `queue`:
    vehicles that wait, None where no camera has its ways drawn; `cameras`: the lane's further ones;
    `fronts`: counted over each line in a picture since vision began.
    `mode`: see mode.LaneMode. `guidance`: where a vehicle is sent that may not pass here; `open`:
    whether vehicles are sent to this lane.
    `second`: what the camera's own reader has read, "" for nothing, and how sure it says it is.
    `sign`: what the driver reads on the lane's display; `row`, `rule`: of the decision.
    """

    lane: str
    name: str
    direction: str
    state: str
    passage: str | None
    plate: str
    plate_display: str
    country: str
    colour: str
    confidence: float
    kind: str
    verdict: str
    reason: str
    assignment: str
    waiting: bool
    since: datetime
    evidence: tuple[str, ...]
    barrier: BarrierStatus
    camera: CameraStatus
    declared: Declared | None = None
    trailers: tuple[str, ...] = ()
    version: int = 0
    detail: str = ""
    choices: tuple[str, ...] = ()
    mode: str = "automatic"
    queue: int | None = None
    referral: ReferralView | None = None
    code: CodeView | None = None
    sign: str = ""
    row: str = ""
    rule: str = ""
    guidance: GuidanceView | None = None
    open: bool = True
    cameras: tuple[CameraStatus, ...] = ()
    fronts: Mapping[str, int] = field(default_factory=dict)
    second: str = ""
    second_confidence: float | None = None


@dataclass(frozen=True, slots=True)
class AlarmView:
    """`text`: in English. `variant`, `params`: the same for a catalogue of texts; `variant` is None
    where an older version raised it. `severity`: "low", "medium", "high" or "" (unknown)."""

    code: str
    lane: str
    text: str
    since: datetime
    acknowledged_by: str = ""
    variant: str | None = None
    params: Params = field(default_factory=dict)
    severity: str = ""


@dataclass(frozen=True, slots=True)
class GateView:
    site: str
    gate: str
    version: str
    started: datetime
    now: datetime
    clock_trusted: bool
    ready: bool
    lanes: tuple[LaneView, ...]
    alarms: tuple[AlarmView, ...]
    links: tuple[LinkStatus, ...]
    journal: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListPage:
    """Assignments out of the list. `as_of`: when the platform last answered (None: never);
    `count`: how many stand in the whole list."""

    items: tuple[Assignment, ...]
    as_of: datetime | None
    count: int


@dataclass(frozen=True, slots=True)
class PolicyView:
    """The policy that counts. `number` 0: none was made to count, the gate decides by itself.
    `content`: its hash; `text` as it was given; `by`, `reason`, `at` (ISO): who made it count, why
    and when; `fault`: why it cannot be used, or ""."""

    number: int
    content: str
    name: str
    text: str
    by: str
    reason: str
    at: str
    fault: str


@dataclass(frozen=True, slots=True)
class HeldView:
    """One assignment against the decision's rows; see domain.explanation.Held."""

    assignment: str
    number: int
    row: str
    condition: str
    verdict: str
    rule: str
    detail: str


@dataclass(frozen=True, slots=True)
class ExplanationView:
    """What would happen to a plate in a lane, and why. `verdict`, `reason`, `detail`: with the
    lane's `mode`; `row`, `rule`: that spoke; `four_eyes`: two people would have to admit it."""

    lane: str
    plate: str
    at: str
    mode: str
    verdict: str
    reason: str
    detail: str
    assignment: str
    row: str
    rule: str
    four_eyes: bool
    policy: int
    held: tuple[HeldView, ...]


class Unanswered(Exception):
    """The gate refused or could not carry out what a person asked; the cause is for that person."""

    def __init__(self, why: Cause) -> None:
        super().__init__(why)


class GateOperations(PastEvents, Protocol):
    """The gate as the console uses it. Methods are quick and thread-safe; what they take and return
    are plain values, so that the console may be another process.

    Everything a person does is recorded (operator.acted) before it has an effect, a stop after it.
    """

    def view(self) -> GateView: ...

    def assignments(self, part: str = "", after: str = "", most: int = MOST_FOUND) -> ListPage:
        """One page of the platform's list: those with this part in a plate, after this id."""

    def assignments_near(self, text: str) -> AssignmentBook:
        """Those with a plate like this one; see Assignments.near."""

    def assignments_not_understood(self) -> AssignmentBook:
        """Those that the platform must correct; see Assignments.not_understood."""

    def picture(self, lane: str) -> bytes | None: ...

    def evidence(self, name: str) -> bytes | None: ...

    def order(
        self,
        lane: str,
        action: str,
        reason: str,
        user: str,
        seen: Seen | None = None,
        senior: bool = False,
    ) -> str:
        """A barrier order; returns the request's id. Waits for the guard's answer for a moment.
        `seen`: what stood in the lane for who gave it; refused where that is otherwise now.
        `senior`: the person may settle what was passed on. Raises Unanswered with the guard's
        reason if it was refused, and where opening would go around what is asked of who admits the
        vehicle that waits there."""

    def decide(
        self,
        lane: str,
        passage: str,
        admit: bool,
        plate: str,
        reason: str,
        user: str,
        version: int | None = None,
        assignment: str = "",
        senior: bool = False,
        who_may: frozenset[str] | None = None,
    ) -> str:
        """Settles a waiting vehicle, as seen at `version` (None: as it is), on the assignment named
        (or the only one that fits). `senior`: the person may settle what was passed on; `who_may`:
        who else may admit it by now (None: all), so that no word counts whose rights ended. Gives
        "ordered", "rejected", or "second": another person has to admit it too. Raises Unanswered if
        that passage no longer waits or is another by now, if somebody else has it, and where
        several assignments fit."""

    def show_code(self, lane: str, text: str, user: str) -> None:
        """A person has looked at the code that a driver shows. Raises Unanswered."""

    def claim(self, lane: str, passage: str, user: str, senior: bool = False) -> None:
        """The waiting vehicle is this person's for a while; `senior`: he may settle what was passed
        on. Raises Unanswered."""

    def release(self, lane: str, passage: str, user: str) -> None:
        """Gives it back. Raises Unanswered."""

    def escalate(self, lane: str, passage: str, reason: str, user: str) -> None:
        """Passes it on to a supervisor. Raises Unanswered."""

    def settled(self, lane: str, passage: str, admit: bool, version: int, user: str) -> None:
        """Waits for what became of such a decision (`version`: of the passage before it), and
        records it: done when the arm rises, or the refusal stands. Raises Unanswered with the
        guard's reason where it does not rise."""

    def acknowledge_alarm(self, code: str, lane: str, user: str) -> None:
        """Raises Unanswered if it does not stand."""

    def parked(self, after: int = 0, most: int = MOST_PARKED) -> tuple[ParkedPassage, ...]:
        """One page of the passages that the platform does not take: those after this sequence."""

    def hand_over_again(self, sequence: int, user: str) -> None:
        """One of them is tried again at once. Raises Unanswered if it is not parked."""

    def settle_passage(self, sequence: int, reason: str, user: str) -> None:
        """One of them is told to the platform in another way, and tried no more. Raises Unanswered
        if it is not parked."""

    def policy(self) -> PolicyView: ...

    def check_policy(self, text: str) -> str:
        """The hash of a policy that might count. Raises Unanswered with every mistake."""

    def activate_policy(self, text: str, reason: str, user: str) -> int:
        """It counts from now on; its number. Raises Unanswered."""

    def explain(
        self, lane: str, plate: str, kind: str = "", at: datetime | None = None, text: str = ""
    ) -> ExplanationView:
        """What would happen now or at a time, by the policy that counts or by another. Raises
        Unanswered."""

    def set_mode(self, lane: str, mode: str, reason: str, user: str) -> None:
        """Raises Unanswered."""

    def timings(self) -> tuple[Timing, ...]:
        """How long what the gate promises figures for has taken since the start."""

    def unhandled(self) -> dict[str, int]:
        """Exceptions that nobody handled since the start, by where they came up."""

    def audit(self, user: str, action: str, data: dict[str, Any]) -> None:
        """Records what a person did in the console itself (sign-in, user changes)."""
