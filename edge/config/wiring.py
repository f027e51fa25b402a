"""Whether the lanes can be wired as the file says."""

from __future__ import annotations

from collections.abc import Iterator

from edge.config.barrier import BarrierConfig
from edge.config.channels import acted, contacts
from edge.config.devices import device
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
    whole = {}
    for lane, barrier in barriers.items():
        key = f"lanes.{lane}.barrier"
        lacking = [
            f"{key}.{name}: no wire {where!r} under [wires]; known: {known}"
            for name, where in (("wire", barrier.wire), ("inputs_wire", barrier.inputs_wire))
            if where not in wires and (where or name == "wire")
        ]
        yield from lacking
        if not lacking:
            whole[lane] = barrier
            yield from (
                f"{key}{problem}" for problem in _lane_problems(wires[barrier.wire], barrier, wires)
            )
    yield from _shared(wires, whole)


def _shared(wires: dict[str, Wire], barriers: dict[str, BarrierConfig]) -> Iterator[str]:
    """What two lanes both move or read: one of them would move the other's arm."""
    holders: dict[tuple[object, ...], str] = {}
    boards: dict[tuple[str, int], tuple[str, str]] = {}
    for lane, barrier in barriers.items():
        key = f"lanes.{lane}.barrier"
        for place, reported in _places(barrier, wires):
            other = holders.setdefault(place, lane)
            if other != lane:
                yield (
                    f"{key}{reported} already belongs to lane {other}; give it another address or "
                    "channel"
                )
                break
        for name in {c.wire for c in contacts(barrier, wires)}:
            if not isinstance(wires[name], SerialWire | TcpWire):
                continue
            profile, first = boards.setdefault((name, barrier.address), (barrier.board, lane))
            if profile != barrier.board:
                yield (
                    f"{key}.board: lane {first} calls the same board {profile!r}, this one "
                    f"{barrier.board!r}; say one of them, or give it another address"
                )


def _places(
    barrier: BarrierConfig, wires: dict[str, Wire]
) -> Iterator[tuple[tuple[object, ...], str]]:
    """Everything of a lane that can be nobody else's, and how it is told."""
    wire = wires[barrier.wire]
    if isinstance(wire, IsapiWire):
        reported = f".channel: barrier {barrier.channel} of {barrier.wire}"
        yield (barrier.wire, barrier.channel), reported
    if barrier.cover is not None and isinstance(wire, MqttWire):
        topic = barrier.cover.command
        yield (device(wire), topic), f".cover.command: {topic!r} at {barrier.wire}"
        # An arm would be believed to stand where another lane's does.
        topic = barrier.cover.state
        yield (device(wire), topic), f".cover.state: {topic!r} at {barrier.wire}"
    for c in contacts(barrier, wires):
        reported = f"{c.kind} {c.channel}"
        match wires[c.wire]:
            case SerialWire() | TcpWire():
                board = barrier.address
                place = (c.wire, board, c.kind, c.channel)
                yield place, f".address: board {board} at {c.wire}: {reported}"
            case GpioWire():
                # A line of a chip is either an input or an output.
                yield (c.wire, c.channel), f".{c.kind}s.{c.name}: line {c.channel} of {c.wire}"
            case MqttWire():
                topic = barrier.tasmota.topic if barrier.tasmota is not None else ""
                yield (device(wire), topic, c.channel), f".tasmota: {reported} of {topic!r}"
            case _:
                yield (c.wire, c.kind, c.channel), f".{c.kind}s.{c.name}: {reported} of {c.wire}"


def _lane_problems(wire: Wire, barrier: BarrierConfig, wires: dict[str, Wire]) -> Iterator[str]:
    if isinstance(wire, LcusWire) and not barrier.bench:
        yield (
            ".bench: an LCUS relay keeps its contact closed when the gate dies; it is for the "
            "bench only: write bench = true there, or wire a board with flash-on"
        )
    for section in ("cover", "tasmota"):
        if getattr(barrier, section) is not None and not isinstance(wire, MqttWire):
            yield (f".{section}: {barrier.wire!r} is a {wire.kind} wire; name mqtt, or remove it")
    if (
        acted(wire, barrier) is None
        and "close" in barrier.outputs
        and "open" not in barrier.outputs
    ):
        yield ".outputs: close is wired without open; nothing could turn the arm over a vehicle"
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
