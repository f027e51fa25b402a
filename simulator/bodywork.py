"""Vehicle fronts as a camera sees them head-on: flat pictures with a mask, drawn once each; rears:
rears.py."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from simulator.plates import draw
from simulator.world import Look

PIXELS_A_METRE = 170
Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]

SIZES = {
    "truck": (2.5, 3.7), "bus": (2.5, 3.2), "car": (1.85, 1.55), "motorcycle": (0.8, 1.6),
    "pedestrian": (0.6, 1.7),
}  # fmt: skip
"""Width and height of what is seen from the front, in metres."""

PAINTS: tuple[Colour, ...] = (
    (40, 40, 170), (160, 90, 30), (225, 225, 225), (60, 120, 60), (40, 130, 210),
    (70, 70, 70), (120, 60, 20), (30, 30, 110), (200, 190, 170),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lamp:
    """A burning lamp: its middle and its radius in pixels of the picture, its colour (BGR), and how
    far it dazzles: 1 for a headlight at night."""

    x: float
    y: float
    radius: float
    colour: Colour
    dazzles: float


@dataclass(frozen=True, slots=True)
class Face:
    """One end of a vehicle. `picture` (h, w, 3), `mask` (h, w) 0..255, `plate` box in its pixels or
    None; `lamps`: those that burn at night."""

    picture: Picture
    mask: Picture
    plate: tuple[int, int, int, int] | None
    lamps: tuple[Lamp, ...] = ()


def look_for(kind: str, rng: random.Random, plate: tuple[str, str, str, int]) -> Look:
    """A random look for a vehicle with that plate (text, country, colour, lines)."""
    return Look(kind, rng.choice(PAINTS), rng.randrange(1 << 30), *plate)


@lru_cache(maxsize=64)
def front(look: Look) -> Face:
    """The vehicle's front."""
    builders = {"truck": _truck, "bus": _bus, "car": _car, "motorcycle": _motorcycle}

    def body(sheet: Sheet, rng: random.Random) -> Body:
        return builders[look.kind](sheet, look, rng), headlights

    def headlights(sheet: Sheet) -> tuple[Lamp, ...]:
        return tuple(
            Lamp(x * sheet.w, y * sheet.h, 0.026 * sheet.w, HEADLIGHT, 1.0)
            for x, y in _HEADLIGHTS[look.kind]
        )

    return painted(look, body)


HEADLIGHT: Colour = (235, 245, 255)
_HEADLIGHTS: dict[str, tuple[tuple[float, float], ...]] = {
    "truck": ((0.17, 0.755), (0.83, 0.755)),
    "bus": ((0.18, 0.78), (0.82, 0.78)),
    "car": ((0.19, 0.6), (0.81, 0.6)),
    "motorcycle": ((0.5, 0.48),),
}
"""Where they sit, in fractions of the front."""


def empty_sheet(kind: str) -> Sheet:
    w_m, h_m = SIZES[kind]
    w, h = round((w_m + 0.5) * PIXELS_A_METRE), round(h_m * PIXELS_A_METRE)
    return Sheet(np.zeros((h, w, 3), np.uint8), np.zeros((h, w), np.uint8))


class Sheet:
    """Draws in fractions of the sheet, marking what is drawn in the mask."""

    def __init__(self, picture: Picture, mask: Picture) -> None:
        self.picture, self.mask = picture, mask
        self.h, self.w = mask.shape

    def box(
        self, x1: float, y1: float, x2: float, y2: float, colour: Colour, fade: float = 0.0
    ) -> None:
        """A rectangle, lighter above and darker below by `fade`."""
        a, b = round(x1 * self.w), round(y1 * self.h)
        c, d = round(x2 * self.w), round(y2 * self.h)
        ramp = np.linspace(1 + fade, 1 - fade, max(1, d - b))[:, None, None]
        self.picture[b:d, a:c] = np.clip(np.array(colour) * ramp, 0, 255)
        self.mask[b:d, a:c] = 255

    def shape(self, points: list[tuple[float, float]], colour: Colour) -> None:
        corners = np.array([[round(x * self.w), round(y * self.h)] for x, y in points], np.int32)
        cv2.fillPoly(self.picture, [corners], colour, cv2.LINE_AA)
        cv2.fillPoly(self.mask, [corners], 255, cv2.LINE_AA)

    def disc(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        centre = (round(x * self.w), round(y * self.h))
        size = (max(1, round(rx * self.w)), max(1, round(ry * self.h)))
        cv2.ellipse(self.picture, centre, size, 0, 0, 360, colour, -1, cv2.LINE_AA)
        cv2.ellipse(self.mask, centre, size, 0, 0, 360, 255, -1, cv2.LINE_AA)

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: Colour, thick: int) -> None:
        a = (round(x1 * self.w), round(y1 * self.h))
        b = (round(x2 * self.w), round(y2 * self.h))
        cv2.line(self.picture, a, b, colour, thick, cv2.LINE_AA)
        cv2.line(self.mask, a, b, 255, thick, cv2.LINE_AA)


