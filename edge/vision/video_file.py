"""A recording in a file: its pictures from first to last, and whether the last was the end."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from edge.system.causes import cause
from edge.vision.capture import CameraError, bounded, sensible
from edge.vision.jpeg_stream import END, LARGEST_JPEG, START
from edge.vision.reading import Picture

WHOLE = 0.95
"""Share of the frames, or of the time, promised by the file that must be there. Promised figures
are rough in some formats."""

BARE_JPEGS = {".mjpeg", ".mjpg"}

GAP_STEPS = 5
"""Number of steps after the previous frame from which on there is a hole: formats that go on after
a damaged part (Matroska) mark it in no other way."""


class VideoFile:
    """`rate`: frames a second as the file states them, or 25."""

    def __init__(self, capture: cv2.VideoCapture, path: Path) -> None:
        self._capture, self._path = capture, path
        self.rate = sensible(capture.get(cv2.CAP_PROP_FPS))
        self._promised = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self._count, self._last_s, self._holes_s = 0, 0.0, 0.0

    def pictures(self) -> Iterator[Picture]:
        """Raises CameraError at the end where that came too early."""
        while True:
            good, picture = self._capture.read()
            if not good or picture is None:
                break
            self._count += 1
            at = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            if self._count > 1 and (at - self._last_s) * self.rate > GAP_STEPS:
                self._holes_s += at - self._last_s
            self._last_s = at
            yield np.asarray(picture, np.uint8)
        if self._count == 0:
            raise CameraError(cause("recording.no_picture", file=self._path))
        if _cut(self._path):
            raise CameraError(cause("recording.last_picture", file=self._path))
        if self._short():
            raise CameraError(
                cause("recording.short", file=self._path, read=self._count, promised=self._promised)
            )

    def _short(self) -> bool:
        if not 0 < self._promised < 1e9:  # it says nothing of it
            return False
        lasts_s = self._promised / self.rate
        there_s = self._last_s - self._holes_s
        return self._count < WHOLE * self._promised and there_s < WHOLE * lasts_s


def _cut(path: Path) -> bool:
    """Whether a file of bare JPEGs, which promises no number of them, ends within one."""
    if path.suffix.lower() not in BARE_JPEGS:
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LARGEST_JPEG))
        tail = file.read()
    start = tail.rfind(START)
    return start >= 0 and tail.find(END, start) < 0


@contextmanager
def opened(path: Path) -> Iterator[VideoFile]:
    """The file at `path`, whatever its name: FFmpeg takes what stands before a ":" for a scheme,
    and OpenCV only names in UTF-8. Raises CameraError."""
    with tempfile.TemporaryDirectory(prefix="gate-read-") as folder:
        plain = Path(folder) / f"video{path.suffix.lower() if path.suffix.isascii() else ''}"
        plain.symlink_to(path.absolute())
        capture = cv2.VideoCapture(str(plain), cv2.CAP_FFMPEG)
        try:
            if not capture.isOpened():
                raise CameraError(cause("recording.none", file=path))
            bounded(capture, str(path))
            yield VideoFile(capture, path)
        finally:
            capture.release()
