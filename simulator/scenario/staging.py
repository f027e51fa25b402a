"""A scenario becomes visits of a day in virtual time: guests, items, faults, changes, checks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from simulator.fast.cases.registry import no_longer
from simulator.fast.guests import Beside, Fate, Guest, Makes, Visit, revised, with_trailer
from simulator.fast.names import ONLY
from simulator.fast.order_giver import OrderGiver
from simulator.fast.readings import UNREADABLE
from simulator.faults.catalogue import FAULTS, Value, value_of
from simulator.judging import Heard
from simulator.scenario.casting import (
    FATES,
    SHAPES,
    declared_of,
    driver_of,
    is_in_order,
    reading_of,
)
from simulator.scenario.expecting import People, failures
from simulator.scenario.model import Change, FaultAt, Order, Scenario, Vehicle
from simulator.scenario.moments import LANE_MOMENTS, OF_VEHICLES
from simulator.scenario.ordering import Orders
from simulator.world import LaneWorld

SHOWN_S = 1.0
"""So long after he waits the page shows him."""


class Stage(Protocol):
    """Where a scenario is played: a day in virtual time, or a rig. `now`: seconds of the worlds'
    clock."""

    note_fault: Callable[[str, str], Callable[[], None]]
    heard: Heard

    @property
    def worlds(self) -> Mapping[str, LaneWorld]: ...

    @property
    def now(self) -> float: ...

    @property
    def order_giver(self) -> OrderGiver:
        """Where a person orders."""

    @property
    def running(self) -> bool:
        """Whether the controller runs, as far as is known."""

    def wall(self, mono: float) -> datetime: ...

    def declare(self, item: Mapping[str, Any]) -> None: ...

    def drop(self, assignment: str) -> None:
        """It leaves the platform's list without a word."""

    def join(self, lane: str, guest: Guest, case: str) -> None: ...

    def hand_over(self, lane: str, old: Guest, new: Guest) -> None: ...

    def begin_fault(self, name: str, lane: str, value: Value) -> Callable[[], None]: ...


Condition = Callable[[Stage], bool]


