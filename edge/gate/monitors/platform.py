"""Tells people of trouble with the platform that only they can end.

`assignments_stale` stands as long as a lane would refer every vehicle because the list is too old;
`passages_set_aside` as long as the platform does not take a passage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edge.domain.decision import LanePolicy, not_trusted
from edge.domain.events import GATE_SUBJECT
from edge.gate.gate import Gate
from edge.sync.platform.port import ParkedPassage
from edge.system.clock import Clock

STALE = "assignments_stale"
PARKED = "passages_set_aside"
LASTING_S = 30.0
"""After a start, or a moment's outage at the end of the hold, the platform may answer yet."""


class PlatformMonitor:
    """Call `check` about once a second, always from the same thread."""

    def __init__(self, gate: Gate, clock: Clock) -> None:
        self._gate, self._clock = gate, clock
        self._policies: Mapping[str, LanePolicy] = gate.policies
        self._since: float | None = None

    def check(self) -> None:
        now, book = self._clock.now(), self._gate.book()
        lanes = [n for n, p in self._policies.items() if not_trusted(book, p, now.wall)]
        if not lanes:
            self._since = None
            self._gate.alarms.clear_alarm(STALE, GATE_SUBJECT, "the list is up to date")
            return
        self._since = now.mono if self._since is None else self._since
        if now.mono - self._since >= LASTING_S:
            age = "none was ever fetched"
            if book.as_of is not None:
                age = f"the last is of {book.as_of:%Y-%m-%d %H:%M} UTC"
            text = f"no list that may decide in {', '.join(lanes)}: {age}"
            self._gate.alarms.raise_alarm(STALE, GATE_SUBJECT, text)

    def parked(self, parked: Sequence[ParkedPassage]) -> None:
        """Those that the platform does not take have become others; any thread."""
        if not parked:
            self._gate.alarms.clear_alarm(PARKED, GATE_SUBJECT, "the platform has them all")
            return
        text = f"{parked[0].passage.body.get('plate') or '?'}: {parked[0].why}"
        self._gate.alarms.raise_alarm(PARKED, GATE_SUBJECT, text)
