"""PURE. The memory of each track, and from it when to detect and what to read."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from edge.vision.detection import Box, within
from edge.vision.evidence import Album
from edge.vision.fusion import Fusion
from edge.vision.plate_events import CameraReading
from edge.vision.reading import Reading
from edge.vision.tracking import Track

ENOUGH = 6
"""Number of agreeing sure readings after which a track is settled, and read only now and then."""

SETTLED_S = 0.5
"""Seconds between two readings of a settled track: it may have become another vehicle's."""

FOLLOWED_S = 0.19
"""Seconds between two detections of settled vehicles that move: enough to follow them."""

STILL_S = 0.5
"""Seconds between two detections where nothing moves and nothing is to be read."""

IDLE_AFTER_S = 5.0
"""Seconds without a vehicle or a movement in the picture after which a lane is idle."""

IDLE_PACE_S = 0.35
"""Seconds between two frames that an idle lane takes: the delay of the first sight of a vehicle."""

EMPTY_S = 3.0
"""Seconds between two detections of an idle lane; what moves is looked at at once."""

WAITING_S = 0.25
"""Seconds between two detections where nothing moves, but a vehicle has stood unread for `PATIENT`
of them."""

PATIENT = 30


MOST_FRAMES = 60


class FrameRead(NamedTuple):
    """One reading of one frame, and where it stood in the picture."""

    at: datetime
    reading: Reading
    box: Box


@dataclass(slots=True)
class TrackHistory:
    """The memory of one track. `reported`: what was last reported of it, and when. `frames`: its
    last readings; `arrived_at`: when it reached the barrier; `more`: files that were kept of it
    besides its pictures, once they were; `began_at`: when it was first seen; `second`: the camera's
    own reading of it."""

    fusion: Fusion = field(default_factory=Fusion)
    result: Reading | None = None
    read: int = 0
    reported_at: float = -1e9
    reported: tuple[object, ...] = ()
    settled_at: float | None = None
    album: Album = field(default_factory=Album)
    frames: deque[FrameRead] = field(default_factory=lambda: deque(maxlen=MOST_FRAMES))
    arrived_at: float | None = None
    more: tuple[str, ...] | None = None
    began_at: float = -1e9
    second: CameraReading | None = None

    @property
    def pictures(self) -> tuple[str, ...]:
        """The pictures of the plate that is believed, and what else is kept of the vehicle."""
        return (*self.album.of(self.result.text if self.result else ""), *(self.more or ()))

    def take(self, reading: Reading, accept: float, now: float) -> None:
        """One reading more."""
        self.fusion = self.fusion.with_reading(reading)
        self.read += 1
        self.result = self.fusion.result(accept)
        self.settled_at = now if self.fusion.settled(self.result, ENOUGH) else None


Histories = Mapping[int, TrackHistory]


def settled(track: Track, histories: Histories) -> bool:
    known = histories.get(track.number)
    return known is not None and known.settled_at is not None


def followed(tracks: Sequence[Track], histories: Histories) -> bool:
    """Whether there are vehicles, and all are surely read: they are only followed."""
    return bool(tracks) and all(settled(f, histories) for f in tracks)


def patience(tracks: Sequence[Track], histories: Histories) -> float:
    """Seconds for which a still picture needs no new detection."""
    unsettled = [f for f in tracks if not settled(f, histories)]
    if not unsettled:
        return STILL_S
    return WAITING_S if all(f.seen > PATIENT for f in unsettled) else 0.0


def wanted(box: Box, tracks: Sequence[Track], histories: Histories, now: float) -> bool:
    """Whether to read what is in the box: not what was settled just now."""
    for track in tracks:
        known = histories.get(track.number)
        if known is None or known.settled_at is None or within(box, track.box) < 0.6:
            continue
        if now - known.settled_at < SETTLED_S:
            return False
    return True


def waited_for(tracks: Sequence[Track], histories: Histories) -> bool:
    """Whether a vehicle is there that is not surely read and has not long stood unread."""
    return any(
        f.seen <= PATIENT
        and not ((known := histories.get(f.number)) and known.result and known.result.accepted)
        for f in tracks
    )
