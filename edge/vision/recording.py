"""Reading a whole recording: one result per vehicle, none doubled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from edge.vision.capture import CameraError
from edge.vision.detection import Box, Detector
from edge.vision.frame_result import detect
from edge.vision.fusion import Fusion
from edge.vision.reading import Picture, PlateReader, Reading
from edge.vision.tracking import UNKNOWN, Track, Tracker
from edge.vision.video_file import opened

AGAIN_FRAMES = 240
"""Number of frames after a track's end within which the same plate is the same vehicle."""

FEWEST_FRAMES = 3


@dataclass(frozen=True, slots=True)
class View:
    """The frame in which a vehicle's plate was read best."""

    picture: Picture
    vehicle: Box
    plate: Box | None
    sure: float


@dataclass(slots=True)
class Passing:
    """One vehicle of the recording. Frames are counted from 0. `view`: where views are kept."""

    track: int
    kind: str
    first_frame: int
    last_frame: int
    fusion: Fusion = field(default_factory=Fusion)
    read: int = 0
    view: View | None = None

    def plate(self, accept: float) -> Reading | None:
        return self.fusion.result(accept)


def passings(
    source: Path,
    detector: Detector,
    reader: PlateReader,
    accept: float,
    progress: Callable[[int], None] = lambda frame: None,
    keep: bool = False,
) -> Iterator[Passing]:
    """Vehicles in the order of their end. Raises CameraError: for a recording of which a part is
    missing after its vehicles."""
    tracker, fault = Tracker(), None
    open_: dict[int, Passing] = {}
    ended: list[Passing] = []
    with opened(source) as video:
        pictures = enumerate(video.pictures())
        while True:
            try:
                number, picture = next(pictures)
            except StopIteration:
                break
            except CameraError as error:
                fault = error
                break
            progress(number)
            result = detect(picture, detector, reader, number=number)
            seen, lost = tracker.update(result, number / video.rate)
            for track in seen:
                _note(open_, track, number, picture if keep else None)
            for track in lost:
                ended += _end(open_.pop(track.number), ended, accept)
    for left in sorted(open_.values(), key=lambda p: p.last_frame):
        ended += _end(left, ended, accept)
    yield from ended
    if fault is not None:
        raise fault


def _note(open_: dict[int, Passing], track: Track, number: int, picture: Picture | None) -> None:
    passing = open_.setdefault(
        track.number, Passing(track.number, track.usual_kind, number, number)
    )
    passing.kind, passing.last_frame = track.usual_kind, number
    reading = track.plate.reading if track.plate else None
    if reading is not None:
        passing.fusion = passing.fusion.with_reading(reading)
        passing.read += 1
    if picture is not None:
        sure = reading.confidence if reading else 0.0
        if passing.view is None or sure > passing.view.sure:
            plate = track.plate.box if track.plate else None
            passing.view = View(picture, track.box, plate, sure)


def _end(passing: Passing, ended: list[Passing], accept: float) -> list[Passing]:
    """The passing, unless it was a glimpse or goes on with one that ended just before."""
    plate = passing.plate(accept)
    if passing.last_frame - passing.first_frame < FEWEST_FRAMES and plate is None:
        return []
    if passing.kind == UNKNOWN and (plate is None or not plate.accepted):
        return []
    for before in ended:
        other = before.plate(accept)
        near = passing.first_frame - before.last_frame < AGAIN_FRAMES
        if plate and other and near and plate.text == other.text:
            for reading in passing.fusion.readings:
                before.fusion = before.fusion.with_reading(reading)
            before.read += passing.read
            if passing.view and before.view and passing.view.sure > before.view.sure:
                before.view = passing.view
            before.last_frame = max(before.last_frame, passing.last_frame)
            if before.kind == UNKNOWN:
                before.kind = passing.kind
            return []
    return [passing]
