"""PURE. Where a camera looks, compared with where it looked before.

Compared are the directions of edges, each with its sign left out: they stay where they are when the
light changes, the camera turns to infrared, or shadows wander. The correlation over all shifts of
the picture peaks at none while the camera hangs still, whatever drives through; turned a little it
peaks elsewhere, turned away nowhere.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Edges = NDArray[np.complex64]
"""By pixel: twice the angle of the edge there, as long as the edge is clear (0 to 1)."""

FAINT = 20.0
"""Gradient, in steps of brightness a pixel, at which an edge counts half."""

SWAY = 2
"""Pixels of the small picture by which a mast may sway."""


class Match(NamedTuple):
    """`here`: correlation without a shift, 0 to 1; `best`: the highest, at the shift `dx`, `dy` in
    pixels of the small picture."""

    here: float
    best: float
    dx: int
    dy: int


def edges(small: NDArray[np.float32]) -> Edges:
    x, y = cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1)
    square = x * x + y * y + 1e-6
    clear = np.sqrt(square) / (np.sqrt(square) + FAINT)
    return np.asarray(clear * (x + 1j * y) ** 2 / square, np.complex64)


def match(reference: Edges, now: Edges) -> Match:
    a, b = np.fft.fft2(reference), np.fft.fft2(now)
    strength = np.sqrt((np.abs(reference) ** 2).sum() * (np.abs(now) ** 2).sum()) + 1e-6
    peaks = np.real(np.fft.ifft2(a.conj() * b)) / strength
    height, width = peaks.shape
    near = [*range(-SWAY, SWAY + 1)]
    here = float(peaks[np.ix_(near, near)].max())
    y, x = divmod(int(peaks.argmax()), width)
    return Match(
        here, float(peaks[y, x]), x - width * (x > width // 2), y - height * (y > height // 2)
    )
