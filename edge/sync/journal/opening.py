"""Opens the journal's file: checks it, migrates it, and renames it if it is corrupt."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlite_utils

from edge.domain.alarm_codes import Phrase
from edge.sync.journal import highwater, sql
from edge.sync.journal.log_index import TO_OPEN, room_to_open
from edge.sync.journal.port import Unrecorded
from edge.system.causes import Cause, cause
from edge.system.owner import give_to_owner

SUFFIXES = ("", "-wal", "-shm")
"""Endings of the names of a database's files."""

BUSY_MS = 10_000
"""Milliseconds to wait for a command that writes."""

LOG_KEPT = 16_000_000
"""Bytes that SQLite's log keeps on the disk once it is taken up; it was larger for a while."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ballast:
    """A file to give up when the disk is full."""

    file: Path
    size: int

    def make(self) -> None:
        """If it lacks and the disk has room; not at once again from the room it gave up."""
        if not self.size or self.file.exists():
            return
        with contextlib.suppress(OSError):
            disk = os.statvfs(self.file.parent)
            if disk.f_bavail * disk.f_frsize >= 2 * self.size:
                with self.file.open("wb") as file:
                    give_to_owner(self.file, self.file.parent)
                    os.posix_fallocate(file.fileno(), 0, self.size)

    def give_up(self) -> bool:
        """Whether there was any."""
        try:
            self.file.unlink()
        except OSError:
            return False
        log.error("the disk is full; the ballast has been given up")
        return True


def opened(
    file: Path, max_mb: int, ballast: Ballast, before_check: Callable[[], None] = lambda: None
) -> tuple[sqlite_utils.Database, Path | None]:
    """The database, and the new place of a corrupt one. `before_check` is called once, when the
    file can be written and before it is checked, which takes a minute for a large one that is not
    in memory. Raises Unrecorded with the cure where the disk is full, read-only or locked: then the
    file is not to blame and stays where it is."""
    _may_be_written(file)
    quarantined = None
    reported = False
    while True:
        try:
            with _connected(file) as db:
                _set_up(db, max_mb)
                if not reported:
                    reported = True
                    before_check()
                _check(db)
                _migrate(db, file)
                _go_on_above(db, file.parent)
        except sqlite3.OperationalError as error:
            if not (_is_full(file.parent, error) and ballast.give_up()):
                raise cannot_open(file, error) from None
        except sqlite3.DatabaseError as error:
            if quarantined is not None:
                raise cannot_open(file, error) from None
            quarantined = _quarantine(file, error)
        else:
            for suffix in SUFFIXES:
                give_to_owner(file.with_name(file.name + suffix), file.parent)
            return db, quarantined


def _may_be_written(file: Path) -> None:
    """SQLite opens what it can only read as well, and a disk that has met an error looks writable
    until it is written. A full one is no hindrance: the journal can make room. Raises
    Unrecorded."""
    probe = file.with_name(".probe")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise cannot_open(file, error) from None


def emptied(file: Path, key: bool) -> Phrase | None:
    """To be asked before it is opened: why there is no journal although the gate has recorded
    before, or None. `key`: whether the gate has had a key, which is made with its first journal."""
    logged = log_size(file)
    with contextlib.suppress(OSError):
        if file.stat().st_size and (logged or not _holds_nothing(file)):
            return None
    if not (key or logged or highwater.above(file.parent)):
        return None
    how = "empty" if file.exists() else "missing"
    log.error("%s was %s, and a new one begins", file, how)
    if logged:
        # SQLite would throw it away; what was committed last stands in it.
        quarantined = file.with_name(f"journal-lost-{time.strftime('%Y%m%dT%H%M%S')}.db-wal")
        with contextlib.suppress(OSError):
            file.with_name(f"{file.name}-wal").rename(quarantined)
            log.error("the log of the lost journal is kept as %s", quarantined)
            return Phrase(
                f"data_lost.journal_{how}_log", {"file": str(file), "log": str(quarantined)}
            )
    return Phrase(f"data_lost.journal_{how}", {"file": str(file)})


def _holds_nothing(file: Path) -> bool:
    """Whether it is a database of one page, without any table of ours: our version is not 0."""
    with file.open("rb") as opened:
        head = opened.read(64)
    return head[:6] == b"SQLite" and head[28:32] == b"\0\0\0\1" and head[60:64] == bytes(4)


def cannot_open(file: Path, error: Exception) -> Unrecorded:
    """Says what is wrong with the file or the disk under it, and what to do."""
    return Unrecorded(cause("journal.opens", file=file, error=error, cure=_cure(file, error)))


def _code(error: Exception) -> int:
    """SQLite's primary result code; 0 for an error that is not SQLite's."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _is_full(folder: Path, error: Exception) -> bool:
    if _code(error) == sqlite3.SQLITE_FULL:
        return True
    with contextlib.suppress(OSError):
        disk = os.statvfs(folder)
        return disk.f_bavail * disk.f_frsize < TO_OPEN
    return False


