"""Vehicles that crossed, and what the guard told of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from edge.domain.facts import (
    GuardAlarm,
    RequestHandled,
    TailgateSeen,
    VehicleCrossed,
    VehicleEntered,
)
from tests.barrier.second_world.drivers import Vehicle
from tests.barrier.second_world.monitor import Crossing
from tests.barrier.second_world.sensors import LEAST_METAL_M
from tests.barrier.second_world.site import Site

TELLING = (VehicleEntered, VehicleCrossed, TailgateSeen)
"""Facts that say that somebody is or was under the arm."""

COUNTED_S = 15.0
"""So long after it has gone a vehicle is counted: while the next one may be its own rear, 10 s, and
while one is so close behind it that the loops see both as one."""


def untold(site: Site) -> list[tuple[float, str]]:
    """Who crossed and could be told apart, and was told neither as a vehicle nor by an alarm."""
    told = sorted(
        t
        for t, f in site.monitor.facts
        if isinstance(f, TELLING) or (isinstance(f, GuardAlarm) and f.active)
    )
    return [
        (c.at, f"{c.vehicle.name} ({c.vehicle.mind}, {c.vehicle.shape.name}) crossed untold")
        for c, after in _with_the_next(site.monitor.crossings)
        if c.tellable
        # Who slips under with the next one on his heels is in the list of docs/barrier.md.
        and not (c.vehicle.breaks_through and after is not None and not after.tellable)
        and not any(c.first_under - 3 <= t <= c.at + 15 for t in told)
    ]


def uncounted(site: Site) -> list[tuple[float, str]]:
    """Who crossed and could be told apart from the one in front and the one behind, without a
    `VehicleCrossed` of its own."""
    told = [t for t, f in site.monitor.facts if isinstance(f, VehicleCrossed)]
    missing = list[tuple[float, str]]()
    for c, after in _with_the_next(site.monitor.crossings):
        # Whom the exit loop alone tells from the one behind him is in the list of docs/barrier.md.
        if not c.tellable or not (after is None or after.how.startswith("a break")):
            continue
        # Where somebody is on the entry loop behind him, he may be that one until that one goes on.
        until = (c if after is None else after).at + COUNTED_S
        near = [t for t in told if c.first_under <= t <= until]
        if near:
            told.remove(near[0])
        else:
            missing.append((c.at, f"{c.vehicle.name} ({c.vehicle.mind}) crossed, not counted"))
    return missing


def _with_the_next(crossings: Sequence[Crossing]) -> list[tuple[Crossing, Crossing | None]]:
    return list(zip_longest(crossings, crossings[1:]))


def _told_of(c: Crossing, t: float) -> bool:
    """Whether what was told then may be of him; the beam alone tells one as soon as it is clear."""
    return min(c.first_under, c.at - 3) <= t <= c.at + COUNTED_S


def _rows(crossings: Sequence[Crossing]) -> dict[str, frozenset[str]]:
    """Vehicle -> those behind it who follow so close that no sensor tells one from another, or
    another sensor than the one that tells it from the one in front: neither has seen it whole."""
    rows: dict[str, frozenset[str]] = {}
    untold: frozenset[str] = frozenset()
    unbroken: frozenset[str] = frozenset()
    for c in reversed(crossings):
        broken = c.how.startswith("a break")
        rows[c.vehicle.name] = unbroken if broken else untold
        untold = frozenset() if c.tellable else untold | {c.vehicle.name}
        unbroken = frozenset() if broken else unbroken | {c.vehicle.name}
    return rows


def _looks_gone(site: Site, v: Vehicle) -> bool:
    """Whether it had left the entry loop when it turned: coming back over that it looks like the
    next one that arrives while this one goes on."""
    return v.turning and v.furthest - v.shape.length > site.entry.end - LEAST_METAL_M


@dataclass
class Count:
    """`wrong`: each with its moment and what should have been told."""

    crossed: int = 0
    admitted: int = 0
    strangers: int = 0
    tellable: int = 0
    told_strangers: int = 0
    wrong: list[tuple[float, str]] = field(default_factory=list)


def count(site: Site) -> Count:
    """In a world without faults: every admission is told crossed once if it crossed (or never,
    where no sensor could tell its vehicle from the one in front), else never;
    a stranger that the sensors could tell is told, as a tailgater or as a passage without
    admission, and a tailgater for nobody else."""
    got = Count()
    m = site.monitor
    facts = m.facts
    crossed = [f for _, f in facts if isinstance(f, VehicleCrossed) and not f.backwards]
    crossed_ids = [f.authorisation for f in crossed]
    tailgates = [t for t, f in facts if isinstance(f, TailgateSeen)]
    refused = {
        f.request: t for t, f in facts if isinstance(f, RequestHandled) and f.outcome == "refused"
    }
    real: set[str] = set()
    strangers = []
    for c in m.crossings:
        got.crossed += 1
        # One whose admission a person took back before he came under the arm has none.
        of_his = [a.id for a in site.lane.every if a.vehicle is c.vehicle]
        mine = [i for i in of_his if refused.get(i, c.first_under) >= c.first_under]
        if mine:
            got.admitted += 1
            real |= set(of_his)
            n = sum(i in mine for i in crossed_ids)
            if n > 1 or (n == 0 and c.tellable):
                got.wrong.append((c.at, f"{c.vehicle.name} crossed with {mine}, told {n} times"))
        elif c.vehicle.name in site.lane.helped:
            got.admitted += 1
        else:
            got.strangers += 1
            strangers.append(c)
    alike = {a.id for a in site.lane.every if _looks_gone(site, a.vehicle)}
    for i in crossed_ids:
        if i is not None and i not in real | alike:
            got.wrong.append((0.0, f"{i} told crossed, but did not"))
    rows = _rows(m.crossings)
    nobodys = [t for t, f in facts if isinstance(f, VehicleCrossed) and f.authorisation is None]
    # Whose own passage was counted with the one in front has left his admission to the next.
    merged = {c.vehicle.name for c in m.crossings if not c.tellable}
    theirs = {a.id for a in site.lane.every if a.vehicle.name in merged}
    strayed = [t for t, f in facts if isinstance(f, VehicleCrossed) and f.authorisation in theirs]
    free = list(tailgates)
    got.told_strangers = len(tailgates)
    for c in sorted(strangers, key=lambda c: not c.tellable):
        near = [t for t in free if c.first_under - 15 <= t <= c.at + COUNTED_S]
        got.tellable += c.tellable
        if near:
            free.remove(min(near, key=lambda t, c=c: abs(t - c.first_under)))
        elif c.tellable and not any(_told_of(c, t) for t in [*nobodys, *strayed]):
            row = rows[c.vehicle.name]
            if any(a.id in crossed_ids for a in site.lane.every if a.vehicle.name in row):
                # Counted as one with those behind him, whom no sensor could tell from him.
                continue
            v = c.vehicle
            got.wrong.append(
                (c.at, f"{v.name} ({v.mind}, {v.shape.name}) passed unadmitted, untold: {c.how}")
            )
    for t in free:
        got.wrong.append((t, "a tailgater told that was none"))
    return got
