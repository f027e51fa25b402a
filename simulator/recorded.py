"""A recording in place of a rendered camera: its vehicles wait before the arm, and it begins again.

Recorded drivers know nothing of our arm: where a vehicle would wait for it the picture stands until
one has passed (or HOLD_S). Then nobody is shown for GAP_S, so that the last
vehicle and the first are never taken for two at once. Whom the gate has let in drives through the
simulated arm.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.domain.plate import canonical
from edge.vision.reading import Picture
from simulator.world import ARM_CLEAR, STOP_AT, LaneWorld, Look, Vehicle

HOLD_S = 20.0
GAP_S = 5.0
"""Longer than the gate remembers a vehicle that it sees no more."""

QUALITY = 92
GRAIN = 2
"""Noise of the camera that plays it, in steps of brightness."""

GREY = 90


class NotAVideo(Exception):
    """The text names the file."""


class Showing(Enum):
    NOTHING = "nothing"
    PLAYING = "playing"
    HOLDING = "holding"


class Recording:
    """`waits`: the frames, from 0, in which a vehicle waits; none given: the last. `draw` makes the
    newest picture of this moment, `frame` gives it with its number. `passed` counts the vehicles
    that have gone through; `began` hears of each round, counted from 1. Raises NotAVideo."""

    def __init__(
        self,
        video: Path,
        waits: Collection[int],
        clock: Callable[[], float],
        passed: Callable[[], int],
        began: Callable[[int], None],
    ) -> None:
        self._video, self._waits = video, waits
        self._noise = np.random.default_rng(1)
        self._clock, self._passed, self._began = clock, passed, began
        self._capture = cv2.VideoCapture(str(video.absolute()))
        if not self._capture.isOpened():
            raise NotAVideo(f"{video}: cannot be opened; is it a video?")
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self._rate = rate if 1 <= rate <= 120 else 25.0
        width, height = (self._capture.get(p) for p in (3, 4))
        self._empty: Picture = np.full((int(height), int(width), 3), GREY, np.uint8)
        self.showing = Showing.NOTHING
        self.round = 0
        self._since = -GAP_S
        self._shown, self._ended, self._passed_before = 0, False, 0
        self._picture = self._empty
        self._newest: tuple[int, bytes] = (0, b"")

    def frame(self) -> tuple[int, bytes]:
        return self._newest

    def draw(self, flowing: bool) -> None:
        """The picture of this moment; not `flowing`: the lane is empty."""
        now = self._clock()
        if not flowing:
            self._show_nothing(now)
        elif self.showing is Showing.NOTHING and now - self._since >= GAP_S:
            self._begin(now)
        elif self.showing is Showing.HOLDING:
            gone = self._passed() > self._passed_before
            if gone or now - self._since >= HOLD_S:
                self._go_on(now)
        if self.showing is Showing.PLAYING:
            self._play(now)
        grain = self._noise.integers(-GRAIN, GRAIN + 1, self._picture.shape[:2]).astype(np.int16)
        # A picture that is held is a recording that waits and no camera that has frozen.
        noisy = cv2.add(self._picture, cv2.merge([grain] * 3), dtype=cv2.CV_8U)
        done, data = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if done:
            self._newest = (self._newest[0] + 1, data.tobytes())

    def _begin(self, now: float) -> None:
        self.round += 1
        self._began(self.round)
        self._capture = cv2.VideoCapture(str(self._video.absolute()))
        self.showing, self._since = Showing.PLAYING, now
        self._shown, self._ended = 0, False

    def _go_on(self, now: float) -> None:
        """After a wait: with the next frame, or with nobody."""
        if self._ended:
            self._show_nothing(now)
        else:
            self.showing, self._since = Showing.PLAYING, now - self._shown / self._rate

    def _hold(self, now: float) -> None:
        self.showing, self._since = Showing.HOLDING, now
        self._passed_before = self._passed()

    def _play(self, now: float) -> None:
        """Up to the frame that belongs to this moment."""
        due = int((now - self._since) * self._rate) + 1
        while self._shown < due:
            good, picture = self._capture.read()
            if not good or picture is None:
                self._ended = True
                return self._show_nothing(now) if self._waits else self._hold(now)
            self._picture, self._shown = np.asarray(picture, np.uint8), self._shown + 1
            if self._shown - 1 in self._waits:
                return self._hold(now)
        return None

    def _show_nothing(self, now: float) -> None:
        if self.showing is not Showing.NOTHING:
            self.showing, self._since = Showing.NOTHING, now
        self._picture = self._empty


class RecordedLane:
    """A lane whose camera plays a recording: `view` its pictures. What a truth.json beside it names
    waits where it is legible best, and is assigned anew in each round by `assign`, as a new journey
    needs."""

    def __init__(
        self,
        video: Path,
        world: LaneWorld,
        clock: Callable[[], float],
        assign: Callable[[str, int], None],
    ) -> None:
        self._world, self._assign = world, assign
        truth = _truth(video)
        vehicles = truth.get("events", [])
        self._plates = [canonical(vehicle["plate"]) for vehicle in vehicles]
        waits = {_wait(vehicle["legible_frames"], truth["frames"]) for vehicle in vehicles}
        self._driven: set[str] = set()
        self.view = Recording(video, waits, clock, lambda: len(world.truth.crossed), self._declare)

    def _declare(self, round_: int) -> None:
        for plate in self._plates:
            self._assign(plate, round_)

    def drive(self, decided: Callable[[], Sequence[Mapping[str, Any]]]) -> bool:
        """Whom the last of the gate's decisions has let in drives through the open arm; whether
        one has set off."""
        if self._world.arm.position <= ARM_CLEAR or self._world.waiting():
            return False
        passage = next(reversed(decided()), None)
        if not passage or passage["verdict"] != "allow" or passage["passage"] in self._driven:
            return False
        self._driven.add(passage["passage"])
        plate = passage["plate"]
        look = Look("truck", (90, 90, 90), 1, plate, "VN", "white", 1)
        vehicle = Vehicle(look, 6.0, plate in self._plates)
        self._world.add(vehicle)
        vehicle.front = STOP_AT
        return True


def _wait(legible: Sequence[int], frames: int) -> int:
    """Amid the frames in which a plate is legible; the last where the recording ends among them,
    before the vehicle has come near."""
    first, last = legible
    return last if last >= frames - 1 else (first + last) // 2


def _truth(video: Path) -> dict[str, Any]:
    """The truth.json beside the recording: `frames` of it, and `events`, its vehicles with `plate`
    and `legible_frames` [first, last]; empty where there is none."""
    file = video.with_name("truth.json")
    truth: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return truth
