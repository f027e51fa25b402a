"""Board profiles: what a technician may add without code, one TOML file per board.

A profile says how inputs are read, how a relay is switched and how the board times a pulse itself.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from edge.config.text import NotText, text_of
from edge.domain.pulses import LONGEST_PULSE_S, SHORTEST_PULSE_S
from edge.system.refused_values import reason_of

SHIPPED = Path(__file__).parents[1] / "barrier" / "boards" / "profiles"

LARGEST_BYTES = 100_000
"""A profile is a page of text; a larger file is none."""

Place = Annotated[int, Field(strict=True, ge=0, le=0xFFFF)]
"""Address or value of a coil or register: 16 bits on the wire."""


class BoardError(Exception):
    """A profile cannot be used; the text names file and cure."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InputsProfile(_Section):
    """`count` inputs from `start`; channel 1 is the first. They are coils (`function` 1), discrete
    inputs (2), or lie in holding (3) or input registers (4): sixteen to a register, the lowest bit
    first, or with `packing = "each"` one in each, where anything but 0 is on. One answer holds at
    most 2,000 bits or 125 registers."""

    function: Literal[1, 2, 3, 4] = 2
    start: Place = 0
    count: int = Field(8, strict=True, ge=1, le=2000)
    packing: Literal["bits", "each"] = "bits"

    @property
    def registers(self) -> int:
        """How many registers hold them; 0 where they are bits of their own."""
        if self.function in (1, 2):
            return 0
        return self.count if self.packing == "each" else (self.count + 15) // 16

    @model_validator(mode="after")
    def _in_one_answer(self) -> InputsProfile:
        if self.registers > 125:
            raise ValueError(f"count: {self.registers} registers; one answer holds 125")
        if self.packing == "each" and not self.registers:
            raise ValueError('packing: "each" needs function 3 or 4')
        return self


class SwitchProfile(_Section):
    """On and off: function 5 (coil) or 6 (register) at `first` + channel - 1, for channels 1 to
    `count`; addresses behind them are no relay, or another command of the board. `reads_back`: the
    board reports which coils are on (function 1)."""

    function: Literal[5, 6] = 5
    first: Place = 0
    on: Place = 0xFF00
    off: Place = 0
    count: int = Field(8, strict=True, ge=1, le=256)
    reads_back: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _has_coils(self) -> SwitchProfile:
        if self.reads_back and self.function != 5:
            raise ValueError("reads_back: only coils (function 5) are read back")
        return self


class PulseProfile(_Section):
    """A pulse the board ends: at `first` + (channel - 1) * `step`; the value is the duration in
    `unit_ms`, or the fixed `value` that lasts `fixed_ms`; function 16 sends `mode` before it."""

    function: Literal[5, 6, 16] = 5
    first: Place = 0
    step: int = Field(1, strict=True, ge=1, le=256)
    mode: Place | None = None
    unit_ms: int = Field(100, strict=True, ge=1, le=1000)
    value: Place | None = None
    fixed_ms: int | None = Field(None, strict=True, ge=1, le=60_000)


class WatchdogProfile(_Section):
    """A communications watchdog: the board releases its outputs when nothing was asked of it for
    `after_ms`. `writes`: the registers that set it, as [register, value] (function 6); they are
    written before the first reading after the wire was opened, and after each that failed."""

    after_ms: int = Field(strict=True, ge=300, le=3000)
    writes: tuple[tuple[Place, Place], ...] = Field(min_length=1, max_length=8)


class BoardProfile(_Section):
    """`name`: for people. `board_ends_pulses`: a pulse ends although the gate dies in it, as
    [pulse] says; a board without that is for the bench, or has a [watchdog]."""

    name: str
    protocol: Literal["modbus"] = "modbus"
    board_ends_pulses: bool
    inputs: InputsProfile | None = None
    switch: SwitchProfile = SwitchProfile()
    pulse: PulseProfile | None = None
    watchdog: WatchdogProfile | None = None

    @model_validator(mode="after")
    def _within_16_bits(self) -> BoardProfile:
        last = [self.switch.first + self.switch.count - 1]
        if self.inputs is not None:
            last.append(self.inputs.start + (self.inputs.registers or self.inputs.count) - 1)
        if self.pulse is not None:
            registers = 1 if self.pulse.function == 16 else 0
            last.append(self.pulse.first + (self.switch.count - 1) * self.pulse.step + registers)
        if max(last) > 0xFFFF:
            raise ValueError(f"the last channel lies at {max(last)}; addresses end at 65535")
        if self.board_ends_pulses and self.pulse is None:
            raise ValueError(
                "board_ends_pulses without [pulse]: the gate would end them; say how the board "
                "does, or false"
            )
        return self

    @property
    def ends_pulses(self) -> bool:
        """Whether no contact outlives the gate by more than a second."""
        return self.board_ends_pulses or self.watchdog is not None

    def lasts_s(self, seconds: float) -> float:
        """How long this board's pulse lasts when this many seconds are asked for. Raises BoardError
        where that is no pulse a barrier should get."""
        if self.pulse is None:
            return seconds
        fixed, unit = self.pulse.fixed_ms, self.pulse.unit_ms
        lasts = (fixed if fixed is not None else max(1, round(1000 * seconds / unit)) * unit) / 1000
        if not SHORTEST_PULSE_S <= lasts <= LONGEST_PULSE_S:
            raise BoardError(
                f"{self.name}: its pulse lasts {lasts:.1f} s; barriers take {SHORTEST_PULSE_S} to "
                f"{LONGEST_PULSE_S} s: set pulse_s, or use another board"
            )
        return lasts


def profile(name: str) -> BoardProfile:
    """The shipped profile of that name, or the file at that path. Raises BoardError."""
    known = ", ".join(sorted(f.stem for f in SHIPPED.glob("*.toml")))
    file = Path(name) if name.endswith(".toml") else SHIPPED / f"{Path(name).name}.toml"
    try:
        return BoardProfile.model_validate(tomllib.loads(text_of(file, LARGEST_BYTES)))
    except FileNotFoundError:
        raise BoardError(
            f"no board profile {name!r}; shipped: {known}; or give a .toml file's path"
        ) from None
    except (OSError, NotText) as error:
        raise BoardError(f"{file}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise BoardError(f"{file}: not valid TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"]) or "(whole file)"
        raise BoardError(f"{file}: {place}: {reason_of(first)}") from None
