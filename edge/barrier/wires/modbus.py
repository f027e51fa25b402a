"""Modbus frames, as far as relay boards need them.

Source: Modbus Application Protocol V1.1b3 (function codes 1, 2, 3, 4, 5, 6, 15, 16) and Modbus over
Serial Line V1.02 (CRC-16, poly 0xA001, low byte first).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.system.causes import cause


class BadFrame(Exception):
    """Bytes that are no valid answer to what was asked."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request without address and checksum: function code and data. `answer_size`: how many
    bytes (function and data) a good answer has."""

    function: int
    data: bytes
    answer_size: int

    @property
    def pdu(self) -> bytes:
        return bytes([self.function]) + self.data


class Line(Protocol):
    """Carries one request to a board and brings its answer back."""

    place: str

    @property
    def asked_at(self) -> float:
        """Monotonic: when the last question went out."""

    def ask(self, address: int, request: Request) -> bytes: ...


def read_bits(function: int, start: int, count: int) -> Request:
    """Function 1 (coils) or 2 (discrete inputs)."""
    if function not in (1, 2) or not 1 <= count <= 2000:
        raise ValueError("bits are read by function 1 or 2, 1 to 2000 at a time")
    return Request(function, struct.pack(">HH", start, count), 2 + (count + 7) // 8)


READS = (1, 2, 3, 4)
"""Functions whose answers do not show which question they belong to."""


def read_registers(function: int, start: int, count: int) -> Request:
    """Function 3 (holding registers) or 4 (input registers)."""
    if function not in (3, 4) or not 1 <= count <= 125:
        raise ValueError("registers are read by function 3 or 4, 1 to 125 at a time")
    return Request(function, struct.pack(">HH", start, count), 2 + 2 * count)


def write_coil(address: int, value: int) -> Request:
    """Function 5; `value` 0xFF00 on, 0 off, or a board's own (a duration)."""
    return Request(5, struct.pack(">HH", address, value), 5)


def write_register(address: int, value: int) -> Request:
    """Function 6."""
    return Request(6, struct.pack(">HH", address, value), 5)


def write_registers(address: int, values: Sequence[int]) -> Request:
    """Function 16."""
    body = struct.pack(f">HHB{len(values)}H", address, len(values), 2 * len(values), *values)
    return Request(16, body, 5)


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ 0xA001 if byte & 1 else byte >> 1
    return byte


_CRC = tuple(_crc_of(byte) for byte in range(256))


def crc16(data: bytes) -> bytes:
    """The checksum of a serial frame, two bytes, low byte first."""
    crc = 0xFFFF
    for byte in data:
        crc = (crc >> 8) ^ _CRC[(crc ^ byte) & 0xFF]
    return struct.pack("<H", crc)


def rtu(address: int, request: Request) -> bytes:
    """The frame as it goes on a serial line."""
    body = bytes([address]) + request.pdu
    return body + crc16(body)


def rtu_answer(address: int, request: Request, frame: bytes) -> bytes:
    """The data of a serial answer (without function code). Raises BadFrame."""
    if crc16(frame[:-2]) != frame[-2:]:
        raise BadFrame(cause("wire.checksum", bytes=frame.hex(" ")))
    if frame[0] != address:
        raise BadFrame(cause("wire.other_board", other=frame[0], address=address))
    return answer(request, frame[1:-2])


def answer(request: Request, pdu: bytes) -> bytes:
    """The data of an answer (without function code). Raises BadFrame."""
    if len(pdu) == 2 and pdu[0] == request.function | 0x80:
        raise BadFrame(cause("wire.refused_function", function=request.function, code=pdu[1]))
    if pdu[:1] != request.pdu[:1] or len(pdu) != request.answer_size:
        raise BadFrame(cause("wire.not_fitting", bytes=pdu.hex(" "), function=request.function))
    if request.function in (5, 6) and pdu[1:] != request.data:
        raise BadFrame(cause("wire.not_repeated", bytes=pdu.hex(" ")))
    if request.function == 16 and pdu[1:] != request.data[:4]:
        raise BadFrame(cause("wire.not_repeated", bytes=pdu.hex(" ")))
    return pdu[1:]


def bits(data: bytes, count: int) -> list[bool]:
    """The bits of an answer to read_bits, the first one lowest."""
    if data[0] != len(data) - 1:
        raise BadFrame(cause("wire.byte_count"))
    return [bool(data[1 + i // 8] >> (i % 8) & 1) for i in range(count)]


def registers(data: bytes) -> list[int]:
    """The registers of an answer to read_registers."""
    if data[0] != len(data) - 1 or data[0] % 2:
        raise BadFrame(cause("wire.byte_count"))
    return list(struct.unpack(f">{data[0] // 2}H", data[1:]))
