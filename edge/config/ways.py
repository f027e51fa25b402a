"""[lanes.<name>.camera.ways]: where in a camera's picture vehicles drive, wait and leave."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from edge.config.section import Name, Section

Fraction = Annotated[float, Field(ge=0, le=1)]
"""Share of the picture's width or height."""

Corner = tuple[Fraction, Fraction]
Stretch = tuple[Fraction, Fraction, Fraction, Fraction]
"""From x1, y1 to x2, y2."""

ARM = "arm"
"""The line under the arm: crossings of it are evidence for the guard."""

MOST_CORNERS = 20
MOST_LINES = 8
SMALLEST_AREA = 0.002
"""Share of the picture; a smaller polygon is a slip of the hand."""

SHORTEST = 0.02
"""Shortest arrow or line, as a share of the picture."""


def _polygon(corners: tuple[Corner, ...]) -> tuple[Corner, ...]:
    if not corners:
        return corners
    if not 3 <= len(corners) <= MOST_CORNERS:
        raise ValueError(
            f"a polygon has 3 to {MOST_CORNERS} corners [x, y]; see them by `gate vision zones`"
        )
    sides = list(zip(corners, (*corners[1:], corners[0]), strict=True))
    for i, (a, b) in enumerate(sides):
        for c, d in sides[i + 2 : len(sides) - (i == 0)]:
            if _cross(a, b, c, d):
                raise ValueError("the polygon's sides cross; give its corners in their order")
    if abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in sides)) / 2 < SMALLEST_AREA:
        raise ValueError("the polygon has no area; correct its corners")
    return corners


def _cross(a: Corner, b: Corner, c: Corner, d: Corner) -> bool:
    """Whether the stretch from a to b and that from c to d have a point in common."""
    return _turns(a, b, c) * _turns(a, b, d) <= 0 and _turns(c, d, a) * _turns(c, d, b) <= 0


def _turns(a: Corner, b: Corner, c: Corner) -> float:
    """Above 0 where c lies to one side of the line through a and b, below on the other."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _long_enough(stretch: Stretch) -> Stretch:
    x1, y1, x2, y2 = stretch
    if max(abs(x2 - x1), abs(y2 - y1)) < SHORTEST:
        raise ValueError("its two ends [x1, y1, x2, y2] are one point; draw it longer")
    return stretch


Polygon = Annotated[tuple[Corner, ...], AfterValidator(_polygon)]
Drawn = Annotated[Stretch, AfterValidator(_long_enough)]


class WaysConfig(Section):
    """All in fractions 0..1 of the picture; `gate vision zones` draws them. `approach`, `waiting`,
    `exit`: polygons on the ground, [[x, y], ...]: where vehicles of this lane come, wait at the
    barrier, and leave behind it. Where any is given, a vehicle whose foot (middle of its lower
    edge) lies in none of them is a neighbour's; `waiting` then takes the place of `stop_line`.
    `travel`: an arrow [x1, y1, x2, y2] along which vehicles drive. `lines`: by name, the two ends
    of lines on the ground whose crossings are counted; the one called `arm` lies under the arm."""

    approach: Polygon = ()
    waiting: Polygon = ()
    exit: Polygon = ()
    travel: Drawn | None = None
    lines: dict[Name, Drawn] = Field({}, max_length=MOST_LINES)

    @property
    def areas(self) -> dict[str, tuple[Corner, ...]]:
        """The polygons that are given, by name."""
        named = {"approach": self.approach, "waiting": self.waiting, "exit": self.exit}
        return {name: corners for name, corners in named.items() if corners}

    @property
    def given(self) -> bool:
        """Whether anything is drawn."""
        return bool(self.areas or self.travel or self.lines)

    @model_validator(mode="after")
    def _lines_have_a_direction(self) -> Self:
        if self.lines and self.travel is None:
            raise ValueError(
                "lines: which way one is crossed is not known without travel; add it, [x1, y1, "
                "x2, y2] from where vehicles come to where they go"
            )
        for name, (x1, y1, x2, y2) in self.lines.items():
            a, b, c, d = self.travel or (0.0, 0.0, 0.0, 0.0)
            along = (x2 - x1) * (c - a) + (y2 - y1) * (d - b)
            across = (x2 - x1) * (d - b) - (y2 - y1) * (c - a)
            if abs(across) < abs(along) / 4:
                raise ValueError(
                    f"lines.{name}: runs along the travel; draw it across the way, from kerb to "
                    "kerb"
                )
        return self


GRID = 60
"""Points a side with which pictures are searched for ground that two lanes share."""


def share_ground(one: WaysConfig, other: WaysConfig) -> bool:
    """Whether an area of the one overlaps one of the other; they may touch."""
    points = [((x + 0.5) / GRID, (y + 0.5) / GRID) for x in range(GRID) for y in range(GRID)]
    mine, theirs = one.areas.values(), other.areas.values()
    return any(
        any(_inside(p, a) for a in mine) and any(_inside(p, a) for a in theirs) for p in points
    )


def _inside(at: Corner, corners: tuple[Corner, ...]) -> bool:
    (x, y), found = at, False
    for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            found = not found
    return found
