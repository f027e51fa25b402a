"""Time as the gate knows it.

Timers (travel, freshness, hold) use the monotonic clock, so no jump of the wall clock moves an arm;
wall time is for people and papers only and always carries its zone.
"""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from edge.domain.moment import Moment
from edge.system.clock_sync import synchronised

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    def now(self) -> Moment: ...


class SystemClock:
    """The computer's own clocks."""

    def now(self) -> Moment:
        return Moment(time.monotonic(), datetime.now(UTC))


class ManualClock:
    """A clock that moves only when it is advanced; for tests and scenarios."""

    def __init__(self, wall: datetime = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)) -> None:
        self._now = Moment(1000.0, wall)

    def now(self) -> Moment:
        return self._now

    def advance(self, seconds: float) -> Moment:
        """Moves both clocks on and returns the new moment."""
        self._now = self._now.after(seconds)
        return self._now

    def jump_wall(self, seconds: float) -> None:
        """Sets the wall clock only, as a wrong NTP server would."""
        self._now = Moment(self._now.mono, self._now.wall + timedelta(seconds=seconds))


def boot_id() -> str:
    """The kernel's id of this boot, or a fresh one where the kernel gives none."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return str(uuid.uuid4())


CREDIBLE_FROM = datetime(2026, 1, 1, tzinfo=UTC)
"""No gate ran this software before; an earlier clock is a dead battery's."""


def clock_trusted() -> bool:
    """Whether a time server holds the wall clock, by the kernel's word, and it is not absurd."""
    return synchronised() and datetime.now(UTC) > CREDIBLE_FROM
