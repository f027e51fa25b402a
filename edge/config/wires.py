"""[wires.<name>]: what the barriers, lamps and displays hang on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from edge.config.section import Section


class SerialWire(Section):
    """A serial line with Modbus RTU boards."""

    kind: Literal["serial"] = "serial"
    port: str
    baud: int = Field(9600, ge=1200, le=115200)


class TcpWire(Section):
    """Modbus TCP."""

    kind: Literal["tcp"]
    host: str
    port: int = Field(502, ge=1, le=65535)


class LcusWire(Section):
    """A USB relay that speaks LCUS (CH340): no answer, no pulse of its own, no inputs. For the
    bench only: its lane must say `bench = true`."""

    kind: Literal["lcus"]
    port: str
    baud: int = Field(9600, ge=1200, le=115200)


class MqttWire(Section):
    """The site's broker with covers (Home Assistant, ESPHome) or Tasmota relays on it."""

    kind: Literal["mqtt"]
    host: str
    port: int = Field(1883, ge=1, le=65535)
    username: str = ""
    password_file: Path | None = None
    tls: bool = False
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
    """Dry contacts on this computer's own pins; channels are line offsets of the chip."""

    kind: Literal["gpio"]
    chip: str = "/dev/gpiochip0"


Wire = Annotated[
    SerialWire | TcpWire | LcusWire | MqttWire | IsapiWire | GpioWire, Field(discriminator="kind")
]
