"""What is kept of one camera's vehicles: their pictures, the clip of each arrival, and what was
read."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import cv2

from edge.domain.evidence import Kind
from edge.vision.clip import AFTER_S, BEFORE_S, ClipRing, recorded
from edge.vision.detection import Box
from edge.vision.evidence import Store
from edge.vision.read_scheduler import TrackHistory
from edge.vision.reading import Picture, Reading
from edge.vision.reads_file import reads_file
from edge.vision.tracking import Track

EDGE = 0.01
"""Share of the picture's sides within which a box ends with the picture and not with the vehicle.
"""


class Keeping:
    """`clips`: whether arrivals are recorded; `accept`: the probability from which a reading counts
    as sure. `at`: monotonic seconds, when the frame had come."""

    def __init__(self, store: Store, camera: str, accept: float, clips: bool) -> None:
        self._store, self._camera, self._accept = store, camera, accept
        self._ring = ClipRing() if clips else None

    def film(self, picture: Picture, at: float, boxes: Mapping[int, Box]) -> None:
        """The picture for a clip, where one is due. `boxes`: the lane's vehicles, by track."""
        if self._ring is not None:
            self._ring.take(picture, at, boxes)

    def pictures(
        self,
        track: Track,
        known: TrackHistory,
        reading: Reading | None,
        picture: Picture,
        at_barrier: bool,
        at: float,
    ) -> None:
        """Keeps the pictures in which the plate was read best; at the barrier any is better than
        none."""
        text, sure = (reading.text, reading.confidence) if reading else ("", 0.0)
        width = reading.width if reading else 0
        if not known.album.wants(text, sure, width if _whole(track.box, picture) else 0):
            if not at_barrier or known.pictures:
                return
            text, sure, width = "", 0.0, 0
        plate = track.plate.box if track.plate else None
        names = self._store.keep(picture, track.box, plate, captured(at))
        known.album.put(text, sure, names, width)

    def arrival_is_over(self, known: TrackHistory, at: float) -> bool:
        return known.arrived_at is not None and at - known.arrived_at >= AFTER_S

    def second_reading(self, known: TrackHistory, at: float) -> None:
        """What was read, with what the camera has said since that was kept, in its place."""
        if known.more is not None and (
            kept := self._store.keep_files(self._reads(known), captured(at))
        ):
            others = (name for name in known.more if not name.endswith(Kind.READS))
            known.more = (*others, *kept)

    def _reads(self, known: TrackHistory) -> dict[Kind, bytes]:
        return {Kind.READS: reads_file(self._store.lane, self._camera, known, self._accept)}

    def arrival(self, track: Track, known: TrackHistory, at: float) -> bool:
        """Keeps the clip of the vehicle's arrival and what was read of it, once; whether it did."""
        if known.more is not None or self._ring is None or known.arrived_at is None:
            return False
        shown = self._ring.between(known.arrived_at - BEFORE_S, at)
        files = self._reads(known)
        with contextlib.suppress(OSError, cv2.error):
            if clip := recorded(shown, track.number, self._store.blur):
                files[Kind.CLIP] = clip
        known.more = self._store.keep_files(files, captured(at))
        return bool(known.more)


def _whole(box: Box, picture: Picture) -> bool:
    """Whether nothing of the vehicle is beyond the picture's edges."""
    height, width = picture.shape[:2]
    x, y = EDGE * width, EDGE * height
    return box[0] > x and box[1] > y and box[2] < width - x and box[3] < height - y


def captured(at: float) -> datetime:
    """The moment by the wall clock."""
    return datetime.now(UTC) - timedelta(seconds=time.monotonic() - at)
