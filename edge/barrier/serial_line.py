"""A serial line with Modbus RTU on it; the only place that imports pyserial.

RTU has no transaction number: a late answer looks like the answer to the next question. So after
anything but a clean exchange the line must be silent for the quiet gap before the next one counts.
"""

from __future__ import annotations

import contextlib
import termios
import time

import serial

from edge.barrier.driver import NoAnswer, WireGone
from edge.barrier.frames import BadFrame, Request, rtu, rtu_answer

_GONE = (serial.SerialException, OSError, TypeError, ValueError, termios.error)
"""What pyserial lets through when the device vanishes."""

LONGEST = 256
"""No RTU frame is longer; the receive buffer is bounded by it."""


class SerialLine:
    """One RS-485 line or USB port. Not thread-safe: its guard thread is the only owner."""

    def __init__(self, port: str, baud: int, quiet_gap_s: float, answer_s: float = 0.2) -> None:
        self.place = port
        self._baud = baud
        self._quiet_gap_s = quiet_gap_s
        self._answer_s = answer_s
        self._serial: serial.Serial | None = None
        self._dirty = False

    def __repr__(self) -> str:
        return f"<SerialLine {self.place} {'open' if self._serial else 'closed'}>"

    def open(self) -> None:
        self.close()
        try:
            self._serial = serial.Serial(
                self.place, self._baud, timeout=self._answer_s, write_timeout=1.0, exclusive=True
            )
        except _GONE as error:
            raise WireGone(_cure(self.place, error)) from None
        self._dirty = True

    def close(self) -> None:
        if self._serial is not None:
            with contextlib.suppress(*_GONE):
                self._serial.close()
            self._serial = None

    def ask(self, address: int, request: Request) -> bytes:
        """One exchange; the answer's data. Raises NoAnswer or WireGone."""
        if self._serial is None:
            raise WireGone(f"{self.place} is not open")
        try:
            # Bytes that nobody asked for: another copy, noise, or a second master.
            if self._dirty or self._serial.in_waiting:
                self._wait_for_silence()
            self._serial.reset_input_buffer()
            self._serial.write(rtu(address, request))
            frame = self._receive(request)
        except _GONE as error:
            self._dirty = True
            raise WireGone(_cure(self.place, error)) from None
        try:
            return rtu_answer(address, request, frame)
        except BadFrame as error:
            self._dirty = True
            if not frame:
                raise NoAnswer(f"board {address} at {self.place} does not answer") from None
            raise NoAnswer(f"board {address} at {self.place}: {error}") from None

    def _receive(self, request: Request) -> bytes:
        """The answer's bytes, as many as have come within the answer time."""
        assert self._serial is not None
        wanted = request.answer_size + 3
        frame = bytearray()
        until = time.monotonic() + self._answer_s
        while len(frame) < wanted and time.monotonic() < until:
            frame += self._serial.read(wanted - len(frame))
            if len(frame) >= 5 and frame[1] & 0x80:
                break
        return bytes(frame[:LONGEST])

    def _wait_for_silence(self) -> None:
        """Until nothing has come for the quiet gap; a chattering line is given up as gone."""
        assert self._serial is not None
        quiet_since = time.monotonic()
        given_up = quiet_since + 10 * self._quiet_gap_s + 1.0
        while (now := time.monotonic()) - quiet_since < self._quiet_gap_s:
            if now > given_up:
                raise OSError("the line never becomes silent; is another master on it?")
            self._serial.timeout = self._quiet_gap_s / 4
            if self._serial.read(LONGEST):
                quiet_since = time.monotonic()
        self._serial.timeout = self._answer_s
        self._dirty = False


def _cure(place: str, error: BaseException) -> str:
    """The error in words of somebody who stands before the cabinet."""
    text = str(error)
    if "No such file" in text or "Errno 2" in text:
        return f"{place}: there is no such port; is the adapter plugged in? (ls /dev/serial/by-id)"
    if "Permission denied" in text:
        return f"{place}: no permission; add the service's user to the group dialout"
    if "exclusively lock" in text or "Resource temporarily" in text or "busy" in text.lower():
        return f"{place}: in use by another program; stop it, one service owns a line"
    return f"{place}: {text}"
