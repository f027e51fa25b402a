"""Who comes, when, and with what in mind."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from tests.barrier.second_world.drivers import BEGINS_M, Vehicle
from tests.barrier.second_world.shapes import VEHICLES, Shape, pedestrian

if TYPE_CHECKING:
    from tests.barrier.second_world.site import Site

MINDS = {
    "orderly": 0.62,
    "queues": 0.08,
    "stands": 0.08,
    "turns": 0.06,
    "tailgates": 0.05,
    "bumper": 0.05,
    "dawdles": 0.06,
}


@dataclass
class Traffic:
    """`count` vehicles; `minds`: shares of what they are up to."""

    count: int = 40
    minds: dict[str, float] = field(default_factory=lambda: dict(MINDS))
    kinds: tuple[object, ...] = VEHICLES
    headway_s: tuple[float, float] = (0.0, 12.0)
    come: int = 0
    done: bool = False

    def begin(self, site: Site, dice: Random) -> None:
        self._site, self._dice = site, dice
        site.world.after(dice.uniform(1, 4), self._next)

    def _next(self) -> None:
        site, dice = self._site, self._dice
        site.world.settle()
        vehicles = site.vehicles
        if self.come >= self.count:
            if not vehicles:
                self.done = True
            site.world.after(1.0, self._next)
            return
        last = vehicles[-1] if vehicles else None
        if last is not None and (last.rear < BEGINS_M + 1.5 or last.turns_at is not None):
            site.world.after(0.5, self._next)
            return
        mind = dice.choices(list(self.minds), list(self.minds.values()))[0]
        shape = dice.choice(self.kinds)(dice)
        v = self._driver(mind, shape, last is not None)
        self.come += 1
        v.name = f"v{self.come}"
        v.born_at = site.world.t
        vehicles.append(v)
        wait = dice.uniform(*self.headway_s)
        if self._dice.random() < 0.3:
            wait = 0.3
        site.world.after(wait, self._next)
        site.monitor.note(f"{v.name} comes: {mind} {shape.name} {shape.length:.1f} m")

    def intrude(self) -> None:
        """Somebody comes in now, whoever waits or a stranger out of the dark, lamp or no lamp."""
        site, dice = self._site, self._dice
        for v in site.vehicles:
            if v.rear > 0.5 and not v.turning:
                continue
            if -9 < v.x < -0.3 and not v.turning and not v.follows:
                self._embolden(v)
                site.monitor.note(f"{v.name} comes in, bold")
            return
        kind = pedestrian if dice.random() < 0.15 else dice.choice(self.kinds)
        shape = kind(dice)
        v = self._driver("orderly", shape, False)
        v.name, v.x, v.mind = f"i{site.monitor.closings}", -dice.uniform(2.5, 8.0), "intrudes"
        v.born_at = site.world.t
        if dice.random() < 0.15 and not site.vehicles:
            v.x, v.turning, v.mind = shape.length + dice.uniform(2.5, 6.0), True, "wrong way"
            v.v, v.dares = -dice.uniform(1.0, 3.0), dice.uniform(0.3, 0.85)
            site.vehicles.append(v)
            site.monitor.note(f"{v.name} comes from the other side: {shape.name}")
            return
        self._embolden(v)
        site.vehicles.append(v)
        site.monitor.note(f"{v.name} comes in, bold: {shape.name}")

    def _embolden(self, v: Vehicle) -> None:
        """It will be under the arm before that is half way down, and may stand there."""
        dice = self._dice
        in_s = dice.uniform(0.2, 0.7 * self._site.arm.make.down_s)
        v.v = max(v.v, min(3.5, -v.x / in_s))
        v.speed = max(v.speed, v.v)
        v.went, v.bold, v.wary_s = True, True, 60.0
        v.dares = dice.uniform(0.3, 0.85)
        if dice.random() < 0.7:
            v.stops.insert(0, (dice.uniform(0.2, 3.0), dice.uniform(1.0, 10.0)))

    def _driver(self, mind: str, shape: Shape, somebody: bool) -> Vehicle:
        dice = self._dice
        v = Vehicle(
            "",
            shape,
            speed=dice.uniform(1.2, 4.0),
            wait_at=-dice.uniform(2.2, 3.5),
            gap=dice.uniform(7.0, 10.0),
            wary_s=dice.uniform(0.4, 1.2),
        )
        if mind == "queues":
            v.gap = dice.uniform(1.0, 3.0)
        elif mind == "stands":
            place = dice.choice((-4.0, dice.uniform(-0.3, 2.0), dice.uniform(0.5, shape.length)))
            v.stops = [(place, dice.choice((2.0, 8.0, 30.0)))]
        elif mind == "breaks":
            v.breaks_through, v.speed = True, dice.uniform(2.0, 5.0)
        elif mind == "creeps":
            # Slowly through a closed arm; the next one comes to the entry loop meanwhile.
            v.breaks_through, v.speed, v.gap = True, dice.uniform(0.8, 1.8), dice.uniform(5.0, 8.0)
        elif mind == "presses":
            v.speed, v.gap = 4.0, dice.uniform(5.0, 8.0)
        elif mind == "dawdles":
            # Its rear has left the entry loop and stands under the arm: others close up behind it.
            v.stops = [(shape.length - dice.uniform(-0.6, 0.8), dice.choice((3.0, 8.0, 15.0)))]
        elif mind == "turns" and not somebody:
            v.turns_at = dice.choice((-3.5, dice.uniform(-1.5, 0.0), dice.uniform(0.0, 2.5)))
        elif mind == "tailgates" and somebody:
            v.follows, v.obeys, v.gap = True, False, dice.uniform(0.8, 1.5)
        elif mind == "bumper" and somebody:
            v.follows, v.obeys, v.gap = True, False, dice.uniform(0.1, 0.4)
        v.mind = mind
        return v
