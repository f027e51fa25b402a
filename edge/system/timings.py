"""How long the things took that the gate promises figures for, as histograms.

Any thread measures; whoever shows them (edge/console/metrics.py, `gate bench`) takes plain values.
The counts are those of this process since its start.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

RECENT = 500
"""Single measurements kept of each figure."""

_MS = (1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000, 2000, 5000)
_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
FAST = tuple(ms / 1000 for ms in _MS)
"""Upper bounds of the classes, in seconds; each promised figure is one of them."""


class Figure(StrEnum):
    """What is measured; the value is the metric's name."""

    STOP_FRAME = "gate_stop_frame_seconds"
    """of a lane: from the last reading with a free way until the frame that stops or opens an arm
    that closes; whatever came under it came later, by up to one poll"""
    AUTHORISATION = "gate_authorisation_seconds"
    """of a lane: from the picture that completed what was needed to the guard's authorisation"""
    COMMIT = "gate_commit_seconds"
    """of the gate: from wanting events and states in the journal until they are"""
    ACKNOWLEDGEMENT = "gate_acknowledgement_seconds"
    """of a receiver: from an event's commit to its acknowledgement"""


BOUNDS: dict[Figure, tuple[float, ...]] = {
    Figure.STOP_FRAME: FAST,
    Figure.AUTHORISATION: FAST,
    Figure.COMMIT: FAST,
    Figure.ACKNOWLEDGEMENT: _S,
}


@dataclass(frozen=True, slots=True)
class Measured:
    """`of`: a lane or a receiver. `at`: monotonic seconds at which it began."""

    of: str
    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Timing:
    """One histogram. `counts`: how many fell into each class, by their `bounds`; the last class is
    without bound. `total`: all seconds together."""

    figure: Figure
    of: str
    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: float


class Timings:
    """Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[Figure, str], list[int]] = {}
        self._totals: dict[tuple[Figure, str], float] = {}
        self._recent: dict[Figure, deque[Measured]] = {f: deque(maxlen=RECENT) for f in Figure}

    def note(self, figure: Figure, of: str, began: float, ended: float) -> None:
        """Something that began and ended at these monotonic moments. Quick: a few microseconds."""
        seconds, bounds = max(0.0, ended - began), BOUNDS[figure]
        with self._lock:
            counts = self._counts.setdefault((figure, of), [0] * (len(bounds) + 1))
            counts[bisect_left(bounds, seconds)] += 1
            self._totals[figure, of] = self._totals.get((figure, of), 0.0) + seconds
            self._recent[figure].append(Measured(of, began, seconds))

    def all(self) -> tuple[Timing, ...]:
        """Every histogram in which something was counted."""
        with self._lock:
            return tuple(
                Timing(figure, of, BOUNDS[figure], tuple(counts), self._totals[figure, of])
                for (figure, of), counts in sorted(self._counts.items())
            )

    def recent(self, figure: Figure) -> tuple[Measured, ...]:
        """The last single measurements, the oldest first."""
        with self._lock:
            return tuple(self._recent[figure])


TIMINGS = Timings()
"""Those of this process."""
