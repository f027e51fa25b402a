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
    LinePassed,
    PicturesJudged,
    PlateView,
    QueueChanged,
    VehicleLost,
    VehicleSeen,
    VisionFact,
)
from edge.system.clock import clock_trusted
from edge.vision import codes, read_scheduler
from edge.vision.camera import Camera
from edge.vision.channel import Word
from edge.vision.crossings import Crossed
from edge.vision.detection import Detector
from edge.vision.evidence import Store
from edge.vision.evidence_room import EvidenceRoom
from edge.vision.frame_result import FrameResult, detect
from edge.vision.keeping import Keeping, captured
from edge.vision.line_view import LineViews
from edge.vision.live_picture import drawn
from edge.vision.picture_monitor import PictureMonitor
from edge.vision.plate_events import CameraReading
from edge.vision.port import CameraStatus, picture_state, view_of
from edge.vision.read_scheduler import FrameRead, TrackHistory
from edge.vision.reading import Picture, PlateReader, Reading
from edge.vision.second_reader import SecondReader
from edge.vision.second_reading import SecondReadings, judged
from edge.vision.stillness import Stillness
from edge.vision.tracking import UNKNOWN, Track, Tracker
from edge.vision.ways import Ways

REPEAT_S = 0.5
"""Seconds after which a standing vehicle is reported again."""

LATER_S = 0.3
"""Seconds by which a lane without anything to read comes later."""

