"""The port to one barrier's board, and what its drivers may raise. Imports no driver library."""

from __future__ import annotations

from typing import Protocol


class NoAnswer(Exception):
    """The board has not answered, or with nonsense: this reading does not count."""


class WireGone(Exception):
    """The wire itself is gone (unplugged, hung up, missing); it must be opened anew.

    The text names the place and what to do.
    """


class BoardDriver(Protocol):
    """One barrier's inputs and outputs by name; logical values. Not thread-safe: one owner."""

    def read_inputs(self) -> dict[str, bool]:
        """Every wired input. Raises NoAnswer or WireGone."""

    def pulse(self, output: str, seconds: float) -> None:
        """Energises for so long; the board ends it by itself where it can. Never repeated here.
        Raises NoAnswer (it may have happened) or WireGone."""

    def set(self, output: str, on: bool) -> None:
        """Energises or releases. Releasing "open" or "close" neither moves nor stops an arm. Raises
        as pulse."""

    def tend(self, now: float) -> None:
        """Ends pulses that the board does not end by itself."""


class Wire(Protocol):
    """What several barriers share: a serial line, a connection."""

    @property
    def place(self) -> str:
        """For people: "/dev/ttyUSB0", "192.168.1.5:502"."""

    def open(self) -> None:
        """Raises WireGone with the cure."""

    def close(self) -> None: ...
