"""From the safety loop occupied while closing to the reversing frame on the wire."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

from edge.barrier.board import profile
from edge.barrier.guard import WireGuards
from edge.barrier.modbus_board import ModbusBoard
from edge.barrier.serial_line import SerialLine
from edge.clock import SystemClock
from edge.commands import Action, Order
from edge.config import BarrierConfig
from edge.facts import Arm
from simulator.barrier.modbus_board import Board, SerialBoards
from simulator.bench import figure
from simulator.world import LaneWorld

TIMES = 60


def figures() -> Iterator[dict[str, Any]]:
    config = BarrierConfig(
        wire="bus", pulse_s=0.2, dead_time_s=0.1, travel_s=2.0, clear_before_close_s=0.2
    )
    world = LaneWorld("bench", time.monotonic, 1.0)
    board = Board(world, config.outputs, config.inputs, config.inverted)
    boards = SerialBoards({1: board})
    boards.start()
    line = SerialLine(boards.port, 9600, 0.1)
    driver = ModbusBoard(
        line, 1, profile("waveshare"), config.outputs, config.inputs, config.inverted
    )
    guards = WireGuards(line, [("bench", config, driver)], SystemClock())
    guards.start(lambda fact: None)
    waits = []
    try:
        for n in range(TIMES):
            waits.append(_once(guards, world, boards, n))
    finally:
        guards.stop()
        boards.stop()
    ordered = sorted(waits)
    for name, share in (("p50", 0.5), ("p99", 0.99), (f"most of {TIMES}", 1.0)):
        value = ordered[min(len(ordered) - 1, int(share * len(ordered)))]
        yield figure(f"loop occupied while closing -> open frame, {name}", 1000 * value, "ms")


def _once(guards: WireGuards, world: LaneWorld, boards: SerialBoards, n: int) -> float:
    """One close that is disturbed; seconds to the frame."""
    guard = guards.guards["bench"]
    _until(lambda: guard.status().arm in (Arm.CLOSED, Arm.OPEN, Arm.STOPPED))
    guard.order(Order(f"open-{n}", Action.OPEN, "bench", ""))
    _until(lambda: guard.status().arm is Arm.OPEN)
    time.sleep(0.3)
    guard.order(Order(f"close-{n}", Action.CLOSE, "bench", ""))
    _until(lambda: guard.status().arm is Arm.CLOSING)
    # Past the close pulse and its dead time, at a phase of the poll cycle that differs each time.
    time.sleep(0.34 + 0.0037 * (n % 11))
    occupied = time.monotonic()
    world.overrides["safety_loop"] = True
    found = threading.Event()

    def sent() -> float | None:
        for at, _, pdu in reversed(boards.seen[-50:]):
            if at > occupied and pdu[0] == 5 and pdu[1:3] in (b"\x02\x00", b"\x00\x01"):
                found.set()
                return at
        return None

    _until(lambda: sent() is not None)
    took = (sent() or occupied) - occupied
    world.overrides.clear()
    return took


def _until(true: Any, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise RuntimeError("the bench's barrier does not move as expected")
        time.sleep(0.0005)
