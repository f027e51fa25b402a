"""The journal read a page at a time.

No read transaction outlives a page: SQLite cannot take up its log while one is open, so a reader
that is slow, or hangs in a pipe that nobody reads, would make the log grow until the disk is full.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from edge.sync.journal import sql

PAGE = 500


def events(db: sqlite3.Connection, after: int = 0) -> Iterator[tuple[int, str, str]]:
    """(sequence, hash, CloudEvent JSON) of what is kept after the number, in order; also what is
    recorded meanwhile."""
    while rows := db.execute(sql.PAGE, (after, PAGE)).fetchall():
        yield from rows
        after = rows[-1][0]


def oldest(db: sqlite3.Connection) -> int:
    """The number of the oldest event that is kept; 0 where there is none."""
    return int(db.execute(sql.OLDEST).fetchone()[0])
