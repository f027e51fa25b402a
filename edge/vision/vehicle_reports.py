"""What a camera's lane is told of its vehicles: followed from picture to picture, reported where
there is news of them, and what is kept of each."""

from __future__ import annotations

import time
from collections.abc import Callable

from edge.config import CameraConfig
from edge.domain.facts import (
    LinePassed,
    PlateView,
    QueueChanged,
    VehicleLost,
    VehicleSeen,
    VisionFact,
)
from edge.vision.crossings import Crossed
from edge.vision.detection import Box
from edge.vision.frame_result import FrameResult
from edge.vision.keeping import Keeping, captured
from edge.vision.line_view import LineViews
from edge.vision.plate_events import CameraReading
from edge.vision.read_scheduler import FrameRead, TrackHistory
from edge.vision.reading import Picture, Reading
from edge.vision.second_reading import SecondReadings, judged
from edge.vision.tracking import UNKNOWN, Track, Tracker
from edge.vision.ways import Ways

REPEAT_S = 0.5
"""Seconds after which a standing vehicle is reported again."""

LEAVING_S = 0.5
"""Seconds unseen after which a vehicle that had come to the barrier is leaving: its passage may be
over before its track is, and before its clip is whole."""


class VehicleReports:
    """`start` makes the tracks' names unique; `accept`: the probability from which a reading counts
    as sure. `known`: the history of each track that was seen, by its number."""

    def __init__(
        self,
        lane: str,
        camera: str,
        config: CameraConfig,
        start: str,
        accept: float,
        keeping: Keeping,
        report: Callable[[VisionFact], None],
    ) -> None:
        self._lane, self._camera, self._config = lane, camera, config
        self._start, self._accept = start, accept
        self._keeping, self._report = keeping, report
        self._tracker, self._ways = Tracker(), Ways(config)
        self._lines = LineViews(config.ways.lines)
        second = config.second_reader
        self._second = SecondReadings(second.seconds if second else 0.0)
        self.known: dict[int, TrackHistory] = {}
        self._queue = 0
        self._frame_at, self._unmoved_s = 0.0, 0.0

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Every vehicle in the picture, this lane's or not."""
        return self._tracker.tracks

    @property
    def own(self) -> list[Track]:
        """This lane's vehicles."""
        return self._ways.own(self._tracker.tracks)

    def inside(self, box: Box, width: int, height: int) -> bool:
        """Whether a vehicle there would be this lane's."""
        return self._ways.inside(box, width, height)

    def hear(self, reading: CameraReading, now: float) -> None:
        """What the camera has read itself."""
        self._second.hear(reading, now)

    def forget(self, now: float, frame_at: float) -> None:
        """Ends tracks by time while no frame counts; `frame_at`: when the newest had come."""
        self._frame_at = frame_at
        if self._tracker.tracks:
            _, lost = self._tracker.update(FrameResult((), ()), now)
            self._lose(lost)

    def take(
        self,
        frame_result: FrameResult,
        picture: Picture,
        now: float,
        frame_at: float,
        unmoved_s: float = 0.0,
    ) -> None:
        """The result of a picture, of which the whole had come at `frame_at` (monotonic);
        `unmoved_s`: see VehicleSeen."""
        self._frame_at, self._unmoved_s = frame_at, unmoved_s
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
            self._report(QueueChanged(self._lane, self._queue, self._camera))
        strange = [t for t in tracks if t.number in self.known and not self._ways.of(t).own]
        self._lose([*lost, *strange])

    def _lose(self, lost: list[Track]) -> None:
        for track in lost:
            known = self.known.pop(track.number, None)
            if known is not None and known.reported:
                self._keep_arrival(track, known, self._frame_at)
                self._report(VehicleLost(self._lane, self._name(track)))

    def _keep_leaving(self, track: Track, now: float) -> None:
        known = self.known.get(track.number)
        if known is not None and known.reported:
            self._keep_arrival(track, known, now)

    def _keep_arrival(self, track: Track, known: TrackHistory, now: float) -> None:
        """Keeps and reports the clip of one that may not be seen again, as long as it is."""
        if self._keeping.arrival(track, known, self._frame_at):
            self._report_seen(track, known, now)

    def _passed(self, track: Track, one: Crossed) -> LinePassed:
        return LinePassed(
            self._lane,
            self._name(track),
            one.line,
            one.forward,
            one.whole,
            round(one.sure, 4),
            self._ways.fronts[one.line],
            self._frame_at,
            self._camera,
        )

    def _see(self, track: Track, picture: Picture, now: float) -> None:
        known = self.known.setdefault(track.number, TrackHistory(began_at=self._frame_at))
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
        known = self.known.get(track.number)
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
                self._lane,
                self._name(track),
                "" if kind == UNKNOWN else kind,
                view,
                known.read,
                where.at_barrier,
                known.pictures,
                self._frame_at,
                self._camera,
                self._config.sees,
                where.area,
                where.heading,
                round(where.dwell_s, 1),
                round(self._unmoved_s, 1),
            )
        )

    def _judged_view(self, known: TrackHistory) -> PlateView | None:
        """What is read of the vehicle, beside what its camera read itself."""
        view, second = _view(known.result), self._config.second_reader
        if second is None:
            return view
        text, alone = (view.text if view else ""), len(self.own) == 1
        new = self._second.of(text, alone, known.began_at, time.monotonic())
        if new is not None:
            known.second = new
            self._keeping.second_reading(known, self._frame_at)
        return judged(view, known.second, second.counts == "sure")

    def _name(self, track: Track) -> str:
        camera = f"{self._camera}-" if self._camera else ""
        return f"{self._start}-{camera}{track.number}"


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
