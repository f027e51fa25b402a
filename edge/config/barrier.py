"""[lanes.<name>.barrier]: which channel of which wire does what, and the times."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from edge.config.section import Flag, Section, Topic

OUTPUTS = (
    "open",
    "close",
    "stop",
    "permit",
    "green",
    "red",
    "siren",
    "warning",
    "photocell_test",
)
PAIRED = ("entry_loop", "safety_loop", "photocell", "limit_open", "limit_closed", "stop")
"""Inputs that may have a second contact, NAME_nc, which must contradict the first."""

INPUTS = (
    *PAIRED,
    "exit_loop",
    "fire",
    "manual_open",
    "mute",
    *(f"{name}_nc" for name in PAIRED),
    "arm_off",
    "drive_fault",
    "cabinet_open",
    "mains_off",
    "site_fire",
    "free_flow",
)

ENDS = ("limit_open", "limit_closed")
"""Inputs that show an end of the arm's travel."""

Channel = Annotated[int, Field(strict=True, ge=0, le=1023)]
"""Where contacts begin and end depends on wire and board (channels.py); only GPIO has a line 0."""

Word = Annotated[str, Field(min_length=1, max_length=1000)]


class CoverConfig(Section):
    """An MQTT cover's topics and payloads. Its states open and closed stand in for limit switches
    that `inputs` does not name."""

    command: Topic
    state: Topic
    availability: Topic
    open: Word = "OPEN"
    close: Word = "CLOSE"
    stop: Word = "STOP"
    online: Word = "online"

    @model_validator(mode="after")
    def _says_what_it_means(self) -> CoverConfig:
        """One word for two motions would bring an arm down that is to be opened or stopped."""
        if len({self.open, self.close, self.stop}) < 3:
            raise ValueError("open, close and stop need words of their own; see the device's")
        if self.command in (self.state, self.availability):
            raise ValueError("command is the topic of what the device tells too; see the device's")
        return self


class TasmotaConfig(Section):
    """A Tasmota device by its topic; `outputs` are its relays (POWER1 is 1), of which it has
    `relays`."""

    topic: str = Field(pattern=r"^[^/#+]+$")
    relays: int = Field(8, ge=1, le=32)


