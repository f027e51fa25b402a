"""How a vehicle moves on in a small step of time, as its driver sees light, arm and the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.world.places import ARM_CLEAR, COMES_FROM, STOP_AT, TURNS_AT, WAITS_BEYOND
from simulator.world.vehicle import Mood, Vehicle

SPEED, CREEP, WALK = 5.0, 2.2, 1.4
"""Metres a second: on the road, near the barrier, on foot."""

CLOSE_M = 8.0
"""So near to what he waits for he creeps."""

NOSE_M = 0.3
"""So far before an arm that comes down he stops."""

FREE = (-12.0, WAITS_BEYOND)
"""Nobody may be in this stretch when one sets off against the traffic: who leaves is past him."""

PATIENCE_BEYOND_S = 120.0

ASIDE_S = 2.0
"""So long a vehicle needs to leave the lane to the side."""

NEAREST_M = 0.5
"""A vehicle that reverses comes no nearer to the one behind, who reverses too."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a driver sees: the arm's position, the light, the vehicle before him, the time."""

    arm: float
    green: bool
    vehicle: Vehicle | None
    now: float


def drive(v: Vehicle, sees: Ahead, behind: Sequence[Vehicle], dt: float) -> None:
    """One small step. `behind`: the vehicles behind, nearest first."""
    before = v.front
    match v.mood:
        case Mood.ASIDE:
            v.aside_for += dt
            v.gone = v.aside_for >= ASIDE_S
        case Mood.REVERSING:
            _reverse(v, behind, dt)
        case Mood.FORWARD if v.driver.against:
            _go_against(v, sees, behind, dt)
        case Mood.FORWARD:
            _go_on(v, sees, dt)
    speed = abs(v.front - before) / dt
    v.moving, v.brakes, v.speed = speed > 0, speed == 0 or speed < v.speed, speed


def _reverse(v: Vehicle, behind: Sequence[Vehicle], dt: float) -> None:
    v.front -= CREEP * dt
    rear = v.back
    for other in behind:
        if other.mood is Mood.ASIDE or not other.under_arm or other.front <= rear - NEAREST_M:
            continue
        other.front = rear - NEAREST_M
        rear = other.back
    if v.front < TURNS_AT:
        v.mood = Mood.ASIDE


def _go_against(v: Vehicle, sees: Ahead, others: Sequence[Vehicle], dt: float) -> None:
    """From the other side; his rear is what comes first."""
    if v.entered_at is None and v.back >= WAITS_BEYOND:
        v.waited += dt
        free = not any(o.front > FREE[0] and o.back < FREE[1] for o in others if o is not v)
        if v.waited > PATIENCE_BEYOND_S:
            v.mood = Mood.ASIDE
        if sees.arm <= ARM_CLEAR or not free:
            return
    if v.back > NOSE_M and v.back - SPEED * dt <= NOSE_M and sees.arm <= ARM_CLEAR:
        return
    v.front -= SPEED * dt
    if v.crossed:
        v.mood = Mood.ASIDE


def _go_on(v: Vehicle, sees: Ahead, dt: float) -> None:
    d = v.driver
    through = v.front > STOP_AT + 0.05
    up = sees.arm > ARM_CLEAR or not v.under_arm
    may = up and (sees.green or d.ignores_light or through or not v.under_arm)
    if v.front >= STOP_AT - 0.05 and not through:
        _wait(v, may, sees.now, dt)
    v.green_for = v.green_for + dt if may else 0.0
    limit = _limit(v, sees, dt)
    if v.waited < d.breaks_through_s:
        if not through and (not may or v.green_for < d.reaction_s):
            limit = min(limit, STOP_AT)
        elif through and not up and v.front < -NOSE_M:
            limit = min(limit, -NOSE_M)
    if v.front >= d.turns_back_at and not v.crossed:
        v.mood = Mood.REVERSING
        return
    if v.mood is not Mood.FORWARD:
        return
    speed = WALK if v.look.kind == "pedestrian" else CREEP if _is_near(v, sees, limit) else SPEED
    if limit > v.front:
        v.front = min(limit, v.front + speed * dt)


def _is_near(v: Vehicle, sees: Ahead, limit: float) -> bool:
    """Whether he is near the barrier, or near one who stands."""
    stands = sees.vehicle is not None and not sees.vehicle.moving
    return STOP_AT - v.front < CLOSE_M or (stands and limit - v.front < CLOSE_M)


def _wait(v: Vehicle, may: bool, now: float, dt: float) -> None:
    """At the line."""
    d = v.driver
    v.waited += dt
    if v.arrived_at is None:
        v.arrived_at = now
    if not may and v.stood_at is None:
        v.stood_at = now
    if may:
        return
    if v.waited > d.makes_way_s:
        v.mood = Mood.ASIDE
    elif v.waited > d.turns_back_s:
        v.mood = Mood.REVERSING
    elif v.waited > d.patience_s:
        v.mood, v.lost_patience = Mood.REVERSING, True


def _limit(v: Vehicle, sees: Ahead, dt: float) -> float:
    """How far he may go for the vehicle before him and for his own halts."""
    limit = 1e9
    if sees.vehicle is not None:
        limit = sees.vehicle.back - v.driver.follows_m
    if v.driver.stops is not None:
        place, seconds = v.driver.stops
        if v.front >= place - 0.05 and v.stopped_for < seconds:
            v.stopped_for += dt
        if v.stopped_for < seconds:
            limit = min(limit, max(place, v.front))
    return limit


def queue_place(vehicles: Sequence[Vehicle], v: Vehicle) -> float:
    """Where one who comes now joins the queue."""
    last = min((other.back for other in vehicles), default=0.0)
    return min(COMES_FROM, last - v.driver.follows_m)