def _cure(file: Path, error: Exception) -> Cause:
    folder = file.parent
    if _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return cause("journal.another_gate")
    with contextlib.suppress(OSError):
        place = next(p for p in (folder, *folder.parents) if p.exists())
        disk = os.statvfs(place)
        if disk.f_flag & os.ST_RDONLY or getattr(error, "errno", 0) == errno.EROFS:
            return cause("journal.read_only", place=place)
        if not os.access(place, os.W_OK):
            return cause("journal.not_in", place=place)
        if _is_full(place, error):
            return cause("journal.disk_full", place=place)
    for part in (file.with_name(file.name + suffix) for suffix in SUFFIXES):
        if part.is_symlink() and not part.exists():
            return cause("journal.link", file=part)
        if part.exists() and not part.is_file():
            return cause("journal.no_file", file=part)
        if part.exists() and not os.access(part, os.R_OK | os.W_OK):
            return cause("journal.not_write", file=part)
    return cause("journal.disk", place=folder)


@contextlib.contextmanager
def _connected(file: Path) -> Iterator[sqlite_utils.Database]:
    """Closed again where what is done with it fails."""
    room_to_open(file)
    connection = sqlite3.connect(
        file, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False
    )
    try:
        yield sqlite_utils.Database(connection, execute_plugins=False)
    except BaseException:
        connection.close()
        raise


def _set_up(db: sqlite_utils.Database, max_mb: int) -> None:
    db.enable_wal()
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"PRAGMA journal_size_limit = {LOG_KEPT}")
    (page,) = db.execute("PRAGMA page_size").fetchone()
    db.execute(f"PRAGMA max_page_count = {max_mb * 1_000_000 // page}")


def _check(db: sqlite_utils.Database) -> None:
    (answer,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        raise sqlite3.DatabaseError(str(answer))


def _migrate(db: sqlite_utils.Database, file: Path) -> None:
    """Raises DatabaseError for another program's database."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if not version and (tables := db.table_names()):
        raise sqlite3.DatabaseError(f"no journal: it has a table {tables[0]!r}")
    if version > len(sql.MIGRATIONS):
        raise Unrecorded(cause("journal.newer", file=file))
    for number, script in enumerate(sql.MIGRATIONS[version:], version + 1):
        db.conn.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version={number}; COMMIT;")


def _go_on_above(db: sqlite_utils.Database, folder: Path) -> None:
    """A file that has given no number yet begins above all that were ever given here."""
    (last,) = db.execute(sql.LAST_SEQ).fetchone()
    high = highwater.above(folder)
    if high and not last:
        db.execute("BEGIN IMMEDIATE")
        db.execute(sql.FORGET_LAST_SEQ)
        db.execute(sql.SET_LAST_SEQ, (high,))
        db.execute("COMMIT")


def _quarantine(file: Path, error: Exception) -> Path:
    """Renames a file that is no sound database, with its WAL, and logs it."""
    quarantined = file.with_name(f"journal-corrupt-{time.strftime('%Y%m%dT%H%M%S')}.db")
    for suffix in SUFFIXES:
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.rename(quarantined.with_name(quarantined.name + suffix))
    log.error("the journal was corrupt (%s); it is kept as %s", error, quarantined)
    return quarantined


def log_size(file: Path) -> int:
    """Bytes of SQLite's log beside the file."""
    with contextlib.suppress(OSError):
        return file.with_name(f"{file.name}-wal").stat().st_size
    return 0
