"""A picture fitted into a network's input, and boxes brought back: as ultralytics does it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.reading import Picture

GREY = 114
"""The tone of the margins that the network was trained with."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Place of a picture of `height` x `width` in an input of `rows` x `columns` pixels: scaled to
    `scaled` (rows, columns), `top` and `left` pixels from the corner."""

    height: int
    width: int
    rows: int
    columns: int
    scaled: tuple[int, int]
    top: int
    left: int

    def block(self, picture: Picture) -> NDArray[np.float32]:
        """The network's input: 1 x 3 x rows x columns, RGB, 0 to 1."""
        rows, columns = self.scaled
        whole = np.full((self.rows, self.columns, 3), GREY, np.uint8)
        if picture.shape[:2] != self.scaled:
            picture = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_LINEAR)
        whole[self.top : self.top + rows, self.left : self.left + columns] = picture
        planes = np.ascontiguousarray(whole[..., ::-1].transpose(2, 0, 1))
        return planes[None].astype(np.float32) / np.float32(255)

    def back(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes (n x 4, x1 y1 x2 y2) of the input, in the picture's pixels and within it."""
        rows, columns = self.scaled
        shift = np.array([self.left, self.top] * 2, np.float32)
        scale = np.array([columns / self.width, rows / self.height] * 2, np.float32)
        most = np.array([self.width, self.height] * 2, np.float32)
        return np.clip((boxes - shift) / scale, 0, most)


def fitted(picture: tuple[int, int], size: tuple[int, int], stride: int | None = None) -> Letterbox:
    """The letterbox for a picture of this height and width in an input of this size. `stride`: the
    network takes any multiple of this many pixels, so margins are kept narrower than that."""
    height, width = picture
    ratio = min(size[0] / height, size[1] / width)
    rows, columns = max(round(height * ratio), 1), max(round(width * ratio), 1)
    free_y, free_x = size[0] - rows, size[1] - columns
    if stride is not None:
        free_y, free_x = free_y % stride, free_x % stride
    top, left = round(free_y / 2 - 0.1), round(free_x / 2 - 0.1)
    return Letterbox(height, width, rows + free_y, columns + free_x, (rows, columns), top, left)
