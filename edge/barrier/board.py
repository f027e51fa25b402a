"""Board profiles: what a technician may add without code, one TOML file per board.

A profile says how inputs are read, how a relay is switched and how the board times a pulse itself.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

SHORTEST_PULSE_S, LONGEST_PULSE_S = 0.2, 1.0
"""Shorter pulses are missed by some barriers; over 3 s some close when the pulse ends."""

SHIPPED = Path(__file__).parent / "boards"


class BoardError(Exception):
    """A profile cannot be used; the text names file and cure."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InputsProfile(_Section):
    """Inputs as coils (1) or discrete inputs (2), `count` from `start`; channel 1 is the first."""

    function: Literal[1, 2] = 2
    start: int = 0
    count: int = 8


class SwitchProfile(_Section):
    """On and off: function 5 (coil) or 6 (register) at `first` + channel - 1."""

    function: Literal[5, 6] = 5
    first: int = 0
    on: int = 0xFF00
    off: int = 0


class PulseProfile(_Section):
    """A pulse the board ends: at `first` + (channel - 1) * `step`; the value is the duration in
    `unit_ms`, or the fixed `value` that lasts `fixed_ms`; function 16 sends `mode` before it."""

    function: Literal[5, 6, 16] = 5
    first: int = 0
    step: int = 1
    mode: int | None = None
    unit_ms: int = 100
    value: int | None = None
    fixed_ms: int | None = None


class BoardProfile(_Section):
    name: str
    protocol: Literal["modbus"] = "modbus"
    board_ends_pulses: bool
    inputs: InputsProfile | None = None
    switch: SwitchProfile = SwitchProfile()
    pulse: PulseProfile | None = None

    def lasts_s(self, seconds: float) -> float:
        """How long this board's pulse lasts when so many seconds are asked for. Raises BoardError
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
    file = Path(name) if name.endswith(".toml") else SHIPPED / f"{name}.toml"
    try:
        return BoardProfile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        known = ", ".join(sorted(f.stem for f in SHIPPED.glob("*.toml")))
        raise BoardError(
            f"no board profile {name!r}; shipped: {known}; or give a .toml file's path"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise BoardError(f"{file}: not valid TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        raise BoardError(f"{file}: {place}: {first['msg']}") from None
