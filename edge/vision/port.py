"""Vision as the rest of the gate sees it: a process of its own that reports facts and pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from edge.domain.facts import VisionFact


def view_of(lane: str, camera: str) -> str:
    """The name of a camera's picture and state: the lane's for its first, "" camera."""
    return f"{lane}.{camera}" if camera else lane


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """`lane`: the name of the view (view_of). `state`: "starting" | "live" | "stalled" | "failed";
    `why` names place and cure."""

    lane: str
    state: str
    why: str
    frames_per_s: float
    read_ms: float | None


class Eyes(Protocol):
    """Starts, watches and restarts the vision process."""

    def start(self, report: Callable[[VisionFact], None]) -> None: ...

    def stop(self) -> None: ...

    def picture(self, lane: str) -> bytes | None:
        """The newest picture with boxes drawn in, JPEG, 640 wide; None before the first."""

    def status(self, lane: str) -> CameraStatus: ...

    def evidence(self, name: str) -> bytes | None:
        """A kept picture by the name that a VehicleSeen fact carried."""
