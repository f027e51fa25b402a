"""The serial line between computer and board: the pace of its baud rate, and what is lost on it."""

from __future__ import annotations

from random import Random

import serial

from tests.barrier.second_world.board import Board, sealed
from tests.barrier.second_world.line import LEAST_S, Line
from tests.barrier.second_world.world import World


class Cable(Line):
    """Both ends of the line."""

    tcp = False

    def __init__(self, world: World, board: Board, baud: int, dice: Random) -> None:
        super().__init__(world, board, baud, dice)
        self.buffer = bytearray()

    def connect(self) -> Port:
        if not self.plugged:
            raise serial.SerialException("[Errno 2] No such file or directory")
        self.buffer.clear()
        self.generation += 1
        return Port(self, self.generation)

    def unplug(self, seconds: float) -> None:
        super().unplug(seconds)
        self.buffer.clear()

    def drop(self) -> None:
        """The process that held the port is gone."""
        self.generation += 1
        self.buffer.clear()

    def die(self, seconds: float) -> None:
        """What is a dead switch on a network is a pulled plug here."""
        self.unplug(seconds)

    def sends(self, data: bytes) -> None:
        """The computer's bytes begin to go out now."""
        arrives = max(self.world.t, self._free_at) + len(data) * self.byte_s
        self._free_at = arrives
        if not self._lost(data[0], data[1:]):
            self.world.at(arrives, lambda: self._arrived(data))

    def _arrived(self, data: bytes) -> None:
        self.world.after(self._works_s(data[0]), lambda: self._answer(data))

    def _answer(self, data: bytes) -> None:
        answer = self._answer_of(data)
        if answer is None:
            return
        kind = self._spoilt()
        delay = len(answer) * self.byte_s
        if kind == "answer_lost":
            return
        if kind == "late":
            delay += self.dice.uniform(*self.noise.late_s)
        if kind == "garbled":
            spoilt = bytearray(answer)
            spoilt[self.dice.randrange(len(spoilt))] ^= 1 << self.dice.randrange(8)
            answer = bytes(spoilt)
        if kind == "foreign":
            other = sealed(bytes([data[0] + 1, 2, 1, self.dice.randrange(256)]))
            answer = other if self.dice.random() < 0.5 else other + answer
        self._come(answer, delay)
        if kind == "doubled":
            self._come(answer, delay + self.dice.choice((0.0, 0.004, 0.03, 0.1)))

    def heard(self, frame: bytes, delay: float) -> None:
        """Bytes that another master has on the line."""
        self._come(frame, delay + len(frame) * self.byte_s)

    def _come(self, answer: bytes, delay: float) -> None:
        generation = self.generation
        self.world.after(delay, lambda: self._in(answer, generation))

    def _in(self, answer: bytes, generation: int) -> None:
        if generation == self.generation and len(self.buffer) < 4096:
            self.buffer += answer


class Port:
    """What the computer has opened; as much of serial.Serial as a line needs."""

    def __init__(self, cable: Cable, generation: int) -> None:
        self.timeout: float | None = 0.2
        self._cable = cable
        self._generation = generation
        self.touched = lambda: None

    def _alive(self) -> None:
        self.touched()
        if self._generation != self._cable.generation:
            raise serial.SerialException("device disconnected [Errno 5]")

    @property
    def in_waiting(self) -> int:
        self._alive()
        return len(self._cable.buffer)

    @property
    def out_waiting(self) -> int:
        self._alive()
        return 0

    def read(self, size: int) -> bytes:
        self._alive()
        world, buffer = self._cable.world, self._cable.buffer
        until = world.t + max(self.timeout or 0.0, LEAST_S)
        while len(buffer) < size and world.t < until:
            world.step(until)
            if self._generation != self._cable.generation:
                break
        self._alive()
        got = bytes(buffer[:size])
        del buffer[:size]
        return got

    def write(self, data: bytes) -> int:
        self._alive()
        self._cable.sends(data)
        return len(data)

    def reset_input_buffer(self) -> None:
        self._alive()
        self._cable.buffer.clear()

    def reset_output_buffer(self) -> None:
        self._alive()

    def close(self) -> None:
        if self._generation == self._cable.generation:
            self._cable.generation += 1
            self._cable.buffer.clear()
