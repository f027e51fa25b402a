"""Bad wires: what becomes of a board's answer on its way, or of what is sent to things that answer
nothing. Each is a small seeded thing.

A wire is called with the answer's bytes and a random generator, and gives pieces, each after so
many seconds more. `share` is the part of the answers that suffers.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

Pieces = list[tuple[float, bytes]]
Fault = Callable[[bytes, random.Random], Pieces]


def checksum(data: bytes) -> bytes:
    """CRC-16/MODBUS, low byte first; decoded here on its own, not with the product's codec."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            odd = value & 1
            value >>= 1
            if odd:
                value ^= 0xA001
    return bytes((value & 0xFF, value >> 8))


@dataclass(frozen=True, slots=True)
class Clean:
    def __call__(self, answer: bytes, rng: random.Random) -> Pieces:
        return [(0.0, answer)]


@dataclass(frozen=True, slots=True)
class ByteByByte:
    """The bytes come one at a time."""

    pause_s: float = 0.001

    def __call__(self, answer: bytes, rng: random.Random) -> Pieces:
        return [(self.pause_s, answer[n : n + 1]) for n in range(len(answer))]


@dataclass(frozen=True, slots=True)
class Bad(ABC):
    """A wire that spoils a share of the answers in its own way."""

    share: float = 0.3

    def __call__(self, answer: bytes, rng: random.Random) -> Pieces:
        return self.spoil(answer, rng) if rng.random() < self.share else [(0.0, answer)]

    @abstractmethod
    def spoil(self, answer: bytes, rng: random.Random) -> Pieces:
        """What comes instead of the answer."""


@dataclass(frozen=True, slots=True)
class Loss(Bad):
    """The answer never comes."""

    def spoil(self, answer: bytes, rng: random.Random) -> Pieces:
        return []


@dataclass(frozen=True, slots=True)
class Late(Bad):
    """The answer comes after so long: past the asker's patience, or only nearly."""

    seconds: float = 0.28

    def spoil(self, answer: bytes, rng: random.Random) -> Pieces:
        return [(self.seconds, answer)]


@dataclass(frozen=True, slots=True)
class Doubled(Bad):
    """The answer comes twice, the second time after so long."""

    seconds: float = 0.0

    def spoil(self, answer: bytes, rng: random.Random) -> Pieces:
        return [(0.0, answer), (self.seconds, answer)]


@dataclass(frozen=True, slots=True)
class Noise(Bad):
    """One bit is turned."""

    def spoil(self, answer: bytes, rng: random.Random) -> Pieces:
        spoiled = bytearray(answer)
        spoiled[rng.randrange(len(spoiled))] ^= 1 << rng.randrange(8)
        return [(0.0, bytes(spoiled))]


@dataclass(frozen=True, slots=True)
class Stray(Bad):
    """Bytes that nobody asked for come some time after the answer."""

    def spoil(self, answer: bytes, rng: random.Random) -> Pieces:
        return [(0.0, answer), (rng.random() * 0.05, rng.randbytes(rng.randrange(1, 9)))]


@dataclass(frozen=True, slots=True)
class Truncated(Bad):
    """The answer's end is missing."""

    def spoil(self, answer: bytes, rng: random.Random) -> Pieces:
        return [(0.0, answer[: rng.randrange(len(answer))])]


@dataclass(frozen=True, slots=True)
class WrongAddress(Bad):
    """Another board answers, with a good checksum."""

    def spoil(self, answer: bytes, rng: random.Random) -> Pieces:
        body = bytes([answer[0] ^ 1]) + answer[1:-2]
        return [(0.0, body + checksum(body))]


@dataclass(frozen=True, slots=True)
class Refusal(Bad):
    """The board answers with an exception."""

    def spoil(self, answer: bytes, rng: random.Random) -> Pieces:
        body = bytes([answer[0], answer[1] | 0x80, rng.choice((1, 2, 4))])
        return [(0.0, body + checksum(body))]


@dataclass(frozen=True, slots=True)
class Garbage(Bad):
    """What a line with another baud rate looks like."""

    def spoil(self, answer: bytes, rng: random.Random) -> Pieces:
        return [(0.0, rng.randbytes(rng.randrange(1, 2 * len(answer))))]


@dataclass(frozen=True, slots=True)
class Echo:
    """A two-wire adapter that hears itself: to be put before the answer by the caller, who knows
    the request."""

    request: bytes

    def __call__(self, answer: bytes, rng: random.Random) -> Pieces:
        return [(0.0, self.request + answer)]


EVERY = (
    Clean(), ByteByByte(), Loss(), Late(), Late(seconds=0.15), Doubled(), Doubled(seconds=0.02),
    Noise(), Stray(), Truncated(), WrongAddress(), Refusal(), Garbage(),
)  # fmt: skip
"""One of each, for tests that run them all."""


def name_of(wire: object) -> str:
    """For test ids and reports."""
    return repr(wire).replace("share=0.3", "").replace("(, ", "(")
