"""Picks the drivers that the settings name: the only place of the barrier that does."""

from __future__ import annotations

import logging
from pathlib import Path

from edge.barrier.boards.composite import CompositeBoard, CompositeWire
from edge.barrier.boards.gpio import GpioBoard, GpioLine
from edge.barrier.boards.isapi import IsapiBarrier
from edge.barrier.boards.lcus import LcusBoard
from edge.barrier.boards.modbus import ModbusBoard
from edge.barrier.boards.mqtt_cover import MqttCover
from edge.barrier.boards.tasmota import TasmotaBoard
from edge.barrier.boards.trace import Trace, TracedBoard, TracedLine, TraceError
from edge.barrier.guard.guards import Guards
from edge.barrier.guard.wire_loop import WireGuards
from edge.barrier.port import GuardRunner
from edge.barrier.wires.isapi import IsapiLine
from edge.barrier.wires.mqtt import MqttLine
from edge.barrier.wires.port import BoardDriver, Wire
from edge.barrier.wires.raw import RawLine
from edge.barrier.wires.reconnecting import ReconnectingBoard, ReconnectingWire
from edge.barrier.wires.serial import SerialLine
from edge.barrier.wires.tcp import TcpLine
from edge.config import (
    BarrierConfig,
    GpioWire,
    IsapiWire,
    LcusWire,
    MqttWire,
    SerialWire,
    Settings,
    TcpWire,
)
from edge.config.board import profile
from edge.config.channels import SENSING, acted
from edge.domain.pulses import SHORTEST_PULSE_S
from edge.system.clock import Clock

log = logging.getLogger(__name__)

ENDS = frozenset({"limit_open", "limit_closed"})


def build(settings: Settings, clock: Clock) -> GuardRunner:
    """All guards of the gate. Raises BoardError for a profile that cannot be used."""
    guards = []
    for names in _groups(settings):
        wiring = Wiring(
            {name: _line(settings, name) for name in names}, reconnecting=len(names) > 1
        )
        boards = []
        for lane, config in settings.lanes.items():
            if config.barrier.wire in names:
                barrier = effective(settings, config.barrier)
                trace = _trace(barrier.trace, lane)
                driver = _driver(settings, wiring, barrier, trace)
                boards.append((lane, barrier, driver))
        guards.append(WireGuards(wiring.whole(), boards, clock))
    return Guards(guards)


def _trace(file: Path | None, lane: str) -> Trace | None:
    """A wire that cannot be recorded is driven all the same."""
    try:
        return None if file is None else Trace(file, lane)
    except TraceError as error:
        log.error("the wire of lane %s is not recorded: %s", lane, error)
        return None


def board(settings: Settings, lane: str, record: Path | None = None) -> tuple[Wire, BoardDriver]:
    """One lane's wire and driver, for commissioning without guards; `record` its trace. Raises
    BoardError."""
    barrier = effective(settings, settings.lanes[lane].barrier)
    wiring = Wiring({n: _line(settings, n) for n in _wires(barrier)}, reconnecting=False)
    trace = None if record is None else Trace(record, lane)
    driver = _driver(settings, wiring, barrier, trace)
    return wiring.whole(), driver


def effective(settings: Settings, barrier: BarrierConfig) -> BarrierConfig:
    """With exactly the inputs and outputs that the lane's wires have."""
    wire = settings.wires[barrier.wire]
    inputs, outputs = dict(barrier.inputs), dict(barrier.outputs)
    if not barrier.inputs_wire and not isinstance(wire, SENSING):
        inputs = {}
    by_name = acted(wire, barrier)
    if by_name is not None:
        outputs = {n: c for n, c in outputs.items() if barrier.inputs_wire or n in by_name}
        outputs |= {name: 0 for name in by_name}
    if _tells_ends(settings, barrier):
        inputs |= {name: -1 for name in ENDS if name not in inputs}
    update: dict[str, object] = {"inputs": inputs, "outputs": outputs}
    if isinstance(wire, SerialWire | TcpWire):
        # The dead time begins when the board's own pulse ends, whatever length was asked for.
        update["pulse_s"] = profile(barrier.board).lasts_s(barrier.pulse_s)
    if isinstance(wire, IsapiWire):
        # Commands, not contacts: there is nothing that a turn would have to wait for.
        update |= {"pulse_s": SHORTEST_PULSE_S, "dead_time_s": 0.0}
    return barrier.model_copy(update=update)


def _tells_ends(settings: Settings, barrier: BarrierConfig) -> bool:
    return acted(settings.wires[barrier.wire], barrier) is not None


