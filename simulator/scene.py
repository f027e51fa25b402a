"""What a gate's camera sees: the lane, the vehicles in it, day and night.

Distances are metres from the camera to the end of a vehicle that it sees (viewpoint.py).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from simulator.bodywork import PIXELS_A_METRE, SIZES, Lamp, front, look_for
from simulator.night import dark
from simulator.plates import invent
from simulator.rears import rear
from simulator.viewpoint import FRONT, HEIGHT, WIDTH, Viewpoint
from simulator.weather import HAZE, Weather, haze, hazed, over
from simulator.world import Look

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class TruthBox:
    """`kind` as the detector's classes; `text` the plate's, "" for vehicles."""

    kind: str
    box: tuple[float, float, float, float]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A vehicle at a distance, so many metres right of the middle of the lane. `brakes`: its brake
    lights burn; `length`: how much of its side is seen by a camera that stands beside the lane."""

    look: Look
    distance: float
    right: float = 0.0
    brakes: bool = False
    length: float = 0.0


class Scene:
    """One camera's view; the background is drawn once. `night` darkens all but what is lit;
    `weather`: see weather.py; `at`: where the camera hangs."""

    def __init__(
        self,
        seed: int = 1,
        night: bool = False,
        weather: Weather = "clear",
        at: Viewpoint = FRONT,
    ) -> None:
        self._at = at
        self._rng = random.Random(seed)
        self._noise = np.random.default_rng(seed)
        self._night = night
        self._ground = _background(self._rng, at)
        self._weather = weather
        self._over = over(weather, seed, (HEIGHT, WIDTH))
        if haze(weather, 1.0):
            self._ground = hazed(self._ground, _haze_of_rows(weather, at))

    def render(self, vehicles: Sequence[Placed]) -> tuple[Picture, list[TruthBox]]:
        """The picture, and where everything is in it."""
        picture = self._ground.copy()
        truth: list[TruthBox] = []
        lamps: list[Lamp] = []
        for placed in sorted(vehicles, key=lambda p: -p.distance):
            lost = haze(self._weather, max(0.0, placed.distance))
            if self._at.behind:
                side = _flank(picture, placed, self._at, lost)
                lamps = [lamp for lamp in lamps if not _behind(side, lamp.x, lamp.y)]
                truth = [t for t in truth if not _behind(side, *_middle(t.box))]
            if self._at.nearest <= placed.distance <= self._at.farthest:
                boxes, burning = _paste(picture, placed, self._at, lost)
                hidden = [t for t in truth if not _covered(t.box, boxes[0].box)]
                truth = [*hidden, *boxes]
                lamps = [lamp for lamp in lamps if not _within(lamp, boxes[0].box)] + burning
        if self._night:
            plates = [thing.box for thing in truth if thing.kind == "plate"]
            picture = dark(picture, plates, lamps)
        picture = self._over(picture)
        return self._grain(picture), truth

    def _grain(self, picture: Picture) -> Picture:
        """Sensor noise; the same small field moved about, which costs little."""
        dx, dy = self._rng.randrange(64), self._rng.randrange(64)
        grain = self._noise_field()[dy : dy + HEIGHT, dx : dx + WIDTH]
        return cv2.add(picture, grain, dtype=cv2.CV_8U).astype(np.uint8)

    def _noise_field(self) -> NDArray[np.int16]:
        field: NDArray[np.int16] | None = getattr(self, "_field", None)
        if field is None:
            shape = (HEIGHT + 64, WIDTH + 64, 3)
            field = self._noise.normal(0, 3.0, shape).astype(np.int16)
            self._field = field
        return field


def ground_y(distance: float) -> float:
    """Where the road lies in the first camera's picture at that distance."""
    return FRONT.ground_y(distance)


def sample(rng: random.Random) -> tuple[Picture, list[TruthBox]]:
    """A random scene for training the detector."""
    scene = Scene(rng.randrange(1 << 30), rng.random() < 0.3)
    placed = []
    distance = rng.uniform(5.5, 22)
    for _ in range(rng.choice((1, 1, 2, 2, 3))):
        kind = rng.choices(("truck", "car", "bus", "motorcycle"), (6, 2, 1.5, 0.8))[0]
        plate = invent(rng)
        seen = (plate.text, plate.country, plate.colour, plate.lines)
        bare = ("", "", "white", 1)
        look = look_for(kind, rng, seen if rng.random() < 0.95 else bare)
        placed.append(Placed(look, distance, rng.uniform(-0.6, 0.6) + rng.choice((0, 0, 0, -3.4))))
        distance += rng.uniform(6, 16)
    picture, truth = scene.render(placed)
    if rng.random() < 0.4:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 1.4)).astype(np.uint8)
    gain, lift = rng.uniform(0.7, 1.25), rng.uniform(-20, 20)
    return np.clip(picture * gain + lift, 0, 255).astype(np.uint8), truth


