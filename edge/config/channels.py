"""Whether each channel that a lane names is there, on its wire, with the board that the profile
describes. What lies beside them is another contact, or another command of the board.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge.config.barrier import BarrierConfig
from edge.config.board import BoardError, BoardProfile, profile
from edge.config.wires import (
    GpioWire,
    IsapiWire,
    LcusWire,
    MqttWire,
    SerialWire,
    TcpWire,
    Wire,
)

SENSING = SerialWire | TcpWire | GpioWire
"""Wires whose boards have inputs of their own."""

BROADCAST = 0
"""On a serial line every board obeys this address, and none answers."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One channel on its wire. `kind`: input or output; `name`: as the lane calls it."""

    wire: str
    kind: str
    name: str
    channel: int


def acted(wire: Wire, barrier: BarrierConfig) -> frozenset[str] | None:
    """The outputs by name that the wire itself has; None: as many channels as are given."""
    if isinstance(wire, IsapiWire):
        return frozenset({"open", "close"})
    if isinstance(wire, MqttWire) and barrier.cover is not None:
        return frozenset({"open", "close", "stop"})
    return None


def contacts(barrier: BarrierConfig, wires: dict[str, Wire]) -> Iterator[Contact]:
    """The contacts of a lane that are really used; its wires must be there."""
    wire, elsewhere = wires[barrier.wire], barrier.inputs_wire
    if elsewhere or isinstance(wire, SENSING):
        for name, channel in barrier.inputs.items():
            yield Contact(elsewhere or barrier.wire, "input", name, channel)
    by_name = acted(wire, barrier)
    for name, channel in barrier.outputs.items():
        if by_name is None:
            yield Contact(barrier.wire, "output", name, channel)
        elif name not in by_name and elsewhere:
            yield Contact(elsewhere, "output", name, channel)


def channel_problems(barrier: BarrierConfig, wires: dict[str, Wire]) -> Iterator[str]:
    """Channels that are not there, and boards that cannot be used, as `.key: reason and cure`."""
    used = list(contacts(barrier, wires))
    boards: BoardProfile | None = None
    if any(isinstance(wires[c.wire], SerialWire | TcpWire) for c in used):
        try:
            boards = profile(barrier.board)
        except BoardError as error:
            yield f".board: {error}"
            return
        if any(isinstance(wires[c.wire], SerialWire) for c in used) and (
            barrier.address == BROADCAST
        ):
            yield (
                ".address: all boards of a serial line obey 0, those of other lanes too; give the "
                "board's own"
            )
    for contact in used:
        first, last, cure = _span(wires[contact.wire], contact.kind, barrier, boards)
        if not first <= contact.channel <= last:
            there = f"{first} to {last}" if last >= first else "none"
            yield (
                f".{contact.kind}s.{contact.name}: no {contact.kind} {contact.channel} at "
                f"{contact.wire!r}; there: {there} ({cure})"
            )
    for contact in used:
        other = next(c for c in used if c.channel == contact.channel and c.wire == contact.wire)
        if isinstance(wires[contact.wire], GpioWire) and other is not contact:
            yield (
                f".{contact.kind}s.{contact.name}: line {contact.channel} is {other.kind} "
                f"{other.name} too; give each a line of its own"
            )
    if boards is not None and any(
        c.kind == "output" and isinstance(wires[c.wire], SerialWire | TcpWire) for c in used
    ):
        try:
            boards.lasts_s(barrier.pulse_s)
        except BoardError as error:
            yield f".pulse_s: {error}"


def _span(
    wire: Wire, kind: str, barrier: BarrierConfig, board: BoardProfile | None
) -> tuple[int, int, str]:
    """First and last channel of that kind, and where that is said."""
    match wire:
        case GpioWire(first_line=first, lines=lines):
            return first, lines - 1, "first_line and lines of the wire say so"
        case LcusWire(relays=relays):
            return 1, relays if kind == "output" else 0, "relays of the wire says so"
        case MqttWire():
            relays = barrier.tasmota.relays if barrier.tasmota is not None else 0
            return 1, relays if kind == "output" else 0, "tasmota.relays says so"
        case IsapiWire():
            return 1, 0, "an ISAPI device has no contacts; name inputs_wire"
        case SerialWire() | TcpWire():
            assert board is not None
            if kind == "output":
                return 1, board.switch.count, f"[switch] count of board {barrier.board!r} says so"
            count = board.inputs.count if board.inputs is not None else 0
            return 1, count, f"[inputs] count of board {barrier.board!r} says so"
