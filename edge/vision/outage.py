"""When it is told why a camera gives no pictures: as that begins, as it ends, and anew once the
cause is another. Who mends the cable hears that the password is wrong, and not of the cable for
ever. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from edge.domain.alarm_codes import Phrase
from edge.system.backoff import Retries
from edge.system.causes import Cause

ANEW = Retries(10.0, 600.0)
"""Seconds from one telling to the next of the same outage: a camera that fails in turns, each time
otherwise, fills no journal."""

PASSING = "seconds"
"""The gap of a cause that grows while it stays the same."""


class Outage:
    """Of one camera. `reported`: what was told last, "" for no fault; None before the first."""

    def __init__(self) -> None:
        self.reported: str | None = None
        self._times, self._at = 0, 0.0

    def due(self, fault: str, now: float) -> bool:
        """Whether this one, "" for none, is to be told now, which counts as told."""
        if self.reported is None or bool(fault) != bool(self.reported):
            self._times = 0
        elif _same(fault, self.reported) or now - self._at < ANEW.pause_s(self._times - 1):
            return False
        self.reported, self._at = fault, now
        self._times += 1
        return True


def _same(fault: str, other: str) -> bool:
    return _what(fault) == _what(other)


def _what(fault: object) -> object:
    """What it says, without how long it has been so."""
    if isinstance(fault, Cause):
        fault = fault.phrase
    if not isinstance(fault, Phrase):
        return fault
    gaps: Mapping[str, object] = fault.params
    return fault.key, {name: _what(gap) for name, gap in gaps.items() if name != PASSING}
