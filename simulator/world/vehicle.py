"""A vehicle: how it looks, what it is made of, and how its driver behaves."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from simulator.world.places import COMES_FROM, GAP_M
from simulator.world.shapes import Shape, block

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """What a vehicle looks like; the same look gives the same picture."""

    kind: str
    paint: Colour
    seed: int
    plate: str
    country: str
    colour: str
    lines: int


@dataclass(slots=True)
class Driver:
    """How he drives; places are of his vehicle's front. `follows_m`: the gap he keeps.
    `ignores_light`: through whatever arm stands open, as a tailgater does. `patience_s`: waiting
    at the line, then he gives up; `turns_back_s`: then he turns back of his own accord;
    `makes_way_s`: then he leaves to the side, for who stands behind him. `reaction_s`: from
    green to his start. `stops`: (place, seconds) of a halt on his way; `turns_back_at`: the place
    where he, once let in, reverses out. `breaks_through_s`: waiting, then he drives through the
    closed arm. `against`: he comes from the other side, as soon as the arm is up and nobody is in
    his way."""

    follows_m: float = GAP_M
    ignores_light: bool = False
    patience_s: float = 20.0
    turns_back_s: float = math.inf
    makes_way_s: float = math.inf
    reaction_s: float = 0.6
    stops: tuple[float, float] | None = None
    turns_back_at: float = math.inf
    breaks_through_s: float = math.inf
    against: bool = False


class Mood(StrEnum):
    """What a driver is about."""

    FORWARD = "forward"
    REVERSING = "reversing"
    ASIDE = "aside"
    """he leaves the lane beside the queue; no sensor notices him any more"""


@dataclass(slots=True, eq=False)
class Vehicle:
    """`assigned`: the truth: may it pass here. `in_beam`: it crosses the photocell's beam, and does
    not pass beside it; `under_arm`: it must go under the arm, and not around it. `case`: which
    awkward case it belongs to, for reports. The rest is the world's."""

    look: Look
    length: float
    assigned: bool
    driver: Driver = field(default_factory=Driver)
    shape: Shape = ()
    in_beam: bool = True
    under_arm: bool = True
    case: str = ""
    trailer_plate: str = ""
    front: float = COMES_FROM
    mood: Mood = Mood.FORWARD
    waited: float = 0.0
    green_for: float = 0.0
    stopped_for: float = 0.0
    aside_for: float = 0.0
    moving: bool = False
    speed: float = 0.0
    brakes: bool = False
    crossed: bool = False
    gone: bool = False
    lost_patience: bool = False
    arrived_at: float | None = None
    stood_at: float | None = None
    opened_at: float | None = None
    entered_at: float | None = None
    entered_as: tuple[int, int, bool] = (0, 0, False)
    met: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.shape = self.shape or block(self.look.kind, self.length)

    @property
    def back(self) -> float:
        return self.front - self.length

    def parts_over(self, start: float, end: float) -> list[int]:
        """Which of its parts lie over that stretch."""
        return [
            n
            for n, part in enumerate(self.shape)
            if self.front - part.rear < end and self.front - part.front > start
        ]
