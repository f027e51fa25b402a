"""PURE. Areas, lines and the travel in a picture, in pixels; and where a vehicle's box stands.

A vehicle stands on the ground at its foot, the middle of its lower edge. All of it lies within its
box; so once the last corner of the box is over a line, nothing of the vehicle is before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from edge.config.ways import Corner, Stretch, WaysConfig
from edge.vision.detection import Box

Point = tuple[float, float]

EDGE = 0.1
"""Share of the picture by which an area that ends at its edge goes on."""


def foot(box: Box) -> Point:
    return (box[0] + box[2]) / 2, box[3]


def size(box: Box) -> float:
    """The mean side of the box, pixels; at least 1."""
    return max(1.0, (box[2] - box[0] + box[3] - box[1]) / 2)


def inside(at: Point, corners: Sequence[Point]) -> bool:
    """Whether the point lies in the polygon."""
    (x, y), found = at, False
    for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            found = not found
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """Two ends, `ahead` +1 or -1: the side on which who has crossed it forward is."""

    a: Point
    b: Point
    ahead: int

    def beyond(self, at: Point) -> float:
        """Pixels by which the point is over the line, forward; negative before it."""
        (x1, y1), (x2, y2) = self.a, self.b
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        side = ((x2 - x1) * (at[1] - y1) - (y2 - y1) * (at[0] - x1)) / length
        return self.ahead * side

    def spans(self, at: Point) -> bool:
        """Whether the point lies between the line's ends, seen along it."""
        (x1, y1), (x2, y2) = self.a, self.b
        dx, dy = x2 - x1, y2 - y1
        return 0 <= ((at[0] - x1) * dx + (at[1] - y1) * dy) / (dx * dx + dy * dy) <= 1

    def ends(self, box: Box) -> tuple[float, float]:
        """How far beyond the line the hindmost and the foremost corner of the box are."""
        x1, y1, x2, y2 = box
        reached = [self.beyond(corner) for corner in ((x1, y1), (x2, y1), (x1, y2), (x2, y2))]
        return min(reached), max(reached)


@dataclass(frozen=True, slots=True)
class Ground:
    """What is drawn for one lane in pictures of one size. `travel`: of length 1, or None."""

    areas: dict[str, tuple[Point, ...]] = field(default_factory=dict)
    travel: Point | None = None
    lines: dict[str, Line] = field(default_factory=dict)

    def area(self, box: Box) -> str:
        """The area in which the box stands, or ""; the first of those that overlap."""
        at = foot(box)
        return next((name for name, corners in self.areas.items() if inside(at, corners)), "")

    def along(self, box: Box) -> float:
        """How far along the travel the box stands, pixels; 0 where no travel is drawn."""
        x, y = foot(box)
        return 0.0 if self.travel is None else x * self.travel[0] + y * self.travel[1]


def ground(ways: WaysConfig, width: int, height: int) -> Ground:
    """The ways in pictures of that size. An area that ends at the picture's edge goes on beyond it:
    a vehicle cut there stands on the edge."""
    areas = {
        name: tuple((_beyond(x, width), _beyond(y, height)) for x, y in corners)
        for name, corners in ways.areas.items()
    }
    if ways.travel is None:
        return Ground(areas)
    (x1, y1), (x2, y2) = _scaled(ways.travel, width, height)
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    travel = (x2 - x1) / length, (y2 - y1) / length
    lines = {
        name: _line(*_scaled(stretch, width, height), travel)
        for name, stretch in ways.lines.items()
    }
    return Ground(areas, travel, lines)


def _beyond(share: float, side: int) -> float:
    if share <= 0:
        return -EDGE * side
    return (1 + EDGE) * side if share >= 1 else share * side


def _scaled(stretch: Stretch, width: int, height: int) -> tuple[Corner, Corner]:
    x1, y1, x2, y2 = stretch
    return (x1 * width, y1 * height), (x2 * width, y2 * height)


def _line(a: Point, b: Point, travel: Point) -> Line:
    across = (b[0] - a[0]) * travel[1] - (b[1] - a[1]) * travel[0]
    return Line(a, b, 1 if across > 0 else -1)
