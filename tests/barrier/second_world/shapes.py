"""Vehicles as shapes: parts along their length, each with a floor and a roof. Metres.

A part reaches from `front` to `rear`, measured backwards from the foremost point. What has its
floor high above the road is not seen by a loop, and a beam passes under it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random


@dataclass(frozen=True, slots=True)
class Part:
    front: float
    rear: float
    floor: float
    roof: float
    metal: bool = True


@dataclass(frozen=True, slots=True)
class Shape:
    """`near`: how far its side is from the arm's post. `gap`: the longest stretch of it that lies
    too high for a loop."""

    name: str
    parts: tuple[Part, ...]
    near: float
    gap: float = 0.0
    length: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", self.parts[-1].rear)


def car(dice: Random) -> Shape:
    length = dice.uniform(3.6, 5.0)
    roof = dice.uniform(1.4, 1.9)
    parts = (
        Part(0, length * 0.28, 0.2, roof * 0.6),
        Part(length * 0.28, length * 0.85, 0.2, roof),
        Part(length * 0.85, length, 0.25, roof * 0.65),
    )
    return Shape("car", parts, dice.uniform(0.6, 1.2))


def motorcycle(dice: Random) -> Shape:
    parts = (Part(0, 0.5, 0.0, 0.9), Part(0.5, 1.6, 0.1, 1.6), Part(1.6, 2.0, 0.0, 0.9))
    return Shape("motorcycle", parts, dice.uniform(0.8, 2.5))


def bus(dice: Random) -> Shape:
    length = dice.uniform(8.0, 13.0)
    return Shape("bus", (Part(0, length, 0.35, 3.2),), dice.uniform(0.5, 0.8))


def lorry(dice: Random) -> Shape:
    length = dice.uniform(6.5, 9.5)
    parts = (
        Part(0, 2.1, 0.3, dice.uniform(2.4, 3.0)),
        Part(2.1, length, 0.55, dice.uniform(2.8, 4.0)),
    )
    return Shape("lorry", parts, dice.uniform(0.5, 0.8))


def drawbar(dice: Random) -> Shape:
    """A lorry that draws a trailer by a thin bar, which neither loop nor beam sees."""
    first = dice.uniform(6.5, 8.5)
    bar = dice.uniform(0.6, 2.4)
    trailer = dice.uniform(5.0, 8.0)
    parts = (
        Part(0, 2.1, 0.3, 2.9),
        Part(2.1, first, 0.55, 3.6),
        Part(first, first + bar, 0.45, 0.55, metal=False),
        Part(first + bar, first + bar + trailer, 0.5, 3.6),
    )
    return Shape("drawbar", parts, dice.uniform(0.5, 0.8), bar)


def semi(dice: Random) -> Shape:
    """A tractor with a high trailer: between its axles there is nothing below 1.25 m."""
    tractor = dice.uniform(5.4, 6.2)
    gap = dice.uniform(2.0, 4.2)
    axles = dice.uniform(3.0, 4.5)
    parts = (
        Part(0, 2.4, 0.3, 3.2),
        Part(2.4, tractor, 0.4, 3.9),
        Part(tractor, tractor + gap, 1.25, 4.0),
        Part(tractor + gap, tractor + gap + axles, 0.4, 4.0),
    )
    return Shape("semi", parts, dice.uniform(0.5, 0.8), gap)


def pedestrian(dice: Random) -> Shape:
    part = Part(0, 0.45, 0.0, dice.uniform(1.5, 1.85), metal=False)
    return Shape("pedestrian", (part,), dice.uniform(0.6, 3.0))


LONGEST_GAP_M = 4.2
"""Of those below, in their middle."""

VEHICLES = (car, motorcycle, bus, lorry, drawbar, semi)
