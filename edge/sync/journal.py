"""The journal: events and the states they report, in one SQLite file, committed before any effect.

When nothing more fits, the oldest acknowledged rows go, then the ballast, then new events of the
lowest class are dropped and counted; only then does `record` fail.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import sqlite3
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.clock import Clock, boot_id
from edge.config import JournalConfig
from edge.events import DEVICE_STATE, PLATE_READ, Event
from edge.sync import highwater, sql
from edge.sync.chain import GENESIS, cloud_event
from edge.sync.checkpoints import Checkpoints
from edge.sync.opening import Ballast, cannot_open, opened
from edge.sync.port import Losses, Recorded, Unrecorded
from edge.sync.reading import JournalReading
from edge.sync.retention import Retention
from edge.sync.signing import GateKey, UnusableKey

FILE = "journal.db"
LOWEST_CLASS = frozenset({PLATE_READ, DEVICE_STATE})
"""What is dropped first when nothing more can be kept."""

GROUP = 256
"""So many waiting calls share one commit."""

DROPPED_KEY = "journal:dropped"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Job:
    """One call of record (or a small change) and its outcome."""

    events: Sequence[Event] = ()
    states: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    forget: str = ""
    acknowledge: tuple[str, int] | None = None
    done: threading.Event = field(default_factory=threading.Event)
    recorded: list[Recorded] = field(default_factory=list)
    error: str = ""
    full: bool = False


class SqliteJournal(JournalReading):
    """Implements port.Journal; made by `open_journal`."""

    def __init__(
        self,
        folder: Path,
        config: JournalConfig,
        source: str,
        clock: Clock,
        trusted: Callable[[], bool],
    ) -> None:
        super().__init__(folder / FILE)
        self._config = config
        self._source = source
        self._clock = clock
        self._trusted = trusted
        self._boot = boot_id()
        self._key = GateKey.of(folder / "keys")
        ballast = Ballast(folder / "ballast", config.ballast_mb * 1_000_000)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self.fault = ""
        self._db, self.quarantined = opened(self.file, config.max_mb, ballast)
        self._seq = int(self._db.execute(sql.LAST_SEQ).fetchone()[0])
        self._hash = self._last_hash()
        self._dropped = Counter[str]((self.state(DROPPED_KEY) or {}).get("types", {}))
        self._checkpoints = Checkpoints(self._db, folder, self._key, clock)
        self._retention = Retention(self._db, ballast, config.keep_days, clock, trusted)
        ballast.make()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<SqliteJournal {self.file} at {self._seq}>"

    # --- for everybody, any thread ---

    def record(
        self, events: Sequence[Event], states: Mapping[str, Mapping[str, Any]] | None = None
    ) -> list[Recorded]:
        job = _Job(tuple(events), dict(states or {}))
        self._do(job)
        return job.recorded

    def forget(self, key: str) -> None:
        self._do(_Job(forget=key))

    def expect(self, consumer: str) -> None:
        """This consumer is waited for from now on: one that has acknowledged nothing yet keeps its
        rows too. Does not wait for the commit."""
        self._jobs.put(_Job(acknowledge=(consumer, 0)))

    def acknowledge(self, consumer: str, through: int) -> None:
        """A consumer has everything up to `through`; its position only ever rises."""
        self._do(_Job(acknowledge=(consumer, min(through, self._seq))))

    def acknowledge_soon(self, consumer: str, through: int) -> None:
        """The same without waiting for the commit: an acknowledgement that a crash loses makes the
        gate send once more what the receiver already has, and no harm."""
        self._jobs.put(_Job(acknowledge=(consumer, min(through, self._seq))))

    def last_sequence(self) -> int:
        return self._seq

    @property
    def key(self) -> GateKey:
        return self._key

    def losses(self) -> Losses:
        """What could not be kept."""
        return Losses(dict(self._dropped), self._retention.shortened)

    def health(self) -> dict[str, Any]:
        """For the console: size, cap, last number, what went wrong."""
        size = self.file.stat().st_size if self.file.exists() else 0
        free = os.statvfs(self.file.parent)
        return {
            "last_sequence": self._seq,
            "size_mb": round(size / 1e6, 2),
            "max_mb": self._config.max_mb,
            "disk_free_mb": round(free.f_bavail * free.f_frsize / 1e6),
            "dropped": self._dropped.total(),
            "fault": self.fault,
            "quarantined": str(self.quarantined or ""),
        }

    def close(self) -> None:
        self._jobs.put(None)
        self._thread.join(timeout=30)
        self.close_readers()
        self._db.conn.close()

    def _last_hash(self) -> str:
        """What the next event follows. Where numbers were left out (a copy was restored) a new
        series begins, as in a fresh file."""
        row = self._db.execute(sql.LAST_ROW).fetchone()
        return str(row[1]) if row and row[0] == self._seq else GENESIS

    # --- the writer thread ---

    def _do(self, job: _Job) -> None:
        self._jobs.put(job)
        while not job.done.wait(5.0):
            if not self._thread.is_alive():
                raise Unrecorded("the journal is closed")
        if job.error:
            raise Unrecorded(job.error)

    def _run(self) -> None:
        while True:
            jobs = [self._jobs.get()]
            while len(jobs) < GROUP:
                try:
                    jobs.append(self._jobs.get_nowait())
                except queue.Empty:
                    break
            real = [job for job in jobs if job is not None]
            if real:
                try:
                    self._write(real)
                    if self._retention.look():
                        highwater.note(self.file.parent, self._seq)
                except Exception as error:
                    # The writer lives on, and nobody waits in vain.
                    log.exception("the journal failed")
                    self._refuse(real, f"{self.file}: {error!r}")
            if len(real) < len(jobs):
                self._checkpoints.sign(self._seq, self._hash)
                return

    def _write(self, jobs: list[_Job]) -> None:
        """All together; if that fails, each by itself, making room."""
        if not self._attempt(jobs):
            for job in jobs:
                if not self._attempt([job]) and job.full:
                    self._with_room(job)
        for job in jobs:
            job.done.set()

    def _refuse(self, jobs: list[_Job], why: str) -> None:
        self.fault = why
        for job in jobs:
            if not job.done.is_set():
                job.recorded, job.error = [], why
                job.done.set()

    def _attempt(self, jobs: list[_Job]) -> bool:
        seq, hash = self._seq, self._hash
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for job in jobs:
                job.recorded = [self._insert(event) for event in job.events]
                for key, state in job.states.items():
                    self._db.execute(sql.PUT_STATE, (key, json.dumps(state)))
                if job.forget:
                    self._db.execute(sql.FORGET_STATE, (job.forget,))
                if job.acknowledge:
                    self._db.execute(sql.ACKNOWLEDGE, job.acknowledge)
            self._db.execute("COMMIT")
        except Exception as error:
            # Whatever it is, it must not end the writer.
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            self._seq, self._hash = seq, hash
            self.fault = f"{self.file}: {error}"
            for job in jobs:
                job.recorded, job.error, job.full = [], self.fault, _full(error)
            return False
        for job in jobs:
            job.error = ""
        self.fault = ""
        self._checkpoints.after(self._seq - seq, self._seq, self._hash)
        return True

    def _insert(self, event: Event) -> Recorded:
        number, id = self._seq + 1, str(uuid.uuid4())
        body = cloud_event(
            event,
            number,
            id,
            self._source,
            self._hash,
            self._clock.now().mono,
            self._boot,
            self._trusted(),
        )
        plate = str(event.data.get("plate", ""))
        row = (number, id, event.type, event.lane, body["time"], plate, body["hash"])
        self._db.execute(sql.INSERT_EVENT, (*row, json.dumps(body, ensure_ascii=False)))
        if plate:
            self._db.execute(sql.LIST_PLATE, (plate,))
        self._db.execute(sql.COUNT_HOUR, (body["time"][:13], event.type, event.lane))
        recorded = Recorded(number, id, event, self._hash, body["hash"])
        self._seq, self._hash = number, body["hash"]
        return recorded

    def _with_room(self, job: _Job) -> None:
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


def open_journal(
    folder: Path,
    config: JournalConfig,
    source: str,
    clock: Clock,
    trusted: Callable[[], bool] = lambda: False,
) -> SqliteJournal:
    """The journal in the folder, checked, put aside and begun anew if corrupt. `trusted`: whether a
    time server has set the wall clock. Raises Unrecorded, which names the cure, where the disk does
    not let it be opened."""
    try:
        return SqliteJournal(folder, config, source, clock, trusted)
    except OSError as error:
        raise cannot_open(folder / FILE, error) from None
    except UnusableKey as error:
        raise Unrecorded(str(error)) from None


def _full(error: Exception) -> bool:
    """Whether room may help: the file's cap or the disk is reached. SQLite tells some of the
    system's refusals only as failed input or output."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
