"""Moments of a scenario by name, on any clock: of one who comes, or of a lane."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulator.world import LaneWorld, Vehicle

UP, DOWN = 0.98, 0.02
NEAR_M = -12.0
"""From here on his plate can almost be read."""


def _let_in(v: Vehicle, world: LaneWorld) -> bool:
    going = world.green or world.arm.direction > 0
    return world.first() is v and v.arrived_at is not None and going


OF_VEHICLES: Mapping[str, Callable[[Vehicle, LaneWorld], bool]] = {
    "nears": lambda v, world: v.front > NEAR_M,
    "waits": lambda v, world: v.waited > 0,
    "is let in": _let_in,
    "enters": lambda v, world: v.entered_at is not None,
    "stops": lambda v, world: v.stopped_for > 0,
    "crosses": lambda v, world: v.crossed,
    "is gone": lambda v, world: v.gone,
}

LANE_MOMENTS: Mapping[str, Callable[[LaneWorld, bool], bool]] = {
    "arm rises": lambda world, runs: world.arm.direction > 0,
    "arm is up": lambda world, runs: world.arm.position >= UP,
    "arm falls": lambda world, runs: world.arm.direction < 0,
    "arm is down": lambda world, runs: world.arm.position <= DOWN,
    "service is away": lambda world, runs: not runs,
}
"""The second is whether the controller runs, as far as the simulator knows."""
