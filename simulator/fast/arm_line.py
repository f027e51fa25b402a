"""A camera beside the arm in virtual time: it tells of whoever goes over the line under it, of his
front and then of the whole of him with his rear, as edge/vision does where a line is drawn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from edge.config.ways import ARM
from edge.domain.facts import LinePassed, VisionFact
from simulator.world import Mood, Road, Vehicle

SIDE = "side"
SURE = 0.97


class ArmLine:
    """`lanes`: those that have one."""

    def __init__(self, roads: Mapping[str, Road], lanes: Collection[str]) -> None:
        self._roads, self._lanes = roads, sorted(lanes)
        self._fronts = dict.fromkeys(self._lanes, 0)
        self._over: dict[tuple[str, int], tuple[bool, bool]] = {}

    def look(
        self, number_of: Callable[[Vehicle], int], report: Callable[[VisionFact], None], now: float
    ) -> None:
        """One frame. Who comes into the lane beyond the line has not gone over it."""
        seen: dict[tuple[str, int], tuple[bool, bool]] = {}
        for lane in self._lanes:
            for v in self._roads[lane].vehicles:
                if v.mood is Mood.ASIDE or v.look.kind == "pedestrian":
                    continue
                key = (lane, number_of(v))
                over = seen[key] = (v.front > 0, v.back > 0)
                before = self._over.get(key, over)
                for whole in (False, True):
                    if over[whole] == before[whole]:
                        continue
                    forward = over[whole]
                    if not whole:
                        self._fronts[lane] += 1 if forward else -1
                    track, fronts = f"{SIDE}-{key[1]}", self._fronts[lane]
                    report(LinePassed(lane, track, ARM, forward, whole, SURE, fronts, now, SIDE))
        self._over = seen
