"""Vision in place of vision: who is before the camera, and what would be read of him by now.

Which plate is read, how surely and after how many frames was drawn when the vehicle was made
(readings.py). Frames come at the camera's rate from where a plate is legible; a vehicle close
behind another is hidden by it. Vehicles are told as edge/vision/lane_pipeline.py tells them: when
there is news, and again twice a second.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from edge.domain.facts import (
    CameraChanged,
    Heading,
    PlateView,
    VehicleLost,
    VehicleSeen,
    VisionFact,
)
from edge.lane.vehicle import LIKELY
from edge.system.clock import ManualClock
from edge.vision.port import CameraStatus
from simulator.fast.arm_line import ArmLine
from simulator.fast.readings import Expected
from simulator.world import CAMERA_AT, Mood, Road, Vehicle

FRAME_S = 0.125
"""Eight frames a second, as the demonstration's cameras give."""

SEEN_FROM, LEGIBLE_FROM = -22.0, -10.4
"""Places of a vehicle's front: where the detector finds it, where its plate is 60 pixels wide."""

BELOW = CAMERA_AT - 5.0
"""Here a front has passed below the camera."""

AT_BARRIER = -3.9
"""From here its foot is below the stop line of the picture (0.7 of its height)."""

REAR_SEEN_FROM, REAR_SEEN_TO = -20.0, 3.0
"""Places of a vehicle's back where a camera over the approach, which looks the way they drive, sees
its rear and its plate."""

FRONT, TRAILER, REAR = "front", "trailer", "rear"
HIDES_M = 3.0
"""A vehicle so close behind another is hidden by it."""

BESIDE_M = 2.0
"""Who drives past a vehicle is hidden by it until he is so near to its front."""

REPEAT_S = 0.5
LOST_S = 1.0
FEWEST_SEEN = 2
FIRST_READ = 2
"""An unsure text is there after so many frames."""


@dataclass(slots=True)
class _Track:
    name: str
    seen: int = 0
    frames: int = 0
    reported_at: float = -1e9
    reported: tuple[object, ...] = ()
    told: VehicleSeen | None = None
    last_seen: float = 0.0


