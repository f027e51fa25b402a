"""The journal: events and the states they report, in one SQLite file, committed before any effect.

Whoever records waits for the commit; one thread writes (writing.py), any may ask (reading.py).
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from edge.config import JournalConfig
from edge.domain.alarm_codes import Phrase
from edge.domain.events import Event
from edge.sync.journal import highwater
from edge.sync.journal.chain import checkpoint_part
from edge.sync.journal.checkpoints import Checkpoints
from edge.sync.journal.log_index import LogIndex
from edge.sync.journal.opening import Ballast, cannot_open, emptied, log_size, opened
from edge.sync.journal.outbox import FORGOTTEN, forgotten
from edge.sync.journal.port import Losses, Recorded, Unrecorded
from edge.sync.journal.reading import JournalReading
from edge.sync.journal.restoring import RESTORED, ask_where_no_number_is_known
from edge.sync.journal.retention import Retention
from edge.sync.journal.signing import FILE as KEY
from edge.sync.journal.signing import GateKey, UnusableKey, verifies
from edge.sync.journal.writing import Job, JournalWriting
from edge.system.causes import cause
from edge.system.clock import Clock

FILE = "journal.db"
GROUP = 256
"""Maximum waiting calls that share one commit."""

log = logging.getLogger(__name__)


class SqliteJournal(JournalReading):
    """Implements port.Journal; made by `open_journal`."""

    def __init__(
        self,
        folder: Path,
        config: JournalConfig,
        source: str,
        clock: Clock,
        trusted: Callable[[], bool],
        before_check: Callable[[], None],
    ) -> None:
        super().__init__(folder / FILE)
        self._config, self._clock = config, clock
        had_key = (folder / "keys" / KEY).exists()
        gone = emptied(self.file, had_key)
        self._key = GateKey.of(folder / "keys")
        ballast = Ballast(folder / "ballast", config.ballast_mb * 1_000_000)
        db, self.quarantined = opened(self.file, config.max_mb, ballast, before_check)
        if had_key:
            ask_where_no_number_is_known(db)
        self.lost = tuple(lost for lost in (gone, self._key_lost(had_key)) if lost)
        """The parts of the data that were gone and were begun anew, each with its cure."""
        retention = Retention(db, self.file, ballast, config.keep_days, clock, trusted)
        checkpoints = Checkpoints(db, folder, self._key, clock)
        self._index = LogIndex(self.file, db.execute("PRAGMA page_size").fetchone()[0])
        self._writing = JournalWriting(
            db, self.file, source, clock, trusted, retention, checkpoints, self._key, self._index
        )
        ballast.make()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<SqliteJournal {self.file} at {self.last_sequence()}>"

    # --- for everybody, any thread ---

    def record(
        self, events: Sequence[Event], states: Mapping[str, Mapping[str, Any]] | None = None
    ) -> list[Recorded]:
        job = Job(tuple(events), dict(states or {}))
        self._do(job)
        return job.recorded

    def forget(self, key: str) -> None:
        self._do(Job(forget=key))

    def let_go(self, consumer: str, reason: str, user: str) -> int:
        """Keeps events no longer for a consumer that is configured no more; what it had
        acknowledged. Raises KeyError for one for whom none are kept, Unrecorded."""
        through = self.consumers()[consumer]
        note = forgotten(user, reason, through, self._clock.now().wall)
        self._do(Job(states={FORGOTTEN + consumer: note}, let_go=consumer))
        return through

    def begin_above(self, number: int) -> None:
        """After a backup was restored: the numbers up to this one were given before, and a new
        series begins. Raises Unrecorded."""
        self._do(Job(forget=RESTORED, above=number))
        highwater.note(self.file.parent, number)

    def expect(self, consumer: str) -> None:
        """This consumer is waited for from now on: one that has acknowledged nothing yet keeps its
        rows too. Does not wait for the commit."""
        self._jobs.put(Job(acknowledge=(consumer, 0)))

    def acknowledge(self, consumer: str, through: int) -> None:
        """A consumer has everything up to `through`; its position only ever rises."""
        self._do(Job(acknowledge=(consumer, min(through, self.last_sequence()))))

    def acknowledge_soon(self, consumer: str, through: int) -> None:
        """The same without waiting for the commit: an acknowledgement that a crash loses makes the
        gate send once more what the receiver already has, and no harm."""
        self._jobs.put(Job(acknowledge=(consumer, min(through, self.last_sequence()))))

    def last_sequence(self) -> int:
        return self._writing.seq

    @property
    def fault(self) -> str:
        """Why the last commit failed, or ""."""
        return self._writing.fault

    @property
    def key(self) -> GateKey:
        return self._key

    def losses(self) -> Losses:
        """Events that could not be kept."""
        return self._writing.losses()

    def log_bytes(self) -> int:
        """Size of SQLite's log, which is taken up into the file as long as nobody keeps reading."""
        return log_size(self.file)

    def health(self) -> dict[str, Any]:
        """Figures for the console: size with its log, cap, last number, last error."""
        size = self.file.stat().st_size if self.file.exists() else 0
        waits = self.log_bytes()
        free = os.statvfs(self.file.parent)
        return {
            "last_sequence": self.last_sequence(),
            "size_mb": round((size + waits) / 1e6, 2),
            "log_mb": round(waits / 1e6, 2),
            "max_mb": self._config.max_mb,
            "disk_free_mb": round(free.f_bavail * free.f_frsize / 1e6),
            "dropped": sum(self.losses().dropped.values()),
            "fault": self.fault,
            "quarantined": str(self.quarantined or ""),
        }

    def _key_lost(self, had: bool) -> Phrase | None:
        key = str(self.file.parent / "keys" / KEY)
        signed = self.checkpoints()[-1:]
        if had and signed:
            seq, hash, time, signature = signed[0]
            if not verifies(self._key.public, checkpoint_part(seq, hash, time), signature):
                return Phrase("data_lost.key_other", {"file": key, "event": seq})
        if had or not self.last_kept():
            return None
        return Phrase("data_lost.key_missing", {"file": key})

    def close(self) -> None:
        self._jobs.put(None)
        self._thread.join(timeout=30)
        self.close_readers()
        self._writing.close()
        self._index.close()

    def _do(self, job: Job) -> None:
        self._jobs.put(job)
        while not job.done.wait(5.0):
            if not self._thread.is_alive():
                raise Unrecorded("the journal is closed")
        if job.error:
            raise Unrecorded(job.error)

    # --- the writer thread ---

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
                    self._writing.write(real)
                    self._writing.tidy()
                except Exception as error:
                    # The writer lives on, and nobody waits in vain.
                    log.exception("the journal failed")
                    self._writing.refuse(
                        real, cause("journal.unwritten", file=self.file, error=repr(error))
                    )
            if len(real) < len(jobs):
                self._writing.sign()
                return


def open_journal(
    folder: Path,
    config: JournalConfig,
    source: str,
    clock: Clock,
    trusted: Callable[[], bool] = lambda: False,
    before_check: Callable[[], None] = lambda: None,
) -> SqliteJournal:
    """The journal in the folder, checked, put aside and begun anew if corrupt. `trusted`: whether a
    time server has set the wall clock; `before_check` is called once it can be written, before it
    is checked. Raises Unrecorded, which names the cure, where the disk does not let it be
    opened."""
    try:
        return SqliteJournal(folder, config, source, clock, trusted, before_check)
    except OSError as error:
        raise cannot_open(folder / FILE, error) from None
    except UnusableKey as error:
        raise Unrecorded(str(error)) from None
