"""[wires.<name>]: what the barriers, lamps and displays hang on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from edge.config.section import Flag, Section, TcpPort

RATES = (1200, 2400, 4800, 9600, 14400, 19200, 28800, 38400, 57600, 76800, 115200)
"""Baud rates that boards have."""


class SerialWire(Section):
    """A serial line with Modbus RTU boards. Modbus' own default is 8E1 (`parity = "even"`); most
    relay boards come with 8N1. Without parity some boards want two `stop_bits`."""

    kind: Literal["serial"] = "serial"
    port: str = Field(min_length=1)
    baud: int = Field(9600, ge=1200, le=115200)
    parity: Literal["none", "even", "odd"] = "none"
    stop_bits: Literal[1, 2] = 1

    @property
    def framing(self) -> str:
        """As people say it: "9600 8E1"."""
        return f"{self.baud} 8{self.parity[0].upper()}{self.stop_bits}"


class TcpWire(Section):
    """Modbus TCP."""

    kind: Literal["tcp"]
    host: str
    port: TcpPort = 502


class LcusWire(Section):
    """A USB relay that speaks LCUS (CH340): no answer, no pulse of its own, no inputs. For the
    bench only: its lane must say `bench = true`. `relays`: how many it has."""

    kind: Literal["lcus"]
    port: str = Field(min_length=1)
    baud: int = Field(9600, ge=1200, le=115200)
    relays: int = Field(8, ge=1, le=16)


class MqttWire(Section):
    """The site's broker with covers (Home Assistant, ESPHome) or Tasmota relays on it."""

    kind: Literal["mqtt"]
    host: str
    port: TcpPort = 1883
    username: str = ""
    password_file: Path | None = None
    tls: Flag = False
    ca_file: Path | None = None


class IsapiWire(Section):
    """A Hikvision camera or controller that drives barriers, one a `channel`.
    `answer_s`: what one exchange may take altogether; a status older than twice that is none."""

    kind: Literal["isapi"]
    url: str = Field(pattern=r"^https?://")
    username: str = "admin"
    password_file: Path
    ca_file: Path | None = None
    answer_s: float = Field(0.4, ge=0.1, le=5)


class GpioWire(Section):
    """Dry contacts on this computer's own pins; channels are line offsets of the chip, from
    `first_line` on, of which it has `lines` (`gpiodetect` tells). Line 0 is a contact on few chips
    and a slip elsewhere: where it is one, say `first_line = 0`."""

    kind: Literal["gpio"]
    chip: str = Field("/dev/gpiochip0", min_length=1)
    first_line: int = Field(1, ge=0, le=1023)
    lines: int = Field(64, ge=1, le=1024)


Wire = Annotated[
    SerialWire | TcpWire | LcusWire | MqttWire | IsapiWire | GpioWire, Field(discriminator="kind")
]
