"""What a wire or display really is, whatever it is called: two names of one device would have two
owners, and neither would know of what the other moves.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from edge.config.address import same_host
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
            return "tcp", f"{same_host(host)}:{number}"
        case MqttWire(host=host):
            # A broker has several doors: 1883, 8883 ...
            return "mqtt", same_host(host)
        case IsapiWire(url=url):
            return "isapi", _web(url)


def _web(url: str) -> str:
    """What it cannot be told of is a device of its own: it is refused elsewhere."""
    try:
        split = urlsplit(url)
        usual = {"http": 80, "https": 443}[split.scheme]
        port = "" if split.port in (None, usual) else f":{split.port}"
        return f"{same_host(split.hostname or '')}{port}"
    except ValueError:
        return url


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
