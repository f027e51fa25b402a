"""Who comes in a fast run: a vehicle, what is declared of it, and what must become of it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from edge.domain.plate import parse
from simulator.declaring import assignment_item
from simulator.fast.readings import Expected, drawn
from simulator.plates.inventing import Invented, invent
from simulator.world import Driver, Look, Vehicle
from simulator.world.shapes import Shape

if TYPE_CHECKING:
    from simulator.fast.day import Day

GREY = (90, 90, 90)
LENGTHS = {"truck": (7.0, 12.0), "bus": (9.0, 12.0), "car": (4.0, 4.8), "motorcycle": (2.0, 2.2)}


class Fate(StrEnum):
    """What must become of a vehicle, by the truth."""

    PASSES = "passes"
    """it crosses, admitted by the gate or a person"""
    STAYS = "stays"
    """nobody admits it; if it crosses all the same, that is told"""
    FREE = "free"
    """its driver decides; only the figures that hold for all are looked at"""


@dataclass(slots=True, eq=False)
class Guest:
    """`person_admits`: what the person in the booth says if asked, who sees vehicle and papers.
    `assignment`: the id that it may use, "" for none. `number`: its own, in order of its making.
    `names`: under which it may be recorded, where not those of its case and fate."""

    vehicle: Vehicle
    plate: Invented
    number: int
    fate: Fate
    expected: Mapping[str, Expected]
    person_admits: bool
    assignment: str = ""
    names: frozenset[str] = frozenset()


Condition = Callable[["Day"], bool]
Action = Callable[["Day"], None]
Step = tuple[Condition, Action]
Check = Callable[["Day"], list[str]]


@dataclass(slots=True)
class Beside:
    """Steps that wait for nobody else's: a fault's beginning and its end."""

    steps: list[Step]
    begun: bool = False

    def go_on(self, day: Day) -> None:
        while self.steps and self.steps[0][0](day):
            self.begun = True
            self.steps.pop(0)[1](day)

    @property
    def under_way(self) -> bool:
        return self.begun and bool(self.steps)


@dataclass(slots=True, eq=False)
class Visit:
    """One case as it is played: its guests come in this order, but for those who come `later` in a
    step; `items` are declared as the first comes. `steps`: what happens besides, one after the
    other, each as soon as its condition holds. `beside`: sequences of their own. `checks`: what
    must be true in the end, besides the fates. `alone`: nobody comes after them until they are
    gone. `last_s`: so long after its beginning somebody may still come."""

    case: str
    guests: list[Guest]
    items: list[dict[str, Any]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    beside: list[Beside] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    alone: bool = False
    last_s: float = 0.0
    later: Sequence[Guest] = ()
    lane: str = ""
    began: float = 0.0
    ended: float = math.inf


class Makes:
    """Makes guests and their items for a lane, seeded. `wall`: the gate's time; `numbers`: of the
    day's guests."""

    def __init__(
        self,
        lane: str,
        direction: str,
        rng: random.Random,
        wall: Callable[[], datetime],
        numbers: Iterator[int],
    ) -> None:
        self.lane, self.direction, self.rng, self._wall = lane, direction, rng, wall
        self._numbers = numbers
        self._items = 0
        self._given: set[str] = set()

    def plate(self, country: str | None = None, kind: str | None = None) -> Invented:
        """One that nobody has yet."""
        country = country or ("VN" if self.rng.random() < 0.6 else "CN")
        kind = kind or ("car" if country == "VN" else "standard")
        while True:
            plate = invent(self.rng, country, kind)
            format_ = parse(plate.text)
            other_kind = kind != "trailer" and format_ is not None and format_.kind == "trailer"
            if plate.text not in self._given and not other_kind:
                self._given.add(plate.text)
                return plate

    def guest(
        self,
        fate: Fate = Fate.PASSES,
        kind: str = "truck",
        driver: Driver | None = None,
        plate: Invented | None = None,
        shape: Shape = (),
        expected: Expected | None = None,
        assignment: str = "",
        person_admits: bool | None = None,
        **more: Any,
    ) -> Guest:
        """One vehicle. `expected`: what is read of it, by chance where not given."""
        rng = self.rng
        plate = plate or self.plate()
        number = next(self._numbers)
        length = shape[-1].rear if shape else rng.uniform(*LENGTHS[kind])
        colour = "yellow" if kind in ("truck", "bus") else plate.colour
        look = Look(kind, GREY, number, plate.text, plate.country, colour, plate.lines)
        passes = fate is Fate.PASSES
        patience = 60.0 if passes else 20.0
        vehicle = Vehicle(
            look, length, passes, driver or Driver(patience_s=patience), shape, **more
        )
        reading = expected if expected is not None else drawn(plate.text, rng)
        admits = passes if person_admits is None else person_admits
        return Guest(vehicle, plate, number, fate, {"front": reading}, admits, assignment)

    def item_for(self, guest: Guest, **change: Any) -> dict[str, Any]:
        """The assignment on which he may pass."""
        item = self.item(guest.plate, guest.vehicle.look.kind, **change)
        guest.assignment = str(item["assignment_id"])
        return item

    def item(self, plate: Invented, kind: str = "truck", **change: Any) -> dict[str, Any]:
        """A cleared assignment for this lane; `change`: what of it is otherwise, `clear` the states
        of authorities, `trailer` one more plate, `tractors` several, `from_s` and `to_s` its
        validity in seconds from now."""
        self._items += 1
        tractors = change.pop("tractors", (plate,))
        trailer = change.pop("trailer", None)
        return assignment_item(
            f"A-{self.lane}-{plate.text}-{self._items}",
            self.lane,
            change.pop("direction", self.direction),
            kind,
            [(p.text, p.country) for p in tractors],
            self._wall(),
            [] if trailer is None else [(trailer.text, trailer.country)],
            **change,
        )


def revised(item: Mapping[str, Any], **change: Any) -> dict[str, Any]:
    """The next revision of an item."""
    return {**item, "revision": int(item["revision"]) + 1, **change}


def with_trailer(guest: Guest, plate: str, reading: Expected) -> Guest:
    """The same with a trailer whose plate is seen too."""
    guest.vehicle.trailer_plate = plate
    guest.expected = {**guest.expected, "trailer": reading}
    return guest
