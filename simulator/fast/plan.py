"""Who comes in which order: every awkward case as often as any other, ordinary ones between."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from itertools import count, cycle

from simulator.fast.cases import AWKWARD, ORDINARY
from simulator.fast.day import LANES, Maker
from simulator.fast.guests import Makes, Visit

AWKWARD_SHARE = 0.3
"""Of the vehicles, or each case once, whichever is more."""


def plan(
    vehicles: int, seed: int, only: Collection[str] = (), among: Collection[str] = tuple(LANES)
) -> dict[str, list[Maker]]:
    """Makers for each lane, of about so many vehicles together. `only`: these awkward cases;
    `among`: these lanes."""
    rng = random.Random(f"plan-{seed}")
    names = [name for name in sorted(AWKWARD) if not only or name in only]
    sizes = _sizes()
    chosen: list[str] = []
    coming = 0
    rng.shuffle(names)
    for n, name in enumerate(cycle(names) if names else ()):
        if n >= len(names) and coming >= vehicles * AWKWARD_SHARE:
            break
        chosen.append(name)
        coming += sizes[name]
    common = sorted(ORDINARY)
    while coming < vehicles:
        # Trucks are by far the most.
        name = rng.choice(["truck"] * len(common) + common)
        chosen.append(name)
        coming += sizes[name]
    rng.shuffle(chosen)
    makers = {**ORDINARY, **AWKWARD}
    lanes = list(among)
    return {lane: [makers[c] for c in chosen[n :: len(lanes)]] for n, lane in enumerate(lanes)}


def on_wires() -> list[str]:
    """The awkward cases that need only drivers, declarations and what a front shows: they can be
    played in real time too. In the others the service itself is reached into, or it is asked who
    pulls which trailer, and the drawn pictures are of fronts alone."""
    return [
        name
        for name, visit in _made()
        if name in AWKWARD
        and not visit.steps
        and not any(g.vehicle.trailer_plate for g in visit.guests)
    ]


def _sizes() -> dict[str, int]:
    """How many vehicles each case brings."""
    return {name: len(visit.guests) for name, visit in _made()}


def _made() -> Iterator[tuple[str, Visit]]:
    """One visit of each case."""
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    makes = Makes("x", "export", random.Random(1), lambda: noon, count(1))
    for name, make in (*ORDINARY.items(), *AWKWARD.items()):
        yield name, make(makes)
