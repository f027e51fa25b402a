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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from edge.clock import Clock, boot_id, iso
from edge.config import JournalConfig
from edge.events import DEVICE_STATE, PLATE_READ, Event
from edge.sync import highwater, sql
from edge.sync.chain import GENESIS, cloud_event, event_of
from edge.sync.opening import Ballast, opened
from edge.sync.port import Recorded, Unrecorded
from edge.sync.signing import GateKey

FILE = "journal.db"
LOWEST_CLASS = frozenset({PLATE_READ, DEVICE_STATE})
"""What is dropped first when nothing more can be kept."""

GROUP = 256
"""So many waiting calls share one commit."""

MOST_PLATES = 500
"""So many plates that contain what is searched are looked up one by one."""

CHECKPOINT_EVERY = 500
PRUNE_ROWS = 2000
RETENTION_EVERY_S = 600.0
DROPPED_KEY = "journal:dropped"

Row = tuple[int, str, str, str]
"""Sequence, type, lane and CloudEvent JSON of one event."""

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


class SqliteJournal:
    """Implements port.Journal; made by `open_journal`."""

    def __init__(
        self,
        folder: Path,
        config: JournalConfig,
        source: str,
        clock: Clock,
        trusted: bool,
    ) -> None:
        self.file = folder / FILE
        self._config = config
        self._source = source
        self._clock = clock
        self._trusted = trusted
        self._boot = boot_id()
        self._key = GateKey.of(folder / "keys")
        self._ballast = Ballast(folder / "ballast", config.ballast_mb * 1_000_000)
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self.fault = ""
        self._db, self.quarantined = opened(self.file, config.max_mb, self._ballast)
        self._seq = int(self._db.execute(sql.LAST_SEQ).fetchone()[0])
        self._hash = self._last_hash()
        self.dropped = int((self.state(DROPPED_KEY) or {"dropped": 0})["dropped"])
        self._unsigned = 0
        self._retained_at = 0.0
        self._ballast.make()
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

    def state(self, key: str) -> dict[str, Any] | None:
        row = self._read().execute(sql.STATE, (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def states_under(self, prefix: str) -> dict[str, dict[str, Any]]:
        """All states whose key begins with the prefix."""
        rows = self._read().execute(sql.STATES_UNDER, (prefix, prefix + "\U0010ffff"))
        return {key: json.loads(body) for key, body in rows}

    def through(self, consumer: str) -> int:
        """What the consumer has acknowledged; 0 for one never heard of."""
        row = self._read().execute(sql.THROUGH, (consumer,)).fetchone()
        return int(row[0]) if row else 0

    def after(self, sequence: int, limit: int, type: str = "") -> list[Row]:
        """In order, from the one after `sequence`."""
        if type:
            return self._read().execute(sql.AFTER_OF_TYPE, (sequence, type, limit)).fetchall()
        return self._read().execute(sql.AFTER, (sequence, limit)).fetchall()

    def recent(
        self,
        *,
        types: Sequence[str] = (),
        lane: str | None = None,
        plate: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[Recorded]:
        wheres, values = ["1"], list[Any]()
        if plate:
            clause, matching = self._plates_like(plate)
            wheres.append(clause)
            values += matching
        if types:
            wheres.append(f"type IN ({','.join('?' * len(types))})")
            values += types
        for clause, value in (
            ("lane = ?", lane),
            ("time >= ?", iso(since) if since else None),
            ("time < ?", iso(until) if until else None),
            ("seq < ?", before),
        ):
            if value is not None:
                wheres.append(clause)
                values.append(value)
        # Plates and days name few rows: their index first, sorted afterwards.
        order = "+seq" if since or until or (plate and "IN" in wheres[1]) else "seq"
        query = (
            f"SELECT body FROM events WHERE {' AND '.join(wheres)} ORDER BY {order} DESC LIMIT ?"
        )
        rows = self._read().execute(query, (*values, limit))
        return [_recorded(json.loads(row[0])) for row in rows]

    def _plates_like(self, part: str) -> tuple[str, list[str]]:
        """The condition for plates that contain the part: few are named, so that their index is
        used; where many match, the newest events are looked through, and soon enough match."""
        like = f"%{part}%"
        rows = self._read().execute(sql.PLATES_LIKE, (like, MOST_PLATES + 1)).fetchall()
        if len(rows) > MOST_PLATES:
            return "+plate LIKE ?", [like]
        return f"plate <> '' AND plate IN ({','.join('?' * len(rows))})", [row[0] for row in rows]

    def counts_by_hour(self, type: str, since: datetime) -> list[tuple[datetime, str, int]]:
        hour = since.astimezone(UTC).strftime("%Y-%m-%dT%H")
        rows = self._read().execute(sql.HOURS, (type, hour))
        return [(datetime.fromisoformat(f"{h}:00:00+00:00"), lane, n) for h, lane, n in rows]

    def last_sequence(self) -> int:
        return self._seq

    def all_rows(self) -> Iterator[tuple[int, str, str]]:
        """(sequence, hash, body) of everything kept, in order; for verification and export."""
        yield from self._read().execute(sql.ALL)

    def checkpoints(self) -> list[tuple[int, str, str, str]]:
        return self._read().execute(sql.CHECKPOINTS).fetchall()

    @property
    def key(self) -> GateKey:
        return self._key

    def health(self) -> dict[str, Any]:
        """For the console: size, cap, last number, what went wrong."""
        size = self.file.stat().st_size if self.file.exists() else 0
        free = os.statvfs(self.file.parent)
        return {
            "last_sequence": self._seq,
            "size_mb": round(size / 1e6, 2),
            "max_mb": self._config.max_mb,
            "disk_free_mb": round(free.f_bavail * free.f_frsize / 1e6),
            "dropped": self.dropped,
            "fault": self.fault,
            "quarantined": str(self.quarantined or ""),
        }

    def backup(self, target: Path) -> None:
        """A consistent copy while the service runs (SQLite's online backup), then checked."""
        with contextlib.closing(sqlite3.connect(target)) as copy:
            self._read().backup(copy)
            (answer,) = copy.execute("PRAGMA integrity_check").fetchone()
        if answer != "ok":
            target.unlink()
            raise Unrecorded(f"the copy at {target} failed its check: {answer}")

    def close(self) -> None:
        self._jobs.put(None)
        self._thread.join(timeout=30)
        with self._lock:
            for reader in self._readers:
                reader.close()
            self._readers.clear()
        self._db.conn.close()

    def _last_hash(self) -> str:
        """What the next event follows. Where numbers were left out (a copy was restored) a new
        series begins, as in a fresh file."""
        row = self._db.execute(sql.LAST_ROW).fetchone()
        return str(row[1]) if row and row[0] == self._seq else GENESIS

    def _read(self) -> sqlite3.Connection:
        """This thread's reading connection."""
        reader: sqlite3.Connection | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = sqlite3.connect(self.file, timeout=10, check_same_thread=False)
            reader.execute("PRAGMA query_only = ON")
            self._local.reader = reader
            with self._lock:
                self._readers.append(reader)
        return reader

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
                self._write(real)
                self._retain()
            if len(real) < len(jobs):
                self._checkpoint()
                return

    def _write(self, jobs: list[_Job]) -> None:
        """All together; if that fails, each by itself, making room."""
        if not self._attempt(jobs):
            for job in jobs:
                if not self._attempt([job]):
                    self._with_room(job)
        for job in jobs:
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
        except (sqlite3.Error, OSError, ValueError, TypeError) as error:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            self._seq, self._hash = seq, hash
            self.fault = f"{self.file}: {error}"
            for job in jobs:
                job.recorded, job.error = [], self.fault
            return False
        for job in jobs:
            job.error = ""
        self.fault = ""
        self._unsigned += self._seq - seq
        if self._unsigned >= CHECKPOINT_EVERY:
            self._checkpoint()
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
            self._trusted,
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
        self._prune_oldest()
        if self._attempt([job]):
            return
        if self._ballast.give_up() and self._attempt([job]):
            return
        kept = [event for event in job.events if event.type not in LOWEST_CLASS]
        if len(kept) == len(job.events):
            return
        lost = len(job.events) - len(kept)
        job.events = kept
        count = {"dropped": self.dropped + lost}
        job.states = {**job.states, DROPPED_KEY: count}
        if self._attempt([job]):
            self.dropped += lost
        log.error("%d events of the lowest class were dropped: %s", lost, self.fault)

    def _prune_oldest(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            through = int(self._db.execute(sql.SLOWEST).fetchone()[0])
            self._db.execute(sql.PRUNE_OLDEST, (through, PRUNE_ROWS))

    def _retain(self) -> None:
        """Now and then: acknowledged rows past their time go."""
        now = self._clock.now()
        if now.mono - self._retained_at < RETENTION_EVERY_S:
            return
        self._retained_at = now.mono
        oldest = iso(now.wall - timedelta(days=self._config.keep_days))
        with contextlib.suppress(sqlite3.Error):
            through = int(self._db.execute(sql.SLOWEST).fetchone()[0])
            self._db.execute(sql.PRUNE_OLDER, (through, oldest))
        self._ballast.make()
        highwater.note(self.file.parent, self._seq)

    def _checkpoint(self) -> None:
        """Signs the end of the chain, so that a cut tail shows."""
        if not self._seq or not self._unsigned:
            return
        moment = iso(self._clock.now().wall)
        signature = self._key.sign(f"{self._seq}:{self._hash}:{moment}".encode())
        with contextlib.suppress(sqlite3.Error):
            row = (self._seq, self._hash, moment, signature)
            self._db.execute(sql.PUT_CHECKPOINT, row)
            self._unsigned = 0
        highwater.note(self.file.parent, self._seq)


def open_journal(
    folder: Path, config: JournalConfig, source: str, clock: Clock, trusted: bool = False
) -> SqliteJournal:
    """The journal in the folder, checked, put aside and begun anew if corrupt."""
    return SqliteJournal(folder, config, source, clock, trusted)


def _recorded(body: Mapping[str, Any]) -> Recorded:
    return Recorded(
        int(body["sequence"]), body["id"], event_of(body), body["previoushash"], body["hash"]
    )
