"""PURE. The size that a picture's header states, before anything of it is decoded.

A JPEG of a few hundred bytes can ask for gigabytes. Width and height stand in the headers of JPEG
(ISO/IEC 10918-1 B.2.2), PNG (RFC 2083), BMP, WebP (RFC 9649) and TIFF 6.0; other formats are not
read.
"""

from __future__ import annotations

import struct

JPEG, PNG, BMP, RIFF = b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"BM", b"RIFF"
TIFF = {b"II*\0": "<", b"MM\0*": ">"}
TIFF_WIDTH, TIFF_HEIGHT, TIFF_SHORT = 256, 257, 3
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers that begin a JPEG's frame header."""

SCAN = 0xDA


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None for a format that is not read, or a header that is none."""
    try:
        if data.startswith(JPEG):
            return _jpeg(data)
        if data.startswith(PNG):
            return _size(struct.unpack_from(">II", data, 16))
        if data.startswith(BMP):
            return _bmp(data)
        if data.startswith(RIFF) and data[8:12] == b"WEBP":
            return _webp(data)
        order = TIFF.get(data[:4])
        return _tiff(data, order) if order else None
    except (struct.error, IndexError):
        return None


def _size(found: tuple[int, ...]) -> tuple[int, int]:
    width, height = found
    return abs(width), abs(height)


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while data[at] == 0xFF:
        kind = data[at + 1]
        if kind == 0xFF:  # filling
            at += 1
            continue
        if kind in FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        if kind == SCAN:
            return None
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None


def _bmp(data: bytes) -> tuple[int, int]:
    old = struct.unpack_from("<I", data, 14)[0] == 12
    return _size(struct.unpack_from("<HH" if old else "<ii", data, 18))


def _webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return width, height
    return None


def _tiff(data: bytes, order: str) -> tuple[int, int] | None:
    (at,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, at)
    found: dict[int, int] = {}
    for n in range(count):
        tag, kind = struct.unpack_from(f"{order}HH", data, at + 2 + 12 * n)
        if tag in (TIFF_WIDTH, TIFF_HEIGHT):
            form = "H" if kind == TIFF_SHORT else "I"
            (found[tag],) = struct.unpack_from(f"{order}{form}", data, at + 10 + 12 * n)
    return _size((found[TIFF_WIDTH], found[TIFF_HEIGHT])) if len(found) == 2 else None
