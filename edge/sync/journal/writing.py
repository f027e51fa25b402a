"""Writing the journal: what several callers record together goes into one transaction.

When nothing more fits, the oldest acknowledged rows go, then the ballast, then new events of the
lowest class are dropped and counted; only then is a caller refused.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import sqlite3
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlite_utils

from edge.domain.events import DEVICE_STATE, PLATE_READ, Event
from edge.sync.journal import highwater, sql
from edge.sync.journal.chain import GENESIS, cloud_event
from edge.sync.journal.checkpoints import Checkpoints
from edge.sync.journal.log_index import LogIndex
from edge.sync.journal.opening import log_size
from edge.sync.journal.port import Losses, Recorded
from edge.sync.journal.retention import Retention
from edge.sync.journal.signing import GateKey
from edge.system.causes import Cause, cause
from edge.system.clock import Clock, boot_id

LOWEST_CLASS = frozenset({PLATE_READ, DEVICE_STATE})
"""Types that are dropped first when nothing more can be kept."""

DROPPED_KEY = "journal:dropped"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Job:
    """One call of record (or a small change) and its outcome."""

    events: Sequence[Event] = ()
    states: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    forget: str = ""
    acknowledge: tuple[str, int] | None = None
    let_go: str = ""
    above: int = 0
    done: threading.Event = field(default_factory=threading.Event)
    recorded: list[Recorded] = field(default_factory=list)
    error: str = ""
    full: bool = False


class JournalWriting:
    """For one thread, but `seq` (the last number given), `fault` (why the last commit failed, or
    "") and `losses`, which any may ask."""

    def __init__(
        self,
        db: sqlite_utils.Database,
        file: Path,
        source: str,
        clock: Clock,
        trusted: Callable[[], bool],
        retention: Retention,
        checkpoints: Checkpoints,
        key: GateKey,
        index: LogIndex,
    ) -> None:
        self._index = index
        self._db, self._file, self._source = db, file, source
        self._clock, self._trusted, self._boot = clock, trusted, boot_id()
        self._retention, self._checkpoints, self._key = retention, checkpoints, key
        self.fault: str = ""
        self.seq = int(db.execute(sql.LAST_SEQ).fetchone()[0])
        self._hash = self._last_hash()
        dropped = db.execute(sql.STATE, (DROPPED_KEY,)).fetchone()
        self._dropped = Counter[str](json.loads(dropped[0])["types"] if dropped else {})

    def losses(self) -> Losses:
        return Losses(dict(self._dropped), self._retention.shortened)

    def write(self, jobs: list[Job]) -> None:
        """All together; if that fails, each by itself, making room."""
        if not self._attempt(jobs):
            for job in jobs:
                if not self._attempt([job]) and job.full:
                    self._with_room(job)
        for job in jobs:
            job.done.set()

    def refuse(self, jobs: list[Job], why: str) -> None:
        self.fault = why
        for job in jobs:
            if not job.done.is_set():
                job.recorded, job.error = [], why
                job.done.set()

    def _attempt(self, jobs: list[Job]) -> bool:
        seq, hash = self.seq, self._hash
        try:
            self._index.cover(log_size(self._file))
            self._db.execute("BEGIN IMMEDIATE")
            for job in jobs:
                job.recorded = [self._insert(event) for event in job.events]
                for key, state in job.states.items():
                    self._db.execute(sql.PUT_STATE, (key, json.dumps(state)))
                if job.forget:
                    self._db.execute(sql.FORGET_STATE, (job.forget,))
                if job.acknowledge:
                    self._db.execute(sql.ACKNOWLEDGE, job.acknowledge)
                if job.let_go:
                    self._db.execute(sql.FORGET_CONSUMER, (job.let_go,))
                if job.above > self.seq:
                    self._leave_out(job.above)
            self._db.execute("COMMIT")
        except Exception as error:
            # Whatever it is, it must not end the writer.
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            self.seq, self._hash = seq, hash
            self.fault = self._unwritten(error)
            for job in jobs:
                job.recorded, job.error, job.full = [], self.fault, _full(error)
            return False
        for job in jobs:
            job.error = ""
        self.fault = ""
        self._checkpoints.after(sum(len(job.recorded) for job in jobs), self.seq, self._hash)
        return True

    def _unwritten(self, error: Exception) -> Cause:
        if _full(error):
            return cause("journal.full", file=self._file, error=error)
        return cause("journal.unwritten", file=self._file, error=error)

    def _leave_out(self, number: int) -> None:
        """Numbers up to this one are not given; a new series begins behind it."""
        self._db.execute(sql.FORGET_LAST_SEQ)
        self._db.execute(sql.SET_LAST_SEQ, (number,))
        self.seq, self._hash = number, GENESIS

    def _insert(self, event: Event) -> Recorded:
        number, id = self.seq + 1, str(uuid.uuid4())
        body = cloud_event(
            event,
            number,
            id,
            self._source,
            self._hash,
            self._clock.now().mono,
            self._boot,
            self._trusted(),
            self._key.sign,
        )
        plate = _searched(event)
        row = (number, id, event.type, event.lane, body["time"], plate, body["hash"])
        self._db.execute(sql.INSERT_EVENT, (*row, json.dumps(body, ensure_ascii=False)))
        if plate:
            self._db.execute(sql.LIST_PLATE, (plate,))
        self._db.execute(sql.COUNT_HOUR, (body["time"][:13], event.type, event.lane))
        recorded = Recorded(number, id, event, self._hash, body["hash"])
        self.seq, self._hash = number, body["hash"]
        return recorded

    def _with_room(self, job: Job) -> None:
        """After a failure: room from old rows, then from the ballast, then without lowest class."""
        for made_room in self._retention.ways_to_room:
            if made_room() and self._attempt([job]):
                return
        kept = [event for event in job.events if event.type not in LOWEST_CLASS]
        lost = Counter(event.type for event in job.events) - Counter(e.type for e in kept)
        if not lost:
            return
        job.events = kept
        dropped = self._dropped + lost
        job.states = {**job.states, DROPPED_KEY: {"types": dropped}}
        why = job.error
        if self._attempt([job]):
            self._dropped = dropped
            log.error("%d events of the lowest class were dropped: %s", lost.total(), why)

    def tidy(self) -> None:
        """Now and then: what is past its time goes, and the last number is noted."""
        if self._retention.check():
            highwater.note(self._file.parent, self.seq)

    def sign(self) -> None:
        """The end of the chain, before the journal is closed."""
        self._checkpoints.sign(self.seq, self._hash)

    def close(self) -> None:
        self._db.conn.close()

    def _last_hash(self) -> str:
        """The hash that the next event follows. Where numbers were left out (a backup was restored)
        a new series begins, as in a fresh file."""
        row = self._db.execute(sql.LAST_ROW).fetchone()
        return str(row[1]) if row and row[0] == self.seq else GENESIS


def _full(error: Exception) -> bool:
    """Whether more room may help: the file's cap or the disk's end is reached. SQLite reports some
    of these errors only as failed input or output."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def _searched(event: Event) -> str:
    """The text by which an event is found: its plate, and those of its trailers."""
    trailers = event.data.get("trailers") or ()
    return "+".join([str(event.data.get("plate", "")), *(str(t["text"]) for t in trailers)])
