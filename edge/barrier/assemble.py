"""Picks the drivers that the settings name: the only place of the barrier that does."""

from __future__ import annotations

from edge.barrier.board import profile
from edge.barrier.driver import BoardDriver, Wire
from edge.barrier.guard import Guards, WireGuards
from edge.barrier.modbus_board import ModbusBoard
from edge.barrier.port import GuardRunner
from edge.barrier.serial_line import SerialLine
from edge.barrier.tcp_line import TcpLine
from edge.clock import Clock
from edge.config import BarrierConfig, SerialWire, Settings, TcpWire


def build(settings: Settings, clock: Clock) -> GuardRunner:
    """All guards of the gate. Raises BoardError for a profile that cannot be used."""
    wires = []
    for name in settings.wires:
        lanes = {n: c.barrier for n, c in settings.lanes.items() if c.barrier.wire == name}
        if not lanes:
            continue
        line = _line(settings, name)
        boards = [(lane, b, _board(line, b)) for lane, b in lanes.items()]
        wires.append(WireGuards(line, boards, clock))
    return Guards(wires)


def board(settings: Settings, lane: str) -> tuple[Wire, BoardDriver]:
    """One lane's wire and driver, for commissioning without guards. Raises BoardError."""
    barrier = settings.lanes[lane].barrier
    line = _line(settings, barrier.wire)
    return line, _board(line, barrier)


def _line(settings: Settings, name: str) -> SerialLine | TcpLine:
    match settings.wires[name]:
        case SerialWire(port=port, baud=baud):
            lanes = [c.barrier for c in settings.lanes.values() if c.barrier.wire == name]
            return SerialLine(port, baud, max(b.quiet_gap_s for b in lanes))
        case TcpWire(host=host, port=port):
            return TcpLine(host, port)


def _board(line: SerialLine | TcpLine, barrier: BarrierConfig) -> BoardDriver:
    return ModbusBoard(
        line,
        barrier.address,
        profile(barrier.board),
        barrier.outputs,
        barrier.inputs,
        barrier.inverted,
    )
