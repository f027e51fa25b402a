"""The port to one barrier's board, and what its drivers may raise. Imports no driver library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.system.backoff import Retries

REOPEN = Retries(0.5, 5.0)
"""Pauses before a lost wire is opened again."""


class NoAnswer(Exception):
    """The board has not answered, or with nonsense: this reading does not count."""


class WireGone(Exception):
    """The wire itself is gone (unplugged, hung up, missing); it must be opened anew.

    The text names the place and what to do.
    """


@dataclass(frozen=True, slots=True)
class Pulse:
    output: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Set:
    output: str
    on: bool


Write = Pulse | Set
Answered = tuple[Write, bool]
"""A write, and whether the board has confirmed it."""


class BoardDriver(Protocol):
    """One barrier's inputs and outputs by name; logical values. Not thread-safe: one owner.

    No method waits longer than a board on a wire takes to answer; a device behind a network is used
    by a thread of its own. The answer of such a device to a write comes later: `pulse` and `set`
    then return False, and `tend` reports the outcome.
    """

    @property
    def asked_at(self) -> float | None:
        """Monotonic: when the question went out that the last reading answers; None where a reading
        is as old as its call."""

    def read_inputs(self) -> dict[str, bool]:
        """Every wired input. Raises NoAnswer or WireGone."""

    def read_outputs(self) -> dict[str, bool]:
        """The relays and whether each is on, as the board reports them; empty where it does not.
        Raises as read_inputs."""

    def pulse(self, output: str, seconds: float) -> bool:
        """Energises the output for this many seconds; the board ends it by itself where it can.
        Never repeated here. Raises NoAnswer (it may have happened) or WireGone."""

    def set(self, output: str, on: bool) -> bool:
        """Energises or releases. Releasing "open" or "close" neither moves nor stops an arm. Raises
        as pulse."""

    def tend(self, now: float) -> Sequence[Answered]:
        """Ends pulses that the board does not end by itself; the answers that have come since, or
        have not come in time, to writes that gave False. A newer write to the same output takes an
        older one's place."""


class Wire(Protocol):
    """The wire that several barriers share: a serial line, a connection."""

    @property
    def place(self) -> str:
        """The name of the place for people: "/dev/ttyUSB0", "192.168.1.5:502"."""

    def open(self) -> None:
        """Raises WireGone with the cure. Behind a network it only begins to connect: until then the
        boards raise NoAnswer."""

    def close(self) -> None: ...