LEAVING_S = 0.5
"""Seconds unseen after which a vehicle that had come to the barrier is leaving: its passage may be
over before its track is, and before its clip is whole."""

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
        self._keeping = Keeping(Store(folder, lane, room, blur), camera, accept, clips)
        self._config = config.all_cameras[camera]
        self._detector, self._reader, self._accept = detector, reader, accept
        self._start = start
        self._report, self._show = report, show
        self._camera = Camera(self._config)
        self._tracker, self._ways = Tracker(), Ways(self._config)
        self._heard: queue.SimpleQueue[CameraReading] = queue.SimpleQueue()
        second = self._config.second_reader
        self._second = SecondReadings(second.seconds if second else 0.0)
        self._second_reader = (
            SecondReader(second, self._heard.put, self._camera.take_clock) if second else None
        )
        self._queue = 0
        self._lines = LineViews(self._config.ways.lines)
        self._stillness = Stillness()
        self._pictures = PictureMonitor(views, self.view)
        self._judged: frozenset[AlarmCode] | None = None
        self._frame_result = FrameResult((), ())
        self._detected_at, self._moved_at = -1e9, 1e9
        self._known: dict[int, TrackHistory] = {}
        self._number = self._detections = 0
        self._frame_at = 0.0
        self._next_at = 0.0
        self._shown_at = self._codes_at = 0.0
        self._fault: str | None = None
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
        still_s = self._pictures.health.unchanged_s(self._frame_at)
        return CameraStatus(
            self.view, state, self._fault or "", len(times) / 3, self._read_ms, still_s
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
        first = read_scheduler.waited_for(self._own, self._known)
        return newest if first else newest + LATER_S

    def step(self, now: float) -> bool:
        """Whether there was a new frame."""
        self._health()
        while not self._heard.empty():
            self._second.hear(self._heard.get(), time.monotonic())
        if now < self._next_at:
            return False
        newest = self._camera.newest(self._number)
        if newest is None:
            self._forget(now)
            return False
        self._number, picture, self._frame_at = newest
        began = time.monotonic()
        if self._believed(picture):
            self._take(self._seen(picture, now), picture, now)
            self._look_for_codes(picture, now)
        else:
            self._forget(now)
        self._keeping.film(picture, self._frame_at, {t.number: t.box for t in self._own})
        # Of a frame that was taken late the next one does not wait longer for that.
        pace = 1 / self._config.max_frames_per_s - 0.01
        if self._idle(now):
            pace = max(pace, read_scheduler.IDLE_PACE_S)
        self._next_at = max(self._next_at, now - pace) + pace
        self._times = [*self._times[-40:], began]
        if now - self._shown_at >= LIVE_EVERY_S:
            self._shown_at = now
            read = {track: k.result for track, k in self._known.items() if k.result}
            self._show(self.view, drawn(picture, self._own, read, self._config))
        return True

    def _look_for_codes(self, picture: Picture, now: float) -> None:
        """While a vehicle is in the lane; where the settings ask for it."""
        if self._config.codes and self._own and now - self._codes_at >= codes.EVERY_S:
            self._codes_at = now
            for text in codes.codes_in(picture):
                self._report(CodeSeen(self.lane, text, "camera"))

    def _seen(self, picture: Picture, now: float) -> FrameResult:
        """The result of the picture; that of the last one where nothing has moved."""
        rested, tracks = now - self._detected_at, self._own
        patience = read_scheduler.patience(tracks, self._known)
        if self._idle(now):
            patience = read_scheduler.EMPTY_S
        followed = read_scheduler.followed(tracks, self._known)
        if rested < patience and rested < read_scheduler.FOLLOWED_S and followed:
            return _unread(self._frame_result)
        still = patience > 0 and self._stillness.still(picture)
        if self._tracker.tracks or not still:
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
            wanted=lambda box: read_scheduler.wanted(box, tracks, self._known, now),
            mine=lambda box: self._reads and self._ways.inside(box, width, height),
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
        if self._fault is None or bool(fault) != bool(self._fault):
            self._report(CameraChanged(self.lane, not fault, fault, self.camera))
        self._fault = fault

    def _believed(self, picture: Picture) -> bool:
        """Whether what the picture shows counts. Where the camera was moved, the lane's part of the
        picture is another."""
        boxes = [track.box for track in self._tracker.tracks]
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

    def _forget(self, now: float) -> None:
        """Ends tracks by time while there are no frames."""
        if self._tracker.tracks:
            _, lost = self._tracker.update(FrameResult((), ()), now)
            self._lose(lost)

    def _take(self, frame_result: FrameResult, picture: Picture, now: float) -> None:
        seen, lost = self._tracker.update(frame_result, now)
        height, width = picture.shape[:2]
        tracks = self._tracker.tracks
        crossed = self._ways.update(seen, tracks, now, width, height)
        boxes = [v.box for v in frame_result.vehicles]
        self._lines.see(picture, self._ways.lines, boxes, now)
        for track in self._ways.own(seen):
            if track.believed:
                self._see(track, picture, now)
        for track in self._ways.own(tracks):
            if track.covered:
                self._see_still(track, now)
            elif now - track.at >= LEAVING_S or not self._ways.of(track).at_barrier:
                self._keep_leaving(track, now)
        for track, one in self._lines.to_report(crossed, now):
            self._report(self._passed(track, one))
        if self._ways.queue != self._queue:
            self._queue = self._ways.queue
            self._report(QueueChanged(self.lane, self._queue, self.camera))
        strange = [t for t in tracks if t.number in self._known and not self._ways.of(t).own]
        self._lose([*lost, *strange])

    def _lose(self, lost: list[Track]) -> None:
        for track in lost:
            known = self._known.pop(track.number, None)
            if known is not None and known.reported:
                self._keep_arrival(track, known, self._frame_at)
                self._report(VehicleLost(self.lane, self._name(track)))

    def _keep_leaving(self, track: Track, now: float) -> None:
        known = self._known.get(track.number)
        if known is not None and known.reported:
            self._keep_arrival(track, known, now)

    def _keep_arrival(self, track: Track, known: TrackHistory, now: float) -> None:
        """Keeps and reports the clip of one that may not be seen again, as long as it is."""
        if self._keeping.arrival(track, known, self._frame_at):
            self._report_seen(track, known, now)

    def _passed(self, track: Track, one: Crossed) -> LinePassed:
        return LinePassed(
            self.lane,
            self._name(track),
            one.line,
            one.forward,
            one.whole,
            round(one.sure, 4),
            self._ways.fronts[one.line],
            self._frame_at,
            self.camera,
        )

    def _see(self, track: Track, picture: Picture, now: float) -> None:
        known = self._known.setdefault(track.number, TrackHistory(began_at=self._frame_at))
        reading = track.plate.reading if track.plate else None
        if reading is not None:
            known.take(reading, self._accept, now)
            if track.plate is not None:
                known.frames.append(FrameRead(captured(self._frame_at), reading, track.plate.box))
        where = self._ways.of(track)
        if where.at_barrier and known.arrived_at is None:
            known.arrived_at = self._frame_at
        at = self._frame_at
        self._keeping.pictures(track, known, reading, picture, where.at_barrier, at)
        if self._keeping.arrival_is_over(known, at):
            self._keeping.arrival(track, known, at)
        if track.seen >= 2:
            self._report_seen(track, known, now)

    def _see_still(self, track: Track, now: float) -> None:
        """One that stands behind another vehicle, unseen."""
        known = self._known.get(track.number)
        if known is not None and known.reported:
            self._report_seen(track, known, now)

    def _report_seen(self, track: Track, known: TrackHistory, now: float) -> None:
        """Reports the vehicle where there is news of it, else every REPEAT_S."""
        where, kind = self._ways.of(track), track.usual_kind
        view = self._judged_view(known)
        said = (view.text, view.accepted, view.second) if view else None
        # It may not be seen again, so what was kept of it is told at once.
        news = (said, where.at_barrier, where.area, where.heading, known.pictures)
        if news == known.reported and now - known.reported_at < REPEAT_S:
            return
        known.reported, known.reported_at = news, now
        self._report(
            VehicleSeen(
                self.lane,
                self._name(track),
                "" if kind == UNKNOWN else kind,
                view,
                known.read,
                where.at_barrier,
                known.pictures,
                self._frame_at,
                self.camera,
                self._config.sees,
                where.area,
                where.heading,
                round(where.dwell_s, 1),
            )
        )

    def _judged_view(self, known: TrackHistory) -> PlateView | None:
        """What is read of the vehicle, beside what its camera read itself."""
        view, second = _view(known.result), self._config.second_reader
        if second is None:
            return view
        text, alone = (view.text if view else ""), len(self._own) == 1
        new = self._second.of(text, alone, known.began_at, time.monotonic())
        known.second = new or known.second
        return judged(view, known.second, second.counts == "sure")

    @property
    def view(self) -> str:
        """The name of the camera's picture: its lane's, and its own behind a dot."""
        return view_of(self.lane, self.camera)

    @property
    def _own(self) -> list[Track]:
        """This lane's vehicles."""
        return self._ways.own(self._tracker.tracks)

    @property
    def _reads(self) -> bool:
        return self._config.sees != "overview"

    def _name(self, track: Track) -> str:
        camera = f"{self.camera}-" if self.camera else ""
        return f"{self._start}-{camera}{track.number}"


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
        result.rival,
    )
