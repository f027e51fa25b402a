"""Alarms that a supervisor has put on the shelf: they stand still, and are shown as shelved, but
neither count nor sound until their time is over (ISA-18.2). What must be done at once is never
shelved. The shelf is kept on disk with its ends, and outlives a restart of console or service.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from edge.domain.alarm_codes import Severity
from edge.gate.port import AlarmView, GateOperations, Unanswered
from edge.system.atomic_file import write_atomic
from edge.system.causes import cause

LONGEST_MIN = 480
"""Minutes: a shift."""

FILE = "shelf.json"
MOST = 1000
"""Alarms that are read; a larger file is not ours."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shelved:
    """`until` by the gate's clock, for people."""

    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class _Row:
    code: str
    lane: str
    by: str
    until: AwareDatetime


@dataclass(frozen=True, slots=True)
class _Held:
    """`ends`: monotonic seconds. `awaited`: of before a restart, after which alarms are raised
    anew; it may not stand for a while."""

    shelved: Shelved
    ends: float
    awaited: bool = False


_ROWS = TypeAdapter(list[_Row])


class Shelf:
    """Any thread. `folder`: where it is kept."""

    def __init__(
        self,
        operations: GateOperations,
        folder: Path,
        mono: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._operations, self._file, self._mono = operations, folder / FILE, mono
        self._lock = threading.Lock()
        self._held = {
            (row.code, row.lane): _Held(Shelved(row.by, row.until), mono() + left, awaited=True)
            for row in self._read()
            # A clock that was set makes nothing longer.
            if (left := min((row.until - now()).total_seconds(), 60 * LONGEST_MIN)) > 0
        }

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
            held = _Held(Shelved(user, until), self._mono() + 60 * minutes)
            self._keep({**self._held, (code, lane): held})

    def of(self, alarms: Collection[AlarmView]) -> dict[tuple[str, str], Shelved]:
        """Those of these that are shelved; one that has ended, or whose time is over, is not."""
        standing = {(alarm.code, alarm.lane) for alarm in alarms}
        now = self._mono()
        with self._lock:
            left = {
                key: _Held(one.shelved, one.ends, one.awaited and key not in standing)
                for key, one in self._held.items()
                if one.ends > now and (one.awaited or key in standing)
            }
            if left.keys() != self._held.keys():
                self._keep(left)
            self._held = left
            return {key: one.shelved for key, one in left.items() if key in standing}

    # --- the file ---

    def _keep(self, held: dict[tuple[str, str], _Held]) -> None:
        """A disk that takes nothing keeps nobody from his work: then a restart empties the shelf,
        which is the safe side."""
        self._held = held
        rows = [
            _Row(code, lane, one.shelved.by, one.shelved.until)
            for (code, lane), one in held.items()
        ]
        try:
            write_atomic(self._file, _ROWS.dump_json(rows), 0o600)
        except OSError as error:
            log.error("%s cannot be written: %s", self._file, error)

    def _read(self) -> list[_Row]:
        """Nothing where the file is damaged: what was shelved is told again."""
        try:
            return _ROWS.validate_json(self._file.read_bytes())[:MOST]
        except FileNotFoundError:
            return []
        except (OSError, ValidationError) as error:
            log.error("%s cannot be read (%s); nothing is shelved", self._file, error)
            return []