def _wires(barrier: BarrierConfig) -> list[str]:
    return [n for n in dict.fromkeys((barrier.wire, barrier.inputs_wire)) if n]


def _groups(settings: Settings) -> list[list[str]]:
    """Wires that must have one owner: each lane's wires belong together."""
    groups: list[list[str]] = []
    for config in settings.lanes.values():
        mine = _wires(config.barrier)
        apart = []
        for group in groups:
            if set(group) & set(mine):
                mine = [*group, *(n for n in mine if n not in group)]
            else:
                apart.append(group)
        groups = [*apart, mine]
    return groups


AnyLine = SerialLine | TcpLine | RawLine | MqttLine | IsapiLine | GpioLine


class Wiring:
    """The lines of one guard thread by name. `reconnecting`: each is opened anew by itself, so that
    its loss is that of its own boards only."""

    def __init__(self, lines: dict[str, AnyLine], reconnecting: bool) -> None:
        self.lines = lines
        self._reconnecting = (
            {n: ReconnectingWire(line) for n, line in lines.items()} if reconnecting else {}
        )

    def whole(self) -> Wire:
        """All of them as one wire."""
        parts: list[Wire] = list((self._reconnecting or self.lines).values())
        return parts[0] if len(parts) == 1 else CompositeWire(parts)

    def over(self, name: str, driver: BoardDriver) -> BoardDriver:
        """A board on the line of that name."""
        wire = self._reconnecting.get(name)
        return driver if wire is None else ReconnectingBoard(driver, wire)


def _line(settings: Settings, name: str) -> AnyLine:
    match settings.wires[name]:
        case SerialWire() as w:
            lanes = [c.barrier for c in settings.lanes.values() if name in _wires(c.barrier)]
            gap = max(b.quiet_gap_s for b in lanes)
            return SerialLine(w.port, w.baud, gap, parity=w.parity, stop_bits=w.stop_bits)
        case TcpWire(host=host, port=port):
            return TcpLine(host, port)
        case LcusWire(port=port, baud=baud):
            return RawLine(port, baud)
        case MqttWire() as w:
            return MqttLine(w.host, w.port, w.username, w.password_file, w.tls, w.ca_file)
        case IsapiWire() as w:
            return IsapiLine(w.url, w.username, w.password_file, w.answer_s, w.ca_file)
        case GpioWire(chip=chip):
            return GpioLine(chip)


def _driver(
    settings: Settings, wiring: Wiring, barrier: BarrierConfig, trace: Trace | None
) -> BoardDriver:
    """The lane's driver; `barrier` is the effective one."""
    driver = _untraced(settings, wiring, barrier, trace)
    return driver if trace is None else TracedBoard(driver, trace)


def _untraced(
    settings: Settings, wiring: Wiring, barrier: BarrierConfig, trace: Trace | None
) -> BoardDriver:
    mine = acted(settings.wires[barrier.wire], barrier) or frozenset(barrier.outputs)
    reported = ENDS if _tells_ends(settings, barrier) else frozenset()

    def made(name: str, outputs: dict[str, int], inputs: dict[str, int]) -> BoardDriver:
        return wiring.over(name, _board(wiring.lines[name], barrier, outputs, inputs, trace))

    if not barrier.inputs_wire:
        return made(barrier.wire, barrier.outputs, barrier.inputs)
    # A channel -1 stands for an end that the actuator tells of.
    sensed = {n: c for n, c in barrier.inputs.items() if c >= 0}
    lamps = {n: c for n, c in barrier.outputs.items() if n not in mine}
    actuator = made(barrier.wire, barrier.outputs, {})
    return CompositeBoard(
        actuator, made(barrier.inputs_wire, lamps, sensed), mine, reported - sensed.keys()
    )


def _board(
    line: AnyLine,
    barrier: BarrierConfig,
    outputs: dict[str, int],
    inputs: dict[str, int],
    trace: Trace | None,
) -> BoardDriver:
    match line:
        case MqttLine():
            if barrier.cover is not None:
                return MqttCover(line, barrier.cover)
            assert barrier.tasmota is not None
            return TasmotaBoard(line, barrier.tasmota, outputs)
        case IsapiLine():
            return IsapiBarrier(line, barrier.channel)
        case RawLine():
            return LcusBoard(line, outputs)
        case GpioLine():
            return GpioBoard(line, outputs, inputs, barrier.inverted)
        case SerialLine() | TcpLine():
            made = profile(barrier.board)
            tapped = line if trace is None else TracedLine(line, trace)
            return ModbusBoard(tapped, barrier.address, made, outputs, inputs, barrier.inverted)
