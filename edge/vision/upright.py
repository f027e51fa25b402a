"""PURE. Sets a leaning plate upright: rows level, characters erect.

Of all shears along the rows and across them those are taken that make the profiles of the edges
sharpest: where the rows lie level, their upper and lower edges fall together.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.reading import Picture

ACROSS = 120
COARSE, FINE = 13, 5
"""Shears tried over the whole range, then around the best."""

MOST_LEAN, MOST_SLANT = 0.34, 0.5
"""The largest shears tried, as shares of the small picture's sides."""

UNLIKELY = 0.15
"""Share by which the sharpness of the strongest shear is lowered: it must be clearly sharper than
none."""


def set_upright(picture: Picture) -> Picture:
    """The picture sheared about its middle; same size."""
    h, w = picture.shape[:2]
    size = (ACROSS, ACROSS // 2 if w / h < 2.2 else ACROSS * 3 // 10)
    grey = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    lean = _sharpest(np.abs(cv2.Sobel(grey, cv2.CV_32F, 0, 1)), 0, MOST_LEAN)
    erect = np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0))
    erect = cv2.warpAffine(erect, _shear(lean, 0, size), size)
    border = size[1] // 8
    erect[:border] = erect[-border:] = 0
    slant = _sharpest(erect, 1, MOST_SLANT)
    # From the small picture's pixels to the plate's own.
    ratio = (h / size[1]) / (w / size[0])
    level = np.vstack([_shear(lean * ratio, 0, (w, h)), [0, 0, 1]])
    matrix = _shear(slant / ratio, 1, (w, h)) @ level
    out = cv2.warpAffine(picture, matrix, (w, h), borderMode=cv2.BORDER_REPLICATE)
    return out.astype(np.uint8)


def _shear(share: float, axis: int, size: tuple[int, int]) -> NDArray[np.float64]:
    """(2, 3): 0 levels the rows, 1 erects the characters."""
    w, h = size
    if axis == 0:
        return np.array([[1, 0, 0], [-share, 1, share * w / 2]])
    return np.array([[1, -share, share * h / 2], [0, 1, 0]])


def _sharpest(edges: NDArray[np.float32], axis: int, most: float) -> float:
    size = (edges.shape[1], edges.shape[0])

    def worth(share: float) -> float:
        moved = cv2.warpAffine(edges, _shear(share, axis, size), size)
        profile = cv2.reduce(moved, 1 - axis, cv2.REDUCE_AVG).ravel()
        return float(profile @ profile) * (1 - UNLIKELY * abs(share))

    step = 2 * most / (COARSE - 1)
    coarse = max((-most + i * step for i in range(COARSE)), key=worth)
    fine = [coarse + (2 * i / (FINE - 1) - 1) * step * 0.7 for i in range(FINE)]
    return max(fine, key=worth)
