"""Whether the ground under a line in the picture is to be seen, as it is when nobody is there.

A detector may find a tractor and miss its trailer: then the rear of the box is over the line while
a drawbar or a bed still is on it. So a crossing of the whole vehicle counts as sure only where the
picture along the line looks again as it does with nobody near.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edge.vision.crossings import MAY_BE_TRAILER, Crossed
from edge.vision.detection import Box
from edge.vision.geometry import Line
from edge.vision.reading import Picture
from edge.vision.tracking import Track

SAMPLES = 96
"""Places along the line that are compared."""

CHANGED = 16.0
"""Difference in brightness against the picture's, of 255, from which on a place looks otherwise."""

HIDDEN = 0.07
"""Share of the places that look otherwise from which on something is on the line: a drawbar is some
tenth of a lane wide."""

FREE_S = 1.0
"""Seconds without a vehicle near the line before it is looked at for what it is like."""

NEW_LIGHT_S = 60.0
"""Seconds for which it must look otherwise, with nobody detected, before that is how it is."""

FOLLOWED = 0.05
"""Share of a new look that is taken over: shadows wander."""

FREE_WITHIN_S = 1.0
"""Seconds within which the line must be seen free behind a vehicle that is over it."""

NEAR = 12.0
"""Pixels around the line within which a vehicle may hide it or lie in its shadow."""

Brightness = NDArray[np.float32]


class LineView:
    """One line's. Feed `see` each picture."""

    def __init__(self) -> None:
        self._usual: Brightness | None = None
        self._free_since: float | None = None
        self._other_since: float | None = None
        self._now: Brightness | None = None

    def see(self, picture: Picture, line: Line, boxes: Sequence[Box], now: float) -> None:
        """`boxes`: of every vehicle in the picture, this lane's or not."""
        self._now = _along(picture, line)
        if any(_near(line, box) for box in boxes):
            self._free_since = self._other_since = None
            return
        self._free_since = now if self._free_since is None else self._free_since
        if now - self._free_since < FREE_S:
            return
        if self._usual is None:
            self._usual = self._now
        elif self.free:
            self._other_since = None
            self._usual = (1 - FOLLOWED) * self._usual + FOLLOWED * self._now
        else:
            self._other_since = now if self._other_since is None else self._other_since
            if now - self._other_since >= NEW_LIGHT_S:
                self._usual, self._other_since = self._now, None

    @property
    def free(self) -> bool:
        """Whether the line looks now as with nobody there; not before that is known."""
        if self._usual is None or self._now is None:
            return False
        change = np.abs(self._now - self._usual)
        return bool((change > CHANGED).mean() < HIDDEN)


class LineViews:
    """All lines of a camera, and the crossings of them that wait for the line to be free behind."""

    def __init__(self, names: Iterable[str]) -> None:
        self._views = {name: LineView() for name in names}
        self._waiting: list[tuple[float, Track, Crossed]] = []

    def see(
        self, picture: Picture, lines: Mapping[str, Line], boxes: Sequence[Box], now: float
    ) -> None:
        """As LineView, for each of the lines."""
        for name, line in lines.items():
            self._views[name].see(picture, line, boxes, now)

    def to_report(
        self, crossed: Iterable[tuple[Track, Crossed]], now: float
    ) -> list[tuple[Track, Crossed]]:
        """Those that may be reported: fronts at once, a whole vehicle once the line is free behind
        it, or later and in doubt."""
        due, waiting = [], []
        for since, track, one in (*self._waiting, *((now, *pair) for pair in crossed)):
            if not one.whole or self._views[one.line].free:
                due.append((track, one))
            elif now - since < FREE_WITHIN_S:
                waiting.append((since, track, one))
            else:
                due.append((track, replace(one, sure=min(one.sure, MAY_BE_TRAILER))))
        self._waiting = waiting
        return due


def _along(picture: Picture, line: Line) -> Brightness:
    """Brightness at the places, each the mean of nine pixels, against that of the whole picture:
    light sways."""
    height, width = picture.shape[:2]
    share = np.linspace(0.03, 0.97, SAMPLES)
    xs = line.a[0] + share * (line.b[0] - line.a[0])
    ys = line.a[1] + share * (line.b[1] - line.a[1])
    total = np.zeros(SAMPLES, np.float32)
    for dx in (-2, 0, 2):
        for dy in (-2, 0, 2):
            x = np.clip(np.rint(xs + dx).astype(int), 0, width - 1)
            y = np.clip(np.rint(ys + dy).astype(int), 0, height - 1)
            total += picture[y, x].mean(axis=1, dtype=np.float32)
    whole = float(picture[::16, ::16].mean())
    return np.asarray(total / 9 - whole, np.float32)


def _near(line: Line, box: Box) -> bool:
    """Whether the box touches the stretch, or comes near to it."""
    (x1, y1), (x2, y2) = line.a, line.b
    if max(x1, x2) < box[0] - NEAR or min(x1, x2) > box[2] + NEAR:
        return False
    if max(y1, y2) < box[1] - NEAR or min(y1, y2) > box[3] + NEAR:
        return False
    hind, fore = line.ends(box)
    return hind < NEAR and fore > -NEAR
