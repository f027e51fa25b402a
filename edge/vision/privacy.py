"""PURE. What a kept picture does not show: what is around the vehicle, and who sits behind its
windscreen. What is taken out is gone, not hidden: blocks of the picture in one colour."""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np

from edge.vision.detection import Box, grown
from edge.vision.reading import Picture

SURROUNDINGS, WINDSCREEN = "surroundings", "windscreen"

BLOCK = 1 / 24
"""Side of a block, as a share of the picture's width, or of the vehicle's."""

GLASS = 0.55
"""Upper part of a vehicle in which its windscreen lies, as a share of its height."""


GLASS_CUT_OFF = 0.85
"""The same of a vehicle that the lower edge of the picture cuts off."""

EDGE = 0.02
"""Share of the height within which a vehicle is cut off."""


def blurred(
    picture: Picture, vehicle: Box | None, plate: Box | None, what: Collection[str]
) -> Picture:
    """The picture without what is not to be seen; the plate stays. `vehicle`: None where it is not
    known, so that all of the picture is around it."""
    if not what:
        return picture
    height, width = picture.shape[:2]
    shown = picture.copy()
    if WINDSCREEN in what and vehicle is not None:
        x1, y1, x2, y2 = _inside(vehicle, width, height)
        cut_off = vehicle[3] >= (1 - EDGE) * height
        below = y1 + round((GLASS_CUT_OFF if cut_off else GLASS) * (y2 - y1))
        shown[y1:below, x1:x2] = _blocks(shown[y1:below, x1:x2], BLOCK * 2)
    if plate is not None:
        x1, y1, x2, y2 = _inside(grown(plate, 0.1, 0.2, width, height), width, height)
        shown[y1:y2, x1:x2] = picture[y1:y2, x1:x2]
    if SURROUNDINGS in what:
        around = _blocks(picture, BLOCK)
        if vehicle is not None:
            x1, y1, x2, y2 = _inside(grown(vehicle, 0.03, 0.03, width, height), width, height)
            around[y1:y2, x1:x2] = shown[y1:y2, x1:x2]
        shown = around
    return shown


def _inside(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    x1, y1, x2, y2 = (round(v) for v in box)
    return max(0, x1), max(0, y1), min(width, max(0, x2)), min(height, max(0, y2))


def _blocks(part: Picture, share: float) -> Picture:
    height, width = part.shape[:2]
    if not height or not width:
        return part
    side = max(4, round(share * width))
    few = cv2.resize(
        part, (max(1, width // side), max(1, height // side)), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(few, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
