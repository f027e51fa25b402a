"""Those who ask things of the guard: a clerk who admits, a person who is called by alarms.

Neither knows more than what stands before their eyes; the person looks before he orders, most of
the time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from edge.domain.commands import Action, Order
from edge.domain.facts import (
    Arm as Believed,
)
from edge.domain.facts import (
    ArmMoved,
    BarrierFact,
    GuardAlarm,
    RequestHandled,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
)
from tests.barrier.second_world.arm import Arm
from tests.barrier.second_world.computer import Computer
from tests.barrier.second_world.drivers import Vehicle
from tests.barrier.second_world.world import World

LOOKS_S = 0.25

CALLS = {
    "left_open",
    "passage_unfinished",
    "close_overdue",
    "moves_by_itself",
    "travel_timeout",
    "stopped",
}


@dataclass(slots=True)
class Admission:
    vehicle: Vehicle
    id: str
    at: float
    start: int
    entered: bool = False
    over: bool = False


@dataclass
class Lane:
    world: World
    computer: Computer
    vehicles: list[Vehicle]
    arm: Arm
    dice: Random
    note: Callable[[str], None]
    name: str
    admissions: list[Admission] = field(default_factory=list)
    every: list[Admission] = field(default_factory=list)
    alarms: dict[str, float] = field(default_factory=dict)
    orders: int = 0
    holding: bool = False
    held: bool = False
    """The last order that was done was no closing: a person means it to stay as it is. One that was
    refused, with the reason, or was lost, has changed nothing."""
    believed: Believed = Believed.UNKNOWN
    closings: list[float] = field(default_factory=list)
    """When a closing that a person ordered was taken up."""
    person: bool = True
    helped: set[str] = field(default_factory=set)
    """Vehicles that a person let through."""
    admit_delay_s: float = 0.5
    _asked: dict[str, Action] = field(default_factory=dict)
    _waiting_since: dict[str, float] = field(default_factory=dict)
    _person_at: float = 0.0
    _quiet_since: float = 0.0

    def begin(self) -> None:
        self.world.after(LOOKS_S, self._look)

    def told(self, fact: BarrierFact) -> None:
        """On the guard's thread."""
        now = self.world.t
        if isinstance(fact, GuardAlarm):
            if fact.active:
                self.alarms[fact.code] = now
                if fact.code in CALLS:
                    self._person_at = max(self._person_at, now + self.dice.uniform(2, 6))
            else:
                self.alarms.pop(fact.code, None)
        elif isinstance(fact, ArmMoved):
            self.believed = fact.arm
        elif isinstance(fact, RequestHandled):
            asked = self._asked.pop(fact.request, None)
            if asked is not None and fact.outcome == "done":
                self.held = asked in (Action.OPEN, Action.HOLD_OPEN, Action.STOP)
                if asked is Action.CLOSE:
                    self.closings.append(now)
        elif isinstance(fact, VehicleEntered):
            for a in self.admissions:
                if a.id == fact.authorisation:
                    a.entered = True
        elif isinstance(fact, VehicleCrossed):
            for a in self.admissions:
                if a.id == fact.authorisation:
                    a.over = True
        elif isinstance(fact, VehicleBackedOff):
            pass

    def pending(self) -> Admission | None:
        for a in self.admissions:
            if not a.over:
                return a
        return None

    def order(self, action: Action, why: str) -> None:
        guard = self.computer.guard_of(self.name)
        if guard is None:
            return
        self.orders += 1
        if action in (Action.HOLD_OPEN, Action.RELEASE):
            self.holding = action is Action.HOLD_OPEN
        self._asked[f"o{self.orders}"] = action
        self.note(f"order {action} ({why})")
        if action in (Action.OPEN, Action.HOLD_OPEN):
            self.helped |= {v.name for v in self.vehicles if v.x > -8}
        guard.order(Order(f"o{self.orders}", action, "operator:test", why))
        self.computer.wake()

    def _look(self) -> None:
        self.world.after(LOOKS_S, self._look)
        self.world.settle()
        guard = self.computer.guard_of(self.name)
        if guard is None:
            return
        now = self.world.t
        for a in self.admissions:
            if a.over:
                continue
            gone = a.vehicle.gone or a.vehicle.turning
            lost = a.start != self.computer.starts
            if gone or (lost and a.vehicle.rear > 1.5) or (lost and a.vehicle.x < 0):
                a.over = True
                if not lost:
                    self.note(f"revoke {a.id}")
                    guard.revoke(a.id)
                    self.computer.wake()
        if len(self.admissions) > 50:
            self.admissions = [a for a in self.admissions if not a.over]
        self._admit(now)
        if self.person:
            self._help(now)

    def _admit(self, now: float) -> None:
        if self.pending() is not None:
            return
        for v in self.vehicles:
            if v.went and v.x > -1.0:
                continue
            at_line = not v.follows and abs(v.x - v.wait_at) < 1.0 and v.v < 0.8
            if v.breaks_through or v.turning or not at_line:
                return
            since = self._waiting_since.setdefault(v.name, now)
            if now - since >= self.admit_delay_s:
                self._waiting_since[v.name] = now + 30
                a = Admission(v, f"a{v.name}.{int(now)}", now, self.computer.starts)
                self.admissions.append(a)
                self.every.append(a)
                self.note(f"authorise {a.id}")
                guard = self.computer.guard_of(self.name)
                assert guard is not None
                guard.authorise(a.id)
                self.computer.wake()
            return

    def _help(self, now: float) -> None:
        """A person comes when called, or when nothing has gone on for long; looks; orders."""
        moving = any(v.v for v in self.vehicles) or self.arm.v != 0
        resting = not self.vehicles and self.arm.p < 0.05
        if moving or resting:
            self._quiet_since = now
        called = 0 < self._person_at <= now
        if not called and now - self._quiet_since < 40:
            return
        self._person_at, self._quiet_since = 0.0, now
        if self.believed is Believed.OUT_OF_SERVICE:
            self.order(Action.IN_SERVICE, "it is mended")
            self._person_at = now + 2
            return
        near = [v for v in self.vehicles if v.over(-1.5, 2.5)]
        if near:
            if self.arm.p < 0.9:
                self.order(Action.OPEN, "something stands under it")
            elif called:
                self._person_at = now + 5
            return
        if self.arm.p > 0.1:
            coming = any(v.v > 0.3 and -8 < v.x < 0 for v in self.vehicles)
            if coming:
                self._person_at = now + 3
            elif self.holding:
                self.order(Action.RELEASE, "nobody is under it")
                self._person_at = now + 2
            else:
                self.order(Action.CLOSE, "nobody is under it")
        elif self.vehicles:
            self._waiting_since.clear()
            for a in self.admissions:
                if not a.over and a.vehicle.x < -1:
                    a.over = True
                    guard = self.computer.guard_of(self.name)
                    if guard is not None:
                        guard.revoke(a.id)
