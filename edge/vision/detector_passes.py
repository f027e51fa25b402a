"""PURE. Further passes of the detector over a picture, for what it misses in it as it stands.

A plate that fills the picture is found in the same picture smaller, a tiny one in a part of it. A
camera that looks obliquely along the road sees rows that slope and characters that stand: such a
plate is found, and read level, in the picture sheared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.detection import Box, cut
from edge.vision.reading import Picture

FARTHER = 1.5
"""Sides of the smaller pass's frame, as a multiple of the picture's."""

SLOPE = 0.4
"""Height over width of the rows that are made level: plates are found while they slope by nearly
as much, so that two shears reach to some 40 degrees."""

STEEP = 0.55
"""Height over width of the rows that are made level in a smaller pass: a plate that is near and
slopes is found in neither of the others."""

PART = 0.6
"""Sides of a part, as a share of the picture's: four of them overlap by a fifth of it."""

GREY = (114, 114, 114)
"""Around the picture: as around every picture that the detector was trained with."""

OTHERS = 3
"""Number of further passes at one place."""

EDGE = 2.0
"""Pixels from a part's edge within which a box was cut off by it."""


@dataclass(frozen=True, slots=True, eq=False)
class DetectorPass:
    """`back`: the affine map (2 x 3) from its pixels to those of the picture, which is `whole`
    (height, width)."""

    picture: Picture
    back: NDArray[np.float64]
    whole: tuple[int, int]

    @property
    def shears(self) -> bool:
        """Whether rows slope otherwise than in the picture."""
        return bool(self.back[1, 0])

    def in_picture(self, box: Box) -> Box:
        """The upright box around a box of the pass, kept in the picture."""
        x1, y1, x2, y2 = box
        corners = np.array([[x1, y1, 1], [x2, y1, 1], [x2, y2, 1], [x1, y2, 1]]) @ self.back.T
        (left, top), (right, bottom) = corners.min(0), corners.max(0)
        height, width = self.whole
        return (
            float(max(0.0, left)),
            float(max(0.0, top)),
            float(min(width, right)),
            float(min(height, bottom)),
        )

    def cuts(self, box: Box) -> bool:
        """Whether the pass's edge may have cut off what is in the box, where the picture goes on
        behind it."""
        height, width = self.picture.shape[:2]
        x1, y1, x2, y2 = self.in_picture((0, 0, width, height))
        rows, columns = self.whole
        return (
            (box[0] < EDGE and x1 >= 1)
            or (box[1] < EDGE and y1 >= 1)
            or (box[2] > width - EDGE and x2 <= columns - 1)
            or (box[3] > height - EDGE and y2 <= rows - 1)
        )


def part(picture: Picture, box: Box) -> DetectorPass:
    """What the box shows; it lies in the picture."""
    left, top = max(0, round(box[0])), max(0, round(box[1]))
    return DetectorPass(cut(picture, box), _shifted(left, top), _size(picture))


def as_it_is(picture: Picture) -> DetectorPass:
    return DetectorPass(picture, _shifted(0, 0), _size(picture))


def farther(seen: DetectorPass) -> DetectorPass:
    """The same, smaller within the frame."""
    height, width = seen.picture.shape[:2]
    rows, columns = round(height * FARTHER), round(width * FARTHER)
    top, left = (rows - height) // 2, (columns - width) // 2
    frame = np.full((rows, columns, 3), GREY, np.uint8)
    frame[top : top + height, left : left + width] = seen.picture
    return DetectorPass(frame, _after(seen.back, _shifted(-left, -top)), seen.whole)


def sheared(seen: DetectorPass, slope: float) -> DetectorPass:
    """The same, rows that fall to the right by `slope` made level, in a frame that holds all."""
    height, width = seen.picture.shape[:2]
    top = max(0.0, slope * width)
    matrix = np.array([[1.0, 0.0, 0.0], [-slope, 1.0, top]])
    size = (width, round(height + abs(slope) * width))
    picture = cv2.warpAffine(seen.picture, matrix, size, borderValue=GREY)
    back = _after(seen.back, cv2.invertAffineTransform(matrix))
    return DetectorPass(picture.astype(np.uint8), back, seen.whole)


def other(seen: DetectorPass, number: int) -> DetectorPass:
    """The further pass of this number, counted round: for what is large or slopes."""
    which = number % OTHERS
    return farther(seen) if which == 0 else sheared(seen, SLOPE if which == 1 else -SLOPE)


def steep(seen: DetectorPass) -> Iterator[DetectorPass]:
    """Two, for what is large and slopes."""
    for slope in (STEEP, -STEEP):
        yield farther(sheared(seen, slope))


def parts(picture: Picture) -> Iterator[DetectorPass]:
    """Four, for what is small."""
    height, width = _size(picture)
    down, across = PART * height, PART * width
    for y in (0.0, height - down):
        for x in (0.0, width - across):
            yield part(picture, (x, y, x + across, y + down))


def _size(picture: Picture) -> tuple[int, int]:
    return picture.shape[0], picture.shape[1]


def _shifted(x: float, y: float) -> NDArray[np.float64]:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y]])


def _after(outer: NDArray[np.float64], inner: NDArray[np.float64]) -> NDArray[np.float64]:
    """The map that applies `inner`, then `outer`."""
    return outer @ np.vstack([inner, [0.0, 0.0, 1.0]])
