"""A camera beside the arm in virtual time: it tells of whoever goes over the line under it, or over
one on the way there, of his front and then of the whole of him with his rear, as edge/vision does
where lines are drawn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from edge.config.ways import ARM
from edge.domain.facts import LinePassed, VisionFact
from simulator.world import Mood, Road, Vehicle

SIDE = "side"
APPROACH = "approach"
LINES = {ARM: 0.0, APPROACH: -20.0}
"""Places of the lines that are drawn."""

SURE = 0.97


class ArmLine:
    """`lanes`: those that have one."""

    def __init__(self, roads: Mapping[str, Road], lanes: Collection[str]) -> None:
        self._roads, self._lanes = roads, sorted(lanes)
        self._fronts = {(lane, line): 0 for lane in self._lanes for line in LINES}
        self._over: dict[tuple[str, int, str], tuple[bool, bool]] = {}

    def look(
        self, number_of: Callable[[Vehicle], int], report: Callable[[VisionFact], None], now: float
    ) -> None:
        """One frame. Who comes into the lane beyond a line has not gone over it."""
        seen: dict[tuple[str, int, str], tuple[bool, bool]] = {}
        for lane in self._lanes:
            for v in self._roads[lane].vehicles:
                if v.mood is Mood.ASIDE or v.look.kind == "pedestrian":
                    continue
                for line, at in LINES.items():
                    key = (lane, number_of(v), line)
                    seen[key] = (v.front > at, v.back > at)
                    self._tell(key, seen[key], report, now)
        self._over = seen

    def _tell(
        self,
        key: tuple[str, int, str],
        over: tuple[bool, bool],
        report: Callable[[VisionFact], None],
        now: float,
    ) -> None:
        lane, number, line = key
        before = self._over.get(key, over)
        for whole in (False, True):
            if over[whole] == before[whole]:
                continue
            forward = over[whole]
            if not whole:
                self._fronts[lane, line] += 1 if forward else -1
            track, fronts = f"{SIDE}-{number}", self._fronts[lane, line]
            report(LinePassed(lane, track, line, forward, whole, SURE, fronts, now, SIDE))
