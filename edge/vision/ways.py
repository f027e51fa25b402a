"""PURE. What the tracks of one camera mean for its lane: whose vehicle it is, where it stands and
how long, which way it moves, which lines it has crossed, how many wait.

Without anything drawn a vehicle is this lane's by the zone, and at the barrier by the stop line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from edge.config import CameraConfig
from edge.domain.facts import Heading
from edge.vision.crossings import FEW, GAP_S, UNSTEADY, Crossed, Place, moved, place, with_doubt
from edge.vision.detection import Box, overlap
from edge.vision.geometry import Ground, Line, ground, size
from edge.vision.likeness import unlike
from edge.vision.movement import Movement
from edge.vision.tracking import Track

VOTES = 3
"""Sights by which a vehicle at the border of two lanes changes over."""

LEFT_S = 2.0
"""Seconds away from the barrier after which the time of waiting there begins anew."""

DROVE, STOOD = 0.5, 0.1
"""Shares of their sizes by which within two seconds one has driven and another has not: they are
two vehicles. The far end of a long one moves less in the picture than the near end, by half."""

QUEUE_STEADY_S = 1.0
"""Seconds for which a length of the queue stands before it is reported."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """One vehicle's. `votes` above 0: it is this lane's; `was_own`: it has been. `waiting`: since
    when it is at the barrier, and when it was last."""

    votes: int
    was_own: bool = False
    area: str = ""
    at_barrier: bool = False
    movement: Movement = field(default_factory=Movement)
    waiting: tuple[float, float] | None = None
    places: dict[str, Place] = field(default_factory=dict)
    apart_from: frozenset[int] = frozenset()
    at: float = 0.0

    @property
    def own(self) -> bool:
        return self.votes > 0

    @property
    def heading(self) -> Heading:
        return self.movement.heading

    @property
    def dwell_s(self) -> float:
        """Seconds at the barrier."""
        return 0.0 if self.waiting is None else self.waiting[1] - self.waiting[0]


class Ways:
    """One camera's. Feed `update` each picture's tracks."""

    def __init__(self, config: CameraConfig) -> None:
        self._config = config
        self._ground, self._size = Ground(), (0, 0)
        self._of: dict[int, Whereabouts] = {}
        self._queue, self._queue_at, self.queue = 0, 0.0, 0
        self.fronts: dict[str, int] = dict.fromkeys(config.ways.lines, 0)
        """Fronts that went forward over each line, less those that came back."""

    @property
    def lines(self) -> dict[str, Line]:
        """Those drawn, in pictures of the last size."""
        return self._ground.lines

    def of(self, track: Track) -> Whereabouts:
        return self._of.get(track.number, Whereabouts(0))

    def own(self, tracks: Sequence[Track]) -> list[Track]:
        """Those of this lane."""
        return [t for t in tracks if self.of(t).own]

    def inside(self, box: Box, width: int, height: int) -> bool:
        """Whether what stands there is this lane's, for all that one picture tells."""
        x1, y1, x2, y2 = self._config.zone
        x, y = (box[0] + box[2]) / 2 / width, (box[1] + box[3]) / 2 / height
        drawn = self._drawn(width, height)
        in_area = not drawn.areas or drawn.area(box) != ""
        return in_area and x1 <= x <= x2 and y1 <= y <= y2

    def update(
        self, seen: Sequence[Track], tracks: Sequence[Track], now: float, width: int, height: int
    ) -> list[tuple[Track, Crossed]]:
        """`seen` in this picture, of all `tracks`; what this lane's vehicles have crossed."""
        drawn, crossed = self._drawn(width, height), []
        alive = {t.number for t in tracks}
        self._of = {n: where for n, where in self._of.items() if n in alive}
        for track in seen:
            disturbed = any(_before(other.box, track.box) for other in seen if other is not track)
            where = self._seen(track, drawn, now, disturbed, width, height)
            where, over = self._over(track, where, drawn, seen)
            self._of[track.number] = replace(where, at=now)
            # Behind the arm the lane's areas may end; it is still this lane's vehicle.
            if where.was_own:
                crossed += [(track, one) for one in over]
        for _, one in crossed:
            self.fronts[one.line] += one.counts
        self._moved_apart([t for t in seen if self.of(t).movement.known])
        self._wait(tracks, now)
        return crossed

    def _drawn(self, width: int, height: int) -> Ground:
        if self._size != (width, height):
            self._ground, self._size = ground(self._config.ways, width, height), (width, height)
        return self._ground

    def _seen(
        self, track: Track, drawn: Ground, now: float, disturbed: bool, width: int, height: int
    ) -> Whereabouts:
        box, old = track.box, self._of.get(track.number)
        mine = self.inside(box, width, height)
        where = old or Whereabouts(VOTES if mine else -VOTES)
        votes = max(-VOTES, min(VOTES, where.votes + (1 if mine else -1)))
        area = drawn.area(box)
        if "waiting" in drawn.areas:
            at_barrier = area == "waiting"
        else:
            at_barrier = area != "exit" and box[3] >= self._config.stop_line * height
        movement = where.movement
        if drawn.travel is not None:
            along = drawn.along(box)
            seen = movement.hidden(now) if disturbed else movement.seen(now, along, size(box))
            movement = seen
        return replace(
            where,
            votes=votes,
            was_own=where.was_own or votes > 0,
            area=area,
            at_barrier=at_barrier,
            movement=movement,
            waiting=_waiting(where.waiting, at_barrier, now),
        )

    def _over(
        self, track: Track, where: Whereabouts, drawn: Ground, seen: Sequence[Track]
    ) -> tuple[Whereabouts, list[Crossed]]:
        """Which lines it has crossed since it was last seen."""
        found: list[Crossed] = []
        places = dict(where.places)
        steady = UNSTEADY if track.seen < FEW or 0 < where.at < track.at - GAP_S else 1.0
        for name, line in drawn.lines.items():
            old = places.get(name)
            if old is None:
                places[name] = place(line, track.box)
                continue
            places[name], over = moved(name, line, old, track.box, steady)
            behind = [
                other.box for other in seen if other is not track and self._joined(track, other)
            ]
            found += [with_doubt(one, track.box, line, behind) for one in over]
        return replace(where, places=places), found

    def _joined(self, track: Track, other: Track) -> bool:
        """Whether the other may be a trailer of this one, for all that is known."""
        if other.number in self.of(track).apart_from:
            return False
        a, b = track.said, other.said
        return a is None or b is None or not unlike(a.text, b.text)

    def _moved_apart(self, seen: Sequence[Track]) -> None:
        """Notes of which two one has driven while the other stood: no tractor and trailer do."""
        shifts = {t.number: self.of(t).movement.shift / size(t.box) for t in seen}
        for a in seen:
            for b in seen:
                if abs(shifts[a.number]) > DROVE and abs(shifts[b.number]) < STOOD:
                    for one, other in ((a, b), (b, a)):
                        where = self.of(one)
                        apart = where.apart_from | {other.number}
                        self._of[one.number] = replace(where, apart_from=apart)

    def _wait(self, tracks: Sequence[Track], now: float) -> None:
        """The length of the queue, once it has stood for a moment."""
        count = sum(
            self.of(t).own and self.of(t).area in ("approach", "waiting") and t.seen > 1
            for t in tracks
        )
        if count != self._queue:
            self._queue, self._queue_at = count, now
        if now - self._queue_at >= QUEUE_STEADY_S:
            self.queue = count


def _waiting(
    old: tuple[float, float] | None, at_barrier: bool, now: float
) -> tuple[float, float] | None:
    if at_barrier:
        return (now if old is None else old[0]), now
    return old if old is not None and now - old[1] <= LEFT_S else None


def _before(other: Box, box: Box) -> bool:
    """Whether the other stands before the vehicle and hides its lower part."""
    return other[3] > box[3] and overlap(other, box) > 0 and _hides_foot(other, box)


def _hides_foot(other: Box, box: Box) -> bool:
    x = (box[0] + box[2]) / 2
    return other[0] <= x <= other[2] and other[1] <= box[3]