class DrawnEyes:
    """Implements vision.port.Eyes. `expected`: what will be read of a vehicle, by its plate places
    ("front", "trailer"); `look` is called once a frame. `blind`: lanes whose first
    camera sees nobody, `blind_behind`: whose second does; `still`: whose picture no longer changes;
    `lines`: lanes with a camera beside the arm, which counts who goes over the line under it;
    `rears`: lanes with a second camera, which sees the rears; there the first sees only the fronts.
    `pictured`: whose number is on which kept picture; `at_line`: whom it has told of at the line,
    `read`: whom it has read there, well enough to tell him from others."""

    def __init__(
        self,
        roads: Mapping[str, Road],
        clock: ManualClock,
        expected: Callable[[Vehicle], Mapping[str, Expected]],
        rears: Collection[str] = (),
        lines: Collection[str] = (),
    ) -> None:
        self._line = ArmLine(roads, lines)
        self._roads, self._clock, self._expected = roads, clock, expected
        self.rears = frozenset(rears)
        self._report: Callable[[VisionFact], None] = lambda fact: None
        self._tracks: dict[tuple[str, int, str], _Track] = {}
        self._numbers: dict[int, int] = {}
        self._starts = self._count = 0
        self.at_line: set[int] = set()
        self.read: set[int] = set()
        self.blind: set[str] = set()
        self.blind_behind: set[str] = set()
        self.still: set[str] = set()
        self._still_since: dict[str, float] = {}
        self.pictured: dict[str, int] = {}

    def start(self, report: Callable[[VisionFact], None]) -> None:
        """A new process: it knows no track of the one before."""
        self._report = report
        self._starts += 1
        self._tracks.clear()
        for lane in self._roads:
            report(CameraChanged(lane, True))
        for lane in self.rears:
            report(CameraChanged(lane, True, camera=REAR))

    def goes(self, lane: str, camera: str, ok: bool) -> None:
        """Says of one of the lane's cameras ("": the first) whether there is a connection."""
        self._report(CameraChanged(lane, ok, "" if ok else "no connection", camera))

    def stop(self) -> None:
        self._report = lambda fact: None

    def picture(self, lane: str) -> bytes | None:
        return None

    def status(self, lane: str) -> CameraStatus:
        return CameraStatus(lane, "live", "", 1 / FRAME_S, None)

    def doubt(self, lane: str) -> None: ...

    def confirm(self, lane: str) -> None: ...

    def evidence(self, name: str) -> bytes | None:
        return None

    def pids(self) -> tuple[int, ...]:
        return ()

    def look(self, number_of: Callable[[Vehicle], int]) -> None:
        """One frame of every camera. `number_of`: a vehicle's own number."""
        now = self._clock.now().mono
        for lane, road in self._roads.items():
            if lane in self.still:
                self._see_the_same(lane, now)
                continue
            self._still_since.pop(lane, None)
            ahead: Vehicle | None = None
            for v in road.vehicles:
                if v.mood is Mood.ASIDE:
                    if lane not in self.blind:
                        self._see_leave(lane, number_of(v), now)
                    continue
                if lane not in self.blind and _visible(v, ahead):
                    for place, reading in self._expected(v).items():
                        if lane not in self.rears or place != TRAILER:
                            self._see(lane, v, number_of(v), place, reading, now)
                behind = lane in self.rears and lane not in self.blind_behind
                if behind and _rear_visible(v, road.vehicles):
                    expected = self._expected(v)
                    reading = expected.get(TRAILER) or expected[FRONT]
                    self._see(lane, v, number_of(v), REAR, reading, now)
                if v.under_arm:
                    ahead = v
        self._line.look(number_of, self._report, now)
        for key, track in list(self._tracks.items()):
            if now - track.last_seen > LOST_S:
                del self._tracks[key]
                if track.reported:
                    self._report(VehicleLost(key[0], track.name))

    def _see(
        self, lane: str, v: Vehicle, number: int, place: str, reading: Expected, now: float
    ) -> None:
        track = self._tracks.get((lane, number, place))
        if track is None:
            self._count += 1
            track = self._tracks[lane, number, place] = _Track(f"{self._starts}-{self._count}")
            self.pictured[f"{track.name}.jpg"] = number
        track.last_seen = now
        track.seen += 1
        behind = place == REAR
        if behind or v.front >= LEGIBLE_FROM:
            track.frames += 1
        plate = _view(v, place, reading, track.frames)
        at_barrier = v.front >= AT_BARRIER
        against = v.driver.against and v.moving
        heading = Heading.WRONG_WAY if against else Heading.UNKNOWN
        news = (v.look.kind, plate, at_barrier, heading)
        known = news == track.reported and now - track.reported_at < REPEAT_S - 1e-6
        if track.seen < FEWEST_SEEN or known:
            return
        track.reported, track.reported_at = news, now
        if at_barrier:
            self.at_line.add(number)
        if at_barrier and plate is not None and (plate.accepted or plate.confidence >= LIKELY):
            self.read.add(number)
        evidence = (f"{track.name}.jpg",)
        track.told = VehicleSeen(
            lane, track.name, v.look.kind, plate, track.frames, at_barrier, evidence, now,
            REAR if behind else "", REAR if behind else FRONT, heading=heading,
        )  # fmt: skip
        self._report(track.told)

    def _see_leave(self, lane: str, number: int, now: float) -> None:
        """Whoever drives aside leaves the line before he leaves the picture."""
        for key, track in self._tracks.items():
            told = track.told
            if key[:2] == (lane, number) and told is not None and told.at_barrier:
                track.told = replace(told, at_barrier=False, frame_at=now)
                self._report(track.told)

    def _see_the_same(self, lane: str, now: float) -> None:
        """A frame of a picture that no longer changes: whoever was in it is there, and nothing more
        is read of him."""
        since = self._still_since.setdefault(lane, now)
        for key, track in self._tracks.items():
            if key[0] != lane or track.told is None:
                continue
            track.last_seen = now
            if now - track.reported_at >= REPEAT_S:
                track.reported_at = now
                self._report(replace(track.told, frame_at=now, unmoved_s=now - since))


def _visible(v: Vehicle, ahead: Vehicle | None) -> bool:
    if v.driver.against:
        return v.front >= SEEN_FROM and v.back <= BELOW
    if not SEEN_FROM <= v.front <= BELOW or v.look.kind == "pedestrian":
        return False
    if ahead is None or ahead.back >= BELOW or ahead.back - v.front >= HIDES_M:
        return True
    return not v.under_arm and v.front > ahead.front - BESIDE_M


def _rear_visible(v: Vehicle, vehicles: Sequence[Vehicle]) -> bool:
    """Whoever stands close behind hides it."""
    if v.driver.against or v.look.kind == "pedestrian":
        return False
    hidden = any(0 <= v.back - w.front < HIDES_M for w in vehicles if w is not v)
    return REAR_SEEN_FROM <= v.back <= REAR_SEEN_TO and not hidden


def _view(v: Vehicle, place: str, reading: Expected, frames: int) -> PlateView | None:
    """What is read by now."""
    if not reading.text or frames < FIRST_READ or v.driver.against:
        return None
    accepted = reading.frames is not None and frames >= reading.frames
    confidence = reading.confidence if accepted else min(reading.confidence, 0.9)
    look = v.look
    return PlateView(
        reading.text, reading.text, look.country, look.colour, look.lines, confidence, accepted,
        reading.rival,
    )  # fmt: skip
