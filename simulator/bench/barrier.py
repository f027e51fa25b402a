"""From the safety loop occupied while closing to the stopping or turning frame on the wire.

The boards, the arms and the stopwatch live in a process of their own, first on the processor, so
that they do not wait for what they measure. Their wires have the pace of their baud rate: a
question and its answer take as long as their bytes; a frame counts when its first byte is sent.
WIRES guards run in this process, each on its own wire, beside a thread that works as the journal
and the console do. Measured with the shipped detector looking at pictures without a pause in a
process of its own, at the vision process's priority; and, shorter, at rest, for what wire and guard
need alone. Beside each, eight bytes go through a pty of their own and back, between two processes
that come first and do nothing else: what of the worst is the kernel's, which lets an ordinary
worker carry a serial line's bytes.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import random
import signal
import sqlite3
import threading
import time
import tty
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any

from edge.barrier.boards.modbus import ModbusBoard
from edge.barrier.guard.wire_loop import WireGuards
from edge.barrier.wires.serial import SerialLine
from edge.config import BarrierConfig
from edge.config.board import profile
from edge.domain.commands import Action, Order
from edge.domain.facts import Arm
from edge.system import scheduling
from edge.system.clock import SystemClock
from simulator.barrier.arm import Arm as PhysicalArm
from simulator.barrier.modbus_board import Board, SerialBoards
from simulator.bench import figure

CLOSINGS = 1000
AT_REST = 200
WIRES = 8
LONGEST_S = 400.0
STARTS_S = 120.0
"""So long the detector may take to load."""

BAUDS = (9600, 38400)
BITS = 10
"""Of a byte, 8N1."""

WARM = 50
"""Looks of the detector before it counts as warm."""

PING_EVERY_S = 0.005
BOARD_S = 0.003
"""What a board thinks before it answers."""

CONFIG = BarrierConfig(
    wire="bus",
    outputs={"open": 1, "close": 2, "green": 3, "red": 4, "stop": 5},
    pulse_s=0.2, dead_time_s=0.1, travel_s=3.0, clear_before_close_s=0.2,
)  # fmt: skip


def figures() -> Iterator[dict[str, Any]]:
    for baud in BAUDS:
        yield from _measured(f"{baud} baud, vision at full load", baud, CLOSINGS, _look)
        yield from _measured(f"{baud} baud, at rest", baud, AT_REST, None)


def _measured(
    how: str, baud: int, closings: int, load: Callable[[Connection], None] | None
) -> Iterator[dict[str, Any]]:
    """`load` runs beside it, in a process of its own, once it has said that it works."""
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe()
    pty, pty_far = context.Pipe()
    parts = [
        context.Process(target=_stand, args=(far, closings, baud), daemon=True),
        context.Process(target=_ping, args=(pty_far,), daemon=True),
    ]
    if load is not None:
        works, works_far = context.Pipe()
        parts.append(context.Process(target=load, args=(works_far,), daemon=True))
    for process in parts:
        process.start()
    try:
        if load is not None and not works.poll(STARTS_S):
            raise RuntimeError("the load beside the bench does not start")
        waits = _close_and_close(near)
        pty.send(None)
        if not pty.poll(10):
            raise RuntimeError("the pty beside the bench does not answer")
        pings: list[float] = pty.recv()
    finally:
        for process in parts:
            process.kill()
    reported = f"loop occupied while closing -> stop/open frame, {how}"
    yield from _spread(
        reported, waits, (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("most", 1.0))
    )
    yield from _spread(f"a pty alone, {how}", pings, (("p99.9", 0.999), ("most", 1.0)))


def _spread(
    what: str, seconds: list[float], shares: Sequence[tuple[str, float]]
) -> Iterator[dict[str, Any]]:
    ordered = sorted(seconds)
    for name, share in shares:
        value = ordered[min(len(ordered) - 1, int(share * len(ordered)))]
        yield figure(f"{what}, {name} of {len(ordered)}", 1000 * value, "ms")


# --- the guards, in this process ---


def _close_and_close(stand: Connection) -> list[float]:
    """Sends each arm down again and again until the stand has measured enough."""
    scheduling.raise_service()
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

    def __init__(self, seed: int, reported: Callable[[float], None]) -> None:
        self._rng = random.Random(seed)
        self._reported = reported
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
                    self._reported(now - self._occupied_at)
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
    scheduling.raise_guard()
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


def _look(works: Connection) -> None:
    """The shipped detector without a pause, as the vision process under full load."""
    scheduling.give_way()
    import numpy as np

    from edge.vision.detectors import detector_of

    detector = detector_of()
    picture = np.random.default_rng(1).integers(0, 255, (1080, 1920, 3), dtype=np.uint8)
    for _ in range(WARM):
        detector.find(picture)
    works.send(None)
    while True:
        detector.find(picture)


def _ping(over: Connection) -> None:
    """Eight bytes through a pty and back, again and again."""
    near, far = os.openpty()
    for end in (near, far):
        tty.setraw(end)
    echo = os.fork()
    scheduling.raise_guard()
    if echo == 0:
        os.close(far)
        with contextlib.suppress(OSError):
            # The other end is closed with its process.
            while data := os.read(near, 64):
                os.write(near, data)
        os._exit(0)
    waits = []
    while not over.poll(PING_EVERY_S):
        began = time.monotonic()
        os.write(far, b"12345678")
        os.read(far, 64)
        waits.append(time.monotonic() - began)
    os.kill(echo, signal.SIGKILL)
    over.send(waits)
    time.sleep(60)
