"""Modbus TCP between computer and board: what is written waits while the network is dead and comes
in one burst when it is back, unless the connection was thrown away before.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from random import Random

from tests.barrier.second_world.board import Board, sealed
from tests.barrier.second_world.line import LEAST_S, Line
from tests.barrier.second_world.world import World

SLOWEST_S = 0.012
"""One way on a local network, a gateway included."""


class Network(Line):
    """In the place of a Cable."""

    tcp = True

    def __init__(self, world: World, board: Board, baud: int, dice: Random) -> None:
        super().__init__(world, board, baud, dice)
        self.dead_until = 0.0
        self._connection: Connection | None = None

    # --- what happens to it ---

    def die(self, seconds: float) -> None:
        """A switch is away: nothing is lost, all of it is late."""
        self.world.deaf.append((self.world.t, self.world.t + seconds, "network dead"))
        self.dead_until = max(self.dead_until, self.world.t + seconds)

    # --- what the computer sees ---

    def connect(self, touched: Callable[[], None], timeout: float) -> Connection:
        touched()
        world = self.world
        until = world.t + timeout
        while world.t < min(self.dead_until, until):
            world.step(min(self.dead_until, until))
        if world.t < self.dead_until:
            raise TimeoutError("timed out")
        if not self.plugged:
            raise ConnectionRefusedError("refused")
        self.generation += 1
        self._connection = Connection(self, self.generation, touched)
        return self._connection

    def drop(self) -> None:
        """The process that held the connection is gone; the kernel does what was set."""
        self.generation += 1
        if self._connection is not None and not self._connection.lingers:
            self._connection.thrown = True

    def sends(self, data: bytes, connection: Connection) -> None:
        if self._lost(data[6], data[7:]):
            return
        leaves = max(self.world.t, self.dead_until, self._free_at)
        self._free_at = leaves + self.dice.uniform(0.0005, SLOWEST_S)
        self.world.at(self._free_at, lambda: self._arrived(data, connection))

    def _arrived(self, data: bytes, connection: Connection) -> None:
        if connection.thrown:
            return
        if self.world.t < self.dead_until:
            self.world.at(self.dead_until + LEAST_S, lambda: self._arrived(data, connection))
            return
        number, _, length, unit = struct.unpack(">HHHB", data[:7])
        works = self._works_s(unit)
        rtu = sealed(bytes([unit]) + data[7 : 6 + length])
        self.world.after(works, lambda: self._answer(number, rtu, connection))

    def _answer(self, number: int, rtu: bytes, connection: Connection) -> None:
        if connection.thrown:
            return
        answer = self._answer_of(rtu)
        if answer is None:
            return
        delay = self.dice.uniform(0.0005, SLOWEST_S)
        unit, pdu = answer[0], answer[1:-2]
        kind = self._spoilt()
        if kind == "answer_lost":
            return
        if kind == "late":
            delay += self.dice.uniform(*self.noise.late_s)
        if kind == "foreign":
            number = (number + self.dice.choice((-1, 7))) & 0xFFFF
        if kind == "garbled":
            pdu = bytes([pdu[0], *(b ^ 0xFF for b in pdu[1:])])[: self.dice.randrange(1, 6)]
        frame = struct.pack(">HHHB", number, 0, len(pdu) + 1, unit) + pdu
        self.heard(frame, delay, connection)
        if kind == "doubled":
            self.heard(frame, delay + self.dice.choice((0.0, 0.004, 0.03)), connection)

    def heard(self, frame: bytes, delay: float, connection: Connection | None = None) -> None:
        if connection is None:
            return

        def come() -> None:
            if self.world.t < self.dead_until:
                self.world.at(self.dead_until + LEAST_S, come)
            elif connection.generation == self.generation:
                connection.buffer += frame

        self.world.after(delay, come)


class Connection:
    """As much of a socket as a line needs."""

    def __init__(self, network: Network, generation: int, touched: Callable[[], None]) -> None:
        self.generation = generation
        self.buffer = bytearray()
        self.thrown = False
        self.lingers = True
        self._network = network
        self._touched = touched
        self._timeout = 1.0

    def _alive(self) -> None:
        self._touched()
        if self.generation != self._network.generation or self.thrown:
            raise ConnectionResetError("reset by peer")

    def setsockopt(self, *option: object) -> None:
        """Linger 0 is what throws away at `close`; a line that does not ask for it is caught."""
        self.lingers = option[-1] != struct.pack("ii", 1, 0)

    def settimeout(self, seconds: float) -> None:
        self._timeout = seconds

    def sendall(self, data: bytes) -> None:
        self._alive()
        self._network.sends(data, self)

    def recv(self, size: int) -> bytes:
        self._alive()
        world = self._network.world
        until = world.t + max(self._timeout, LEAST_S)
        while not self.buffer and world.t < until:
            world.step(until)
            if self.generation != self._network.generation:
                break
        self._alive()
        if not self.buffer:
            raise TimeoutError("timed out")
        got = bytes(self.buffer[:size])
        del self.buffer[:size]
        return got

    def close(self) -> None:
        if not self.lingers:
            self.thrown = True
        if self.generation == self._network.generation:
            self._network.generation += 1
