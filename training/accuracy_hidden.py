"""Plates that show only in part: what is left of a text may fit a shorter format and must not be
accepted for it. Held-out plates, cut off or covered as training/recogniser_cover.py does it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2

from edge.vision.recogniser import OpenVinoPlateReader
from training.recogniser_cover import partly
from training.recogniser_real import Sample, real
from training.recogniser_view import fitted, seen

VIEWS = 6
"""For each held-out plate."""

BLUR = 9.0
"""Pixels: nothing can be read any more on what stands before the plate."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Views of plates not whole: how many, how many accepted, how many of those wrong."""

    views: int
    sure: int
    sure_wrong: int


def hidden(data: Path, reader: OpenVinoPlateReader) -> Hidden:
    readings = [(s.text, reader.read(s.picture)) for s in views(list(real(data, "val")), VIEWS, 23)]
    sure = [(text, r.text) for text, r in readings if r is not None and r.accepted]
    return Hidden(len(readings), len(sure), sum(text != read for text, read in sure))


def views(samples: list[Sample], each: int, seed: int) -> Iterator[Sample]:
    """Every sample `each` times, not whole and otherwise hardly worn; something blurred or plain
    stands before it."""
    rng = random.Random(seed)
    for sample in samples:
        for _ in range(each):
            before = cv2.GaussianBlur(fitted(rng.choice(samples).picture), (0, 0), BLUR)
            hide = partial(partly, rng=rng, before=before, rows=sample.lines)
            view = seen(sample.picture, sample.quad, rng, None, 0.3, 0.3, hide=hide)
            yield replace(sample, picture=view)
