"""What happens to a lane's own physics: the same in virtual time and on real wires."""

from __future__ import annotations

from collections.abc import Callable

from simulator.faults.catalogue import Value
from simulator.faults.switches import Switches
from simulator.world import LaneWorld

End = Callable[[], None]
"""Ends a fault."""

Begin = Callable[[Switches, LaneWorld, Value], End]

GLITCH_S, EVERY_S = 0.12, 1.0
"""A glitch lasts so long, and comes so often."""


def nothing() -> None:
    """What was over at once needs no end."""


def _all(*ends: End) -> End:
    def end() -> None:
        for each in ends:
            each()

    return end


def _stuck(on: bool, s: Switches, world: LaneWorld, name: str) -> End:
    return s.entry(world.overrides, name, on)


def _between(s: Switches, world: LaneWorld, value: Value) -> End:
    return _all(*(_stuck(False, s, world, name) for name in ("limit_open", "limit_closed")))


def _welded(s: Switches, world: LaneWorld, value: Value) -> End:
    world.contact("open", True)
    return _all(*(s.member(world.stuck_outputs, name) for name in ("open", "close")))


def _pushed(world: LaneWorld, direction: int) -> End:
    world.arm.push(direction, world.at)
    return nothing


def _lifted(s: Switches, world: LaneWorld, value: Value) -> End:
    world.arm.lift(1.0, world.at)
    return nothing


BEGIN: dict[str, Begin] = {
    "input_stuck_on": lambda s, world, value: _stuck(True, s, world, str(value)),
    "input_stuck_off": lambda s, world, value: _stuck(False, s, world, str(value)),
    "input_inverted": lambda s, world, value: s.entry(
        world.distortions, str(value), lambda on, at: not on
    ),
    "input_glitches": lambda s, world, value: s.entry(
        world.distortions, str(value), lambda on, at: on != (at % EVERY_S < GLITCH_S)
    ),
    "loop_drops": lambda s, world, value: s.entry(world.drops_s, "entry_loop", float(value)),
    "loop_dead": lambda s, world, value: _stuck(False, s, world, str(value)),
    "beam_blinded": lambda s, world, value: _stuck(True, s, world, "photocell"),
    "limits_between": _between,
    "relay_stuck": lambda s, world, value: s.member(world.stuck_outputs, str(value)),
    "relay_welded": _welded,
    "arm_slow": lambda s, world, value: s.on(world.arm, "slow", float(value)),
    "arm_blocked": lambda s, world, value: s.on(world.arm, "stuck", True),
    "arm_torn_off": lambda s, world, value: s.on(world.arm, "torn_off", True),
    "arm_falls": lambda s, world, value: _pushed(world, -1),
    "arm_rises": lambda s, world, value: _pushed(world, 1),
    "arm_raised_by_hand": _lifted,
    "arm_closes_alone": lambda s, world, value: s.on(world.arm, "auto_closes_s", float(value)),
}
