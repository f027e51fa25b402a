"""A barrier with its own drive: an arm that has inertia, a drive that obeys contacts, two switches.

`p` is the arm's place: 0 down, 1 up. The drive obeys STOP (normally closed) before OPEN before
CLOSE; a contact counts once it has been made for DEBOUNCE_S.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

POST_M = 0.9
"""The arm turns this high above the road."""

DEBOUNCE_S = 0.03


@dataclass(slots=True)
class Make:
    """How a barrier is built."""

    up_s: float
    down_s: float
    start_s: float
    ramp_s: float
    run_out_s: float
    upper: float = 0.97
    lower: float = 0.03

    @staticmethod
    def of(dice: Random) -> Make:
        up = dice.uniform(1.3, 6.0)
        return Make(
            up_s=up,
            down_s=up * dice.uniform(0.95, 1.25),
            start_s=dice.uniform(0.02, 0.25),
            ramp_s=dice.uniform(0.1, 0.3),
            run_out_s=dice.uniform(0.05, 0.3),
        )


class Arm:
    """`why`: on whose account the arm was last sent: "guard", or an own will's name."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.p = 0.0
        self.v = 0.0
        self.wants = 0
        self.why = "start"
        self.sent_at = 0.0
        self._goes_at = 0.0
        self._pending: tuple[float, int, str] | None = None
        self.contacts = {"open": False, "close": False, "stop": False}
        self._made_at = {"open": 0.0, "close": 0.0, "stop": 0.0}
        self._taken = {"open": True, "close": True, "stop": True}
        self.blocked_at: float | None = None
        self.permit: bool | None = None
        """A relay in series with the close, held or not; None where none is wired."""
        self.rests = False
        """It lies on something."""
        self.slow = 1.0
        self.dead = False
        self.torn = False
        self.welded: str | None = None
        self.auto_close_s: float | None = None
        self._up_since: float | None = None
        self.on_command: Callable[[str, str], None] = lambda what, why: None

    def height(self, near: float) -> float:
        """Of its underside over a vehicle whose side is `near` from the post."""
        angle = self.p * math.pi / 2
        if self.torn or angle > 1.55:
            return 99.0
        return POST_M + near * math.tan(angle)

    @property
    def falling(self) -> bool:
        return self.v < -1e-6

    def contact(self, name: str, made: bool, now: float) -> None:
        """The board's relay, or a short somewhere, makes or breaks a contact of the drive."""
        if made and not self.contacts[name]:
            self._made_at[name], self._taken[name] = now, False
        self.contacts[name] = made

    def command(self, what: str, why: str, now: float) -> None:
        """What the drive takes up; a motor needs `start_s` until it pulls."""
        self.on_command(what, why)
        wants = {"open": 1, "close": -1, "stop": 0}[what]
        if wants == self.wants and wants:
            return
        if wants:
            self.why, self.sent_at = why, now
        self.wants = wants
        self._goes_at = now + (self.make.start_s if wants else 0.0)

    def move(self, now: float, dt: float) -> None:
        for name in ("stop", "open", "close"):
            made = self.contacts[name] or self.welded == name
            if made and not self._taken[name] and now - self._made_at[name] >= DEBOUNCE_S:
                self._taken[name] = True
                if name != "stop" and (self.contacts["stop"]):
                    continue
                if name == "close" and self.contacts["open"]:
                    continue
                self.command(name, "guard", now)
        resting = self.wants == 0 and self.v == 0 and not self.contacts["stop"]
        if self.welded and resting and self.p > 0:
            self.command(self.welded, "welded", now)
        if self.auto_close_s is not None:
            if self.p >= self.make.upper and self.v == 0:
                self._up_since = self._up_since or now
                if now - self._up_since >= self.auto_close_s:
                    self._up_since = None
                    self.command("close", "auto_close", now)
            else:
                self._up_since = None
        if self.permit is False and self.wants < 0 and self.why == "guard":
            self.command("stop", "no permit", now)
        self._turn(now, dt)

    def _turn(self, now: float, dt: float) -> None:
        if self.wants == 0 and self.v == 0.0:
            return
        top = 1 / self.make.up_s if self.wants > 0 else 1 / self.make.down_s
        target = self.wants * top * self.slow
        if now < self._goes_at or self.dead:
            target = 0.0
        ramp = self.make.ramp_s if target and self.v * target >= 0 else self.make.run_out_s
        change = dt * top / max(ramp, 0.01)
        v = self.v + max(-change, min(change, target - self.v))
        p = self.p + v * dt
        if self.blocked_at is not None and (p - self.blocked_at) * (self.p - self.blocked_at) <= 0:
            p, v = self.p, 0.0
        if self.rests and p < self.p:
            p, v = self.p, 0.0
        if p >= 1.0:
            p, v = 1.0, 0.0
            self.wants = 0 if self.wants > 0 else self.wants
        elif p <= 0.0:
            p, v = 0.0, 0.0
            self.wants = 0 if self.wants < 0 else self.wants
        self.p, self.v = p, v
