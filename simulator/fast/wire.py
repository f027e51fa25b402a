"""A serial wire in memory on a clock that only moves when somebody waits."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.system.clock import ManualClock
from simulator.barrier.bad_wires import Clean, Fault, checksum
from simulator.barrier.modbus_board import Board

BITS_A_BYTE = 10
"""8N1."""

BOARD_S = 0.003
"""A board's answer begins so long after the question."""

SHORTEST_S = 1e-6

READING = (1, 2, 3, 4)
"""Function codes that change nothing."""


class VirtualTime:
    """Moves the product's clock on, and ends the pulses of `boards` at their own moments."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.boards: list[Board] = []

    @property
    def mono(self) -> float:
        return self.clock.now().mono

    def forward(self, to: float) -> None:
        """On to that moment; a pulse that ends meanwhile ends at its own moment."""
        for end in sorted(end for board in self.boards for end in board.ends.values() if end <= to):
            self._to(end)
            for board in self.boards:
                board.tick()
        self._to(to)

    def _to(self, moment: float) -> None:
        if moment > self.mono:
            self.clock.advance(moment - self.mono)


@dataclass(slots=True)
class MemoryLine:
    """What lies between the ports and the boards, whoever opens it. `silent`: boards that do not
    answer now; `fault`: what becomes of the answers on their way."""

    time: VirtualTime
    boards: Mapping[int, Board]
    rng: random.Random
    baud: int = 9600
    silent: set[int] = field(default_factory=set)
    fault: Fault = field(default_factory=Clean)
    written: list[tuple[float, bytes]] = field(default_factory=list)
    """Frames that change something: (moment, frame)."""

    def open(self) -> MemoryPort:
        return MemoryPort(self)


class MemoryPort:
    """Implements serial.Port: boards at the far end, at the pace of the line."""

    def __init__(self, line: MemoryLine) -> None:
        self._line, self._time = line, line.time
        self._byte_s = BITS_A_BYTE / line.baud
        self._coming: deque[tuple[float, bytes]] = deque()
        self.timeout: float | None = None
        self.out_waiting = 0

    @property
    def in_waiting(self) -> int:
        now = self._time.mono
        return sum(len(data) for at, data in self._coming if at <= now)

    def write(self, data: bytes) -> int:
        time = self._time
        time.forward(time.mono + len(data) * self._byte_s)
        line = self._line
        if data[1] not in READING:
            line.written.append((time.mono, bytes(data)))
        board = line.boards.get(data[0])
        if board is None or data[0] in line.silent or checksum(data[:-2]) != data[-2:]:
            return len(data)
        body = bytes([data[0]]) + board.handle(bytes(data[1:-2]))
        at = time.mono + BOARD_S
        for delay, piece in line.fault(body + checksum(body), line.rng):
            at += delay
            self._coming.append((at + len(piece) * self._byte_s, piece))
        self._coming = deque(sorted(self._coming))
        return len(data)

    def read(self, size: int) -> bytes:
        time = self._time
        until = time.mono + max(self.timeout or 0.0, SHORTEST_S)
        got = b""
        while len(got) < size:
            if not self._coming or self._coming[0][0] > until:
                time.forward(until)
                break
            at, data = self._coming.popleft()
            time.forward(at)
            wanted = size - len(got)
            got += data[:wanted]
            if data[wanted:]:
                self._coming.appendleft((at, data[wanted:]))
        return got

    def reset_input_buffer(self) -> None:
        now = self._time.mono
        while self._coming and self._coming[0][0] <= now:
            self._coming.popleft()

    def reset_output_buffer(self) -> None:
        """Nothing waits in memory."""

    def close(self) -> None:
        self._coming.clear()
