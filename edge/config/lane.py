"""[lanes.<name>] and its display."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from edge.config.barrier import BarrierConfig
from edge.config.camera import CameraConfig
from edge.config.section import YEAR_S, Flag, Name, Section, Topic
from edge.config.ways import ARM


class AlphaDisplay(Section):
    """An LED sign that speaks the Alpha protocol, on a serial port of its own."""

    kind: Literal["alpha"]
    port: str = Field(min_length=1)
    baud: int = Field(9600, ge=1200, le=115200)
    parity: Literal["none", "even", "odd"] = "none"
    stop_bits: Literal[1, 2] = 1
    language: Literal["vi", "en", "zh"] = "vi"


class MqttDisplay(Section):
    """A text topic at the broker that `wire` names."""

    kind: Literal["mqtt"]
    wire: str
    topic: Topic
    language: Literal["vi", "en", "zh"] = "vi"


Display = Annotated[AlphaDisplay | MqttDisplay, Field(discriminator="kind")]


MOST_CAMERAS = 3
"""Further cameras of one lane."""


class ScannerConfig(Section):
    """A code scanner on a serial port (or a USB one that acts as such) that ends what it reads with
    CR or LF."""

    port: str = Field(min_length=1)
    baud: int = Field(9600, ge=1200, le=921_600)


class LaneConfig(Section):
    """`cameras`: further cameras on this lane by name (`rear`, `overview`), each as `camera` is;
    what they see belongs to the same passage. `offline_hold_s`: how long the last fetched
    assignments may decide without the platform. `read_wait_s`: how long a vehicle at the barrier
    may stay unread before a person is asked. `two_way`: a vehicle that passed the other way within
    `journey_s` may pass on another assignment; one that passed the same way within it never does
    without a person. `trailer_needed`: a vehicle that is declared with a trailer is let in only
    once the plate of one is surely read too; left out, so it is where a camera of the lane sees
    rears. Take false where that camera sees them only when they are through."""

    name: str = ""
    direction: Literal["export", "import"]
    camera: CameraConfig
    cameras: dict[Name, CameraConfig] = Field({}, max_length=MOST_CAMERAS)
    barrier: BarrierConfig
    display: Display | None = None
    read_wait_s: float = Field(6.0, ge=0.1, le=600)
    offline_hold_s: float = Field(4 * 3600.0, ge=0, le=YEAR_S)
    clearances_needed: tuple[str, ...] | None = None
    two_way: Flag = True
    journey_s: float = Field(600.0, ge=0, le=86_400)
    trailer_needed: Flag | None = None
    scanner: ScannerConfig | None = None

    @model_validator(mode="after")
    def _one_line_under_the_arm(self) -> LaneConfig:
        drawn = [n or "camera" for n, c in self.all_cameras.items() if ARM in c.ways.lines]
        if len(drawn) > 1:
            raise ValueError(
                f"ways.lines.{ARM} is drawn for {' and '.join(drawn)}: each vehicle would count "
                "twice under the arm; keep it in the picture that shows whole vehicles"
            )
        return self

    @property
    def all_cameras(self) -> dict[str, CameraConfig]:
        """By name; the first, `camera`, is ""."""
        return {"": self.camera, **self.cameras}

    @property
    def sees_rears(self) -> bool:
        return any(camera.sees == "rear" for camera in self.all_cameras.values())

    @property
    def waits_for_trailer(self) -> bool:
        """`trailer_needed`, or what it is where that is left out."""
        return self.sees_rears if self.trailer_needed is None else self.trailer_needed


def camera_key(lane: str, camera: str) -> str:
    """Where the camera's settings stand; `camera` is "" for the first."""
    return f"lanes.{lane}.camera" + (f"s.{camera}" if camera else "")
