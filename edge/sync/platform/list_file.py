"""The platform's list on this computer's disk: SQLite, in which only what has changed is written.

A write that fails is logged; the list in memory is used further, and the next change writes all of
it anew. A damaged file is renamed and begun anew: the platform sends the list again.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path

from edge.sync.platform.list_reading import Row
from edge.system.database_reading import open_to_read

FILE = "assignments.db"
CHUNK = 500
"""Rows that are written in one call."""

WAIT_S = 10.0
"""Seconds to wait for another program that reads or copies the file."""

THE_DISKS = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY,
}  # fmt: skip
"""SQLite's error codes for which the disk or another program is to blame, and not the file."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
    id TEXT PRIMARY KEY, revision INTEGER NOT NULL, ends INTEGER NOT NULL, plates TEXT NOT NULL,
    body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS item_ends ON item (ends);
CREATE TABLE IF NOT EXISTS spent (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL,
    reported INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS released (id TEXT PRIMARY KEY, revision INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

PUT_ITEM = "INSERT OR REPLACE INTO item (id, revision, ends, plates, body) VALUES (?, ?, ?, ?, ?)"
DROP_ITEM = "DELETE FROM item WHERE id = ?"
END_ITEM = "UPDATE item SET ends = min(ends, ?) WHERE id = ?"
ENDED_BEFORE = "SELECT id FROM item WHERE ends < ?"
ALL_ITEMS = "SELECT id, revision, ends, plates, body FROM item ORDER BY rowid"
PUT_SPENT = "INSERT OR REPLACE INTO spent (id, revision, reported) VALUES (?, ?, ?)"
DROP_SPENT = "DELETE FROM spent WHERE id = ?"
ALL_SPENT = "SELECT id, revision, reported FROM spent ORDER BY n"
PUT_RELEASED = "INSERT OR REPLACE INTO released (id, revision) VALUES (?, ?)"
PUT_META = "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)"

log = logging.getLogger(__name__)


def copy_of(folder: Path) -> bytes | None:
    """The list as it is now, whole, though a service writes it; None where there is none. Raises
    OSError, sqlite3.Error."""
    if not (folder / FILE).exists():
        return None
    with (
        tempfile.TemporaryDirectory(prefix="gate-list-") as name,
        contextlib.closing(open_to_read(folder / FILE, WAIT_S)) as db,
    ):
        copy = Path(name) / FILE
        db.execute("VACUUM INTO ?", (str(copy),))
        return copy.read_bytes()


class ListFile:
    """Any thread, one at a time."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self.behind = False
        """Whether something could not be written, so that all must be written anew."""

    def close(self) -> None:
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def write(self, work: Callable[[Changes], None]) -> None:
        """One transaction. A failure is logged and sets `behind`."""
        with self._lock:
            try:
                db = self._open()
                db.execute("BEGIN IMMEDIATE")
                try:
                    work(Changes(db))
                    db.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(sqlite3.Error):
                        db.execute("ROLLBACK")
                    raise
                self.behind = False
            except (sqlite3.Error, OSError) as error:
                self.behind = True
                log.error("the assignments could not be kept on disk: %s: %s", self._file, error)

    def read(self, load: Callable[[sqlite3.Connection], None]) -> None:
        """Loads what was kept, by `load`. A damaged file is renamed. A file that the disk does not
        let be opened is not to blame: it is read as far as possible, and stays."""
        if not self._file.exists():
            return
        with self._lock:
            try:
                try:
                    load(self._open())
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF not in THE_DISKS:
                        raise
                    log.error("%s cannot be opened for writing (%s)", self._file, error)
                    self.behind = True
                    self._read_only(load)
            except (sqlite3.DatabaseError, ValueError, TypeError, KeyError) as error:
                log.error("%s is damaged (%s); fetched anew from the platform", self._file, error)
                if self._db is not None:
                    self._db.close()
                    self._db = None
                for name in (FILE, FILE + "-wal", FILE + "-shm"):
                    part = self._file.with_name(name)
                    with contextlib.suppress(OSError):
                        part.replace(part.with_name(part.name + ".damaged"))

    def _read_only(self, load: Callable[[sqlite3.Connection], None]) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
        try:
            with contextlib.closing(open_to_read(self._file, WAIT_S)) as db:
                load(db)
        except sqlite3.OperationalError as error:
            log.error("%s cannot be read (%s); fetched anew from the platform", self._file, error)

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(
                self._file, timeout=WAIT_S, isolation_level=None, check_same_thread=False
            )
            try:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = NORMAL")
                db.execute("PRAGMA journal_size_limit = 8000000")
                db.executescript(SCHEMA)
            except BaseException:
                db.close()
                raise
            self._db = db
        return self._db


class Changes:
    """The writes of one transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def empty(self) -> None:
        for table in ("item", "spent", "released", "meta"):
            self._db.execute(f"DELETE FROM {table}")

    def items(self, rows: Iterable[Row], ended: int) -> None:
        """`ended`: when those that are over came to be so, in Unix seconds."""
        rows = iter(rows)
        while chunk := list(islice(rows, CHUNK)):
            self._db.executemany(
                PUT_ITEM,
                [
                    (id, revision, min(ends, ended) if over else ends, plates, body)
                    for id, revision, ends, over, plates, body in chunk
                ],
            )

    def drop(self, ids: Iterable[str]) -> None:
        ids = iter(ids)
        while chunk := list(islice(ids, CHUNK)):
            self._db.executemany(DROP_ITEM, [(id,) for id in chunk])

    def spent(self, id: str, revision: int, reported: bool, now: int) -> None:
        self._db.execute(PUT_SPENT, (id, revision, reported))
        self._db.execute(END_ITEM, (now, id))

    def unspent(self, ids: Iterable[str]) -> None:
        self._db.executemany(DROP_SPENT, [(id,) for id in ids])

    def released(self, released: Mapping[str, int]) -> None:
        self._db.execute("DELETE FROM released")
        self._db.executemany(PUT_RELEASED, list(released.items()))

    def meta(self, cursor: str, as_of: str) -> None:
        self._db.executemany(PUT_META, [("cursor", cursor), ("as_of", as_of)])

    def ended_before(self, moment: int) -> list[str]:
        return [id for (id,) in self._db.execute(ENDED_BEFORE, (moment,))]
