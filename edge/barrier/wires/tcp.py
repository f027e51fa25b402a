"""Modbus TCP: the same requests in MBAP frames, answers matched by transaction number.

What is written waits in the kernel while the line is dead, and would be delivered when it is back,
together with what was to revoke it. So a write that is not answered ends the connection, and every
end of a connection throws away what has not arrived (linger 0).

Source: Modbus Messaging on TCP/IP Implementation Guide V1.0b.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Callable

from edge.barrier.wires.modbus import READS, BadFrame, Request, answer
from edge.barrier.wires.port import NoAnswer, WireGone
from edge.system.causes import cause, cause_of

CONNECT_S = 2.0
ANSWER_S = 0.3
LATE_S = 0.1
"""Seconds beyond the answer time that an exchange may take on a busy computer."""

LONGEST = 260


class TcpLine:
    """One connection to a board or gateway. Not thread-safe: its guard thread is the only owner.

    `connect` opens it, `now` is a monotonic clock; both for tests on a network in memory.
    """

    def __init__(
        self,
        host: str,
        port: int,
        answer_s: float = ANSWER_S,
        connect: Callable[[tuple[str, int], float], socket.socket] = socket.create_connection,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.place = f"{host}:{port}"
        self._address = (host, port)
        self._answer_s = answer_s
        self._connect = connect
        self._now = now
        self._socket: socket.socket | None = None
        self._transaction = 0
        self._held = bytearray()
        self.asked_at = float("-inf")

    def __repr__(self) -> str:
        return f"<TcpLine {self.place} {'open' if self._socket else 'closed'}>"

    def open(self) -> None:
        self.close()
        try:
            self._socket = self._connect(self._address, CONNECT_S)
            self._held.clear()
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except (OSError, UnicodeError) as error:
            raise WireGone(cause("wire.tcp_no_connection", place=self.place, error=error)) from None

    def close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def ask(self, address: int, request: Request) -> bytes:
        """One exchange; the answer's data. Raises NoAnswer or WireGone."""
        if self._socket is None:
            raise WireGone(cause("wire.not_connected", place=self.place))
        self._transaction = (self._transaction + 1) & 0xFFFF
        pdu = request.pdu
        header = struct.pack(">HHHB", self._transaction, 0, len(pdu) + 1, address)
        self.asked_at = self._now()
        until = self.asked_at + self._answer_s
        try:
            self._socket.settimeout(self._answer_s)
            self._socket.sendall(header + pdu)
            while True:
                number, unit, got = self._frame(self._socket, until)
                # An answer to an earlier question that was given up: not ours.
                if number == self._transaction:
                    break
            if request.function in READS and self._now() > until + LATE_S:
                # It may have lain in the buffer while this computer stood still.
                raise TimeoutError
        except TimeoutError:
            if request.function in READS:
                raise NoAnswer(cause("wire.no_answer", address=address, place=self.place)) from None
            self.close()
            raise WireGone(
                cause("wire.no_answer_anew", address=address, place=self.place)
            ) from None
        except OSError as error:
            raise WireGone(
                cause("wire.connection_lost", place=self.place, error=cause_of(error))
            ) from None
        if unit != address:
            raise NoAnswer(
                cause("wire.other_board_at", other=unit, address=address, place=self.place)
            )
        try:
            return answer(request, got)
        except BadFrame as error:
            raise NoAnswer(
                cause("wire.bad_frame", address=address, place=self.place, why=cause_of(error))
            ) from None

    def _frame(self, connection: socket.socket, until: float) -> tuple[int, int, bytes]:
        """The next answer before that moment; a piece of one is held for the next exchange. Raises
        TimeoutError, OSError."""
        while (whole := self._whole()) is None:
            if (left := until - self._now()) <= 0:
                raise TimeoutError
            connection.settimeout(left)
            more = connection.recv(LONGEST)
            if not more:
                raise OSError(cause("wire.closed_there"))
            self._held += more
        return whole

    def _whole(self) -> tuple[int, int, bytes] | None:
        """The first answer held, if all of it is there."""
        if len(self._held) < 7:
            return None
        number, _, length, unit = struct.unpack(">HHHB", self._held[:7])
        if not 2 <= length <= LONGEST:
            raise OSError(cause("wire.no_modbus"))
        if len(self._held) < 6 + length:
            return None
        pdu = bytes(self._held[7 : 6 + length])
        del self._held[: 6 + length]
        return number, unit, pdu
