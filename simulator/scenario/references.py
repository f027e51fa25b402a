"""PURE. What the parts of a scenario say of each other: names, lanes, moments, values of faults.

It reads the raw tables, so that its mistakes are told beside those of single fields.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from simulator.faults import fast, real
from simulator.faults.catalogue import FAULTS, value_of
from simulator.scenario.expectation import KINDS_OF_EXPECTATION
from simulator.scenario.model import Scenario, names_of
from simulator.scenario.moments import LANE_MOMENTS, OF_VEHICLES

Mistake = tuple[tuple[str | int, ...], str]
"""Place and text."""

_MOMENT = re.compile(rf"^(\w+) ({'|'.join(OF_VEHICLES)})$")
_POSSIBLE = {"fast": fast.NAMES, "real": real.NAMES}
OF_CLOCK = {
    "fast": frozenset({"arm_line"}),
    "real": frozenset({"night", "weather", "rtsp", "barrier", "flows"}),
}
"""Keys of a lane that one clock alone plays."""

REAL_READS = "in real time vision reads what the cameras show"

IN_PICTURES = ("read", "trailer_read", "trailer_plate")
"""Keys of a vehicle that virtual time alone plays: in real time vision reads what the cameras show;
the plate of a trailer, where a rear camera shows it."""

OF_REARS = "trailer_plate"

OF_FAST_ORDERS = ("by", "outside")
"""Keys of an order that virtual time alone plays."""

OF_FAST_CHANGES = ("as first said",)

OF_SOMEBODY = ("recorded", "crosses", "admitted_by", "reason", "guided_to")
"""Expectations that say of whom."""

WHO, OF_LANES = (
    ("who", "same_plate_as", "assignment_of", "in_place_of", "of", "never_opens_for", "seen"),
    ("lane",),
)


def mistakes(raw: Mapping[str, Any]) -> Iterator[Mistake]:
    """All of them."""
    traffic = _tables(raw, "traffic")
    names = names_of(str(v.get("who", "")) for v in traffic)
    lanes = raw["lanes"] if isinstance(raw.get("lanes"), dict) else {}
    clocks = raw.get("clocks", ["fast"])
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield (
            ("traffic", len(names) - 1 - names[::-1].index(name), "who"),
            f"two are called {name!r}",
        )
    for part in ("traffic", "changes", "faults", "orders", "expect"):
        for n, table in enumerate(_tables(raw, part)):
            before = names[:n] if part == "traffic" else names
            yield from (
                (((part, n, *place)), t) for place, t in _of(part, table, before, names, lanes)
            )
            if part == "faults":
                yield from (((part, n, *place), t) for place, t in _fault(table, clocks))
            if part == "expect":
                yield from (((part, n, *place), t) for place, t in _expectation(table))
    yield from _clocks(lanes, clocks)
    if isinstance(clocks, list) and "real" in clocks:
        if raw.get("two_people_admit"):
            yield ("two_people_admit",), "two_people_admit is played with clock 'fast' alone"
        for n, change in enumerate(_tables(raw, "changes")):
            if change.get("to") in OF_FAST_CHANGES:
                yield ("changes", n, "to"), f"{change['to']} is played with clock 'fast' alone"
        for n, order in enumerate(_tables(raw, "orders")):
            for key in (key for key in OF_FAST_ORDERS if key in order):
                yield ("orders", n, key), f"{key} is played with clock 'fast' alone"
    if isinstance(clocks, list) and "fast" not in clocks:
        for n, vehicle in enumerate(_tables(raw, "traffic")):
            lane = lanes.get(str(vehicle.get("lane") or next(iter(lanes), "")))
            behind = isinstance(lane, dict) and lane.get("rear_camera") is True
            for key in (key for key in IN_PICTURES if key in vehicle):
                if not (behind and key == OF_REARS):
                    yield (
                        ("traffic", n, key),
                        f"{key} is played with clock 'fast' alone: {REAL_READS}",
                    )
    yield from _never(traffic, names)
    if not traffic and not any(isinstance(p, dict) and "flows" in p for p in lanes.values()):
        yield ("traffic",), "nobody comes: a [[traffic]] or a lane that `flows` is needed"
    if not raw.get("expect") and not traffic:
        yield ("expect",), "nothing is expected"


def left_to_pictures(scenario: Scenario) -> list[str]:
    """What it says of readings, where it is played in real time: nothing of that happens."""
    lanes = scenario.lanes
    first = next(iter(lanes), "")
    behind = {name for name, lane in lanes.items() if lane.rear_camera}
    told = (
        f"{key} of {who}"
        for who, vehicle in zip(scenario.names, scenario.traffic, strict=True)
        for key in IN_PICTURES
        if key in vehicle.model_fields_set
        and not (key == OF_REARS and (vehicle.lane or first) in behind)
    )
    return list(told)


def _clocks(lanes: Mapping[str, Any], clocks: Any) -> Iterator[Mistake]:
    """What of a lane no clock of the scenario plays: it would change nothing, unseen."""
    loops = {bool(lane.get("exit_loop", True)) for lane in lanes.values() if isinstance(lane, dict)}
    if isinstance(clocks, list) and "fast" in clocks and len(loops) > 1:
        name = next(n for n, lane in lanes.items() if lane.get("exit_loop") is False)
        yield ("lanes", name, "exit_loop"), "in virtual time all lanes have one, or none has"
    for name, lane in lanes.items():
        for clock, keys in OF_CLOCK.items():
            if isinstance(clocks, list) and clock not in clocks and isinstance(lane, dict):
                for key in sorted(keys & lane.keys()):
                    yield ("lanes", name, key), f"{key} is played with clock {clock!r} alone"


def _never(traffic: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Iterator[Mistake]:
    """Who waits for somebody that waits for him."""
    waits = {
        who: found[1]
        for who, vehicle in zip(names, traffic, strict=True)
        if (found := _MOMENT.match(str(vehicle.get("when", "")))) is not None
    }
    told: set[str] = set()
    for n, who in enumerate(names):
        ring = [who]
        while (after := waits.get(ring[-1])) is not None and after not in ring:
            ring.append(after)
        if after is not None and after == who and who not in told:
            told |= set(ring)
            yield ("traffic", n, "when"), f"they wait for each other: {', '.join(ring)}"


def _tables(raw: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = raw.get(name, [])
    return [t for t in found if isinstance(t, dict)] if isinstance(found, list) else []


def _of(
    part: str,
    table: Mapping[str, Any],
    before: Collection[str],
    names: Collection[str],
    lanes: Mapping[str, Any],
) -> Iterator[Mistake]:
    for key in WHO:
        who = table.get(key)
        if key == "who" and part == "traffic":
            continue
        known = before if part == "traffic" else names
        if isinstance(who, str) and who and who not in known:
            yield (key,), f"nobody is called {who!r}; known: {', '.join(known) or 'nobody'}"
    lane = table.get("lane")
    if part == "faults" and table.get("value") == "rear":
        at = lanes.get(str(lane or next(iter(lanes), "")))
        if not (isinstance(at, dict) and at.get("rear_camera") is True):
            yield ("value",), "this lane has no rear_camera"
    if isinstance(lane, str) and lane and lane not in lanes:
        yield ("lane",), f"no lane {lane!r}; known: {', '.join(lanes) or 'none is named'}"
    if (
        len(lanes) > 1
        and part in ("traffic", "faults", "orders")
        and not lane
        and _needs_lane(part, table)
    ):
        yield ("lane",), f"which lane? one of {', '.join(lanes)}"
    to = table.get("guided_to") if part == "expect" else None
    if isinstance(to, str) and to not in lanes:
        yield ("guided_to",), f"no lane {to!r}; known: {', '.join(lanes) or 'none is named'}"
    for key in ("when", "until", "after", "stands"):
        moment = table.get(key)
        if isinstance(moment, str):
            yield from (((key,), text) for text in _moment(moment, names))
    if "at_s" in table and "when" in table:
        yield ("at_s",), "either at_s or when"
    if "for_s" in table and "until" in table:
        yield ("for_s",), "either for_s or until"
    if table.get("in_place_of") and "when" not in table:
        yield ("in_place_of",), "when does he come in his place?"


def _needs_lane(part: str, table: Mapping[str, Any]) -> bool:
    fault = FAULTS.get(str(table.get("name")))
    return part in ("traffic", "orders") or (fault is not None and fault.of_lane)


def _moment(moment: str, names: Collection[str]) -> Iterator[str]:
    if moment in LANE_MOMENTS:
        return
    found = _MOMENT.match(moment)
    if found is None:
        known = ", ".join((*(f"NAME {verb}" for verb in OF_VEHICLES), *LANE_MOMENTS))
        yield f"{moment!r} is no moment; known: {known}"
    elif found[1] not in names:
        yield f"nobody is called {found[1]!r}; known: {', '.join(names) or 'nobody'}"


def _fault(table: Mapping[str, Any], clocks: Any) -> Iterator[Mistake]:
    fault = FAULTS.get(str(table.get("name")))
    if fault is None:
        return
    try:
        value_of(fault, table.get("value"))
    except (ValueError, TypeError) as error:
        yield ("value",), str(error)
    for clock in clocks if isinstance(clocks, list) else []:
        if fault.name not in _POSSIBLE.get(clock, FAULTS):
            yield ("name",), f"{fault.name} cannot be played with clock {clock!r}"
    if fault.instant and ("for_s" in table or "until" in table):
        key = "for_s" if "for_s" in table else "until"
        yield (key,), f"{fault.name} is over at once"


def _expectation(table: Mapping[str, Any]) -> Iterator[Mistake]:
    told = [kind for kind in KINDS_OF_EXPECTATION if kind in table]
    if len(told) != 1:
        of = ", ".join(KINDS_OF_EXPECTATION)
        yield (tuple(told[1:2])), f"one thing an expectation, not {len(told)}; one of {of}"
        return
    kind = told[0]
    if kind in OF_SOMEBODY and not table.get("who"):
        yield (kind,), "of whom? `who` is needed"
    if kind == "figure" and not {"at_least", "at_most"} & table.keys():
        yield (kind,), "at_least or at_most is needed"
    least, most = table.get("at_least"), table.get("at_most")
    if isinstance(least, (int, float)) and isinstance(most, (int, float)) and least > most:
        yield ("at_most",), f"at most {most:g} and at least {least:g}: no number is both"
    for key in ("at_least", "at_most"):
        if key in table and kind != "figure":
            yield (key,), f"{key} is for a figure"
    if "stands" in table and (kind != "alarm" or {"after", "within_s"} & table.keys()):
        yield ("stands",), "stands is for an alarm, and in place of after and within_s"
    if "within_s" in table and kind not in ("alarm", "crosses", "recorded"):
        yield ("within_s",), "within_s is for an alarm, crosses and recorded"
