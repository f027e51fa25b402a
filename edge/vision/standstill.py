"""PURE. Whether a camera's picture is frozen.

A frozen picture is told from a still one by what this camera did before. Noise and encoding change
nearly all parts of most cameras' pictures every second; where that was so and all but the camera's
clock stands still to the bit, it is frozen; also where the picture is encoded anew each time, and
comes back (recurrence.py). A camera that repeats an empty lane bit for bit for minutes tells
nothing by doing so; there the entry loop does (`unchanged_s`, `doubt`), and where an encoder hides
that a picture is frozen, it does by `unmoved_s`.
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edge.vision.picture_measures import CELLS, Measures, changed
from edge.vision.recurrence import Recurrence

WINDOW_S = 5.0
"""Seconds in which a part of the picture must change to count as alive: longer than encoders let
pass between two whole pictures."""

CLOCK = 0.05
"""Share of the parts that a camera's own clock and title fill."""

LIVELY = 0.3
"""Share of the parts that usually change within WINDOW_S, from which on standing still is a fault.
"""

AGAIN, SELDOM = 0.6, 0.1
"""Share of the parts that came back from which on a picture has come again; share below which it
usually is where noise never lets that happen."""

AGAIN_WITHIN, AGAIN_TIMES = 15, 2
"""Number of pictures, one a second, that are remembered, and number of returns of one of them from
which on the picture is frozen; each stay counts once. What was measured: docs/cameras.md."""

MOVED = 4.0
"""Difference in a part's mean brightness, of 255, that no encoding makes."""

WRITTEN = 1
"""Rows of parts, of the uppermost and of the lowest, where cameras write their clock and name."""

LEARNED = 20
"""Number of good pictures from which something is known of a camera."""

KEPT = 600
"""Number of pictures of which the usual is taken: ten minutes, in which dusk changes little."""

LIGHT = 32
"""Steps of the mean brightness, of 255, that are one light: another light has another noise, and
where lights are switched on there may be none."""

MOST_KEPT = KEPT * 256 // LIGHT
"""Number of pictures whose changes are kept, of all lights."""


class Doubt(StrEnum):
    """`UNCHANGED`: of a picture that stood still to the bit, until a bit changes; `UNMOVED`: of one
    in which nothing moved, until something does."""

    NONE = "none"
    UNCHANGED = "unchanged"
    UNMOVED = "unmoved"


class Standstill:
    """Of one camera's pictures, one a second: `follow` each, then ask whether it is `frozen`."""

    def __init__(self) -> None:
        self._samples: NDArray[np.uint8] | None = None
        self._changed_at = np.full(CELLS, -1e9)
        self._at = self._stirred_at = -1e9
        self._began_at: float | None = None
        self._lively: dict[int, deque[float]] = {}
        self._recurrence = Recurrence()
        self._again: dict[int, deque[float]] = {}
        self._came_again: deque[bool] = deque(maxlen=AGAIN_WITHIN)
        self._changed = 1.0
        self._means: NDArray[np.float32] | None = None
        self._come = False
        self._shown: NDArray[np.float32] | None = None
        self._moved_at = 0.0
        self._doubt = Doubt.NONE

    @property
    def learned(self) -> dict[str, NDArray[np.generic]]:
        return {"lively": _rows(self._lively), "again": _rows(self._again)}

    def recall(self, learned: dict[str, NDArray[np.generic]]) -> None:
        _recalled(self._lively, learned.get("lively"))
        _recalled(self._again, learned.get("again"))

    def unchanged_s(self, now: float) -> float:
        """Seconds for which no more of the picture than a clock has changed by a single bit."""
        return 0.0 if self._samples is None else max(0.0, now - self._stirred_at)

    def unmoved_s(self, now: float) -> float:
        """Seconds for which no part of the picture, but those where a camera writes, has become
        brighter or darker than an encoder makes it: nothing has come or gone, to be seen."""
        return 0.0 if self._shown is None else max(0.0, now - self._moved_at)

    def doubt(self) -> None:
        """Somebody knows that what is before the camera has changed since its picture did."""
        still = self._at - self._stirred_at >= WINDOW_S
        self._doubt = Doubt.UNCHANGED if still else Doubt.UNMOVED

    def update(self, samples: NDArray[np.uint8], now: float) -> None:
        self._at = now
        if self._samples is None:
            self._began_at = self._stirred_at = now
            self._changed_at[:] = now
        else:
            cells = changed(self._samples, samples)
            self._changed_at[cells] = now
            self._changed = float(cells.mean())
            if self._changed > CLOCK:
                self._stirred_at = now
                if self._doubt is Doubt.UNCHANGED:
                    self._doubt = Doubt.NONE
        self._samples = samples

    def frozen(self, measures: Measures, now: float) -> bool:
        light = int(measures.mean) // LIGHT
        if self._moved(measures.means):
            # What comes back over something that moved is another round of a recording.
            self._recurrence = Recurrence()
            self._came_again.clear()
        again = self._recurrence.share(measures.samples)
        self._follow(measures.means, now)
        if self._doubt is not Doubt.NONE:
            return True
        if self._began_at is None or now - self._began_at < WINDOW_S:
            return False
        alive = float((now - self._changed_at < WINDOW_S).mean())
        past, came = _past(self._lively, light), _past(self._again, light)
        lively = len(past) >= LEARNED and float(np.percentile(past, 10)) >= LIVELY
        seldom = len(came) >= LEARNED and float(np.percentile(came, 90)) <= SELDOM
        stays = self._changed <= 1 - AGAIN and self._come
        self._come = lively and seldom and again >= AGAIN
        self._came_again.append(self._come and not stays)
        if (alive <= CLOCK and lively) or sum(self._came_again) >= AGAIN_TIMES:
            return True
        past.append(alive)
        came.append(again)
        return False

    def _follow(self, means: NDArray[np.float32], now: float) -> None:
        """From the last picture in which something had moved on."""
        seen = means[WRITTEN:-WRITTEN]
        if self._shown is None or bool((np.abs(seen - self._shown) > MOVED).any()):
            self._shown, self._moved_at, self._doubt = seen, now, Doubt.NONE

    def _moved(self, means: NDArray[np.float32]) -> bool:
        before, self._means = self._means, means
        return before is not None and float((np.abs(means - before) > MOVED).mean()) > CLOCK


def _past(kept: dict[int, deque[float]], light: int) -> deque[float]:
    """Shares of the parts, in this light."""
    return kept.setdefault(light, deque(maxlen=KEPT))


def _rows(kept: dict[int, deque[float]]) -> NDArray[np.float32]:
    rows = [(light, share) for light, past in kept.items() for share in past]
    return np.asarray(rows, np.float32).reshape(-1, 2)


def _recalled(kept: dict[int, deque[float]], rows: NDArray[np.generic] | None) -> None:
    """What of `rows` can have been kept."""
    known = np.asarray(() if rows is None else rows, np.float32)
    if known.ndim == 2 and known.shape[1] == 2 and np.isfinite(known).all():
        for light, share in known[-MOST_KEPT:]:
            if 0 <= light * LIGHT < 256 and 0 <= share <= 1:
                _past(kept, int(light)).append(float(share))
