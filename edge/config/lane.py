"""[lanes.<name>] and its display."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edge.config.barrier import BarrierConfig
from edge.config.camera import CameraConfig
from edge.config.section import YEAR_S, Flag, Section, Topic


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


class LaneConfig(Section):
    """`offline_hold_s`: how long the last fetched assignments may decide without the platform.
    `read_wait_s`: how long a vehicle at the barrier may stay unread before a person is asked.
    `two_way`: a vehicle that passed the other way within `journey_s` may pass on another
    assignment; one that passed the same way within it never does without a person."""

    name: str = ""
    direction: Literal["export", "import"]
    camera: CameraConfig
    barrier: BarrierConfig
    display: Display | None = None
    read_wait_s: float = Field(6.0, ge=0.1, le=600)
    offline_hold_s: float = Field(4 * 3600.0, ge=0, le=YEAR_S)
    clearances_needed: tuple[str, ...] | None = None
    two_way: Flag = True
    journey_s: float = Field(600.0, ge=0, le=86_400)
