"""Vehicle rears as a camera behind them sees them: doors, lamps, and the plate that hangs there.

Trucks carry a two-row plate behind in both countries, a trailer one of its own. The brake lights
burn while it stands or brakes, the tail lights at night.
"""

from __future__ import annotations

import random
from dataclasses import replace
from functools import lru_cache, partial

import cv2
import numpy as np

from edge.domain.plate import parse
from simulator.bodywork import Body, Colour, Face, Lamp, Sheet, glass, painted
from simulator.world import Look

BRAKE: Colour = (70, 70, 255)
BRAKES_DAZZLE, TAIL_DAZZLES = 0.9, 0.2

Places = tuple[tuple[float, float], ...]
"""Of lamps, in fractions of the sheet."""


def rear_look(look: Look, trailer_plate: str = "") -> Look:
    """How the same vehicle looks from behind. `trailer_plate`: of the trailer that it pulls."""
    known = parse(trailer_plate) if trailer_plate else None
    if trailer_plate:
        country = known.country if known else look.country
        colour = "yellow" if country == "CN" else look.colour
        return replace(look, plate=trailer_plate, country=country, colour=colour, lines=2)
    format = parse(look.plate) if look.plate else None
    two_rows = look.kind in ("truck", "bus") or (look.country == "VN" and look.seed % 2 == 0)
    if format is None or not format.split or look.kind == "motorcycle":
        return look
    return replace(look, lines=2 if two_rows else look.lines)


@lru_cache(maxsize=64)
def rear(look: Look, brakes: bool = False) -> Face:
    """The vehicle's rear; `look` as rear_look gives it."""
    builders = {"truck": _truck, "bus": _bus, "car": _car, "motorcycle": _motorcycle}

    def body(sheet: Sheet, rng: random.Random) -> Body:
        plate, places, radius = builders[look.kind](sheet, look, rng)
        return plate, partial(_lit, places, radius, brakes)

    return painted(look, body)


def _lit(places: Places, radius: float, brakes: bool, sheet: Sheet) -> tuple[Lamp, ...]:
    """The tail lamps, drawn and burning."""
    _tail_lamps(sheet, places, radius, brakes)
    dazzles = BRAKES_DAZZLE if brakes else TAIL_DAZZLES
    return tuple(
        Lamp(x * sheet.w, y * sheet.h, radius * sheet.w * 0.6, BRAKE, dazzles) for x, y in places
    )


Built = tuple[tuple[float, float], Places, float]
"""Where the plate sits and its width in metres; where the lamps are, and their radius as a share of
the width."""


def _truck(s: Sheet, look: Look, rng: random.Random) -> Built:
    """The doors of a box or a container, the chassis below."""
    box = rng.choice(((205, 205, 205), (150, 110, 60), (90, 120, 150), (70, 90, 60), look.paint))
    s.box(0.085, 0.0, 0.915, 0.72, box, 0.1)
    dark = _shade(box, 0.7)
    for x in (0.085, 0.5, 0.915):
        s.line(x, 0.0, x, 0.72, dark, 6)
    for x in (0.2, 0.34, 0.66, 0.8):
        # Bars that lock the doors, and their handles.
        s.line(x, 0.02, x, 0.71, (150, 150, 152), 4)
        s.line(x, 0.45, x + 0.07, 0.45, (60, 60, 62), 7)
    for y in (0.06, 0.36, 0.66):
        s.line(0.09, y, 0.91, y, dark, 3)
    s.box(0.1, 0.72, 0.9, 0.77, (45, 45, 47))
    s.box(0.11, 0.86, 0.26, 1.0, (22, 22, 22))
    s.box(0.74, 0.86, 0.89, 1.0, (22, 22, 22))
    s.box(0.26, 0.77, 0.74, 0.86, (35, 35, 37))
    s.box(0.1, 0.77, 0.9, 0.8, (52, 52, 54))
    for n in range(10):
        # The red and white tape along the bumper.
        x = 0.1 + 0.08 * n
        s.box(x, 0.875, x + 0.08, 0.905, (50, 45, 190) if n % 2 else (225, 225, 225))
    return (0.825, 0.55 if look.lines == 1 else 0.42), ((0.17, 0.825), (0.83, 0.825)), 0.035


