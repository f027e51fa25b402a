"""Who comes: vehicles with plates and their assignments, seeded."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from simulator.bodywork import look_for
from simulator.declaring import assignment_item
from simulator.plates import invent
from simulator.world import Driver, Vehicle

GOODS = (
    ("Thanh long", 5),
    ("Linh kiện điện tử", 0),
    ("Sầu riêng", 5),
    ("Phân bón", 0),
    ("Mít", 4),
)
"""What the vehicles carry, in turn, and its priority."""


TAILGATER_M = 1.2
BACKS_OFF_S = 2.0
"""Waiting, then he turns back."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of what comes, 0..1; the rest are ordinary assigned vehicles."""

    undeclared: float = 0.0
    wrong_lane: float = 0.0
    held: float = 0.0
    tailgates: float = 0.0
    backs_off: float = 0.0
    unreadable: float = 0.0


Coming = tuple[Vehicle, dict[str, Any] | None]


class Traffic:
    """Makes vehicles for a lane, and the platform's items for them."""

    def __init__(self, lane: str, direction: str, seed: int, mix: Mix = Mix()) -> None:
        self.lane, self.direction, self._mix = lane, direction, mix
        self._rng = random.Random(f"{lane}-{seed}")
        self._count = 0
        self._drawn: Coming | None = None

    def next(self) -> Coming:
        """One vehicle and its assignment's wire item, if it is declared at all."""
        coming, self._drawn = self._drawn or self._draw(), None
        return coming

    def closes_up(self) -> bool:
        """Whether the next one comes close behind the one before."""
        self._drawn = self._drawn or self._draw()
        return self._drawn[0].driver.ignores_light

    def _draw(self) -> Coming:
        rng = self._rng
        self._count += 1
        kind = rng.choices(("truck", "bus", "car"), (8, 1, 1))[0]
        country = "VN" if (self.direction == "export") == (rng.random() < 0.7) else "CN"
        plate = invent(rng, country, "car" if country == "VN" else "standard")
        # On trucks: yellow, and the plates of the front have one line in China.
        colour = "yellow" if kind != "car" else ("white" if country == "VN" else "blue")
        lines = plate.lines if country == "VN" else 1
        length = {"truck": rng.uniform(7, 12), "bus": 9.0, "car": 4.4}[kind]
        text = plate.text if rng.random() >= self._mix.unreadable else ""
        look = look_for(kind, rng, (text, country, colour, lines))
        fate = rng.random()
        assigned, item = True, self.item(plate.text, country, kind)
        for share, change in (
            (self._mix.undeclared, None),
            (self._mix.wrong_lane, {"lanes": ["elsewhere"]}),
            (self._mix.held, {"state": "held"}),
        ):
            if 0 <= fate < share:
                assigned = False
                item = {} if change is None else {**item, **change}
            fate -= share
        driver = Driver()
        if rng.random() < self._mix.tailgates:
            driver = replace(driver, follows_m=TAILGATER_M, ignores_light=True)
        if rng.random() < self._mix.backs_off:
            driver = replace(driver, turns_back_s=BACKS_OFF_S)
        return Vehicle(look, length, assigned, driver), item or None

    def item(self, text: str, country: str, kind: str) -> dict[str, Any]:
        """A cleared assignment for this lane, valid today; what is fresh has priority."""
        goods, priority = GOODS[self._count % len(GOODS)]
        return assignment_item(
            f"A-{self.lane}-{self._count}-{text}",
            self.lane,
            self.direction,
            kind,
            [(text, country)],
            datetime.now(UTC),
            goods=goods,
            priority=priority,
        )
