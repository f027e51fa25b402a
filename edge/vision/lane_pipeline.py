"""One lane's eyes: frames in, facts out. Runs in the vision process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge.config import LaneConfig
from edge.domain.facts import CameraChanged, PlateView, VehicleLost, VehicleSeen, VisionFact
from edge.vision import evidence, read_scheduler
from edge.vision.camera import Camera
from edge.vision.detection import Box, Detector
from edge.vision.evidence_room import EvidenceRoom
from edge.vision.frame_result import FrameResult, detect
from edge.vision.live_picture import drawn
from edge.vision.port import CameraStatus
from edge.vision.read_scheduler import TrackHistory
from edge.vision.reading import Picture, PlateReader, Reading
from edge.vision.stillness import Stillness
from edge.vision.tracking import UNKNOWN, Track, Tracker

REPEAT_S = 0.5
"""Seconds after which a standing vehicle is reported again."""

LATER_S = 0.3
"""Seconds by which a lane without anything to read comes later."""

LIVE_EVERY_S = 0.2


class LanePipeline:
    """Call `step` often; it takes a frame if there is a new one. Outlets: `report` and `show`."""

    def __init__(
        self,
        lane: str,
        config: LaneConfig,
        detector: Detector,
        reader: PlateReader,
        accept: float,
        folder: Path,
        start: str,
        report: Callable[[VisionFact], None],
        show: Callable[[str, bytes], None],
        room: EvidenceRoom | None = None,
    ) -> None:
        self.lane = lane
        self._room = room
        self._config = config.camera
        self._detector, self._reader, self._accept = detector, reader, accept
        self._folder, self._start = folder, start
        self._report, self._show = report, show
        self._camera = Camera(config.camera)
        self._tracker = Tracker()
        self._stillness = Stillness()
        self._frame_result = FrameResult((), ())
        self._looked_at = -1e9
        self._known: dict[int, TrackHistory] = {}
        self._number = 0
        self._frame_at = 0.0
        self._next_at = 0.0
        self._shown_at = 0.0
        self._fault: str | None = None
        self._times: list[float] = []
        self._read_ms: float | None = None

    def stop(self) -> None:
        self._camera.stop()

    def status(self) -> CameraStatus:
        times = [t for t in self._times if t > time.monotonic() - 3]
        state = "starting" if self._fault is None else ("failed" if self._fault else "live")
        return CameraStatus(self.lane, state, self._fault or "", len(times) / 3, self._read_ms)

    @property
    def place(self) -> float:
        """Its place among the lanes, the lowest first: the lane that has waited longest. Lanes with
        a vehicle that is not surely read yet come first, for somebody may be waiting."""
        newest = self._times[-1] if self._times else 0.0
        first = read_scheduler.waited_for(self._tracker.tracks, self._known)
        return newest if first else newest + LATER_S

    def step(self, now: float) -> bool:
        """Whether there was a new frame."""
        self._health()
        if now < self._next_at:
            return False
        newest = self._camera.newest(self._number)
        if newest is None:
            self._forget(now)
            return False
        self._number, picture, self._frame_at = newest
        # Of a frame that was taken late the next one does not wait longer for that.
        pace = 1 / self._config.max_frames_per_s - 0.01
        self._next_at = max(self._next_at, now - pace) + pace
        began = time.monotonic()
        self._take(self._seen(picture, now), picture, now)
        self._times = [*self._times[-40:], began]
        if now - self._shown_at >= LIVE_EVERY_S:
            self._shown_at = now
            read = {track: k.result for track, k in self._known.items() if k.result}
            tracks, stop_line = self._tracker.tracks, self._config.stop_line
            self._show(self.lane, drawn(picture, tracks, read, stop_line))
        return True

    def _seen(self, picture: Picture, now: float) -> FrameResult:
        """The result of the picture; that of the last one where nothing has moved."""
        rested, tracks = now - self._looked_at, self._tracker.tracks
        if rested < read_scheduler.patience(tracks, self._known) and (
            (rested < read_scheduler.FOLLOWED_S and read_scheduler.followed(tracks, self._known))
            or self._stillness.still(picture)
        ):
            return _unread(self._frame_result)
        began = time.monotonic()
        inside = self._inside(picture)
        self._frame_result = detect(
            picture,
            self._detector,
            self._reader,
            closer=1,
            most=2,
            wanted=lambda box: inside(box) and read_scheduler.wanted(box, tracks, self._known, now),
        )
        self._read_ms = (time.monotonic() - began) * 1000
        self._stillness.looked(picture)
        self._looked_at = now
        return self._frame_result

    def _health(self) -> None:
        fault = self._camera.fault()
        if self._number == 0 and not fault:
            return
        if self._fault is None or bool(fault) != bool(self._fault):
            self._report(CameraChanged(self.lane, not fault, fault))
        self._fault = fault

    def _forget(self, now: float) -> None:
        """Ends tracks by time while there are no frames."""
        if self._tracker.tracks:
            _, lost = self._tracker.update(FrameResult((), ()), now)
            self._lose(lost)

    def _take(self, frame_result: FrameResult, picture: Picture, now: float) -> None:
        seen, lost = self._tracker.update(self._in_zone(frame_result, picture), now)
        for track in seen:
            self._see(track, picture, now)
        self._lose(lost)

    def _lose(self, lost: list[Track]) -> None:
        for track in lost:
            known = self._known.pop(track.number, None)
            if known is not None and known.reported:
                self._report(VehicleLost(self.lane, self._name(track)))

    def _inside(self, picture: Picture) -> Callable[[Box], bool]:
        """Whether a box's centre lies in this lane's part of the picture."""
        height, width = picture.shape[:2]
        x1, y1, x2, y2 = self._config.zone

        def inside(box: Box) -> bool:
            x, y = (box[0] + box[2]) / 2 / width, (box[1] + box[3]) / 2 / height
            return x1 <= x <= x2 and y1 <= y <= y2

        return inside

    def _in_zone(self, frame_result: FrameResult, picture: Picture) -> FrameResult:
        """Only what stands in this lane's part of the picture."""
        inside = self._inside(picture)
        return FrameResult(
            tuple(v for v in frame_result.vehicles if inside(v.box)),
            tuple(p for p in frame_result.plates if inside(p.box)),
        )

    def _see(self, track: Track, picture: Picture, now: float) -> None:
        known = self._known.setdefault(track.number, TrackHistory())
        reading = track.plate.reading if track.plate else None
        if reading is not None:
            known.take(reading, self._accept, now)
        at_barrier = track.box[3] >= self._config.stop_line * picture.shape[0]
        self._evidence(track, known, reading, picture, at_barrier)
        result = known.result
        news = (result.text if result else "", result.accepted if result else False, at_barrier)
        if track.seen < 2 or (news == known.reported and now - known.reported_at < REPEAT_S):
            return
        known.reported, known.reported_at = news, now
        kind = track.usual_kind
        self._report(
            VehicleSeen(
                self.lane,
                self._name(track),
                "" if kind == UNKNOWN else kind,
                _view(result),
                known.read,
                at_barrier,
                known.pictures,
                self._frame_at,
            )
        )

    def _evidence(
        self,
        track: Track,
        known: TrackHistory,
        reading: Reading | None,
        picture: Picture,
        at_barrier: bool,
    ) -> None:
        """Keeps the pictures in which the plate was read best; at the barrier any is better than
        none."""
        text, sure = (reading.text, reading.confidence) if reading else ("", 0.0)
        if not known.album.wants(text, sure):
            if not at_barrier or known.pictures:
                return
            text, sure = "", 0.0
        plate = track.plate.box if track.plate else None
        names = evidence.keep(self._folder, self.lane, picture, track.box, plate, self._room)
        known.album.put(text, sure, names)

    def _name(self, track: Track) -> str:
        return f"{self._start}-{track.number}"


def _unread(frame_result: FrameResult) -> FrameResult:
    """The result without its readings: a picture that is used twice is no second reading."""
    vehicles = tuple(
        replace(v, plate=replace(v.plate, reading=None) if v.plate else None)
        for v in frame_result.vehicles
    )
    return FrameResult(vehicles, tuple(replace(p, reading=None) for p in frame_result.plates))


def _view(result: Reading | None) -> PlateView | None:
    if result is None:
        return None
    return PlateView(
        result.text,
        result.display,
        result.country,
        result.colour,
        result.lines,
        result.confidence,
        result.accepted,
    )