class Staging:
    """One playing of a scenario. `makes`: by the scenario's lanes, LANE where it names none.
    `visits`: what each lane gets, once all of them are made."""

    def __init__(self, name: str, scenario: Scenario, makes: Mapping[str, Makes]) -> None:
        self.name, self.scenario, self._makes = name, scenario, makes
        self.guests: dict[str, Guest] = {}
        self.happened: dict[str, datetime] = {}
        """When each moment that an expectation names first was."""
        self._lane_of: dict[str, str] = {}
        self._ends: list[list[Callable[[], None]]] = []
        self._items: dict[str, dict[str, Any]] = {}
        self._first_said: dict[str, dict[str, Any]] = {}
        self._make: dict[str, Callable[[], dict[str, Any]]] = {}
        self._waiting = {f"{f.name} of [[faults]] {n}" for n, f in enumerate(scenario.faults, 1)}
        self._orders = Orders()
        self._waiting |= {f"the order {o.action}" for o in scenario.orders}
        self._waiting |= {f"the change of {c.of} to {c.to}" for c in scenario.changes}
        self.visits = {lane: Visit(name, [], last_s=scenario.last_s) for lane in makes}
        for who, vehicle in zip(scenario.names, scenario.traffic, strict=True):
            self._stage(who, vehicle)
        first = next(iter(self.visits.values()))
        for change in scenario.changes:
            first.beside.append(self._change(change))
        for order in scenario.orders:
            first.beside.extend(self._order(order))
        for n, fault in enumerate(scenario.faults, 1):
            first.beside.append(self._fault(fault, n))
        for moment in sorted({m for e in scenario.expect for m in (e.after, e.stands) if m}):
            first.beside.append(Beside([(self._condition(moment, ""), self._note(moment))]))
        first.checks.append(self._failures)

    def _stage(self, who: str, vehicle: Vehicle) -> None:
        lane = vehicle.lane or next(iter(self._makes))
        visit = self.visits[lane]
        guest = self._guest(who, vehicle, self._makes[lane])
        self.guests[who], self._lane_of[who] = guest, lane
        if not (vehicle.when or vehicle.at_s or vehicle.in_place_of):
            visit.guests.append(guest)
            if who in self._items and not vehicle.declaration.later:
                visit.items.append(self._items[who])
            return

        def comes(day: Stage) -> None:
            visit.guests.append(guest)
            if who in self._items and not vehicle.declaration.later:
                day.declare(self._items[who])
            other = self.guests.get(vehicle.in_place_of)
            if other is None:
                day.join(self._makes[lane].lane, guest, self.name)
            elif not other.vehicle.gone:
                day.hand_over(self._makes[lane].lane, other, guest)

        when = self._when(vehicle.when, vehicle.at_s, vehicle.after_s, lane)
        visit.beside.append(Beside([(when, comes)], begun=True))

    # --- who comes ---

    def _guest(self, who: str, v: Vehicle, m: Makes) -> Guest:
        as_declared = v.declared and is_in_order(v.declaration)
        may = v.may_pass if v.may_pass is not None else as_declared
        fate = FATES[v.must or ("pass" if may else "stay")]
        before = self.guests.get(v.same_plate_as or v.assignment_of)
        plate = before.plate if before is not None else m.plate(v.country)
        if v.plate is not None and before is None:
            plate = replace(plate, text=v.plate)
        kind = "truck" if v.vehicle in SHAPES and v.vehicle != "pedestrian" else v.vehicle
        shape = SHAPES[v.vehicle]() if v.vehicle in SHAPES else ()
        guest = m.guest(
            fate, kind, driver_of(v, fate), plate, shape, reading_of(v.read, plate.text, m),
            person_admits=(v.person == "admits") if v.person else may or fate is Fate.PASSES,
            in_beam=not v.beside_the_beam, under_arm=not (v.beside_the_arm or kind == "pedestrian"),
        )  # fmt: skip
        guest.vehicle.assigned = may
        guest.names = frozenset(v.recorded or self._expected_names(who)) or ONLY[fate]
        trailer = m.plate("CN", "trailer") if v.trailer_plate else None
        if trailer is not None:
            with_trailer(
                guest, trailer.text, reading_of(v.trailer_read, trailer.text, m) or UNREADABLE
            )
        if v.plate == "":
            guest.vehicle.look = replace(guest.vehicle.look, plate="")
        if v.assignment_of:
            item = self._items.get(v.assignment_of)
            known = self.guests[v.assignment_of].assignment
            guest.assignment = known or (str(item["assignment_id"]) if item else known)
            self.guests[v.assignment_of].vehicle.assigned = True
        elif v.declared and v.plate != "":
            change = declared_of(v.declaration, m)
            if v.declaration.lanes is not None:
                # The gate may call a lane otherwise; what is none of the scenario's stays.
                makes = self._makes
                change["lanes"] = [makes[x].lane if x in makes else x for x in v.declaration.lanes]
            if v.declaration.tractor == "another":
                change["tractors"] = (m.plate(),)
            elif v.declaration.tractor == "another or this":
                change["tractors"] = (m.plate(), plate)
            if trailer is not None and v.declaration.trailer != "none":
                other = v.declaration.trailer == "another"
                change["trailer"] = m.plate("CN", "trailer") if other else trailer
            self._make[who] = lambda: m.item(plate, v.declaration.kind or kind, **change)
            item = self._items[who] = self._first_said[who] = self._make[who]()
            if fate is not Fate.STAYS:
                guest.assignment = str(item["assignment_id"])
        return guest

    def _expected_names(self, who: str) -> list[str]:
        return [w for e in self.scenario.expect if e.who == who for w in e.recorded or ()]

    # --- what happens ---

    def _condition(self, moment: str, lane: str) -> Condition:
        makes = self._makes
        if moment in LANE_MOMENTS:
            there = LANE_MOMENTS[moment]
            road = makes[lane or next(iter(makes))].lane
            return lambda day: there(day.worlds[road], day.running)
        who, _, verb = moment.partition(" ")
        is_so, guest = OF_VEHICLES[verb], self.guests
        return lambda day: is_so(guest[who].vehicle, day.worlds[makes[self._lane_of[who]].lane])

    def _when(self, when: str | None, at_s: float | None, after_s: float, lane: str) -> Condition:
        if when is not None:
            return _after(self._condition(when, lane), after_s)
        visit = next(iter(self.visits.values()))
        return lambda day: day.now - visit.began >= (at_s or 0.0)

    def _fault(self, told: FaultAt, number: int) -> Beside:
        lane = told.lane or next(iter(self._makes))
        value = value_of(FAULTS[told.name], told.value)
        ends: list[Callable[[], None]] = []
        since = math.inf
        self._ends.append(ends)

        def begins(day: Stage) -> None:
            nonlocal since
            since = day.now
            self._waiting.discard(f"{told.name} of [[faults]] {number}")
            road = self._makes[lane].lane if FAULTS[told.name].of_lane else ""
            ends.append(day.begin_fault(told.name, self._makes[lane].lane, value))
            noted = day.note_fault(road, f"{told.name} {value}".strip())
            if FAULTS[told.name].instant:
                noted()
            else:
                ends.append(noted)

        def over(day: Stage) -> None:
            for end in ends:
                end()
            ends.clear()

        begin = (self._when(told.when, told.at_s, told.after_s, lane), begins)
        if told.for_s is not None:
            return Beside([begin, (lambda day: day.now - since >= (told.for_s or 0), over)])
        if told.until is not None:
            until = self._condition(told.until, lane)
            return Beside([begin, (lambda day: until(day) or self._all_gone(), over)])
        return Beside([begin, (lambda day: self._all_gone(), over)])

    def _all_gone(self) -> bool:
        """Of a scenario that names who comes."""
        return bool(self.guests) and all(guest.vehicle.gone for guest in self.guests.values())

    def end(self) -> None:
        """The faults that still last."""
        for ends in self._ends:
            for end in ends:
                end()
            ends.clear()

    def _change(self, told: Change) -> Beside:
        guest = self.guests[told.of]

        def changes(day: Stage) -> None:
            self._waiting.discard(f"the change of {told.of} to {told.to}")
            if told.to == "declared":
                made = self._items[told.of] = self._make[told.of]()
                if guest.fate is not Fate.STAYS:
                    guest.assignment = str(made["assignment_id"])
                day.declare(made)
                return
            if told.to == "as first said":
                day.declare(self._first_said[told.of])
                return
            if told.to == "dropped":
                no_longer(guest)
                day.drop(str(self._items[told.of]["assignment_id"]))
                return
            if told.to != "active" and not guest.vehicle.crossed:
                no_longer(guest)
            item = self._items[told.of] = revised(self._items[told.of], state=told.to)
            day.declare(item)

        lane = self._lane_of[told.of]
        when = self._when(told.when, told.at_s, told.after_s, lane)
        return Beside([(when, changes)], begun=True)

    def _order(self, told: Order) -> list[Beside]:
        lane = told.lane or next(iter(self._makes))
        road = self._makes[lane].lane
        look, give = self._orders.steps(told, road)

        def orders(day: Stage) -> None:
            self._waiting.discard(f"the order {told.action}")
            give(day)

        found = [Beside([(self._when(told.when, told.at_s, told.after_s, lane), orders)], True)]
        if told.seen:
            shown = _after(self._condition(f"{told.seen} waits", lane), SHOWN_S)
            found.insert(0, Beside([(shown, look)]))
        return found

    def _note(self, moment: str) -> Callable[[Stage], None]:
        def note(day: Stage) -> None:
            self.happened[moment] = day.wall(day.now)

        return note

    # --- what must be ---

    def _failures(self, day: Stage) -> list[str]:
        missing = [f"{what} never happened" for what in sorted(self._waiting)]
        visit = next(iter(self.visits.values()))
        people = People(
            {who: guest.number for who, guest in self.guests.items()},
            {scene: makes.lane for scene, makes in self._makes.items()},
            day.wall(visit.began),
            self.happened,
        )
        missing += self._orders.wrong
        return missing + failures(self.scenario, people, day.heard)


def _after(condition: Condition, seconds: float) -> Condition:
    """So long after it first held."""
    since = math.inf

    def holds(day: Stage) -> bool:
        nonlocal since
        if since == math.inf and condition(day):
            since = day.now
        return day.now - since >= seconds

    return holds
