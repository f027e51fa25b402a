"""The colours of a vehicle, to tell it from another in its place: a small histogram of hue and
saturation, and one of brightness, of the middle of its box."""

from __future__ import annotations

import cv2
import numpy as np

from edge.vision.detection import Box, cut
from edge.vision.reading import Picture

Appearance = tuple[float, ...]
"""Shares of the pixels by colour; sums to 1."""

HUES, SHADES, GREYS = 12, 4, 8
OTHER = 0.55
"""Hellinger distance, 0 to 1, from which on two looks are two vehicles'. Of one vehicle in pictures
that follow each other it stays below 0.25, over shade and glare below 0.45."""

SMALLEST = 24
"""Pixels of a box's shorter side below which its colours tell nothing."""

SAMPLES = 48
"""Pixels a side of which the histogram is made."""


def appearance(picture: Picture, box: Box) -> Appearance | None:
    """None for a box too small."""
    x1, y1, x2, y2 = box
    inset_x, inset_y = 0.12 * (x2 - x1), 0.12 * (y2 - y1)
    part = cut(picture, (x1 + inset_x, y1 + inset_y, x2 - inset_x, y2 - inset_y))
    if min(part.shape[:2]) < SMALLEST:
        return None
    step_y, step_x = (max(1, side // SAMPLES) for side in part.shape[:2])
    few = cv2.cvtColor(np.ascontiguousarray(part[::step_y, ::step_x]), cv2.COLOR_BGR2HSV)
    colours = cv2.calcHist([few], [0, 1], None, [HUES, SHADES], [0, 180, 0, 256]).ravel()
    greys = cv2.calcHist([few], [2], None, [GREYS], [0, 256]).ravel()
    both = np.concatenate([colours, greys])
    return tuple(float(share) for share in both / both.sum())


def distance(a: Appearance, b: Appearance) -> float:
    """Hellinger: 0 for the same, 1 for nothing in common."""
    shared = sum((p * q) ** 0.5 for p, q in zip(a, b, strict=True))
    return float(max(0.0, 1 - shared) ** 0.5)


def differ(a: Appearance | None, b: Appearance | None) -> bool:
    """Whether two looks are two vehicles'; not where one is not known."""
    return a is not None and b is not None and distance(a, b) > OTHER


def blended(old: Appearance | None, new: Appearance | None) -> Appearance | None:
    """What is remembered of a vehicle after one more sight: light changes slowly."""
    if old is None or new is None:
        return new if old is None else old
    return tuple(0.8 * a + 0.2 * b for a, b in zip(old, new, strict=True))
