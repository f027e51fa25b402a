"""Tells people of trouble with the platform that only they can end.

`assignments_stale` stands as long as a lane would refer every vehicle because the list is too old;
`passages_set_aside` as long as the platform does not take a passage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edge.domain.alarm_codes import AlarmCode, Param
from edge.domain.decision import LanePolicy, not_trusted
from edge.domain.events import GATE_SUBJECT
from edge.gate.gate import Gate
from edge.sync.platform.port import ParkedPassage
from edge.system.clock import Clock

STALE = AlarmCode.ASSIGNMENTS_STALE
PARKED = AlarmCode.PASSAGES_PARKED
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
            self._gate.alarms.clear_alarm(STALE, GATE_SUBJECT)
            return
        self._since = now.mono if self._since is None else self._since
        if now.mono - self._since >= LASTING_S:
            params: dict[str, Param] = {"lanes": ", ".join(lanes)}
            if book.as_of is None:
                self._gate.alarms.raise_alarm(STALE, GATE_SUBJECT, params, variant="never")
            else:
                params["as_of"] = f"{book.as_of:%Y-%m-%d %H:%M} UTC"
                self._gate.alarms.raise_alarm(STALE, GATE_SUBJECT, params)

    def parked(self, parked: Sequence[ParkedPassage]) -> None:
        """Those that the platform does not take have become others; any thread."""
        if not parked:
            self._gate.alarms.clear_alarm(PARKED, GATE_SUBJECT)
            return
        plate = str(parked[0].passage.body.get("plate") or "?")
        params: dict[str, Param] = {"plate": plate, "why": parked[0].why}
        self._gate.alarms.raise_alarm(PARKED, GATE_SUBJECT, params)
