"""One lane's eyes: frames in, facts out. Runs in the vision process."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge.config import LaneConfig
from edge.config.ways import WaysConfig
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    CameraChanged,
    CodeSeen,
    PicturesJudged,
    VisionFact,
)
from edge.system.clock import clock_trusted
from edge.vision import codes, read_scheduler
from edge.vision.camera import Camera
from edge.vision.channel import Word
from edge.vision.detection import Detector
from edge.vision.evidence import Store
from edge.vision.evidence_room import EvidenceRoom
from edge.vision.frame_result import FrameResult, detect
from edge.vision.keeping import Keeping
from edge.vision.live_picture import drawn
from edge.vision.outage import Outage
from edge.vision.picture_monitor import PictureMonitor
from edge.vision.plate_events import CameraReading
from edge.vision.port import CameraStatus, picture_state, view_of
from edge.vision.reading import Picture, PlateReader
from edge.vision.second_reader import SecondReader
from edge.vision.stillness import Stillness
from edge.vision.vehicle_reports import VehicleReports

LATER_S = 0.3
"""Seconds by which a lane without anything to read comes later."""

DECODING = 0.2
"""The most of its time that a camera's pictures may take to be decoded: the other lanes wait."""

LIVE_EVERY_S = 0.2
CLOCK_OFF_S = 5.0
"""Seconds by which a camera's clock is off, from which on it is told: it writes its own time into
its pictures, beside ours in the events."""

