"""What weather and wear do to a camera's picture: haze by distance, and what lies over all of it.

Haze goes by Koschmieder's law: of the contrast exp(-distance / sight) is left. Nothing here is
measured on a road; docs/accuracy.md has what the gate's vision reads of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Weather = Literal["clear", "dusk", "rain", "fog", "dirt", "vibration"]
WEATHERS: tuple[Weather, ...] = get_args(Weather)

SIGHT_M: dict[Weather, float] = {"fog": 18.0, "rain": 70.0}
"""How far contrast falls to 37 %."""

HAZE = np.array([198.0, 196.0, 192.0], np.float32)
DUSK = np.array([0.5, 0.42, 0.4], np.float32)
STREAKS, BLOTCHES = 260, 22
SHAKES_PX = 6


def haze(weather: Weather, distance: float) -> float:
    """The share of what stands so far away that is lost in it."""
    sight = SIGHT_M.get(weather)
    return 0.0 if sight is None else 1.0 - math.exp(-distance / sight)


def hazed(picture: Picture, share: float | NDArray[np.float32]) -> Picture:
    """`share`: of the whole, or of each row."""
    lost = np.asarray(share, np.float32)
    if lost.ndim:
        lost = lost[:, None, None]
    return (picture * (1 - lost) + HAZE * lost).astype(np.uint8)


def over(weather: Weather, seed: int, shape: tuple[int, int]) -> Callable[[Picture], Picture]:
    """What lies over each picture of a camera of (height, width)."""
    rng = np.random.default_rng(seed)
    match weather:
        case "rain":
            fields = [_streaks(rng, shape) for _ in range(6)]
            return lambda picture: cv2.add(
                cv2.GaussianBlur(picture, (0, 0), 0.9), fields[rng.integers(len(fields))]
            ).astype(np.uint8)
        case "dirt":
            mask = _blotches(rng, shape)
            return lambda picture: _dirty(picture, mask)
        case "vibration":
            return lambda picture: _shaken(picture, rng)
        case "dusk":
            return lambda picture: (picture * DUSK).astype(np.uint8)
    return lambda picture: picture


def _streaks(rng: np.random.Generator, shape: tuple[int, int]) -> Picture:
    field = np.zeros((*shape, 3), np.uint8)
    for _ in range(STREAKS):
        x, y = int(rng.integers(shape[1])), int(rng.integers(shape[0]))
        length, grey = int(rng.integers(14, 46)), int(rng.integers(30, 80))
        cv2.line(field, (x, y), (x - length // 6, y + length), (grey, grey, grey), 1, cv2.LINE_AA)
    return field


def _blotches(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Drops and dust on the glass, out of focus: how much of each pixel they hide."""
    mask = np.zeros(shape, np.float32)
    for _ in range(BLOTCHES):
        at = (int(rng.integers(shape[1])), int(rng.integers(shape[0])))
        cv2.circle(mask, at, int(rng.integers(14, 60)), float(rng.uniform(0.25, 0.7)), -1)
    return cv2.GaussianBlur(mask, (0, 0), 11).astype(np.float32)


def _dirty(picture: Picture, mask: NDArray[np.float32]) -> Picture:
    hidden = mask[..., None]
    return (picture * (1 - hidden) + np.array([92, 104, 112]) * hidden).astype(np.uint8)


def _shaken(picture: Picture, rng: np.random.Generator) -> Picture:
    """The mast sways as a truck drives by: moved, and smeared along the way."""
    dx, dy = (int(n) for n in rng.integers(-SHAKES_PX, SHAKES_PX + 1, 2))
    height, width = picture.shape[:2]
    move = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    moved = cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    smear = max(1, abs(dy) // 2)
    return cv2.blur(moved, (1 + abs(dx) // 3, smear)).astype(np.uint8)
