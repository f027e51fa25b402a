"""The physics of a barrier arm with its own motor control.

A pulse (or a held contact) on open, close or stop sets the motor; the arm travels in `travel_s`
from 0 (closed) to 1 (open). `stuck` and `slow` are faults for tests. Moments are monotonic seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

LIMIT = 0.02
"""Within so much of an end the limit switch is reached."""


@dataclass(slots=True)
class Arm:
    travel_s: float = 1.5
    position: float = 0.0
    direction: int = 0
    stuck: bool = False
    slow: float = 1.0
    at: float | None = None
    pulses: int = 0
    """How many opening pulses have come, for boards that count them."""

    def drive(self, output: str, on: bool, now: float) -> None:
        """A rising contact changes the motor; a falling one does not."""
        self.move(now)
        if not on:
            return
        if output == "open":
            self.direction = 1
            self.pulses += 1
        elif output == "close":
            self.direction = -1
        elif output == "stop":
            self.direction = 0

    def move(self, now: float) -> float:
        """The position now."""
        if self.at is not None and self.direction and not self.stuck:
            change = self.direction * (now - self.at) / (self.travel_s * self.slow)
            self.position = min(1.0, max(0.0, self.position + change))
            if self.position == (1.0 if self.direction > 0 else 0.0):
                self.direction = 0
        self.at = now
        return self.position

    @property
    def closing(self) -> bool:
        return self.direction < 0 and not self.stuck

    def limits(self) -> dict[str, bool]:
        return {
            "limit_open": self.position >= 1 - LIMIT,
            "limit_closed": self.position <= LIMIT,
        }
