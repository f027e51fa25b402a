"""A serial port that is only written to: LCUS relays and lane signs answer nothing.

What the adapter has not taken after TAKES_S is thrown away, never written later.
"""

from __future__ import annotations

import contextlib
import time

from edge.barrier.wires.port import WireGone
from edge.barrier.wires.serial import GONE, Port, cure, device
from edge.system.causes import cause

TAKES_S = 0.4
"""A few bytes at any baud rate are out long before."""


class RawLine:
    """Implements port.Wire. Not thread-safe: one owner."""

    def __init__(self, port: str, baud: int, parity: str = "none", stop_bits: int = 1) -> None:
        self.place = port
        self._baud, self._parity, self._stop_bits = baud, parity, stop_bits
        self._port: Port | None = None
        self._sent_at = float("-inf")

    def __repr__(self) -> str:
        return f"<RawLine {self.place} {'open' if self._port else 'closed'}>"

    def open(self) -> None:
        self.close()
        try:
            self._port = device(self.place, self._baud, 0.2, self._parity, self._stop_bits)
        except GONE as error:
            raise WireGone(cure(self.place, error)) from None

    def close(self) -> None:
        if self._port is not None:
            with contextlib.suppress(*GONE):
                self._port.close()
            self._port = None

    def send(self, data: bytes) -> None:
        """Writes it. Raises WireGone."""
        if self._port is None:
            raise WireGone(cause("wire.not_open", place=self.place))
        self.alive()
        try:
            self._sent_at = time.monotonic()
            self._port.write(data)
        except GONE as error:
            raise WireGone(cure(self.place, error)) from None

    def alive(self) -> None:
        """Raises WireGone if the adapter has been pulled out, or takes nothing."""
        if self._port is None:
            raise WireGone(cause("wire.not_open", place=self.place))
        try:
            _ = self._port.in_waiting
            held = time.monotonic() - self._sent_at > TAKES_S and self._port.out_waiting
            if held:
                self._port.reset_output_buffer()
        except GONE as error:
            raise WireGone(cure(self.place, error)) from None
        if held:
            raise WireGone(cause("wire.takes_nothing", place=self.place))
