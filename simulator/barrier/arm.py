"""The physics of a barrier arm with its own motor control.

A pulse (or a held contact) on open, close or stop sets the motor; the arm travels in `travel_s`
from 0 (closed) to 1 (open). Moments are monotonic seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

LIMIT = 0.02
"""Within so much of an end the limit switch is reached."""

STEP_S = 0.02
"""An arm with inertia is reckoned in steps no longer than this."""

LOW_M, LENGTH_M = 0.9, 3.5
"""Height of the closed arm, and its length from the pivot to the middle of a vehicle's way."""


@dataclass(slots=True)
class Arm:
    """`stuck`, `slow` and `torn_off` are faults; the drive of an arm that is torn off still turns,
    and its limit switches with it. `inertia_s`: so long it takes to come to its full speed and to
    stop. `auto_closes_s`: the barrier's own control brings it down when it has been up for so long;
    `own`: its last motion was nobody's order; `raised`: when it was raised so. `pulses`: how many
    opening pulses have come, for boards that count them. `permit`: the relay in series with its
    close; None: none is wired."""

    travel_s: float = 1.5
    position: float = 0.0
    direction: int = 0
    stuck: bool = False
    slow: float = 1.0
    torn_off: bool = False
    at: float | None = None
    pulses: int = 0
    inertia_s: float = 0.0
    auto_closes_s: float = math.inf
    own: bool = False
    raised: list[float] = field(default_factory=list)
    speed: float = 0.0
    up_since: float | None = None
    permit: bool | None = None

    def drive(self, output: str, on: bool, now: float) -> None:
        """A rising contact changes the motor; a falling one does not."""
        self.move(now)
        if output == "permit":
            self.permit = on
        if self.permit is False and self.direction < 0:
            self.direction = 0
        if not on:
            return
        if output == "open":
            self.direction = 1
            self.pulses += 1
        elif output == "close" and self.permit is not False:
            self.direction = -1
        elif output == "stop":
            self.direction = 0
        self.own = self.own and output not in ("open", "close", "stop")

    def push(self, direction: int, now: float) -> None:
        """It sets off by itself: a remote control, a welded relay, the wind."""
        self.move(now)
        self.direction, self.own = direction, True
        if direction > 0:
            self.raised.append(now)

    def lift(self, position: float, now: float) -> None:
        """By hand, or by a vehicle that drives into it; it stays there."""
        self.move(now)
        if position > self.position:
            self.raised.append(now)
        self.position, self.direction, self.speed, self.own = position, 0, 0.0, True

    def halt(self) -> None:
        """It lies on something; its own limit of force ends the motion."""
        self.direction, self.speed = 0, 0.0

    def move(self, now: float) -> float:
        """The position now."""
        if self.at is not None and now > self.at and not self.stuck:
            if not self.inertia_s:
                self.speed = self.direction / (self.travel_s * self.slow)
            if self.direction or self.speed:
                self._travel(now - self.at)
            self._close_alone(now)
        self.at = now
        return self.position

    def _travel(self, left: float) -> None:
        most = 1 / (self.travel_s * self.slow - self.inertia_s / 2)
        step = STEP_S if self.inertia_s else left
        while left > 0:
            part = min(step, left)
            left -= part
            if self.inertia_s:
                gain = most / self.inertia_s * part
                wanted = self.direction * most
                self.speed += min(gain, max(-gain, wanted - self.speed))
            self.position = min(1.0, max(0.0, self.position + self.speed * part))
            end = 1.0 if self.speed > 0 else 0.0
            if self.speed and self.position == end:
                self.speed = 0.0
                # The motor goes on where it is to turn; at its own end it is switched off.
                self.direction = 0 if self.direction == (1 if end else -1) else self.direction

    def _close_alone(self, now: float) -> None:
        if self.position < 1.0 or self.direction:
            self.up_since = None
        elif self.up_since is None:
            self.up_since = now
        elif now - self.up_since >= self.auto_closes_s:
            self.direction, self.own, self.up_since = -1, True, None

    @property
    def closing(self) -> bool:
        return (self.direction < 0 or self.speed < 0) and not self.stuck

    @property
    def at_rest(self) -> bool:
        return self.stuck or not (self.direction or self.speed)

    @property
    def height(self) -> float:
        """Metres between road and arm in the middle of the lane."""
        if self.torn_off:
            return math.inf
        return LOW_M + LENGTH_M * math.sin(self.position * math.pi / 2)

    def limits(self) -> dict[str, bool]:
        return {
            "limit_open": self.position >= 1 - LIMIT,
            "limit_closed": self.position <= LIMIT,
        }
