"""A serial line with Modbus RTU on it; the only place that imports pyserial.

RTU has no transaction number: a late answer looks like the answer to the next question. So after
anything but a clean exchange the line must be silent for the quiet gap before the next one counts.
How long an exchange may take is bounded, silence included: the guard must get back to its work.
"""

from __future__ import annotations

import contextlib
import termios
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

import serial

from edge.barrier.wires.modbus import READS, BadFrame, Request, rtu, rtu_answer
from edge.barrier.wires.port import NoAnswer, WireGone
from edge.system.causes import cause, cause_of

GONE = (serial.SerialException, OSError, TypeError, ValueError, termios.error)
"""What pyserial lets through when the device vanishes."""

LONGEST = 256
"""No RTU frame is longer; the receive buffer is bounded by it."""

LATE_S = 0.1
"""Seconds beyond the answer time that an exchange may take: the frames' way, a busy computer."""

LEAST_WAIT_S = 0.08
"""A board that answers in a fraction of it is not waited for any longer: what is lost then costs
the arm that comes down less time without a look. A later answer falls into the quiet gap."""

KNOWN_AFTER = 20
"""Good answers from which the answer time of a line's boards is known."""

PATIENCE = 2.0
"""Maximum quiet gaps that an exchange waits for silence."""


class Port(Protocol):
    """The part of serial.Serial that a line needs."""

    timeout: float | None

    @property
    def in_waiting(self) -> int: ...

    @property
    def out_waiting(self) -> int: ...

    def read(self, size: int) -> bytes: ...

    def write(self, data: bytes) -> int | None: ...

    def reset_input_buffer(self) -> None: ...

    def reset_output_buffer(self) -> None: ...

    def close(self) -> None: ...


PARITIES = {
    "none": serial.PARITY_NONE,
    "even": serial.PARITY_EVEN,
    "odd": serial.PARITY_ODD,
}


def device(place: str, baud: int, timeout: float, parity: str = "none", stop_bits: int = 1) -> Port:
    """The port opened, eight data bits, for nobody else. Raises one of GONE; `cure` puts it in
    words."""
    opened: Port = serial.Serial(
        place,
        baud,
        parity=PARITIES[parity],
        stopbits=stop_bits,
        timeout=timeout,
        write_timeout=1.0,
        exclusive=True,
    )
    return opened


