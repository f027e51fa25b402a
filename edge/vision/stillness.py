"""Whether anything has moved before a camera since the last detection: an empty lane or a vehicle
that stands needs no detector ten times a second.

Pictures are compared as small grey ones, in which sensor noise and a camera's clock vanish.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.reading import Picture

GRID = (64, 36)
MOVED = 10.0
"""Difference in brightness, of 255, from which on a cell has changed."""

FEWEST = 3
"""Number of changed cells from which on there is movement; a digit of a clock changes fewer."""


class Stillness:
    """One camera's memory of the last picture that was used for a detection."""

    def __init__(self) -> None:
        self._seen: NDArray[np.float32] | None = None

    def still(self, picture: Picture) -> bool:
        """Whether the picture shows what the last one given to `looked` did."""
        if self._seen is None:
            return False
        change = np.abs(_small(picture) - self._seen)
        # The light of the whole picture may sway: a camera's exposure, a cloud.
        change = np.abs(change - np.median(change))
        return int((change > MOVED).sum()) < FEWEST

    def looked(self, picture: Picture) -> None:
        self._seen = _small(picture)


def _small(picture: Picture) -> NDArray[np.float32]:
    # Some 25 pixels a cell are enough to average over, and little work on a large picture.
    step = max(1, picture.shape[0] // (5 * GRID[1]))
    few = np.ascontiguousarray(picture[::step, ::step])
    small = cv2.resize(few, GRID, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32).mean(2)
