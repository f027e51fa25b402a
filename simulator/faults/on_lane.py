"""What happens to a lane's own physics: the same in virtual time and on real wires."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

from simulator.faults.catalogue import Value
from simulator.world import LaneWorld

Held = TypeVar("Held")

End = Callable[[], None]
"""Ends a fault."""

Begin = Callable[[LaneWorld, Value], End]

GLITCH_S, EVERY_S = 0.12, 1.0
"""A glitch lasts so long, and comes so often."""


def nothing() -> None:
    """What was over at once needs no end."""


def put(into: dict[str, Held], name: str, value: Held) -> End:
    """Until its end the value stands there."""
    into[name] = value

    def end() -> None:
        into.pop(name, None)

    return end


def _stuck(value: bool, world: LaneWorld, name: str) -> End:
    return put(world.overrides, name, value)


def _distorted(world: LaneWorld, name: str, how: Callable[[bool, float], bool]) -> End:
    return put(world.distortions, name, how)


def _drops(world: LaneWorld, value: Value) -> End:
    world.drops_s.update(entry_loop=float(value))
    return world.drops_s.clear


def _between(world: LaneWorld, value: Value) -> End:
    ends = [_stuck(False, world, name) for name in ("limit_open", "limit_closed")]

    def end() -> None:
        for each in ends:
            each()

    return end


def _relay(world: LaneWorld, value: Value) -> End:
    world.stuck_outputs.add(str(value))
    return lambda: world.stuck_outputs.discard(str(value))


def _welded(world: LaneWorld, value: Value) -> End:
    world.contact("open", True)
    world.stuck_outputs.update(("open", "close"))
    return lambda: world.stuck_outputs.difference_update(("open", "close"))


def _slow(world: LaneWorld, value: Value) -> End:
    world.arm.slow = float(value)

    def end() -> None:
        world.arm.slow = 1.0

    return end


def _blocked(world: LaneWorld, value: Value) -> End:
    world.arm.stuck = True

    def end() -> None:
        world.arm.stuck = False

    return end


def _torn_off(world: LaneWorld, value: Value) -> End:
    world.arm.torn_off = True

    def end() -> None:
        world.arm.torn_off = False

    return end


def _pushed(world: LaneWorld, direction: int) -> End:
    world.arm.push(direction, world.at)
    return nothing


def _lifted(world: LaneWorld, value: Value) -> End:
    world.arm.lift(1.0, world.at)
    return nothing


def _closes_alone(world: LaneWorld, value: Value) -> End:
    world.arm.auto_closes_s = float(value)

    def end() -> None:
        world.arm.auto_closes_s = math.inf

    return end


BEGIN: dict[str, Begin] = {
    "input_stuck_on": lambda world, value: _stuck(True, world, str(value)),
    "input_stuck_off": lambda world, value: _stuck(False, world, str(value)),
    "input_inverted": lambda world, value: _distorted(world, str(value), lambda on, at: not on),
    "input_glitches": lambda world, value: _distorted(
        world, str(value), lambda on, at: on != (at % EVERY_S < GLITCH_S)
    ),
    "loop_drops": _drops,
    "loop_dead": lambda world, value: _stuck(False, world, str(value)),
    "beam_blinded": lambda world, value: _stuck(True, world, "photocell"),
    "limits_between": _between,
    "relay_stuck": _relay,
    "relay_welded": _welded,
    "arm_slow": _slow,
    "arm_blocked": _blocked,
    "arm_torn_off": _torn_off,
    "arm_falls": lambda world, value: _pushed(world, -1),
    "arm_rises": lambda world, value: _pushed(world, 1),
    "arm_raised_by_hand": _lifted,
    "arm_closes_alone": _closes_alone,
}
