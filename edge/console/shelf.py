"""Alarms that a supervisor has put on the shelf: they stand still, and are shown as shelved, but
neither count nor sound until their time is over (ISA-18.2). What must be done at once is never
shelved. A restart empties the shelf: that is the safe side.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.domain.alarm_codes import Severity
from edge.gate.port import AlarmView, GateOperations, Unanswered
from edge.system.causes import cause

LONGEST_MIN = 480
"""Minutes: a shift."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """`until` by the gate's clock, for people."""

    by: str
    until: datetime


class Shelf:
    """Any thread."""

    def __init__(self, operations: GateOperations, mono: Callable[[], float] = time.monotonic):
        self._operations, self._mono = operations, mono
        self._lock = threading.Lock()
        self._held: dict[tuple[str, str], tuple[Shelved, float]] = {}

    def put(self, code: str, lane: str, minutes: int, reason: str, user: str) -> None:
        """Raises Unanswered where it does not stand or must be done at once."""
        view = self._operations.view()
        alarm = next((a for a in view.alarms if (a.code, a.lane) == (code, lane)), None)
        if alarm is None:
            raise Unanswered(cause("refused.stands_no_more"))
        if alarm.severity == Severity.HIGH:
            raise Unanswered(cause("refused.never_shelved"))
        data = {"code": code, "lane": lane, "minutes": minutes, "reason": reason}
        self._operations.audit(user, "shelve_alarm", data)
        until = view.now + timedelta(minutes=minutes)
        with self._lock:
            self._held[code, lane] = Shelved(user, until), self._mono() + 60 * minutes

    def of(self, alarms: Collection[AlarmView]) -> dict[tuple[str, str], Shelved]:
        """Those of these that are shelved; one that has ended, or whose time is over, is not."""
        standing = {(alarm.code, alarm.lane) for alarm in alarms}
        now = self._mono()
        with self._lock:
            self._held = {
                key: (one, ends)
                for key, (one, ends) in self._held.items()
                if ends > now and key in standing
            }
            return {key: one for key, (one, _) in self._held.items()}
