"""The seconds before and after a vehicle reached the barrier, as a short recording.

Small pictures are kept as JPEG in a ring; a few of them a second, fewer while nothing is there.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.vision.detection import Box
from edge.vision.privacy import blurred
from edge.vision.reading import Picture

WIDTH = 640
RATE = 4.0
"""Pictures a second while a vehicle is there."""

IDLE_S = 1.0
"""Seconds between two pictures of an empty lane."""

BEFORE_S, AFTER_S = 4.0, 3.0
"""Seconds that a clip shows before and after the moment that it is about."""

MOST = 48
QUALITY = 75


@dataclass(frozen=True, slots=True)
class Shown:
    """`boxes`: the lane's vehicles, by track, in pixels of the small picture."""

    at: float
    jpeg: bytes
    boxes: Mapping[int, Box]


class ClipRing:
    """One camera's last seconds. `at`: monotonic seconds."""

    def __init__(self) -> None:
        self._shown: deque[Shown] = deque(maxlen=MOST)

    def take(self, picture: Picture, at: float, boxes: Mapping[int, Box]) -> None:
        """Keeps the picture where one is due."""
        last = self._shown[-1].at if self._shown else -1e9
        if at - last < (1 / RATE if boxes else IDLE_S) - 0.01:
            return
        scale = WIDTH / picture.shape[1]
        # Codecs want even sides.
        size = (WIDTH, max(2, round(picture.shape[0] * scale) // 2 * 2))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if done:
            scaled = {
                n: (b[0] * scale, b[1] * scale, b[2] * scale, b[3] * scale)
                for n, b in boxes.items()
            }
            self._shown.append(Shown(at, data.tobytes(), scaled))

    def between(self, begin: float, end: float) -> list[Shown]:
        return [shown for shown in self._shown if begin <= shown.at <= end]


def recorded(shown: Sequence[Shown], track: int, what: Collection[str]) -> bytes:
    """An MP4 of these pictures, each as long as it stood; b"" where none can be made. `track`: of
    the vehicle that it is about; `what`: see privacy.blurred. Raises OSError."""
    if not shown:
        return b""
    with tempfile.TemporaryDirectory(prefix="gate-clip-") as folder:
        file = Path(folder) / "clip.mp4"
        first = _picture(shown[0])
        size = (first.shape[1], first.shape[0])
        kind = cv2.VideoWriter.fourcc(*"mp4v")
        writer = cv2.VideoWriter(str(file), cv2.CAP_FFMPEG, kind, RATE, size)
        try:
            for one, times in _in_time(shown):
                picture = _picture(one)
                if (picture.shape[1], picture.shape[0]) == size:
                    hidden = blurred(picture, one.boxes.get(track), None, what)
                    for _ in range(times):
                        writer.write(hidden)
        finally:
            writer.release()
        return file.read_bytes() if file.exists() else b""


def _in_time(shown: Sequence[Shown]) -> Iterator[tuple[Shown, int]]:
    """Each picture, and how many of the recording's it stands for."""
    begin, done = shown[0].at, 0
    for one, after in zip(shown, [*shown[1:], None], strict=True):
        until = after.at if after is not None else one.at + 1 / RATE
        times = min(MOST, max(0, round((until - begin) * RATE) - done))
        done += times
        if times:
            yield one, times


def _picture(shown: Shown) -> Picture:
    made = cv2.imdecode(np.frombuffer(shown.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert made is not None
    return np.asarray(made, np.uint8)