WHOLE = (0.0, 0.0, 1.0, 1.0)
"""A zone that is no part of the picture."""


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
        views: Path | None = None,
        camera: str = "",
        clips: bool = False,
        blur: tuple[str, ...] = (),
    ) -> None:
        self.lane, self.camera = lane, camera
        self._config = config.all_cameras[camera]
        self._detector, self._reader = detector, reader
        self._keeping = Keeping(Store(folder, lane, room, blur), camera, accept, clips)
        self._vehicles = VehicleReports(
            lane, camera, self._config, start, accept, self._keeping, report
        )
        self._report, self._show = report, show
        self._camera = Camera(self._config)
        self._heard: queue.SimpleQueue[CameraReading] = queue.SimpleQueue()
        second = self._config.second_reader
        self._second_reader = (
            SecondReader(second, self._heard.put, self._camera.take_clock) if second else None
        )
        self._stillness = Stillness()
        self._pictures = PictureMonitor(views, self.view)
        self._judged: frozenset[AlarmCode] | None = None
        self._frame_result = FrameResult((), ())
        self._detected_at, self._moved_at = -1e9, 1e9
        self._number = self._detections = 0
        self._frame_at = 0.0
        self._next_at = 0.0
        self._shown_at = self._codes_at = 0.0
        self._fault: str | None = None
        self._outage = Outage()
        self._times: list[float] = []
        self._read_ms: float | None = None

    def stop(self) -> None:
        self._camera.stop()
        if self._second_reader is not None:
            self._second_reader.stop()

    def status(self) -> CameraStatus:
        times = [t for t in self._times if t > time.monotonic() - 3]
        state = picture_state(self._pictures.health.standing)
        if self._fault is None or self._fault:
            state = "starting" if self._fault is None else "failed"
        health, at = self._pictures.health, self._frame_at
        return CameraStatus(
            self.view,
            state,
            self._fault or "",
            len(times) / 3,
            self._read_ms,
            health.unchanged_s(at),
            health.unmoved_s(at),
        )

    def take(self, word: Word) -> None:
        """See port.Eyes."""
        self._pictures.take(word)
        self._judge()

    @property
    def frame_at(self) -> float:
        """When the whole of the newest frame that was taken had come; monotonic."""
        return self._frame_at

    @property
    def place(self) -> float:
        """Its place among the lanes, the lowest first: the lane that has waited longest. Lanes with
        a vehicle that is not surely read yet come first, for somebody may be waiting."""
        newest = self._times[-1] if self._times else 0.0
        first = read_scheduler.waited_for(self._vehicles.own, self._vehicles.known)
        return newest if first else newest + LATER_S

    def step(self, now: float) -> bool:
        """Whether there was a new frame."""
        self._health()
        while not self._heard.empty():
            self._vehicles.hear(self._heard.get(), time.monotonic())
        if now < self._next_at:
            return False
        newest = self._camera.newest(self._number)
        if newest is None:
            self._vehicles.forget(now, self._frame_at)
            return False
        self._number, picture, self._frame_at = newest
        began = time.monotonic()
        if self._believed(picture):
            unmoved_s = self._pictures.health.unmoved_s(self._frame_at)
            seen = self._seen(picture, now)
            self._vehicles.take(seen, picture, now, self._frame_at, unmoved_s)
            self._look_for_codes(picture, now)
        else:
            self._vehicles.forget(now, self._frame_at)
        self._keeping.film(picture, self._frame_at, {t.number: t.box for t in self._vehicles.own})
        # Of a frame that was taken late the next one does not wait longer for that.
        pace = 1 / self._config.max_frames_per_s - 0.01
        pace = max(pace, self._camera.decoding_s / DECODING)
        if self._idle(now):
            pace = max(pace, read_scheduler.IDLE_PACE_S)
        self._next_at = max(self._next_at, now - pace) + pace
        self._times = [*self._times[-40:], began]
        if now - self._shown_at >= LIVE_EVERY_S:
            self._shown_at = now
            read = {track: k.result for track, k in self._vehicles.known.items() if k.result}
            self._show(self.view, drawn(picture, self._vehicles.own, read, self._config))
        return True

    def _look_for_codes(self, picture: Picture, now: float) -> None:
        """While a vehicle is in the lane; where the settings ask for it."""
        if self._config.codes and self._vehicles.own and now - self._codes_at >= codes.EVERY_S:
            self._codes_at = now
            for text in codes.codes_in(picture):
                self._report(CodeSeen(self.lane, text, "camera"))

    def _seen(self, picture: Picture, now: float) -> FrameResult:
        """The result of the picture; that of the last one where nothing has moved."""
        rested, tracks = now - self._detected_at, self._vehicles.own
        patience = read_scheduler.patience(tracks, self._vehicles.known)
        if self._idle(now):
            patience = read_scheduler.EMPTY_S
        followed = read_scheduler.followed(tracks, self._vehicles.known)
        if rested < patience and rested < read_scheduler.FOLLOWED_S and followed:
            return _unread(self._frame_result)
        still = patience > 0 and self._stillness.still(picture)
        if self._vehicles.tracks or not still:
            self._moved_at = now
        if still and rested < patience:
            return _unread(self._frame_result)
        began = time.monotonic()
        height, width = picture.shape[:2]
        self._frame_result = detect(
            picture,
            self._detector,
            self._reader,
            closer=1,
            most=2,
            wanted=lambda box: read_scheduler.wanted(box, tracks, self._vehicles.known, now),
            mine=lambda box: self._reads and self._vehicles.inside(box, width, height),
            number=self._detections,
        )
        self._detections += 1
        self._read_ms = (time.monotonic() - began) * 1000
        self._stillness.looked(picture)
        self._detected_at = now
        return self._frame_result

    def _idle(self, now: float) -> bool:
        """Whether nothing has stood or moved in the picture for long."""
        return now - self._moved_at >= read_scheduler.IDLE_AFTER_S

    def _health(self) -> None:
        fault = self._camera.fault()
        if self._number == 0 and not fault:
            return
        if self._outage.due(fault, time.monotonic()):
            self._report(CameraChanged(self.lane, not fault, fault, self.camera))
        self._fault = fault

    def _believed(self, picture: Picture) -> bool:
        """Whether what the picture shows counts. Where the camera was moved, the lane's part of the
        picture is another."""
        boxes = [track.box for track in self._vehicles.tracks]
        self._pictures.check(picture, self._frame_at, boxes)
        if self._judged != self._faults:
            self._judge()
        part = self._config.zone != WHOLE or self._config.ways != WaysConfig()
        return self._pictures.believed(part)

    @property
    def _faults(self) -> frozenset[AlarmCode]:
        ahead, found = self._camera.clock_ahead_s, set(self._pictures.health.standing)
        if ahead is not None and abs(ahead) >= CLOCK_OFF_S and clock_trusted():
            found.add(AlarmCode.CAMERA_CLOCK)
        if self._second_reader is not None and self._second_reader.fault:
            found.add(AlarmCode.CAMERA_READER)
        return frozenset(found)

    def _judge(self) -> None:
        self._judged = self._faults
        ahead_s = self._camera.clock_ahead_s or 0.0
        self._report(PicturesJudged(self.lane, self._judged, self.camera, ahead_s))

    @property
    def view(self) -> str:
        """The name of the camera's picture: its lane's, and its own behind a dot."""
        return view_of(self.lane, self.camera)

    @property
    def _reads(self) -> bool:
        return self._config.sees != "overview"


def _unread(frame_result: FrameResult) -> FrameResult:
    """The result without its readings: a picture that is used twice is no second reading."""
    vehicles = tuple(
        replace(v, plate=replace(v.plate, reading=None) if v.plate else None)
        for v in frame_result.vehicles
    )
    return FrameResult(vehicles, tuple(replace(p, reading=None) for p in frame_result.plates))
