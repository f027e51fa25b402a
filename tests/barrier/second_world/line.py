"""What a serial line and a network between computer and board have in common."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.barrier.second_world.board import Board
from tests.barrier.second_world.world import World

FLASH_ON = b"\x05\x02"
"""How a pulse begins (function 5, the vendor's own addresses); the relay's number follows."""

SLOWEST = 1.5
"""An answer takes at most so many times as long as its board usually works at one."""

LEAST_S = 2e-5
"""So long a call of the system takes at least."""


@dataclass(slots=True)
class Noise:
    """Shares of exchanges that go wrong so."""

    question_lost: float = 0.0
    answer_lost: float = 0.0
    late: float = 0.0
    doubled: float = 0.0
    foreign: float = 0.0
    garbled: float = 0.0
    late_s: tuple[float, float] = (0.1, 0.6)


class Line:
    """`boards` may be away; `plugged`: the adapter at the computer, or the board's end. Whoever
    holds a port of an older `generation` holds nothing."""

    def __init__(self, world: World, board: Board, baud: int, dice: Random) -> None:
        self.world = world
        self.boards = [board]
        self.byte_s = 10 / baud
        self.dice = dice
        self.noise = Noise()
        self.plugged = True
        self.generation = 0
        self.asked = 0
        self.bad = 0
        self.unheard: list[tuple[float, int, int]] = []
        """Pulses whose question was lost: when, at which address, of which relay (0 the first)."""
        self._free_at = 0.0

    def unplug(self, seconds: float) -> None:
        self.plugged = False
        self.world.deaf.append((self.world.t, self.world.t + seconds, "adapter gone"))
        self.generation += 1
        self.world.after(seconds, self._plug)

    def _plug(self) -> None:
        self.plugged = True

    def _lost(self, address: int, pdu: bytes) -> bool:
        """A question more; whether it is lost."""
        self.asked += 1
        lost = self.dice.random() < self.noise.question_lost
        self.bad += lost
        if lost and pdu[:2] == FLASH_ON:
            self.unheard.append((self.world.t, address, pdu[2]))
        return lost

    def _works_s(self, address: int) -> float:
        """How long the board works at its answer."""
        works = max(b.works_s for b in self.boards if b.address == address)
        return works * self.dice.uniform(0.7, SLOWEST)

    def _answer_of(self, question: bytes) -> bytes | None:
        return next((a for b in self.boards if (a := b.take(question)) is not None), None)

    def _spoilt(self) -> str:
        """What befalls an answer; "" for nothing."""
        r = self.dice.random()
        for kind in ("answer_lost", "late", "doubled", "foreign", "garbled"):
            r -= getattr(self.noise, kind)
            if r < 0:
                self.bad += 1
                return kind
        return ""
