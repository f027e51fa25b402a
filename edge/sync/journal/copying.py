"""A checked copy of the journal while the service writes it.

Events are copied a page at a time; what may change (states, positions, counts) is read together
with the last of them in one short transaction, so the copy is the journal as it was then. SQLite's
own backup would keep one read transaction open for as long as the target takes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from edge.sync.journal import paging, sql
from edge.sync.journal.port import Unrecorded
from edge.system.atomic_file import sync_folder
from edge.system.causes import cause

CACHE_KB = 65_536
"""Memory for the copy's pages: its index of ids is in no order."""

Progress = Callable[[int, int], None]
"""How far the copy is: the last number copied, the last number of the journal."""


def copy_journal(
    db: sqlite3.Connection, target: Path, reported: Progress = lambda at, last: None
) -> None:
    """Whole and checked at `target`, or not there at all. Raises Unrecorded, OSError,
    sqlite3.Error."""
    part = target.with_name(f".{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(part, isolation_level=None)) as copy:
            _fill(db, copy, reported)
            (answer,) = copy.execute("PRAGMA integrity_check").fetchone()
        if answer != "ok":
            raise Unrecorded(cause("journal.copy", file=target, answer=answer))
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _fill(db: sqlite3.Connection, copy: sqlite3.Connection, reported: Progress) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if not 0 < version <= len(sql.MIGRATIONS):
        raise Unrecorded(cause("journal.version", version=version))
    # Without a log of its own: a copy that is not finished is thrown away.
    copy.execute("PRAGMA journal_mode = OFF")
    copy.execute("PRAGMA synchronous = OFF")
    copy.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    for script in sql.MIGRATIONS[:version]:
        copy.executescript(script)
    copy.execute(f"PRAGMA user_version = {version}")
    indexes = copy.execute(sql.INDEXES).fetchall()
    for name, _ in indexes:
        copy.execute(f"DROP INDEX {name}")
    copy.execute("BEGIN")
    at = _events(db, copy, reported)
    _rest(db, copy, at)
    copy.execute("COMMIT")
    for _, statement in indexes:
        copy.execute(statement)


def _events(db: sqlite3.Connection, copy: sqlite3.Connection, reported: Progress) -> int:
    """The events in pages, up to the last full one; its last number."""
    at = 0
    while True:
        rows = db.execute(sql.PAGE_WHOLE, (at, paging.PAGE)).fetchall()
        if len(rows) < paging.PAGE:
            return at
        _put(db, copy, rows, at)
        at = rows[-1][0]
        reported(at, int(db.execute(sql.LAST_SEQ).fetchone()[0]))


def _put(
    db: sqlite3.Connection, copy: sqlite3.Connection, rows: list[tuple[object, ...]], at: int
) -> None:
    first = rows[0][0]
    if at and first != at + 1 and paging.oldest(db) == first:
        # Retention has overtaken the copy: what it removed is not wanted here either.
        copy.execute("DELETE FROM events")
    copy.executemany(sql.INSERT_EVENT, rows)


def _rest(db: sqlite3.Connection, copy: sqlite3.Connection, at: int) -> None:
    """The last events, and all that may change, of one moment; written when that is over."""
    tables = [name for (name,) in copy.execute(sql.TABLES) if name != "events"]
    db.execute("BEGIN")
    try:
        rows = db.execute(sql.PAGE_WHOLE, (at, -1)).fetchall()
        (last,) = db.execute(sql.LAST_SEQ).fetchone()
        others = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    finally:
        db.execute("ROLLBACK")
    if rows:
        _put(db, copy, rows, at)
    copy.execute(sql.FORGET_LAST_SEQ)
    copy.execute(sql.SET_LAST_SEQ, (last,))
    for name, kept in others.items():
        if kept:
            marks = ",".join("?" * len(kept[0]))
            copy.executemany(f"INSERT INTO {name} VALUES ({marks})", kept)
