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
    for name, config in settings.wires.items():
        lanes = {n: c.barrier for n, c in settings.lanes.items() if c.barrier.wire == name}
        if not lanes:
            continue
        line: SerialLine | TcpLine
        match config:
            case SerialWire():
                gap = max(lane.quiet_gap_s for lane in lanes.values())
                line = SerialLine(config.port, config.baud, gap)
            case TcpWire():
                line = TcpLine(config.host, config.port)
        boards = [(lane, b, _board(line, b)) for lane, b in lanes.items()]
        wire: Wire = line
        wires.append(WireGuards(wire, boards, clock))
    return Guards(wires)


def _board(line: SerialLine | TcpLine, barrier: BarrierConfig) -> BoardDriver:
    return ModbusBoard(
        line,
        barrier.address,
        profile(barrier.board),
        barrier.outputs,
        barrier.inputs,
        barrier.inverted,
    )