def _bus(s: Sheet, look: Look, rng: random.Random) -> Built:
    s.box(0.09, 0.02, 0.91, 0.92, look.paint, 0.15)
    glass(s, [(0.14, 0.1), (0.86, 0.1), (0.86, 0.38), (0.14, 0.38)], rng)
    for y in np.linspace(0.5, 0.66, 6):
        s.line(0.2, float(y), 0.8, float(y), _shade(look.paint, 0.6), 4)
    s.box(0.09, 0.84, 0.91, 0.94, (60, 60, 62), 0.1)
    s.box(0.1, 0.92, 0.22, 1.0, (24, 24, 24))
    s.box(0.78, 0.92, 0.9, 1.0, (24, 24, 24))
    return (0.76, 0.5 if look.lines == 1 else 0.38), ((0.14, 0.72), (0.86, 0.72)), 0.04


def _car(s: Sheet, look: Look, rng: random.Random) -> Built:
    s.shape([(0.24, 0.03), (0.76, 0.03), (0.87, 0.44), (0.13, 0.44)], look.paint)
    glass(s, [(0.28, 0.09), (0.72, 0.09), (0.79, 0.38), (0.21, 0.38)], rng)
    s.box(0.1, 0.43, 0.9, 0.88, look.paint, 0.2)
    s.line(0.16, 0.5, 0.84, 0.5, _shade(look.paint, 0.7), 3)
    s.box(0.34, 0.55, 0.66, 0.75, _shade(look.paint, 0.82))
    s.box(0.12, 0.8, 0.88, 0.88, (40, 40, 42))
    s.box(0.12, 0.88, 0.26, 1.0, (22, 22, 22))
    s.box(0.74, 0.88, 0.88, 1.0, (22, 22, 22))
    return (0.66, 0.5 if look.lines == 1 else 0.34), ((0.17, 0.56), (0.83, 0.56)), 0.06


def _motorcycle(s: Sheet, look: Look, rng: random.Random) -> Built:
    s.disc(0.5, 0.12, 0.1, 0.09, (60, 60, 200))
    s.shape([(0.32, 0.2), (0.68, 0.2), (0.72, 0.52), (0.28, 0.52)], (80, 75, 90))
    s.box(0.36, 0.5, 0.64, 0.6, look.paint, 0.2)
    s.box(0.45, 0.6, 0.55, 1.0, (22, 22, 22))
    s.disc(0.62, 0.84, 0.05, 0.05, (90, 90, 92))
    return (0.72, 0.2), ((0.5, 0.56),), 0.05


def _tail_lamps(s: Sheet, places: Places, radius: float, brakes: bool) -> None:
    """Red glass; behind it a bulb that burns."""
    rx, ry = radius, radius * s.w / s.h
    for x, y in places:
        s.disc(x, y, rx, ry, (40, 35, 120))
        s.disc(x, y, rx * 0.75, ry * 0.75, (60, 50, 235) if brakes else (45, 40, 170))
        if brakes:
            s.disc(x, y, rx * 0.4, ry * 0.4, (190, 190, 255))
    if not brakes:
        return
    glow = np.zeros_like(s.picture)
    for x, y in places:
        cv2.circle(glow, (round(x * s.w), round(y * s.h)), round(radius * s.w), (30, 25, 150), -1)
    glow = cv2.GaussianBlur(glow, (0, 0), radius * s.w)
    s.picture[:] = cv2.add(s.picture, glow.astype(np.uint8))


def _shade(colour: Colour, share: float) -> Colour:
    blue, green, red = (int(v * share) for v in colour)
    return blue, green, red
