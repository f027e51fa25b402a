"""Faults on the virtual clock: what happens to the product's house, its wire and its customs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from simulator.fast.eyes import REAR
from simulator.faults.catalogue import Value
from simulator.faults.on_lane import BEGIN as ON_LANE
from simulator.faults.on_lane import End, nothing
from simulator.faults.wires import NAMES as WIRES
from simulator.faults.wires import bad_wire

if TYPE_CHECKING:
    from simulator.fast.day import Day

FULL, READ_ONLY = "max_page_count = 1", "query_only = on"
"""What SQLite then refuses, as on such a disk: more pages than it has, and every write."""

Begin = Callable[["Day", str, Value], End]


def _silent(day: Day, lane: str, value: Value) -> End:
    return day.switches.member(day.house.line.silent, day.house.addresses[lane])


def _power_cut(day: Day, lane: str, value: Value) -> End:
    day.house.board(lane).fall()
    return _silent(day, lane, value)


def _blind(day: Day, lane: str, value: Value) -> End:
    return day.switches.member(day.eyes.blind, lane)


def _still(day: Day, lane: str, value: Value) -> End:
    return day.switches.member(day.eyes.still, lane)


def _dark(day: Day, lane: str, value: Value) -> End:
    eyes, camera = day.eyes, REAR if value == REAR else ""
    blind = day.switches.member(eyes.blind_behind if camera else eyes.blind, lane)
    goes = partial(eyes.goes, lane, camera)
    gone = day.switches.called(eyes, (lane, camera), False, True, goes)

    def end() -> None:
        blind()
        gone()

    return end


def _wire(name: str, day: Day, value: Value) -> End:
    return day.switches.on(day.house.line, "fault", bad_wire(name, value))


def _killed(day: Day, lane: str, value: Value) -> End:
    day.kill(float(value))
    return nothing


def _jumps(day: Day, lane: str, value: Value) -> End:
    day.jump(float(value))
    return nothing


def _disk(day: Day, pragma: str) -> End:
    house = day.house

    def now() -> None:
        if house.running:
            house.see_disk()

    def end() -> None:
        house.disk.remove(pragma)
        now()

    house.disk.append(pragma)
    now()

    return end


def _loses(day: Day, lane: str, value: Value) -> End:
    day.customs.lose(float(value))
    return nothing


def _broker(day: Day, lane: str, value: Value) -> End:
    return day.switches.on(day.customs, "away", True)


def _deaf(day: Day, lane: str, value: Value) -> End:
    return day.switches.on(day.customs, "deaf", True)


def _platform(day: Day, lane: str, value: Value) -> End:
    return day.switches.on(day, "platform_away", True)


def _long_away(day: Day, lane: str, value: Value) -> End:
    declared = day.house.declared
    if declared.as_of is not None:
        declared.as_of -= timedelta(seconds=float(value))
    return _platform(day, lane, value)


def _refuses(day: Day, lane: str, value: Value) -> End:
    return day.switches.called(
        day.house.declared, "passages", False, True, day.house.declared.takes_passages
    )


def _restarts(day: Day, lane: str, value: Value) -> End:
    day.house.platform_restarts()
    return nothing


BEGIN: dict[str, Begin] = {
    "camera_dark": _dark,
    "camera_sees_nobody": _blind,
    "camera_still": _still,
    "wire_silent": _silent,
    "board_power_cut": _power_cut,
    "service_killed": _killed,
    "clock_jump": _jumps,
    "disk_full": lambda day, lane, value: _disk(day, FULL),
    "disk_read_only": lambda day, lane, value: _disk(day, READ_ONLY),
    "broker_down": _broker,
    "broker_refusing": _broker,
    "broker_loses_store": _loses,
    "customs_deaf": _deaf,
    "platform_down": _platform,
    "platform_long_away": _long_away,
    "platform_restarts": _restarts,
    "platform_refuses_passages": _refuses,
}
NAMES = frozenset({*BEGIN, *ON_LANE, *WIRES})


def begin(day: Day, name: str, lane: str, value: Value) -> End:
    """It happens now; what ends it."""
    if name in ON_LANE:
        return ON_LANE[name](day.switches, day.worlds[lane], value)
    if name in WIRES:
        return _wire(name, day, value)
    return BEGIN[name](day, lane, value)