class BarrierConfig(Section):
    """`wire` names an entry of [wires]. `board`: a profile in edge/barrier/boards or a file's path
    (from this file's folder). `address`: the board's on its line, 1 to 255; 0 addresses all boards
    of a serial line at once and is for TCP alone. `outputs`/`inputs`: which channel (from 1, as
    many as the board has) does what; outputs: open, close, stop, permit, green, red, siren,
    warning, photocell_test; inputs: entry_loop, safety_loop, photocell, limit_open, limit_closed,
    stop (each of them also as NAME_nc, a second contact that contradicts it), exit_loop, fire,
    manual_open, mute, arm_off, drive_fault, cabinet_open, mains_off, and for all lanes of the
    gate site_fire, free_flow. `inputs_wire`: where the inputs (and the lamps of a cover or a
    camera) are, when `wire` has none. `channel`: the barrier of an ISAPI device. `inverted`:
    inputs that are normally closed. `bench`: consent to a wire that is only for the bench.
    `never_closes`: the gate opens and somebody else closes (no safety input). `entry_held_s`:
    seconds after which an alarm is raised for a passage that only the entry loop keeps open;
    `close_alarm_s`, `hold_alarm_s`, `occupied_alarm_s`: the same for a due close that has not
    happened, for a hold, and for an occupied loop or beam. `siren_s`: maximum time that the
    siren sounds. `permit_s`: how long the permit relay, in series with the barrier's close,
    stays closed by itself; `warn_s`: how long the warning burns before the arm comes down.
    `trace`: record the wire into this file. Times in seconds."""

    wire: str
    board: str = "waveshare"
    address: int = Field(1, strict=True, ge=0, le=255)
    outputs: dict[str, Channel] = Field(
        default_factory=lambda: {"open": 1, "close": 2, "green": 3, "red": 4}
    )
    inputs: dict[str, Channel] = Field(
        default_factory=lambda: {
            "entry_loop": 1,
            "safety_loop": 2,
            "photocell": 3,
            "limit_open": 4,
            "limit_closed": 5,
            "stop": 6,
        }
    )
    inverted: tuple[str, ...] = ("stop",)
    pulse_s: float = Field(0.5, ge=0.2, le=1.0)
    permit_s: float = Field(1.0, ge=0.2, le=1.0)
    dead_time_s: float = Field(0.5, ge=0.1, le=10)
    travel_s: float = Field(3.0, ge=0.5, le=20)
    travel_margin_s: float = Field(3.0, ge=0.5, le=20)
    fresh_s: float = Field(0.5, ge=0.1, le=5)
    quiet_gap_s: float = Field(0.3, ge=0.05, le=2)
    clear_before_close_s: float = Field(2.0, ge=0.2, le=60)
    entry_timeout_s: float = Field(60.0, ge=5, le=3600)
    entry_held_s: float = Field(10.0, ge=2, le=600)
    close_alarm_s: float = Field(30.0, ge=5, le=3600)
    hold_alarm_s: float = Field(14400.0, ge=60, le=604800)
    occupied_alarm_s: float = Field(3600.0, ge=60, le=86400)
    retries: int = Field(1, ge=0, le=3)
    watchdog_s: float = Field(2.0, ge=0.5, le=30)
    open_on_fire: Flag = True
    inputs_wire: str = ""
    channel: int = Field(1, strict=True, ge=1, le=64)
    bench: Flag = False
    never_closes: Flag = False
    cover: CoverConfig | None = None
    tasmota: TasmotaConfig | None = None
    siren_s: float = Field(10.0, ge=1, le=120)
    warn_s: float = Field(0.0, ge=0, le=30)
    trace: Path | None = None

    @model_validator(mode="after")
    def _channels(self) -> BarrierConfig:
        for key, known, given in (
            ("outputs", OUTPUTS, self.outputs),
            ("inputs", INPUTS, self.inputs),
        ):
            strange = [name for name in given if name not in known]
            if strange:
                raise ValueError(f"{key}: no {strange[0]!r}; known: {', '.join(known)}")
            twice = _twice(given)
            if twice:
                raise ValueError(f"{key}: {twice} share a channel; give each its own")
        lone = [n for n in PAIRED if f"{n}_nc" in self.inputs and n not in self.inputs]
        if lone:
            raise ValueError(f"inputs: {lone[0]}_nc without {lone[0]}; a pair has two contacts")
        if "photocell_test" in self.outputs and "photocell" not in self.inputs:
            raise ValueError("outputs: photocell_test without the input photocell; wire both")
        strange = [name for name in self.inverted if name not in INPUTS]
        if strange:
            raise ValueError(f"inverted: no input {strange[0]!r}; known: {', '.join(INPUTS)}")
        return self

    @property
    def input_names(self) -> tuple[str, ...]:
        return tuple(self.inputs)

    @property
    def tells_relays(self) -> bool:
        """Whether the board reports which of its relays are on."""
        return False

    @property
    def output_names(self) -> tuple[str, ...]:
        return tuple(self.outputs)


class WiredBarrier(BarrierConfig):
    """The barrier with exactly the contacts that the lane's wires have (channels.effective).
    Besides them `reported`: the ends that the device reports by itself; `acted`: the outputs that
    it has by name; `reads_back`: the board reports which of its relays are on."""

    reads_back: bool = False
    reported: tuple[str, ...] = ()
    acted: tuple[str, ...] = ()

    @property
    def input_names(self) -> tuple[str, ...]:
        return *self.inputs, *self.reported

    @property
    def tells_relays(self) -> bool:
        return self.reads_back

    @property
    def output_names(self) -> tuple[str, ...]:
        return *self.acted, *self.outputs


def _twice(channels: dict[str, int]) -> str:
    """Two names on one channel, or ""."""
    seen: dict[int, str] = {}
    for name, channel in channels.items():
        if channel in seen:
            return f"{seen[channel]} and {name}"
        seen[channel] = name
    return ""
