"""[wires.<name>]: what the barriers, lamps and displays hang on.

What the boards on a wire can do stands in board_kinds.py.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import Field

from edge.config.address import same_host
from edge.config.section import Flag, Section, TcpPort


class Device(NamedTuple):
    """What a wire really is, whatever it is called: equal for two wires that are one device.
    `serves_many`: it takes as many clients as come, so that it may have several names."""

    what: str
    place: str
    serves_many: bool = False


RATES = (1200, 2400, 4800, 9600, 14400, 19200, 28800, 38400, 57600, 76800, 115200)
"""Baud rates that boards have."""


def serial_port(port: str) -> Device:
    """Links under /dev are followed."""
    return Device("port", os.path.realpath(port))


def web_device(kind: str, url: str) -> Device:
    """The device behind an address; an address that shows none counts as a device of its own and is
    refused elsewhere."""
    try:
        split = urlsplit(url)
        usual = {"http": 80, "https": 443}[split.scheme]
        port = "" if split.port in (None, usual) else f":{split.port}"
        return Device(kind, f"{same_host(split.hostname or '')}{port}")
    except (ValueError, KeyError):
        return Device(kind, url)


class SerialWire(Section):
    """A serial line with Modbus RTU boards. Modbus' own default is 8E1 (`parity = "even"`); most
    relay boards come with 8N1. Without parity some boards want two `stop_bits`."""

    kind: Literal["serial"] = "serial"
    port: str = Field(min_length=1)
    baud: int = Field(9600, ge=1200, le=115200)
    parity: Literal["none", "even", "odd"] = "none"
    stop_bits: Literal[1, 2] = 1

    @property
    def device(self) -> Device:
        return serial_port(self.port)

    @property
    def framing(self) -> str:
        """The usual notation: "9600 8E1"."""
        return f"{self.baud} 8{self.parity[0].upper()}{self.stop_bits}"


class TcpWire(Section):
    """Modbus TCP."""

    kind: Literal["tcp"]
    host: str
    port: TcpPort = 502

    @property
    def device(self) -> Device:
        return Device("tcp", f"{same_host(self.host)}:{self.port}")


class LcusWire(Section):
    """A USB relay that speaks LCUS (CH340): no answer, no pulse of its own, no inputs. For the
    bench only: its lane must say `bench = true`. `relays`: how many it has."""

    kind: Literal["lcus"]
    port: str = Field(min_length=1)
    baud: int = Field(9600, ge=1200, le=115200)
    relays: int = Field(8, ge=1, le=16)

    @property
    def device(self) -> Device:
        return serial_port(self.port)


class MqttWire(Section):
    """The site's broker with covers (Home Assistant, ESPHome) or Tasmota relays on it."""

    kind: Literal["mqtt"]
    host: str
    port: TcpPort = 1883
    username: str = ""
    password_file: Path | None = None
    tls: Flag = False
    ca_file: Path | None = None

    @property
    def device(self) -> Device:
        """A broker has several doors: 1883, 8883 ..."""
        return Device("mqtt", same_host(self.host), serves_many=True)


class IsapiWire(Section):
    """A Hikvision camera or controller that drives barriers, one a `channel`.
    `answer_s`: what one exchange may take altogether; a status older than twice that is none."""

    kind: Literal["isapi"]
    url: str = Field(pattern=r"^https?://")
    username: str = "admin"
    password_file: Path
    ca_file: Path | None = None
    answer_s: float = Field(0.4, ge=0.1, le=5)

    @property
    def device(self) -> Device:
        return web_device("isapi", self.url)


class HttpDevice(Section):
    """A device with relays behind HTTP. `password_file`: none where the device asks for no sign-in.
    `relays`: how many it has. `answer_s`: what one exchange may take altogether."""

    url: str = Field(pattern=r"^https?://")
    username: str = "admin"
    password_file: Path | None = None
    ca_file: Path | None = None
    relays: int = Field(4, ge=1, le=32)
    answer_s: float = Field(0.4, ge=0.1, le=0.9)


class ShellyWire(HttpDevice):
    """A Shelly relay. `generation`: 1, or 2 for that and every later one, whose user is always
    "admin". Generation 1 times its pulses in whole seconds: `pulse_s` is 1 there."""

    kind: Literal["shelly"]
    generation: Literal[1, 2] = 2

    @property
    def device(self) -> Device:
        return web_device("web", self.url)


class ControlByWebWire(HttpDevice):
    """A ControlByWeb relay with numbered outputs (WebRelay-10 and its like)."""

    kind: Literal["controlbyweb"]
    username: str = "none"

    @property
    def device(self) -> Device:
        return web_device("web", self.url)


class OnvifWire(HttpDevice):
    """The relay outputs of an ONVIF camera or encoder, in the order in which it lists them."""

    kind: Literal["onvif"]

    @property
    def device(self) -> Device:
        return web_device("web", self.url)


class GpioWire(Section):
    """Dry contacts on this computer's own pins; channels are line offsets of the chip, from
    `first_line` on, of which it has `lines` (`gpiodetect` shows it). Line 0 is a contact on few
    chips and a slip elsewhere: where it is one, set `first_line = 0`. Nothing here ends a pulse
    when the gate dies in it: `timing_relays` states that a timing relay behind each motion's
    contact does."""

    kind: Literal["gpio"]
    chip: str = Field("/dev/gpiochip0", min_length=1)
    first_line: int = Field(1, ge=0, le=1023)
    lines: int = Field(64, ge=1, le=1024)
    timing_relays: Flag = False

    @property
    def device(self) -> Device:
        return Device("chip", os.path.realpath(self.chip))


Wire = Annotated[
    SerialWire
    | TcpWire
    | LcusWire
    | MqttWire
    | IsapiWire
    | GpioWire
    | ShellyWire
    | ControlByWebWire
    | OnvifWire,
    Field(discriminator="kind"),
]
