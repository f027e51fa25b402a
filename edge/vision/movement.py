"""PURE. Which way a vehicle heads along the travel: from where its foot was seen, smoothed.

Boxes tremble by some hundredths of their size, and lose their lower part behind whatever passes in
front: a movement counts from `MOVED` of the vehicle's size a second, and one that is told to people
from a larger share of it in all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median

from edge.domain.facts import Heading

MEMORY_S = 2.0
RECENT_S = 0.5
"""Seconds over which a place is smoothed, and again before them to compare with."""

KNOWN_S = 1.5
"""Seconds of sights from which on the way that was gone is compared."""

MOVED = 0.06
"""Share of its size by which a vehicle that moves has moved within RECENT_S."""

BACK = 0.25
"""Share of its size that a vehicle has rolled back from its farthest before it is reversing."""

AGAINST = 0.6
"""Share of its size that a vehicle has come against the travel before it is on the wrong way."""

CAME = 0.4
"""Share of its size that a vehicle has come forward before it can reverse."""


@dataclass(frozen=True, slots=True)
class Movement:
    """`places`: (seconds, pixels along the travel), the oldest first; `first` and `farthest` along
    it, smoothed; `came`: it has come forward. `heading` since `since`."""

    places: tuple[tuple[float, float], ...] = ()
    first: float | None = None
    farthest: float = 0.0
    came: bool = False
    heading: Heading = Heading.UNKNOWN
    since: float = 0.0

    def seen(self, now: float, along: float, size: float) -> Movement:
        """After a sight of it."""
        places = tuple(p for p in (*self.places, (now, along)) if now - p[0] <= MEMORY_S)
        here = median(s for t, s in places if now - t <= RECENT_S)
        first = here if self.first is None else self.first
        farthest = here if self.first is None else max(self.farthest, here)
        moved = replace(self, places=places, first=first, farthest=farthest)
        moved = replace(moved, came=self.came or here - first > CAME * size)
        heading = moved._heading(now, here, size)
        if heading is Heading.STANDING and abs(here - first) < 2 * MOVED * size:
            # It was found standing: it had come before anybody looked.
            moved = replace(moved, came=True)
        if heading is self.heading:
            return moved
        return replace(moved, heading=heading, since=now)

    @property
    def known(self) -> bool:
        """Whether it has been seen for long enough to say how far it has gone."""
        return len(self.places) >= 6 and self.places[-1][0] - self.places[0][0] >= KNOWN_S

    @property
    def shift(self) -> float:
        """Pixels along the travel that it has gone within MEMORY_S, smoothed; 0 of fewer sights."""
        if len(self.places) < 6:
            return 0.0
        along = [s for _, s in self.places]
        return median(along[-3:]) - median(along[:3])

    def hidden(self, now: float) -> Movement:
        """After a picture in which its foot is hidden: soon nothing is known of its heading."""
        if not self.places or now - self.places[-1][0] <= RECENT_S:
            return self
        return Movement(came=self.came, since=now)

    def _heading(self, now: float, here: float, size: float) -> Heading:
        before = [s for t, s in self.places if RECENT_S < now - t <= 2 * RECENT_S]
        if not before or self.first is None:
            return self.heading
        step = here - median(before)
        if step > MOVED * size:
            return Heading.FORWARD
        if step >= -MOVED * size:
            # One that was first seen just now may only not have gone far yet.
            long_enough = now - self.places[0][0] >= 2 * RECENT_S
            return Heading.STANDING if long_enough else self.heading
        if self.came:
            back = self.farthest - here > BACK * size
            return Heading.REVERSING if back else self.heading
        return Heading.WRONG_WAY if self.first - here > AGAINST * size else self.heading