class SerialLine:
    """One RS-485 line or USB port. Not thread-safe: its guard thread is the only owner.

    `connect` opens the port, `now` is a monotonic clock; both for tests on a wire in memory.
    """

    def __init__(
        self,
        port: str,
        baud: int,
        quiet_gap_s: float,
        answer_s: float = 0.2,
        connect: Callable[[], Port] | None = None,
        now: Callable[[], float] = time.monotonic,
        parity: str = "none",
        stop_bits: int = 1,
    ) -> None:
        self.place = port
        self._framing = f"{baud} baud 8{parity[0].upper()}{stop_bits}"
        self._quiet_gap_s = quiet_gap_s
        self._answer_s = answer_s
        self._connect = connect or (lambda: device(port, baud, answer_s, parity, stop_bits))
        self._now = now
        self._serial: Port | None = None
        self._dirty = False
        self._took: deque[float] = deque(maxlen=KNOWN_AFTER)
        self.asked_at = float("-inf")

    def __repr__(self) -> str:
        return f"<SerialLine {self.place} {'open' if self._serial else 'closed'}>"

    def open(self) -> None:
        self.close()
        try:
            self._serial = self._connect()
        except GONE as error:
            raise WireGone(cure(self.place, error)) from None
        self._dirty = True

    def close(self) -> None:
        if self._serial is not None:
            with contextlib.suppress(*GONE):
                self._serial.close()
            self._serial = None

    def ask(self, address: int, request: Request) -> bytes:
        """One exchange; the answer's data. Raises NoAnswer or WireGone."""
        if self._serial is None:
            raise WireGone(cause("wire.not_open", place=self.place))
        sent = rtu(address, request)
        try:
            if request.function in READS:
                self._expect_silence(self._serial)
            self._serial.reset_input_buffer()
            self.asked_at = self._now()
            self._serial.write(sent)
            frame = self._receive(self._serial, request, self._wait_s(request))
            more = self._serial.in_waiting
            took = self._now() - self.asked_at
            if not frame:
                # What the adapter still holds must not go out later.
                self._serial.reset_output_buffer()
        except GONE as error:
            self._dirty = True
            raise WireGone(cure(self.place, error)) from None
        try:
            data = rtu_answer(address, request, frame)
        except BadFrame as error:
            self._dirty = True
            raise NoAnswer(self._why(address, sent, frame, error)) from None
        if request.function in READS and took > self._answer_s + LATE_S:
            # It may have lain in the buffer while this computer stood still.
            self._dirty = True
            raise NoAnswer(cause("wire.read_late", address=address, place=self.place, seconds=took))
        if more:
            # Two answers: one of them may be to an earlier question.
            self._dirty = True
            raise NoAnswer(cause("wire.more_bytes", address=address, place=self.place))
        if request.function in READS:
            self._took.append(took)
        return data

    def _expect_silence(self, port: Port) -> None:
        """Before a question whose answer could be mistaken. A write does not wait: its answer
        repeats what was written, and what turns an arm must not come late."""
        if self._dirty:
            if not self._silent(port):
                raise NoAnswer(cause("wire.never_silent", place=self.place))
        elif port.in_waiting:
            # Bytes that nobody asked for: another copy, noise, or a second master.
            self._dirty = True
            raise NoAnswer(cause("wire.unasked_bytes", place=self.place))

    def _why(self, address: int, sent: bytes, frame: bytes, error: BadFrame) -> str:
        place = self.place
        if not frame:
            return cause("wire.board_silent", address=address, place=place, framing=self._framing)
        if frame.startswith(sent[: len(frame)]) and len(sent) != len(frame):
            return cause("wire.echo", address=address, place=place)
        why = cause_of(error)
        return cause(
            "wire.bad_frame_at", address=address, place=place, framing=self._framing, why=why
        )

    def _wait_s(self, request: Request) -> float:
        """How long an answer is waited for: twice as long as the last good ones took at most. What
        was written may have happened: its answer gets all its time."""
        if request.function not in READS or len(self._took) < KNOWN_AFTER:
            return self._answer_s
        return min(self._answer_s, max(LEAST_WAIT_S, 2 * max(self._took)))

    def _receive(self, port: Port, request: Request, wait_s: float) -> bytes:
        """The answer's bytes, as many as have come within that time."""
        wanted = request.answer_size + 3
        frame = bytearray()
        until = self._now() + wait_s
        while len(frame) < wanted:
            # On a busy computer the time may be over although the answer has long been there.
            left = max(0.0, until - self._now())
            port.timeout = left
            more = port.read(wanted - len(frame))
            frame += more
            if not more and left == 0.0:
                break
        return bytes(frame[:LONGEST])

    def _silent(self, port: Port) -> bool:
        """Whether nothing comes for the quiet gap, within PATIENCE of them."""
        # What has come already is no sound of now; a copy of an answer costs one gap, not two.
        port.reset_input_buffer()
        quiet_since = self._now()
        given_up = quiet_since + PATIENCE * self._quiet_gap_s
        while (now := self._now()) - quiet_since < self._quiet_gap_s:
            if now > given_up:
                self._dirty = True
                return False
            port.timeout = self._quiet_gap_s - (now - quiet_since)
            if port.read(1):
                port.reset_input_buffer()
                quiet_since = self._now()
        self._dirty = False
        return True


def cure(place: str, error: BaseException) -> str:
    """The error in words of somebody who stands before the cabinet."""
    text = str(error)

    def has(*signs: str) -> bool:
        return any(sign in text.lower() for sign in signs)

    if has("no such file", "errno 2]"):
        return cause("wire.no_such_port", place=place)
    if has("permission denied"):
        return cause("wire.no_permission", place=place, group="dialout")
    if has("errno 22]", "(22,", "invalid argument"):
        return cause("wire.not_this_baud", place=place)
    if has("(25,", "inappropriate ioctl"):
        return cause("wire.no_serial_port", place=place)
    if has("exclusively lock", "resource temporarily", "busy"):
        return cause("wire.in_use", place=place)
    if has("errno 5]", "(5,", "errno 6]", "errno 9]", "disconnected"):
        return cause("wire.adapter_gone", place=place, error=text)
    return cause("other", place=place, error=text)
