"""Who comes in a scenario, as world and booth want him: shape, driver, what is read of him and what
is declared."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from simulator.fast.guests import Fate, Makes
from simulator.fast.readings import UNREADABLE, Expected, drawn, misread, sure, two_texts, unsure
from simulator.scenario.model import Declaration, Vehicle
from simulator.world import Driver, bare_semi_trailer, drawbar, pedestrian, semi_trailer
from simulator.world.shapes import LONG_GAP_M, Shape

SHAPES: Mapping[str, Callable[[], Shape]] = {
    "drawbar truck": drawbar,
    "long drawbar truck": lambda: drawbar(bar=LONG_GAP_M),
    "semi-trailer": semi_trailer,
    "bare semi-trailer": bare_semi_trailer,
    "pedestrian": pedestrian,
}
FATES = {"pass": Fate.PASSES, "stay": Fate.STAYS, "anything": Fate.FREE}
PATIENCE_S, SHORT_PATIENCE_S = 90.0, 20.0
"""Of one who may pass, at the line; of another."""


def is_in_order(d: Declaration) -> bool:
    return (
        d.state == "active" and d.direction == "this" and d.lanes is None
        and d.valid_from_s <= 0 < d.valid_to_s and not d.clearances and d.tractor != "another"
        and d.kind is None and not d.later and d.trailer != "another"
    )  # fmt: skip


def declared_of(d: Declaration, m: Makes) -> dict[str, Any]:
    """What of the item is otherwise."""
    change: dict[str, Any] = {"from_s": d.valid_from_s, "to_s": d.valid_to_s}
    if d.state != "active":
        change["state"] = d.state
    if d.direction == "other":
        change["direction"] = "import" if m.direction == "export" else "export"
    if d.clearances:
        change["clear"] = dict(d.clearances)
    return change


def driver_of(v: Vehicle, fate: Fate) -> Driver:
    d = v.driver
    patience = SHORT_PATIENCE_S if fate is Fate.STAYS else PATIENCE_S
    return Driver(
        d.follows_m, d.ignores_light, patience if d.patience_s is None else d.patience_s,
        _or_never(d.turns_back_s), _or_never(d.makes_way_s), d.reaction_s,
        None if d.stops_at_m is None else (d.stops_at_m, d.stops_s), _or_never(d.turns_back_at_m),
        _or_never(d.breaks_through_s), d.against,
    )  # fmt: skip


def _or_never(seconds: float | None) -> float:
    return math.inf if seconds is None else seconds


def reading_of(how: str, plate: str, m: Makes) -> Expected:
    match how:
        case "sure":
            return sure(plate, m.rng)
        case "two texts":
            return two_texts(plate, m.rng)
        case "unsure":
            return unsure(plate, m.rng)
        case "wrong":
            return sure(misread(plate, m.rng), m.rng)
        case "never":
            return UNREADABLE
    return drawn(plate, m.rng)
