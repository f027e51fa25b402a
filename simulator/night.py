"""A picture at night: little light, plates that shine in the camera's infrared, lamps that dazzle.

A lamp is a white core with a wide halo of its colour, which is added to what lies there: beside a
headlight or a brake light all contrast sinks, the plate's too. The halo's shape is judgement, after
photographs of brake lights in garages and streets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from simulator.bodywork import Lamp

Picture = NDArray[np.uint8]
Box = tuple[float, float, float, float]

SMALLER = 4
"""The halo is reckoned in a picture so many times smaller."""

HALOS = ((1.3, 2.2), (6.0, 14.0))
"""Width in radii of the lamp, and how bright, of each part of the halo."""


def dark(picture: Picture, plates: Iterable[Box], lamps: Sequence[Lamp]) -> Picture:
    """`plates`: boxes; `lamps`: in the picture's pixels."""
    night = (picture.astype(np.float32) * np.array([0.42, 0.38, 0.36])).astype(np.uint8)
    for box in plates:
        x1, y1, x2, y2 = (round(v) for v in box)
        night[y1:y2, x1:x2] = np.clip(picture[y1:y2, x1:x2] * 0.85, 0, 255)
    return lit(night, lamps) if lamps else night


def lit(picture: Picture, lamps: Sequence[Lamp]) -> Picture:
    """With the light of these lamps."""
    height, width = picture.shape[:2]
    light = np.zeros((height // SMALLER, width // SMALLER, 3), np.float32)
    for lamp in lamps:
        core = np.zeros_like(light)
        centre = (round(lamp.x / SMALLER), round(lamp.y / SMALLER))
        radius = lamp.radius / SMALLER
        colour = tuple(float(v) * lamp.dazzles for v in lamp.colour)
        cv2.circle(core, centre, max(1, round(radius)), colour, -1)
        light += core
        for wide, bright in HALOS:
            light += bright * cv2.GaussianBlur(core, (0, 0), max(0.6, wide * radius))
    whole = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    added = picture.astype(np.float32) + whole
    # What is far beyond white is white, whatever its colour was.
    over = np.clip(added.max(axis=2, keepdims=True) - 400, 0, 255)
    return np.clip(added + over, 0, 255).astype(np.uint8)
