"""PURE. Whole JPEGs out of a stream of bytes, by their own structure (ISO/IEC 10918-1 B.1).

What stands between them (part headers, boundaries) does not matter. A picture that was cut off is
dropped where the next one begins: inside the coded data no start mark can stand. What is looked
at is bounded, whatever the stream holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from edge.system.causes import cause

LARGEST_JPEG = 8_000_000
"""Bytes of a camera's picture."""

MOST_SEGMENTS = 5000
"""Maximum header segments without a whole picture: no camera sends more."""

START, END = b"\xff\xd8", b"\xff\xd9"
MARK, FILL, SCAN = 0xFF, 0xFF, 0xDA


class NoJpeg(ValueError):
    """The data is no stream of JPEGs; the text says why."""


class JpegStream:
    """`feed` it the data as it arrives. `_at`: how far the held bytes have been scanned; they begin
    with a start mark once one has been found."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._at = 0
        self._started = False
        self._in_scan = False
        self._segments = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pictures that are whole now. Raises NoJpeg."""
        self._held += data
        while True:
            if not self._started and not self._start():
                return
            if not self._in_scan and not self._headers():
                if self._started:
                    return
                continue
            if (picture := self._scan()) is not None:
                yield picture
            elif self._in_scan:
                return

    def _start(self) -> bool:
        """Drops what stands before the next start mark; whether there is one."""
        found = self._held.find(START, self._at)
        if found < 0:
            del self._held[: max(0, len(self._held) - 1)]
            self._at = 0
            return False
        self._begin(found)
        return True

    def _begin(self, at: int) -> None:
        del self._held[:at]
        self._at, self._started, self._in_scan = len(START), True, False
        self._counted()

    def _counted(self) -> None:
        self._segments += 1
        if self._segments > MOST_SEGMENTS:
            raise NoJpeg(cause("camera.no_jpeg"))

    def _headers(self) -> bool:
        """Goes over the segments before the coded data; whether that is reached. Where it is no
        picture after all, nothing is started any more."""
        while self._at + 4 <= len(self._held):
            kind = self._held[self._at + 1]
            size = int.from_bytes(self._held[self._at + 2 : self._at + 4], "big")
            if self._held[self._at] != MARK:
                return self._none()
            self._counted()
            if kind == FILL:
                self._at += 1
            elif kind in (START[1], END[1]) or size < 2:
                return self._none()
            else:
                self._at += 2 + size
                if kind == SCAN:
                    self._in_scan = True
                    return True
        self._bounded()
        return False

    def _none(self) -> bool:
        """It was no picture, or one cut off in its headers: the next one may stand inside."""
        self._started, self._at = False, len(START)
        return False

    def _scan(self) -> bytes | None:
        """The picture, if its end is there. None, and no longer in a scan: it was cut off."""
        end = self._held.find(END, self._at)
        next_one = self._held.find(START, self._at, end if end >= 0 else len(self._held))
        if next_one >= 0:
            self._begin(next_one)
            return None
        if end < 0:
            self._at = max(self._at, len(self._held) - 1)
            self._bounded()
            return None
        picture = bytes(self._held[: end + len(END)])
        del self._held[: end + len(END)]
        self._at, self._started, self._in_scan, self._segments = 0, False, False, 0
        if len(picture) > LARGEST_JPEG:
            raise NoJpeg(cause("camera.endless_jpeg", most=LARGEST_JPEG))
        return picture

    def _bounded(self) -> None:
        if len(self._held) > LARGEST_JPEG:
            raise NoJpeg(cause("camera.no_jpeg_within", most=LARGEST_JPEG))
