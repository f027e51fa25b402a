"""PURE. Whether the lanes can be wired as the file says."""

from __future__ import annotations

from collections.abc import Iterator

from edge.config.barrier import BarrierConfig
from edge.config.wires import (
    GpioWire,
    IsapiWire,
    LcusWire,
    MqttWire,
    SerialWire,
    TcpWire,
    Wire,
)


def wiring_problems(wires: dict[str, Wire], barriers: dict[str, BarrierConfig]) -> Iterator[str]:
    """What cannot be as wired, each with its key and cure."""
    known = ", ".join(wires) or "none"
    used: dict[tuple[str, int, str, int], str] = {}
    for lane, barrier in barriers.items():
        key = f"lanes.{lane}.barrier"
        missing = False
        for name, where in (("wire", barrier.wire), ("inputs_wire", barrier.inputs_wire)):
            if where not in wires and (where or name == "wire"):
                yield f"{key}.{name}: no wire {where!r} under [wires]; known: {known}"
                missing = True
        if missing:
            continue
        wire = wires[barrier.wire]
        yield from (f"{key}{problem}" for problem in _lane_problems(wire, barrier, wires))
        named = isinstance(wire, MqttWire | IsapiWire)
        board = barrier.inputs_wire if named else barrier.wire
        taken = [("input", barrier.inputs_wire or barrier.wire, c) for c in barrier.inputs.values()]
        taken += [
            ("output", board, c)
            for n, c in barrier.outputs.items()
            if not (named and n in ("open", "close", "stop"))
        ]
        for kind, place, channel in taken:
            slot = (place, barrier.address, kind, channel)
            other = used.setdefault(slot, lane)
            if other != lane and place and isinstance(wires[place], SerialWire | TcpWire):
                yield (
                    f"{key}.address: board {barrier.address} at {place}: {kind} {channel} already "
                    f"belongs to lane {other}; give it another address or channel"
                )
                break


def _lane_problems(wire: Wire, barrier: BarrierConfig, wires: dict[str, Wire]) -> Iterator[str]:
    if isinstance(wire, LcusWire) and not barrier.bench:
        yield (
            ".bench: an LCUS relay keeps its contact closed when the gate dies; it is for the "
            "bench only: write bench = true there, or wire a board with flash-on"
        )
    if isinstance(wire, MqttWire) and (barrier.cover is None) == (barrier.tasmota is None):
        yield ": an MQTT wire needs either a [cover] or a [tasmota] section below the barrier"
    if barrier.inputs_wire:
        where = wires[barrier.inputs_wire]
        if not isinstance(where, SerialWire | TcpWire | GpioWire):
            yield f".inputs_wire: a {where.kind} wire has no inputs; use serial, tcp or gpio"
    sensed = barrier.inputs_wire or isinstance(wire, SerialWire | TcpWire | GpioWire)
    safe = sensed and {"safety_loop", "photocell"} & set(barrier.inputs)
    drives = isinstance(wire, MqttWire | IsapiWire) or "close" in barrier.outputs
    if drives and not safe and not barrier.never_closes:
        yield (
            ".inputs: close is wired without a safety input; wire safety_loop or photocell (on "
            "inputs_wire where the wire has no inputs), or say never_closes = true"
        )