def glass(s: Sheet, points: list[tuple[float, float]], rng: random.Random) -> None:
    """Dark glass with the sky in it and a driver's shade behind."""
    s.shape(points, (52, 44, 38))
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    left, right, top, low = min(xs), max(xs), min(ys), max(ys)
    slope = rng.uniform(0.1, 0.4)
    sky = (150, 135, 120)
    part = [
        (left + (right - left) * a, top + (low - top) * b)
        for a, b in ((0.03, 0.05), (0.5, 0.05), (0.5 - slope, 0.9), (0.03, 0.9))
    ]
    layer = s.picture.copy()
    corners = np.array([[round(x * s.w), round(y * s.h)] for x, y in part], np.int32)
    cv2.fillPoly(layer, [corners], sky, cv2.LINE_AA)
    cv2.addWeighted(layer, 0.35, s.picture, 0.65, 0, s.picture)
    x, y = left + (right - left) * 0.72, top + (low - top) * 0.62
    s.disc(x, y, 0.035, 0.03, (60, 75, 95))
    s.disc(x, y + 0.07, 0.07, 0.05, (70, 50, 50))


def _lamps(s: Sheet, y: float, x: float, rx: float, ry: float) -> None:
    for side in (x, 1 - x):
        s.disc(side, y, rx, ry, (90, 90, 95))
        s.disc(side, y, rx * 0.8, ry * 0.8, (225, 230, 235))
        s.disc(side, y, rx * 0.4, ry * 0.4, (255, 255, 255))


def _grille(s: Sheet, x1: float, y1: float, x2: float, y2: float, rng: random.Random) -> None:
    s.box(x1, y1, x2, y2, (38, 38, 40))
    bars = rng.randint(3, 6)
    for i in range(bars):
        y = y1 + (y2 - y1) * (i + 0.5) / bars
        s.line(x1 + 0.01, y, x2 - 0.01, y, (125, 125, 130), 3)
    s.disc(0.5, (y1 + y2) / 2, 0.03, 0.014, (190, 190, 195))


Body = tuple[tuple[float, float], Callable[[Sheet], tuple[Lamp, ...]]]
"""Where the plate sits and its width in metres; what puts the lamps on the finished paint."""


def painted(look: Look, body: Callable[[Sheet, random.Random], Body]) -> Face:
    """One side of the vehicle, or a pedestrian."""
    rng = random.Random(look.seed)
    sheet = empty_sheet(look.kind)
    if look.kind == "pedestrian":
        pedestrian(sheet, look)
        return Face(sheet.picture, sheet.mask, None)
    (y, width_m), lights = body(sheet, rng)
    plate = put_plate(sheet, look, y, width_m)
    weather_paint(sheet, rng)
    return Face(sheet.picture, sheet.mask, plate, lights(sheet))


def _truck(s: Sheet, look: Look, rng: random.Random) -> tuple[float, float]:
    """A cab-over with its box behind; where the plate sits, and its width in metres."""
    box = rng.choice(((205, 205, 205), (150, 110, 60), (90, 120, 150), (70, 90, 60)))
    s.box(0.085, 0.0, 0.915, 0.5, box, 0.12)
    red, green, blue = (int(v * 0.85) for v in box)
    for i in range(8):
        x = 0.1 + 0.8 * i / 7
        s.line(x, 0.01, x, 0.49, (red, green, blue), 2)
    top = rng.uniform(0.13, 0.2)
    s.shape([(0.12, top), (0.88, top), (0.905, 0.4), (0.095, 0.4)], look.paint)
    s.box(0.095, 0.38, 0.905, 0.87, look.paint, 0.18)
    glass(s, [(0.15, top + 0.045), (0.85, top + 0.045), (0.875, 0.44), (0.125, 0.44)], rng)
    s.line(0.3, 0.435, 0.45, 0.36, (20, 20, 20), 4)
    s.line(0.58, 0.435, 0.73, 0.36, (20, 20, 20), 4)
    _grille(s, 0.22, 0.5, 0.78, 0.66, rng)
    bumper = rng.choice(((70, 70, 72), look.paint, (190, 190, 190)))
    s.box(0.09, 0.72, 0.91, 0.9, bumper, 0.15)
    _lamps(s, 0.755, 0.17, 0.055, 0.026)
    s.box(0.0, 0.26, 0.05, 0.4, (25, 25, 25))
    s.box(0.95, 0.26, 1.0, 0.4, (25, 25, 25))
    s.line(0.05, 0.28, 0.11, 0.25, (30, 30, 30), 5)
    s.line(0.95, 0.28, 0.89, 0.25, (30, 30, 30), 5)
    s.box(0.1, 0.88, 0.24, 1.0, (24, 24, 24))
    s.box(0.76, 0.88, 0.9, 1.0, (24, 24, 24))
    s.box(0.24, 0.9, 0.76, 0.95, (32, 32, 34))
    return 0.83, 0.55 if look.lines == 1 else 0.4


