"""Devices that have two names would have two owners, and neither would know of what the other
moves.
"""

from __future__ import annotations

from collections.abc import Iterator

from edge.config.lane import AlphaDisplay, LaneConfig
from edge.config.wires import Device, Wire, serial_port


def shared_devices(wires: dict[str, Wire], lanes: dict[str, LaneConfig]) -> Iterator[str]:
    """Devices that have two names, each with its key and cure."""
    called: dict[Device, str] = {}
    named = [(f"wires.{name}", wire.device) for name, wire in wires.items()]
    named += [
        (f"lanes.{lane}.display", serial_port(config.display.port))
        for lane, config in lanes.items()
        if isinstance(config.display, AlphaDisplay)
    ]
    named += [
        (f"lanes.{lane}.scanner", serial_port(config.scanner.port))
        for lane, config in lanes.items()
        if config.scanner is not None
    ]
    for key, what in named:
        first = called.setdefault(what, key)
        if first != key and not what.serves_many:
            yield f"{key}: {what.place} is already {first}; give one device one name"
