"""What a wire or display really is, whatever it is called: two names of one device would have two
owners, and neither would know of what the other moves.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from edge.config.lane import AlphaDisplay, LaneConfig
from edge.config.wires import GpioWire, IsapiWire, LcusWire, MqttWire, SerialWire, TcpWire, Wire

Device = tuple[str, str]
"""Kind and identity."""


def device(wire: Wire) -> Device:
    """Equal for two wires that are one device. Links under /dev are followed."""
    match wire:
        case SerialWire(port=port) | LcusWire(port=port):
            return _port(port)
        case GpioWire(chip=chip):
            return "chip", os.path.realpath(chip)
        case TcpWire(host=host, port=number):
            return "tcp", f"{host.lower().rstrip('.')}:{number}"
        case MqttWire(host=host, port=number):
            return "mqtt", f"{host.lower().rstrip('.')}:{number}"
        case IsapiWire(url=url):
            split = urlsplit(url)
            place = split.netloc.rpartition("@")[2].lower()
            usual = {"http": ":80", "https": ":443"}[split.scheme]
            return "isapi", place.removesuffix(usual)


def _port(port: str) -> Device:
    return "port", os.path.realpath(port)


def shared_devices(wires: dict[str, Wire], lanes: dict[str, LaneConfig]) -> Iterator[str]:
    """Devices that have two names, each with its key and cure. A broker has room for many."""
    called: dict[Device, str] = {}
    named = [(f"wires.{name}", device(wire)) for name, wire in wires.items()]
    named += [
        (f"lanes.{lane}.display", _port(config.display.port))
        for lane, config in lanes.items()
        if isinstance(config.display, AlphaDisplay)
    ]
    for key, what in named:
        first = called.setdefault(what, key)
        if first != key and what[0] != "mqtt":
            yield f"{key}: {what[1]} is already {first}; give one device one name"
