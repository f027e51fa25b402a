"""PURE. What a picture is worth, in a few figures: how bright and how sharp it is, and which parts
of it have changed bit for bit.

Sharpness is the steepness of the strongest edges and depends neither on contrast nor on noise: the
share of the brightness that changes over `EDGE` pixels which changes over one of them, a whole one
for a hard edge and a sixth for a ramp. Noise comes after the lens and is as sharp as ever, so it is
averaged along the edge and what is left of it taken off. Measured on 220 pictures of cameras, day
and night: 0.41 to 0.84 as they are, at most 0.25, and at most half of that, once plates are blurred
beyond reading.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.reading import Picture

SMALL = (160, 96)
"""Width and height of the grey picture that is judged."""

BLOWN = 245
"""Brightness, of 255, from which on a camera tells nothing apart."""

EDGE = 6
"""Pixels over which an edge of a camera out of focus is spread."""

STRONGEST = 98
"""Percentile of the differences from which on they count as edges."""

FAINTEST = 16
"""Least difference in brightness of an edge: fainter ones are noise and compression."""

FEWEST = 50
"""Number of places with an edge below which there is nothing to judge."""

ALONG = 5
"""Pixels along an edge over which noise is averaged."""

NOISE = 1.5
"""Highest of some steps of noise, as a multiple of the median step."""

BANDS, BAND = 8, 24
"""Strips in which edges are looked for, and their height in pixels; where a camera writes there are
none: its clock stays sharp before a lens out of focus."""

STEP = 8
"""Every eighth pixel each way is compared bit for bit."""

TEXT = 8
"""The upper and the lower part of the picture of this share, an eighth, hold what a camera writes
into it: its clock and its name are bright on a black picture too."""

DARK, DARK_EVEN, EVEN = 40.0, 6.0, 0.7
"""Mean brightness, of 255, below which a part of the picture is dark; standard deviation within it,
without the noise, below which it shows nothing where it is dark, and where it is not: the grey of
pictures of which the rest was lost has none at all."""

ONE_COLOUR = 2
"""Steps of each colour by which a ground that a recorder draws may differ within itself, once it
has been encoded."""

NEIGHBOURS = (1, 2)
"""Samples to the left and above that one is compared with: a decoder that lost data repeats the
last row, or blocks of 16 pixels."""

CELLS = (8, 12)
"""Rows and columns of the parts whose changes are told apart: a camera's clock fills three or four
of them."""


@dataclass(frozen=True, slots=True)
class Measures:
    """`brightest`: what all but the brightest 200th part of the picture is below, of 255, without
    what the camera writes; `means`: brightness of its parts; `dead`: those that show nothing;
    `copies`: share of each part that is, to the bit, what stands beside or above it;
    `plain`: share of all samples that have one colour, `ground`: the brightest part of that colour;
    `blown`: share of pixels that are blown out; `mean` brightness; `sharp`: 0 (no edge at all,
    which says nothing by itself) to 1; `small`: grey, of the size SMALL; `samples`: pixels as they
    came."""

    brightest: float
    blown: float
    mean: float
    sharp: float
    small: NDArray[np.float32]
    samples: NDArray[np.uint8]
    means: NDArray[np.float32]
    dead: NDArray[np.bool_]
    copies: NDArray[np.float32]
    plain: float
    ground: float


def measured(picture: Picture) -> Measures:
    step = max(1, picture.shape[1] // (4 * SMALL[0]))
    few = np.ascontiguousarray(picture[::step, ::step])
    grey = cv2.resize(cv2.cvtColor(few, cv2.COLOR_BGR2GRAY), SMALL, interpolation=cv2.INTER_AREA)
    text = SMALL[1] // TEXT
    means, spread = _parts(np.asarray(grey, np.float32))
    samples = np.ascontiguousarray(picture[::STEP, ::STEP])
    usual = np.median(samples, axis=(0, 1))
    return Measures(
        brightest=float(np.percentile(grey[text:-text], 99.5)),
        blown=float((grey >= BLOWN).mean()),
        mean=float(grey.mean()),
        sharp=sharpness(picture),
        small=np.asarray(grey, np.float32),
        samples=samples,
        means=means,
        dead=spread < np.where(means < DARK, DARK_EVEN, EVEN),
        copies=averaged(_copied(samples)),
        plain=float((np.abs(samples - usual) <= ONE_COLOUR).all(axis=2).mean()),
        ground=float(usual.max()),
    )


def _copied(samples: NDArray[np.uint8]) -> NDArray[np.float32]:
    """1 where a sample is what stands beside or above it."""
    alike = [_same(samples, axis, far) for axis in (0, 1) for far in NEIGHBOURS]
    return np.any(alike, axis=0).astype(np.float32)


def _same(samples: NDArray[np.uint8], axis: int, far: int) -> NDArray[np.bool_]:
    same = (samples == np.roll(samples, far, axis)).all(axis=2)
    np.moveaxis(same, axis, 0)[:far] = False
    return np.asarray(same, np.bool_)


def averaged(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """Over each of the parts CELLS of a small picture."""
    return np.asarray(cv2.resize(small, CELLS[::-1], interpolation=cv2.INTER_AREA), np.float32)


def _parts(small: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation of the brightness of each part."""
    means = averaged(small)
    return means, np.sqrt(np.maximum(0, averaged(small * small) - means * means))


def sharpness(picture: Picture) -> float:
    """See above; 0 where there are no edges."""
    height = picture.shape[0]
    written = height // TEXT
    tops = np.linspace(written, max(written, height - written - BAND), BANDS).astype(int)
    strips = np.concatenate([picture[top : top + BAND] for top in tops])
    grey = cv2.blur(cv2.cvtColor(strips, cv2.COLOR_BGR2GRAY).astype(np.float32), (1, ALONG))
    steps = np.abs(np.diff(grey, axis=1))
    whole = np.abs(grey[:, EDGE:] - grey[:, :-EDGE])
    steepest = cv2.dilate(steps, np.ones((1, EDGE), np.uint8), anchor=(0, 0))[:, : whole.shape[1]]
    edges = whole >= max(FAINTEST, np.percentile(whole[:, ::4], STRONGEST))
    if np.count_nonzero(edges) < FEWEST:
        return 0.0
    # Of a vehicle that moves the edges are soft, of what stands behind it not.
    steep = np.maximum(0, steepest[edges] - NOISE * float(np.median(steps[:, ::4])))
    return min(1.0, float(np.percentile(steep / whole[edges], 75)))


def changed(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which cells have any sample that differs; all, where the size of the picture does."""
    if before.shape != now.shape:
        return np.ones(CELLS, np.bool_)
    differs = (before != now).any(axis=2)
    rows, columns = (
        np.linspace(0, side, parts, endpoint=False).astype(int)
        for side, parts in zip(differs.shape, CELLS, strict=True)
    )
    by_rows = np.logical_or.reduceat(differs, rows, axis=0)
    return np.asarray(np.logical_or.reduceat(by_rows, columns, axis=1), np.bool_)
