"""PURE. The permit: a relay in series with the barrier's close, which closes by itself no longer
than one pulse.

It is given just before a closing pulse and renewed at half its length while the arm comes down,
each time right after a good reading of the inputs; so it is as old as a reading, and nothing that
is due waits for more than its one exchange. Whatever ends the readings ends the permit: a killed
service, a lost wire, a guard that stands still. When the arm is proved down, turned or halted it is
taken back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge.barrier.wires.port import Pulse, Set, Write

PERMIT = "permit"

RENEWED_AT = 0.5
"""Part of its length after which it is renewed: one renewal may be lost."""


@dataclass(frozen=True, slots=True)
class Permit:
    """`pulse_s`: how long the relay stays closed by itself; 0: none is wired. `given_at`:
    monotonic, when it was last written; None: it is not wanted."""

    pulse_s: float = 0.0
    given_at: float | None = None

    def before(self, write: Write, now: float) -> tuple[Permit, list[Write]]:
        """What must be written before that: whatever sends the arm down needs a fresh permit."""
        if not self.pulse_s or not isinstance(write, Pulse) or write.output != "close":
            return self, []
        return self._given(now)

    def renewed(self, coming_down: bool, now: float) -> tuple[Permit, list[Write]]:
        """After a good reading."""
        if self.given_at is None or not coming_down:
            return self, []
        if now - self.given_at < RENEWED_AT * self.pulse_s:
            return self, []
        return self._given(now)

    def ended(self, coming_down: bool) -> tuple[Permit, list[Write]]:
        """Taken back where the arm is not to come down any more. Said once: it falls by itself."""
        if self.given_at is None or coming_down:
            return self, []
        return replace(self, given_at=None), [Set(PERMIT, False)]

    def _given(self, now: float) -> tuple[Permit, list[Write]]:
        return replace(self, given_at=now), [Pulse(PERMIT, self.pulse_s)]
