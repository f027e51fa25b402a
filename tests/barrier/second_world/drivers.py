"""Drivers: each has a will of its own and looks at the arm, the lamp and the one in front."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.barrier.second_world.shapes import Shape

BRAKE = 4.0
PULL = 1.2

BEGINS_M = -13.0
"""Where vehicles come from."""

THROUGH_M = 8.0
"""A rear this far behind the arm is gone."""


@dataclass(slots=True)
class DriverView:
    """What a driver sees: how far the arm is up, whether it falls, and the lamp (None: no lamp)."""

    p: float
    falling: bool
    green: bool | None


@dataclass(slots=True)
class Vehicle:
    """`x` is its foremost point; the arm is at 0. `stops`: (front at, seconds) where it stands for
    a while. `turns_at`: there it goes back. `obeys`: waits for the lamp, and not only for the arm.
    `follows`: drives through behind the one in front, at `gap`, whatever the lamp says. `bold`:
    comes in under a falling arm that is higher than `dares`. `breaks_through`: does not look at the
    arm. `wary_s`: how long until it brakes for a falling arm. `mind`: what it is up to."""

    name: str
    shape: Shape
    speed: float = 2.5
    wait_at: float = -2.5
    gap: float = 4.0
    obeys: bool = True
    follows: bool = False
    breaks_through: bool = False
    bold: bool = False
    dares: float = 0.7
    stops: list[tuple[float, float]] = field(default_factory=list)
    turns_at: float | None = None
    beside_beam: bool = False
    wary_s: float = 0.7
    x: float = BEGINS_M
    v: float = 0.0
    furthest: float = BEGINS_M
    gone: bool = False
    went: bool = False
    turning: bool = False
    _stands_until: float | None = None
    _saw_fall_at: float | None = None
    born_at: float = 0.0
    mind: str = ""

    @property
    def rear(self) -> float:
        return self.x - self.shape.length

    def over(self, a: float, b: float) -> bool:
        """Whether any of it is between a and b."""
        return self.rear < b and self.x > a

    def move(self, now: float, dt: float, ahead: Vehicle | None, sight: DriverView) -> None:
        if self.turning:
            self._back(dt, sight)
            return
        limit = 1e9
        if ahead is not None:
            limit = ahead.rear - self.gap
        if not self.went and self.x < -0.3 and not self.breaks_through:
            near = self.follows or self.x >= self.wait_at - 0.6
            if near and self._goes(ahead, sight):
                self.went = True
            if not self.went:
                limit = min(limit, self.wait_at)
        if self.went and not self.breaks_through and self.x < -0.25:
            if sight.falling and sight.p < 0.95:
                self._saw_fall_at = self._saw_fall_at or now
                if now - self._saw_fall_at >= self.wary_s:
                    limit = min(limit, -0.4)
            else:
                self._saw_fall_at = None
            if sight.p < (self.dares if self.bold else 0.9) and (self.bold or not sight.falling):
                limit = min(limit, -0.4)
        if self.stops and self.x >= self.stops[0][0] - 0.05:
            if self._stands_until is None:
                self._stands_until = now + self.stops[0][1]
            if now < self._stands_until:
                limit = min(limit, self.stops[0][0])
            else:
                self.stops.pop(0)
                self._stands_until = None
        elif self.stops:
            limit = min(limit, self.stops[0][0])
        if self.turns_at is not None:
            limit = min(limit, self.turns_at)
            if self.x >= self.turns_at - 0.1 and self.v < 0.1:
                if self._stands_until is None:
                    self._stands_until = now + 1.5
                if now >= self._stands_until:
                    self.turning, self.v = True, 0.0
                    self._stands_until = None
        room = limit - self.x
        most = 0.0 if room <= 0.02 else min(self.speed, (2 * BRAKE * 0.6 * room) ** 0.5)
        if most < self.v:
            self.v = max(most, self.v - BRAKE * dt, 0.0)
        else:
            self.v = min(most, self.v + PULL * dt)
        self.x += self.v * dt
        self.furthest = max(self.furthest, self.x)
        if self.rear > THROUGH_M:
            self.gone = True

    def _goes(self, ahead: Vehicle | None, sight: DriverView) -> bool:
        if self.follows and ahead is None and self.v == 0 and self.x >= self.wait_at - 1:
            # Nobody to follow: it waits like everybody.
            self.follows = False
        if sight.p < 0.95 or sight.falling:
            return False
        if self.follows:
            return ahead is not None and ahead.went and ahead.x > -1.0
        if ahead is not None and ahead.rear < 0.5:
            return False
        return sight.green is not False if self.obeys else True

    def _back(self, dt: float, sight: DriverView) -> None:
        if 0.0 < self.rear < 0.6 and sight.p < self.dares:
            self.v = min(self.v + BRAKE * dt, 0.0)
        else:
            self.v = max(self.v - PULL * dt, min(self.v, -1.5))
        self.x += self.v * dt
        if self.x < BEGINS_M:
            self.gone = True
