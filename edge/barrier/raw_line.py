"""A serial port that is only written to: LCUS relays and lane signs answer nothing."""

from __future__ import annotations

import contextlib

from edge.barrier.driver import WireGone
from edge.barrier.serial_line import GONE, Port, cure, device


class RawLine:
    """Implements driver.Wire. Not thread-safe: one owner."""

    def __init__(self, port: str, baud: int) -> None:
        self.place = port
        self._baud = baud
        self._port: Port | None = None

    def __repr__(self) -> str:
        return f"<RawLine {self.place} {'open' if self._port else 'closed'}>"

    def open(self) -> None:
        self.close()
        try:
            self._port = device(self.place, self._baud, 0.2)
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
            raise WireGone(f"{self.place} is not open")
        try:
            self._port.write(data)
        except GONE as error:
            raise WireGone(cure(self.place, error)) from None

    def alive(self) -> None:
        """Raises WireGone if the adapter has been pulled out."""
        if self._port is None:
            raise WireGone(f"{self.place} is not open")
        try:
            _ = self._port.in_waiting
        except GONE as error:
            raise WireGone(cure(self.place, error)) from None
