"""The cases of a day by name, and what their steps wait for."""

from __future__ import annotations

import math
from collections.abc import Callable

from simulator.fast.day import Day, Maker
from simulator.fast.guests import Condition, Fate, Guest, Makes, Visit

ORDINARY: dict[str, Callable[[Makes], Visit]] = {}
AWKWARD: dict[str, Callable[[Makes], Visit]] = {}
NO_SENSOR_TELLS: dict[str, str] = {}
"""Cases of whose vehicles no sensor of the day's lanes tells how many they are, and why:
docs/barrier.md, "What no controller can see". They are counted apart, never left out."""


def ordinary(make: Maker) -> Maker:
    """Nothing is wrong with those."""
    ORDINARY[make.__name__] = make
    return make


def awkward(make: Maker) -> Maker:
    AWKWARD[make.__name__] = make
    return make


BESIDE = "motorcycle_beside_the_closed_arm"
"""Whoever drives past a truck, loops and camera both covered by it, is seen by nothing."""


WITHOUT_A_GAP = frozenset(
    {"tailgater_at_a_metre", "declared_tailgater_at_a_metre", "motorcycle_behind_a_truck"}
)
"""Whoever follows so close is told from the one before by his plate alone, if it is read: the gap
before him is shorter than any loop."""


def unseen(why: str) -> Callable[[Maker], Maker]:
    """No sensor of the day's lanes tells of them as of others."""

    def note(make: Maker) -> Maker:
        NO_SENSOR_TELLS[make.__name__] = why
        return make

    return note


# --- what steps wait for ---


def nears(guest: Guest) -> Condition:
    """His plate can almost be read."""
    return lambda day: guest.vehicle.front > -12.0


def waits(guest: Guest, seconds: float = 0.0) -> Condition:
    """He stands at the line since so long."""
    return lambda day: guest.vehicle.waited > seconds


def next_in(guest: Guest, lane: str) -> Condition:
    """Nobody is before him who has not passed."""
    return lambda day: day.worlds[lane].first() is guest.vehicle


def rejected(guest: Guest) -> Condition:
    """The person in the booth has said no to him."""
    plate = guest.vehicle.look.plate
    return lambda day: plate in day.booth.rejected


def let_in(guest: Guest, lane: str) -> Condition:
    """The arm goes up for him, or he has green."""

    def holds(day: Day) -> bool:
        world = day.worlds[lane]
        going = world.green or world.arm.direction > 0
        return world.first() is guest.vehicle and guest.vehicle.arrived_at is not None and going

    return holds


def gone(guest: Guest) -> Condition:
    return lambda day: guest.vehicle.gone


def crossed(guest: Guest) -> Condition:
    return lambda day: guest.vehicle.crossed


def enters(guest: Guest) -> Condition:
    return lambda day: guest.vehicle.entered_at is not None


def after(condition: Condition, seconds: float) -> Condition:
    """So long after it first held."""
    since = math.inf

    def holds(day: Day) -> bool:
        nonlocal since
        if since == math.inf and condition(day):
            since = day.now
        return day.now - since >= seconds

    return holds


def no_longer(guest: Guest) -> None:
    """From now on he may not pass."""
    guest.fate, guest.person_admits = Fate.STAYS, False
    guest.vehicle.assigned = False
    guest.vehicle.driver.patience_s = 20.0
    guest.assignment = ""