def _haze_of_rows(weather: Weather, at: Viewpoint) -> NDArray[np.float32]:
    """Of each row of the ground; the sky is far away."""
    below = np.arange(HEIGHT) - at.horizon
    away = np.where(below > 1, at.focal * at.high / np.maximum(below, 1), 400.0)
    return np.array([haze(weather, float(distance)) for distance in away], np.float32)


def _paste(
    picture: Picture, placed: Placed, at: Viewpoint, lost: float
) -> tuple[list[TruthBox], list[Lamp]]:
    """Draws one vehicle; its box and its plate's, and its lamps. `lost`: of its contrast, in
    haze."""
    seen = rear(placed.look, placed.brakes) if at.behind else front(placed.look)
    scale = at.focal / placed.distance / PIXELS_A_METRE
    h, w = seen.mask.shape
    size = (max(2, round(w * scale)), max(2, round(h * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    body, mask = cv2.resize(seen.picture, size, interpolation=how), cv2.resize(seen.mask, size)
    if lost:
        body = hazed(body.astype(np.uint8), lost)
    low = at.ground_y(placed.distance)
    x = round(at.x_of(placed.right, placed.distance) - size[0] / 2)
    y = round(low - size[1])
    _shadow(picture, x, low, size[0])
    x1, y1, x2, y2 = max(0, x), max(0, y), min(WIDTH, x + size[0]), min(HEIGHT, y + size[1])
    if x1 < x2 and y1 < y2:
        part = (slice(y1 - y, y2 - y), slice(x1 - x, x2 - x))
        share = mask[part][..., None].astype(np.float32) / 255
        under = picture[y1:y2, x1:x2]
        picture[y1:y2, x1:x2] = body[part] * share + under * (1 - share)
    edge = 0.5 / (SIZES[placed.look.kind][0] + 0.5) / 2 if placed.look.kind != "truck" else 0.0
    boxes = [
        TruthBox(placed.look.kind, _clipped(x + edge * size[0], y, x + (1 - edge) * size[0], low))
    ]
    if seen.plate is not None:
        a, b, c, d = (v * scale for v in seen.plate)
        if y + d <= HEIGHT + 2:
            boxes.append(TruthBox("plate", _clipped(x + a, y + b, x + c, y + d), placed.look.plate))
    lamps = [
        replace(lamp, x=x + lamp.x * scale, y=y + lamp.y * scale, radius=lamp.radius * scale)
        for lamp in seen.lamps
    ]
    return boxes, lamps


Corners = list[list[int]]


def _flank(picture: Picture, placed: Placed, at: Viewpoint, lost: float) -> Corners:
    """Draws the side of a vehicle that a camera beside the lane sees; where it is, nothing where it
    is not seen."""
    half, high = SIZES[placed.look.kind][0] / 2, SIZES[placed.look.kind][1]
    near, far = max(at.nearest, placed.distance), placed.distance + placed.length
    left = placed.right - half
    narrow = placed.look.kind in ("motorcycle", "pedestrian")
    if narrow or left + at.left <= 0 or far <= near or near > at.farthest:
        return []

    def corner(metres: float, distance: float) -> list[int]:
        return [
            round(at.x_of(left, distance)),
            round(at.ground_y(distance) - at.focal * metres / distance),
        ]

    def side(low: float, top: float) -> Corners:
        return [corner(low, near), corner(top, near), corner(top, far), corner(low, far)]

    def fill(points: Corners, colour: tuple[float, ...]) -> None:
        tone = np.array(colour) * (1 - lost) + HAZE * lost
        cv2.fillPoly(picture, [np.array(points, np.int32)], tone.tolist(), cv2.LINE_AA)

    fill(side(0.0, 0.9 if high > 2 else 0.4), (34.0, 34.0, 36.0))
    fill(side(0.9 if high > 2 else 0.35, high * 0.97), tuple(0.62 * v for v in placed.look.paint))
    return side(0.0, high * 0.97)


def _behind(side: Corners, x: float, y: float) -> bool:
    """Whether the point of the picture lies behind that side."""
    return bool(side) and cv2.pointPolygonTest(np.array(side, np.int32), (x, y), False) > 0


def _middle(box: tuple[float, float, float, float]) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _within(lamp: Lamp, box: tuple[float, float, float, float]) -> bool:
    return box[0] <= lamp.x <= box[2] and box[1] <= lamp.y <= box[3]


def _clipped(x1: float, y1: float, x2: float, y2: float) -> tuple[float, float, float, float]:
    return max(0.0, x1), max(0.0, y1), min(float(WIDTH), x2), min(float(HEIGHT), y2)


def _covered(
    box: tuple[float, float, float, float], front_box: tuple[float, float, float, float]
) -> bool:
    """Whether more than half of the box is hidden behind a nearer vehicle."""
    w = min(box[2], front_box[2]) - max(box[0], front_box[0])
    h = min(box[3], front_box[3]) - max(box[1], front_box[1])
    whole = (box[2] - box[0]) * (box[3] - box[1])
    return w > 0 and h > 0 and w * h > 0.5 * whole


def _shadow(picture: Picture, x: int, low: float, width: int) -> None:
    y1, y2 = round(low - 0.03 * width), min(HEIGHT, round(low + 0.05 * width))
    a, b = max(0, x), min(WIDTH, x + width)
    if 0 <= y1 < y2 and a < b:
        picture[y1:y2, a:b] = (picture[y1:y2, a:b] * 0.55).astype(np.uint8)


def _background(rng: random.Random, at: Viewpoint) -> Picture:
    """Sky, hills, road with kerbs, a booth and the canopy's posts."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    sky = np.array([rng.randint(190, 235), rng.randint(185, 225), rng.randint(175, 220)])
    ramp = np.linspace(1.05, 0.9, at.horizon + 1)[:, None, None]
    picture[: at.horizon + 1] = np.clip(sky * ramp, 0, 255)
    tone = rng.randint(88, 125)
    rows = np.linspace(1.1, 0.85, HEIGHT - at.horizon)[:, None, None]
    picture[at.horizon :] = np.clip(np.array([tone + 4, tone + 2, tone]) * rows, 0, 255)
    _hills(picture, rng, at.horizon)
    for right, width in ((-2.4, 0.35), (2.4, 0.35)):
        _stripe(picture, at, right, width, (165, 170, 172))
    _stripe(picture, at, -6.2, 0.15, (200, 205, 205))
    booth = rng.choice(((150, 120, 60), (90, 110, 140), (120, 130, 90)))
    x = round(WIDTH * rng.uniform(0.78, 0.84))
    cv2.rectangle(picture, (x, 170), (x + 150, 520), booth, -1)
    cv2.rectangle(picture, (x + 16, 215), (x + 134, 330), (70, 62, 56), -1)
    cv2.rectangle(picture, (x - 12, 150), (x + 165, 175), (60, 60, 150), -1)
    for post in (0.06, 0.93):
        a = round(WIDTH * post)
        cv2.rectangle(picture, (a, 0), (a + 22, 470), (125, 128, 130), -1)
    cv2.rectangle(picture, (0, 0), (WIDTH, 34), (105, 80, 60), -1)
    return cv2.GaussianBlur(picture, (0, 0), 1.1).astype(np.uint8)


def _hills(picture: Picture, rng: random.Random, horizon: int) -> None:
    xs = np.arange(0, WIDTH + 40, 40)
    ys = [horizon - rng.randint(10, 80) for _ in xs]
    points = [*zip(xs.tolist(), ys, strict=True), (WIDTH, horizon + 2), (0, horizon + 2)]
    cv2.fillPoly(picture, [np.array(points, np.int32)], (96, 118, 92), cv2.LINE_AA)


def _stripe(
    picture: Picture, at: Viewpoint, right: float, width: float, colour: tuple[int, int, int]
) -> None:
    """A line along the road, in perspective."""
    points = []
    for d, side in ((3.0, 0), (60.0, 0), (60.0, 1), (3.0, 1)):
        points.append([round(at.x_of(right + side * width, d)), round(at.ground_y(d))])
    cv2.fillPoly(picture, [np.array(points, np.int32)], colour, cv2.LINE_AA)