def _bus(s: Sheet, look: Look, rng: random.Random) -> tuple[float, float]:
    s.box(0.09, 0.02, 0.91, 0.92, look.paint, 0.15)
    glass(s, [(0.12, 0.14), (0.88, 0.14), (0.89, 0.58), (0.11, 0.58)], rng)
    s.box(0.25, 0.04, 0.75, 0.11, (20, 22, 24))
    s.line(0.3, 0.08, 0.68, 0.08, (40, 150, 240), 6)
    _lamps(s, 0.78, 0.18, 0.06, 0.03)
    s.box(0.09, 0.84, 0.91, 0.94, (60, 60, 62), 0.1)
    s.box(0.1, 0.92, 0.22, 1.0, (24, 24, 24))
    s.box(0.78, 0.92, 0.9, 1.0, (24, 24, 24))
    s.box(0.01, 0.16, 0.06, 0.32, (25, 25, 25))
    s.box(0.94, 0.16, 0.99, 0.32, (25, 25, 25))
    return 0.865, 0.5 if look.lines == 1 else 0.36


def _car(s: Sheet, look: Look, rng: random.Random) -> tuple[float, float]:
    s.shape([(0.24, 0.03), (0.76, 0.03), (0.86, 0.42), (0.14, 0.42)], look.paint)
    glass(s, [(0.27, 0.08), (0.73, 0.08), (0.81, 0.4), (0.19, 0.4)], rng)
    s.shape([(0.14, 0.42), (0.86, 0.42), (0.9, 0.55), (0.1, 0.55)], look.paint)
    s.box(0.1, 0.54, 0.9, 0.88, look.paint, 0.2)
    _lamps(s, 0.6, 0.19, 0.075, 0.05)
    _grille(s, 0.32, 0.56, 0.68, 0.66, rng)
    s.box(0.14, 0.82, 0.86, 0.9, (34, 34, 36))
    s.box(0.12, 0.88, 0.26, 1.0, (22, 22, 22))
    s.box(0.74, 0.88, 0.88, 1.0, (22, 22, 22))
    s.disc(0.09, 0.4, 0.04, 0.04, look.paint)
    s.disc(0.91, 0.4, 0.04, 0.04, look.paint)
    return 0.745, 0.5 if look.lines == 1 else 0.34


def _motorcycle(s: Sheet, look: Look, rng: random.Random) -> tuple[float, float]:
    s.disc(0.5, 0.12, 0.1, 0.09, (60, 60, 200))
    s.shape([(0.3, 0.22), (0.7, 0.22), (0.75, 0.6), (0.25, 0.6)], (90, 70, 60))
    s.box(0.4, 0.42, 0.6, 0.75, look.paint, 0.2)
    s.line(0.2, 0.42, 0.8, 0.42, (40, 40, 40), 8)
    s.disc(0.5, 0.48, 0.09, 0.045, (230, 230, 230))
    s.box(0.45, 0.7, 0.55, 1.0, (22, 22, 22))
    return 0.66, 0.2


def pedestrian(s: Sheet, look: Look) -> None:
    s.box(0.42, 0.52, 0.49, 0.98, (60, 50, 45))
    s.box(0.51, 0.52, 0.58, 0.98, (60, 50, 45))
    s.shape([(0.38, 0.18), (0.62, 0.18), (0.6, 0.56), (0.4, 0.56)], look.paint)
    s.line(0.39, 0.2, 0.34, 0.52, look.paint, 9)
    s.line(0.61, 0.2, 0.66, 0.52, look.paint, 9)
    s.disc(0.5, 0.09, 0.07, 0.08, (120, 150, 195))


def put_plate(s: Sheet, look: Look, y: float, width_m: float) -> tuple[int, int, int, int] | None:
    """Puts the plate on; its box in pixels."""
    if not look.plate:
        return None
    clean = draw(look.plate, look.country, look.colour, look.lines, 120)
    w = round(width_m * PIXELS_A_METRE)
    h = max(4, round(clean.shape[0] * w / clean.shape[1]))
    small = cv2.resize(clean, (w, h), interpolation=cv2.INTER_AREA)
    x1, y1 = s.w // 2 - w // 2, round(y * s.h) - h // 2
    y1 = min(y1, s.h - h - 2)
    s.picture[y1 - 4 : y1 + h + 4, x1 - 4 : x1 + w + 4] = (40, 40, 42)
    s.picture[y1 : y1 + h, x1 : x1 + w] = small
    s.mask[y1 : y1 + h, x1 : x1 + w] = 255
    return x1, y1, x1 + w, y1 + h


def weather_paint(s: Sheet, rng: random.Random) -> None:
    """Dust from below, and a paint that is nowhere quite even."""
    noise = np.random.default_rng(rng.randrange(1 << 30)).random((12, 10)).astype(np.float32)
    field = cv2.resize(noise, (s.w, s.h), interpolation=cv2.INTER_CUBIC)[..., None]
    dust = np.linspace(0, rng.uniform(0.05, 0.25), s.h)[:, None, None] * field
    tone = np.array([110, 130, 145])
    mixed = s.picture * (1 - dust) * (0.94 + 0.12 * field) + tone * dust
    s.picture[:] = np.clip(mixed, 0, 255)
