"""Tells people of trouble with the platform that only they can end.

`assignments_stale` stands as long as a lane would refer every vehicle because the list is too old;
`passages_set_aside` as long as the platform does not take a passage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from edge.domain.alarm_codes import AlarmCode, Param
from edge.domain.assignment import Assignments
from edge.domain.conditions import not_trusted
from edge.domain.events import GATE_SUBJECT
from edge.domain.question import LanePolicy
from edge.gate.monitors.port import Alarms
from edge.sync.platform.port import ParkedPassage
from edge.system.clock import Clock

STALE = AlarmCode.ASSIGNMENTS_STALE
PARKED = AlarmCode.PASSAGES_PARKED
LASTING_S = 30.0
"""After a start, or a moment's outage at the end of the hold, the platform may answer yet."""


class PlatformMonitor:
    """See port.Monitor. `policies`: each lane's; `book`: the platform's list."""

    def __init__(
        self,
        alarms: Alarms,
        clock: Clock,
        policies: Mapping[str, LanePolicy],
        book: Callable[[], Assignments],
    ) -> None:
        self._alarms, self._clock, self._policies, self._book = alarms, clock, policies, book
        self._since: float | None = None

    def check(self) -> None:
        now, book = self._clock.now(), self._book()
        lanes = [n for n, p in self._policies.items() if not_trusted(book, p, now.wall)]
        if not lanes:
            self._since = None
            self._alarms.clear_alarm(STALE, GATE_SUBJECT)
            return
        self._since = now.mono if self._since is None else self._since
        if now.mono - self._since >= LASTING_S:
            params: dict[str, Param] = {"lanes": ", ".join(lanes)}
            if book.as_of is None:
                self._alarms.raise_alarm(STALE, GATE_SUBJECT, params, variant="never")
            else:
                params["as_of"] = f"{book.as_of:%Y-%m-%d %H:%M} UTC"
                self._alarms.raise_alarm(STALE, GATE_SUBJECT, params)

    def parked(self, parked: Sequence[ParkedPassage]) -> None:
        """Those that the platform does not take have become others; any thread."""
        if not parked:
            self._alarms.clear_alarm(PARKED, GATE_SUBJECT)
            return
        plate = str(parked[0].passage.body.get("plate") or "?")
        params: dict[str, Param] = {"plate": plate, "why": parked[0].why}
        self._alarms.raise_alarm(PARKED, GATE_SUBJECT, params)
