"""Vision as the rest of the gate sees it: a process of its own that reports facts and pictures."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import VisionFact


def view_of(lane: str, camera: str) -> str:
    """The name of a camera's picture and state: the lane's for its first, "" camera."""
    return f"{lane}.{camera}" if camera else lane


def lane_of(view: str) -> str:
    """The lane of a camera's picture and state."""
    return view.partition(".")[0]


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """`lane`: the name of the view (view_of). `state`: "starting" | "live" | "failed", or what is
    wrong with its pictures (PICTURE_STATES); `why` names place and cure. `unchanged_s`: for so long
    no more of the picture than a clock has changed by a single bit; `unmoved_s`: nothing has been
    seen to come or go."""

    lane: str
    state: str
    why: str
    frames_per_s: float
    read_ms: float | None
    unchanged_s: float = 0.0
    unmoved_s: float = 0.0


PICTURE_STATES = {
    AlarmCode.CAMERA_FROZEN: "frozen",
    AlarmCode.CAMERA_BLACK: "black",
    AlarmCode.CAMERA_BLINDED: "blinded",
    AlarmCode.CAMERA_MOVED: "moved",
    AlarmCode.CAMERA_COVERED: "covered",
    AlarmCode.CAMERA_BLURRED: "blurred",
}
"""The worst first."""

CAMERA_FAULTS = frozenset({*PICTURE_STATES, AlarmCode.CAMERA_CLOCK, AlarmCode.CAMERA_READER})


def picture_state(faults: Collection[AlarmCode]) -> str:
    """The worst of them; "live" for none."""
    return next((state for code, state in PICTURE_STATES.items() if code in faults), "live")


class Eyes(Protocol):
    """Starts, watches and restarts the vision process."""

    def start(self, report: Callable[[VisionFact], None]) -> None: ...

    def stop(self) -> None: ...

    def picture(self, lane: str) -> bytes | None:
        """The newest picture with boxes drawn in, JPEG, 640 wide; None before the first. `lane` is
        the name of a view; so below."""

    def status(self, lane: str) -> CameraStatus: ...

    def doubt(self, lane: str) -> None:
        """What stands before the lane's camera has changed since its picture did."""

    def confirm(self, lane: str) -> None:
        """A person has seen that the lane's camera looks where it should."""

    def evidence(self, name: str) -> bytes | None:
        """A kept picture by the name that a VehicleSeen fact carried."""
