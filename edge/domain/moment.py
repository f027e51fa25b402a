"""PURE. A moment on both clocks, and how it is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks: `mono` seconds since an arbitrary start, `wall` aware UTC."""

    mono: float
    wall: datetime

    def after(self, seconds: float) -> Moment:
        """The moment that is this many seconds later on both clocks."""
        return Moment(self.mono + seconds, self.wall + timedelta(seconds=seconds))


def iso(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: `2026-01-15T08:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
