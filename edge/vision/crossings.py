"""PURE. Vehicles that go over a line in the picture: counted once each, with their direction.

A vehicle is before the line, on it or over it, with a margin for boxes that tremble. Its front has
crossed when it comes from before on to the line; it has gone over it when all of its box is.

How sure a crossing is: a vehicle first seen on the line may have come from anywhere, and one that
follows closely may be its own trailer, unless the two have moved apart or have plates of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from edge.vision.detection import Box
from edge.vision.geometry import Line, foot, size

MARGIN = 0.04
"""Share of a vehicle's size by which it must be clear of the line."""

SURE = 0.95
FOUND_ON_LINE = 0.5
"""How sure the direction of a vehicle is that was first seen on the line."""

UNSTEADY = 0.8
"""Factor for a vehicle that was seen a few times only, or was unseen meanwhile."""

FEW = 6
GAP_S = 0.6
CLOSELY = 0.6
"""Share of its size within which a box behind a vehicle may be its own trailer."""

MAY_BE_TRAILER = 0.5
"""How sure it is then that the first box's rear is the vehicle's."""


class Side(StrEnum):
    BEFORE = "before"
    ON = "on"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a vehicle is against a line. `came_from`: the side on which all of it was last, or
    None."""

    side: Side
    came_from: Side | None


@dataclass(frozen=True, slots=True)
class Crossed:
    """`whole`: the rear has crossed too; `forward`, or back. `counts`: what it adds to the fronts
    that have gone forward, less those that came back."""

    line: str
    forward: bool
    whole: bool
    sure: float
    counts: int = 0


def place(line: Line, box: Box) -> Place:
    """Of a vehicle that is seen for the first time."""
    hind, fore = line.ends(box)
    if fore < 0:
        return Place(Side.BEFORE, Side.BEFORE)
    return Place(Side.OVER, Side.OVER) if hind > 0 else Place(Side.ON, None)


def moved(
    name: str, line: Line, old: Place, box: Box, steady: float
) -> tuple[Place, list[Crossed]]:
    """The place after another sight, and what that has crossed. `steady`: how sure the track is."""
    now = _side(line, old.side, box)
    if now is old.side:
        return old, []
    found: list[Crossed] = []
    if old.side is Side.BEFORE:
        found.append(Crossed(name, True, False, SURE * steady, 1))
    if now is not Side.ON:
        found += _whole(name, old, now, steady)
    came_from = old.came_from if now is Side.ON else now
    return Place(now, came_from), found if line.spans(foot(box)) else []


def _side(line: Line, old: Side, box: Box) -> Side:
    """The side changes when the box is clear of the line by the margin, not when it trembles."""
    hind, fore = line.ends(box)
    margin = MARGIN * size(box)
    over = hind > (-margin if old is Side.OVER else margin)
    before = fore < (margin if old is Side.BEFORE else -margin)
    if over == before:
        return Side.ON
    return Side.OVER if over else Side.BEFORE


def _whole(name: str, old: Place, now: Side, steady: float) -> list[Crossed]:
    """What one has done that is now all on one side of the line."""
    forward = now is Side.OVER
    if old.came_from is None:
        return [Crossed(name, forward, True, FOUND_ON_LINE * steady, int(forward))]
    if forward and old.came_from is now:
        # On to the line from behind and off again the same way: it has been counted.
        return []
    return [Crossed(name, forward, True, SURE * steady, 0 if forward else -1)]


def with_doubt(crossed: Crossed, box: Box, line: Line, behind: Sequence[Box]) -> Crossed:
    """`behind`: boxes that may be this vehicle's own trailers."""
    if not crossed.whole or not crossed.forward:
        return crossed
    reach = -CLOSELY * size(box)
    near = (line.ends(other) for other in behind)
    if any(hind <= 0 and fore > reach for hind, fore in near):
        return replace(crossed, sure=min(crossed.sure, MAY_BE_TRAILER))
    return crossed
