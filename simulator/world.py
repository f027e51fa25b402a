"""One lane's physics: vehicles, loops, photocell and the arm; the truth that all is judged by.

Along the lane: 0 m is the arm, vehicles come from the negative side. A vehicle occupies
[front - length, front]. Faults: tailgaters follow at arm's length, some vehicles back off.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.barrier.arm import Arm
from simulator.bodywork import Look
from simulator.scene import Placed

STOP_AT = -1.2
"""Where a driver stops before the closed arm (his front)."""

ENTRY_LOOP = (-4.0, -1.5)
SAFETY_LOOP = (-0.8, 1.4)
PHOTOCELL = 0.3
GONE_AT = 14.0
COMES_FROM = -38.0
CAMERA_AT = 7.6
GAP_M = 6.0
"""Between a waiting vehicle and the one behind it."""

ARM_CLEAR = 0.75
"""From this position up the arm clears a truck."""

SPEED, CREEP = 5.0, 2.2
REACTION_S = 0.6


@dataclass(slots=True)
class Vehicle:
    """`assigned`: the truth: may it pass here. `tailgates`: follows the one before through."""

    look: Look
    length: float
    assigned: bool
    front: float = COMES_FROM
    tailgates: bool = False
    backs_off: bool = False
    waited: float = 0.0
    green_for: float = 0.0
    crossed: bool = False
    gone: bool = False
    arrived_at: float | None = None
    opened_at: float | None = None
    patience_s: float = 20.0

    @property
    def back(self) -> float:
        return self.front - self.length


@dataclass(slots=True)
class Truth:
    """What really happened; plates of vehicles that crossed are in order."""

    crossed: list[str] = field(default_factory=list)
    turned_away: list[str] = field(default_factory=list)
    crossed_unassigned: list[str] = field(default_factory=list)
    left_assigned: list[str] = field(default_factory=list)
    tailgates: int = 0
    violations: list[str] = field(default_factory=list)
    waits_ms: list[float] = field(default_factory=list)


class LaneWorld:
    """Implements contacts.LaneHardware. `step` moves everything on; all calls are thread-safe."""

    def __init__(self, lane: str, clock: Callable[[], float], travel_s: float = 1.2) -> None:
        self.lane = lane
        self.arm = Arm(travel_s)
        self.truth = Truth()
        self.vehicles: list[Vehicle] = []
        self.green = False
        self._clock = clock
        self._lock = threading.RLock()
        self._at = clock()
        self.overrides: dict[str, bool] = {}
        self._struck: set[int] = set()

    def add(self, vehicle: Vehicle) -> None:
        """One more at the end of the queue."""
        with self._lock:
            last = min((v.back for v in self.vehicles), default=0.0)
            vehicle.front = min(COMES_FROM, last - GAP_M)
            self.vehicles.append(vehicle)

    def waiting(self) -> int:
        with self._lock:
            return len(self.vehicles)

    # --- the board's side ---

    def drive(self, output: str, on: bool) -> None:
        with self._lock:
            if output == "green":
                self.green = on
            self.arm.drive(output, on, self._clock())

    def sense(self) -> dict[str, bool]:
        with self._lock:
            self._advance()
            sensed = {
                "entry_loop": self._over(ENTRY_LOOP),
                "safety_loop": self._over(SAFETY_LOOP),
                "photocell": self._over((PHOTOCELL, PHOTOCELL + 0.05)),
                "stop": False,
                "fire": False,
                "manual_open": False,
                **self.arm.limits(),
            }
            return {**sensed, **self.overrides}

    def _over(self, stretch: tuple[float, float]) -> bool:
        return any(v.back < stretch[1] and v.front > stretch[0] for v in self.vehicles)

    # --- the physics ---

    def step(self) -> None:
        with self._lock:
            self._advance()

    def _advance(self) -> None:
        now = self._clock()
        left = min(1.0, now - self._at)
        while left > 1e-9:
            part = min(left, 0.05)
            left -= part
            self._at = now - left
            self._small_step(part)

    def _small_step(self, dt: float) -> None:
        position = self.arm.move(self._at)
        ahead: Vehicle | None = None
        for vehicle in self.vehicles:
            self._drive(vehicle, ahead, position, dt)
            ahead = vehicle
        self._judge(position)
        for vehicle in [v for v in self.vehicles if v.gone]:
            self.vehicles.remove(vehicle)

    def _drive(self, v: Vehicle, ahead: Vehicle | None, arm: float, dt: float) -> None:
        """One vehicle's next small movement."""
        if v.backs_off and v.waited > 2.0:
            v.front -= SPEED * dt
            if v.front < COMES_FROM:
                v.gone = True
                self.truth.turned_away.append(v.look.plate)
            return
        limit = 1e9 if ahead is None else ahead.back - (1.2 if v.tailgates else GAP_M)
        through = v.front > STOP_AT + 0.05
        allowed = arm > ARM_CLEAR and (self.green or v.tailgates or through)
        if v.tailgates and ahead is not None and ahead.back > -2.5:
            allowed = arm > ARM_CLEAR
        at_line = v.front >= STOP_AT - 0.05 and not through
        if at_line:
            v.waited += dt
            v.arrived_at = v.arrived_at if v.arrived_at is not None else self._at
        v.green_for = v.green_for + dt if allowed else 0.0
        if not through and (not allowed or v.green_for < REACTION_S):
            limit = min(limit, STOP_AT)
        elif not through and v.opened_at is None and v.arrived_at is not None:
            v.opened_at = self._at
            self.truth.waits_ms.append((self._at - v.arrived_at) * 1000)
        if v.waited > v.patience_s and not through and not allowed:
            v.backs_off = True
        speed = CREEP if through or limit - v.front < 8 else SPEED
        if limit > v.front:
            v.front = min(limit, v.front + speed * dt)

    def _judge(self, arm: float) -> None:
        """The arm on a vehicle, and who has crossed."""
        for v in self.vehicles:
            under = v.back < 0.15 and v.front > -0.15
            if under and self.arm.closing and arm < ARM_CLEAR and id(v) not in self._struck:
                self._struck.add(id(v))
                self.truth.violations.append(f"{self.lane}: the arm came down on {v.look.plate}")
            if not v.crossed and v.back > SAFETY_LOOP[1]:
                v.crossed = True
                self.truth.crossed.append(v.look.plate)
                if v.tailgates:
                    self.truth.tailgates += 1
                elif not v.assigned:
                    self.truth.crossed_unassigned.append(v.look.plate)
            if v.front > GONE_AT + v.length:
                v.gone = True

    # --- the camera's side ---

    def placed(self) -> list[Placed]:
        """The vehicles as the camera's scene wants them."""
        with self._lock:
            self._advance()
            return [Placed(v.look, CAMERA_AT - v.front) for v in self.vehicles]
