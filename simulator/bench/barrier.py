"""From the safety loop occupied while closing to the stopping or turning frame on the wire.

The boards, the arms and the stopwatch live in a process of their own, first on the processor, so
that they do not wait for what they measure. Their wires have the pace of their baud rate: a
question and its answer take as long as their bytes; a frame counts when its first byte is sent.
WIRES guards run in this process, each on its own wire, beside a thread that works as the journal
and the console do. Measured at rest, and with the shipped detector looking at pictures without a
pause in a process of its own, at the vision process's priority.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

from edge import priority
from edge.barrier.board import profile
from edge.barrier.guard import WireGuards
from edge.barrier.modbus_board import ModbusBoard
from edge.barrier.serial_line import SerialLine
from edge.clock import SystemClock
from edge.commands import Action, Order
from edge.config import BarrierConfig
from edge.facts import Arm
from simulator.barrier.arm import Arm as PhysicalArm
from simulator.barrier.modbus_board import Board, SerialBoards
from simulator.bench import figure

CLOSINGS = 1000
WIRES = 8
LONGEST_S = 400.0

BAUDS = (9600, 38400)
BITS = 10
"""Of a byte, 8N1."""

BOARD_S = 0.003
"""What a board thinks before it answers."""

CONFIG = BarrierConfig(
    wire="bus",
    outputs={"open": 1, "close": 2, "green": 3, "red": 4, "stop": 5},
    pulse_s=0.2, dead_time_s=0.1, travel_s=3.0, clear_before_close_s=0.2,
)  # fmt: skip


def figures() -> Iterator[dict[str, Any]]:
    for baud in BAUDS:
        yield from _measured(f"{baud} baud, at rest", baud, 0)
        yield from _measured(f"{baud} baud, vision at full load", baud, 1)


def _measured(how: str, baud: int, detectors: int) -> Iterator[dict[str, Any]]:
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe()
    stand = context.Process(target=_stand, args=(far, CLOSINGS, baud), daemon=True)
    stand.start()
    load = [context.Process(target=_look, daemon=True) for _ in range(detectors)]
    for process in load:
        process.start()
    time.sleep(20.0 if load else 1.0)
    try:
        waits = _close_and_close(near)
    finally:
        stand.kill()
        for process in load:
            process.kill()
    ordered = sorted(waits)
    for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("most", 1.0)):
        value = ordered[min(len(ordered) - 1, int(share * len(ordered)))]
        text = f"loop occupied while closing -> stop/open frame, {how}, {name} of {len(ordered)}"
        yield figure(text, 1000 * value, "ms")


# --- the guards, in this process ---


def _close_and_close(stand: Connection) -> list[float]:
    """Sends each arm down again and again until the stand has measured enough."""
    priority.raise_service()
    ports: list[str] = stand.recv()
    guards = []
    for n, port in enumerate(ports):
        line = SerialLine(port, 9600, CONFIG.quiet_gap_s)
        driver = ModbusBoard(
            line, 1, profile("waveshare"), CONFIG.outputs, CONFIG.inputs, CONFIG.inverted
        )
        guards.append(WireGuards(line, [(f"lane{n}", CONFIG, driver)], SystemClock()))
    for wire in guards:
        wire.start(lambda fact: None)
    over = threading.Event()
    service = threading.Thread(target=_serve, args=(over,), daemon=True)
    service.start()
    try:
        until = time.monotonic() + LONGEST_S
        number = 0
        while not stand.poll(0.02):
            if time.monotonic() > until:
                raise RuntimeError("the bench's barriers do not move as expected")
            for wire in guards:
                number += 1
                guard = next(iter(wire.guards.values()))
                status = guard.status()
                if status.arm is Arm.OPEN and status.safety_loop is False:
                    guard.order(Order(f"c{number}", Action.CLOSE, "bench", ""))
                elif status.arm in (Arm.CLOSED, Arm.STOPPED) and status.safety_loop is False:
                    guard.order(Order(f"o{number}", Action.OPEN, "bench", ""))
        waits: list[float] = stand.recv()
        return waits
    finally:
        over.set()
        service.join(5)
        for wire in guards:
            wire.stop()


def _serve(over: threading.Event) -> None:
    """What the rest of the service does to the interpreter: JSON, hashes, commits."""
    database = sqlite3.connect(":memory:")
    database.execute("create table event (body text)")
    body = {"lanes": [{"name": f"lane{n}", "text": "x" * 200} for n in range(20)]}
    while not over.wait(0.01):
        for _ in range(20):
            text = json.dumps(body)
            database.execute("insert into event values (?)", (text,))
            json.loads(text)
        database.commit()


# --- the stand: boards, arms and the stopwatch ---


class _Bench:
    """One arm; a close pulse is disturbed after a while, and the answer to that is timed."""

    def __init__(self, seed: int, told: Callable[[float], None]) -> None:
        self._rng = random.Random(seed)
        self._told = told
        self._lock = threading.Lock()
        self._arm = PhysicalArm(travel_s=1.5)
        self._occupied_at: float | None = None
        self._occupy_at: float | None = None
        self._free_at = 0.0

    def drive(self, output: str, on: bool) -> None:
        now = time.monotonic()
        with self._lock:
            self._arm.drive(output, on, now)
            if not on:
                return
            if output == "close":
                # Within the pulse or after it, at any moment of the poll cycle.
                self._occupy_at = now + self._rng.choice((0.02, 0.32)) + 0.06 * self._rng.random()
            elif output in ("open", "stop"):
                if self._occupied_at is not None and self._occupied_at > 0:
                    self._told(now - self._occupied_at)
                    self._occupied_at = -1.0
                self._occupy_at = None
                self._free_at = now + 0.05

    def sense(self) -> dict[str, bool]:
        now = time.monotonic()
        with self._lock:
            self._arm.move(now)
            if self._occupy_at is not None and now >= self._occupy_at:
                self._occupied_at, self._occupy_at = self._occupy_at, None
            if self._occupied_at is not None and self._occupied_at < 0 and now > self._free_at:
                self._occupied_at = None
            return {
                **dict.fromkeys(("entry_loop", "photocell", "stop"), False),
                "safety_loop": self._occupied_at is not None,
                **self._arm.limits(),
            }


def _stand(far: Connection, enough: int, baud: int) -> None:
    priority.raise_guard()
    waits: list[float] = []
    boards = []
    for n in range(WIRES):
        bench = _Bench(n, waits.append)
        wire = SerialBoards({1: Board(bench, CONFIG.outputs, CONFIG.inputs, CONFIG.inverted)})
        wire.fault = lambda answer, rng: [((8 + len(answer)) * BITS / baud + BOARD_S, answer)]
        wire.start()
        boards.append(wire)
    far.send([wire.port for wire in boards])
    while len(waits) < enough:
        time.sleep(0.1)
    far.send(waits)
    time.sleep(60)


def _look() -> None:
    """The shipped detector without a pause, as the vision process under full load."""
    priority.give_way()
    import numpy as np

    from edge.vision.yolo import YoloDetector

    detector = YoloDetector()
    picture = np.random.default_rng(1).integers(0, 255, (1080, 1920, 3), dtype=np.uint8)
    while True:
        detector.find(picture)
