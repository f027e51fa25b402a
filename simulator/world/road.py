"""PURE. One lane's physics: vehicles, loops, photocell, arm; the truth that all is judged by.

It has no clock: `advance` moves it on to a moment. The same vehicles at the same moments give the
same history, whichever clock the moments are of.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simulator.barrier.arm import Arm
from simulator.world.driving import Ahead, drive, queue_place
from simulator.world.places import (
    ARM_CLEAR,
    CAMERA_AT,
    ENTRY_LOOP,
    EXIT_LOOP,
    GONE_AT,
    PHOTOCELL,
    REAR_CAMERA_AT,
    SAFETY_LOOP,
    UNDER_ARM,
    WAITS_BEYOND,
)
from simulator.world.truth import Touch, Truth
from simulator.world.vehicle import Look, Mood, Vehicle

STEP_S = 0.05
"""Motion is reckoned in steps no longer than this."""

LONGEST_S = 1.0
"""A world that was not moved on for longer has stood still meanwhile."""

INERTIA_S = 0.2
LOOPS = {"entry_loop": ENTRY_LOOP, "safety_loop": SAFETY_LOOP, "exit_loop": EXIT_LOOP}
SENSED = (-8.0, 7.0)
"""What moves within this stretch may change a sensor soon."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A vehicle before a camera, the end that it sees `distance` metres away. `trailer_plate`: of
    the trailer that it pulls; `brakes`: its brake lights burn."""

    look: Look
    distance: float
    length: float = 0.0
    trailer_plate: str = ""
    brakes: bool = False


class Road:
    """A lane at a moment. `overrides`: inputs that are not as they truly are; `distortions`: what
    becomes of an input on its way, from its true value and the moment. `drops_s`: after so long a
    loop no longer notices a vehicle that stands on it. `stuck_outputs`: contacts that no longer
    change."""

    def __init__(self, lane: str, at: float, travel_s: float = 1.2) -> None:
        self.lane = lane
        self.arm = Arm(travel_s, inertia_s=min(INERTIA_S, travel_s / 4))
        self.truth = Truth()
        self.vehicles: list[Vehicle] = []
        self.green = False
        self.overrides: dict[str, bool] = {}
        self.distortions: dict[str, Callable[[bool, float], bool]] = {}
        self.drops_s: dict[str, float] = {}
        self.stuck_outputs: set[str] = set()
        self._stands: dict[str, tuple[Vehicle, float]] = {}
        self._at = at
        self._opening = self._order = 0

    @property
    def at(self) -> float:
        return self._at

    def join(self, vehicle: Vehicle) -> None:
        """One more at the end of the queue, or on the other side."""
        if vehicle.driver.against:
            self.put(vehicle, WAITS_BEYOND + vehicle.length)
            return
        vehicle.front = queue_place([v for v in self.vehicles if not v.driver.against], vehicle)
        self.vehicles.append(vehicle)

    def put(self, vehicle: Vehicle, front: float) -> None:
        """One more at that place, in its place among the others."""
        vehicle.front = front
        self.vehicles.append(vehicle)
        self.vehicles.sort(key=lambda v: -v.front)

    def exchange(self, old: Vehicle, new: Vehicle) -> None:
        """Another vehicle stands where this one stood, as after minutes without eyes."""
        new.front = old.front
        self.vehicles[self.vehicles.index(old)] = new
        old.gone = True
        self.truth.left(old)

    def first(self) -> Vehicle | None:
        """Who is next to go under the arm."""
        coming = (v for v in self._in_lane() if v.under_arm and not v.driver.against)
        return next((v for v in coming if v.entered_at is None), None)

    @property
    def quiet(self) -> bool:
        """Whether no sensor will change within a fraction of a second."""
        start, end = SENSED
        near = (v for v in self.vehicles if v.front > start and v.back < end)
        return self.arm.at_rest and not any(v.moving or v.mood is not Mood.FORWARD for v in near)

    # --- the board's side ---

    def contact(self, output: str, on: bool) -> None:
        """An output changes."""
        if output in self.stuck_outputs:
            return
        grants = on and (output == "open" or (output == "green" and not self.green))
        if grants:
            self._opening, self._order = self._opening + 1, 0
        if output == "green":
            self.green = on
        if on and output in ("open", "stop"):
            self.truth.turned += self.arm.direction < 0
        self.arm.drive(output, on, self._at)

    def inputs(self) -> dict[str, bool]:
        """What the board's inputs show; logical values."""
        sensed = {
            **{name: self._loop(name, stretch) for name, stretch in LOOPS.items()},
            "photocell": self._beam(),
            "stop": False,
            "fire": False,
            "manual_open": False,
            **self.arm.limits(),
        }
        for name, distorted in self.distortions.items():
            sensed[name] = distorted(sensed[name], self._at)
        return {**sensed, **self.overrides}

    def _in_lane(self) -> Iterator[Vehicle]:
        return (v for v in self.vehicles if v.mood is not Mood.ASIDE)

    def _loop(self, name: str, stretch: tuple[float, float]) -> bool:
        over = None
        for v in self._in_lane():
            if any(v.shape[n].on_loops for n in v.parts_over(*stretch)):
                over = v
                break
        if over is None or over.moving:
            self._stands.pop(name, None)
            return over is not None
        who, since = self._stands.setdefault(name, (over, self._at))
        if who is not over:
            who, since = self._stands[name] = (over, self._at)
        return self._at - since < self.drops_s.get(name, math.inf)

    def _beam(self) -> bool:
        return any(
            v.in_beam and any(v.shape[n].in_beam for n in v.parts_over(PHOTOCELL, PHOTOCELL + 0.05))
            for v in self._in_lane()
        )

    # --- the physics ---

    def advance(self, to: float) -> None:
        """Moves everything on to that moment."""
        left = min(LONGEST_S, to - self._at)
        while left > 1e-9:
            part = min(left, STEP_S)
            left -= part
            self._at = to - left
            self._small_step(part)

    def _small_step(self, dt: float) -> None:
        position = self.arm.move(self._at)
        if self.arm.torn_off:
            position = 1.0
        ahead: Vehicle | None = None
        lane = list(self._in_lane())
        for n, vehicle in enumerate(lane):
            # Who goes around the arm goes past the queue too.
            before = ahead if vehicle.under_arm else None
            others = lane if vehicle.driver.against else lane[n + 1 :]
            drive(vehicle, Ahead(position, self.green, before, self._at), others, dt)
            beside = vehicle.driver.against and vehicle.back >= WAITS_BEYOND
            if vehicle.under_arm and vehicle.mood is not Mood.ASIDE and not beside:
                ahead = vehicle
        for vehicle in self.vehicles:
            if vehicle.mood is Mood.ASIDE and vehicle not in lane:
                drive(vehicle, Ahead(position, self.green, None, self._at), (), dt)
        self._judge()
        for vehicle in [v for v in self.vehicles if v.gone]:
            self.vehicles.remove(vehicle)

    def _judge(self) -> None:
        """The arm and the vehicles, who has entered and who has crossed."""
        for v in self.vehicles:
            self._meet(v)
            if v.driver.against:
                self._judge_against(v)
                continue
            if v.entered_at is None and v.front > SAFETY_LOOP[0] and v.mood is not Mood.ASIDE:
                self._enter(v)
            if v.entered_at is not None and not v.crossed and v.front < SAFETY_LOOP[0]:
                # Reversed out: nobody has passed yet.
                v.entered_at = None
            if not v.crossed and v.back > SAFETY_LOOP[1]:
                v.crossed = True
                self.truth.crossed_now(v, self._at)
            v.gone = v.gone or v.front > GONE_AT + v.length
            if v.gone and not v.crossed:
                self.truth.left(v)

    def _judge_against(self, v: Vehicle) -> None:
        """One who comes from the other side has crossed when he is out of the safety loop there."""
        if v.entered_at is None and v.back < SAFETY_LOOP[1]:
            v.entered_at, v.entered_as = self._at, (self._opening, self._order + 1, False)
        if not v.crossed and v.front < SAFETY_LOOP[0]:
            v.crossed = True
            self.truth.crossed_now(v, self._at)
        if v.gone and not v.crossed:
            self.truth.left(v)

    def _enter(self, v: Vehicle) -> None:
        v.entered_at = self._at
        if v.opened_at is None and v.arrived_at is not None:
            v.opened_at = self._at
            self.truth.waits_ms.append((self._at - v.arrived_at) * 1000)
        if v.look.kind != "pedestrian":
            self._order += 1
        v.entered_as = (self._opening, self._order, self.green)

    def _meet(self, v: Vehicle) -> None:
        """Whether the arm is on the vehicle, or the vehicle in the arm."""
        under = v.back < UNDER_ARM[1] and v.front > UNDER_ARM[0]
        if not under or not v.under_arm or v.mood is Mood.ASIDE:
            return
        arm = self.arm
        falls = arm.closing and arm.position < ARM_CLEAR and not arm.torn_off
        if falls and not arm.own and "sent down on" not in v.met:
            v.met.add("sent down on")
            self.truth.violations.append(v.look.plate)
        touches = any(v.shape[n].high > arm.height for n in v.parts_over(*UNDER_ARM))
        how = "fell on" if falls else "driven into by"
        if not touches or "fell on" in v.met:
            return
        if how not in v.met:
            v.met.add(how)
            self.truth.touches.append(Touch(v.look.plate, self._at, falls, arm.own))
        if falls:
            arm.halt()
        elif v.moving:
            # It bends the arm up before itself.
            arm.lift(min(1.0, arm.position + 0.3), self._at)

    # --- the camera's side ---

    def seen(self) -> list[Seen]:
        """The vehicles before the camera that looks at their fronts."""
        return [Seen(v.look, CAMERA_AT - v.front) for v in self.vehicles]

    def rears(self) -> list[Seen]:
        """Those before the one that looks at their rears; who has left to the side hides nobody."""
        return [
            Seen(v.look, v.back - REAR_CAMERA_AT, v.length, v.trailer_plate, v.brakes)
            for v in self._in_lane()
            if not v.driver.against
        ]
