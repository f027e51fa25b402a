"""Reading an SQLite database that lies on a disk which lets nothing be written: full or read-only.
That is when copies are wanted."""

from __future__ import annotations

import sqlite3
from pathlib import Path

ANY = "SELECT 1 FROM sqlite_master LIMIT 1"


def open_to_read(file: Path, wait_s: float, *, room: bool = True) -> sqlite3.Connection:
    """A database with a log needs files beside it, which such a disk does not take (`room` False:
    it is known to have none). Where its service has stopped and the log holds nothing, the file is
    read by itself. Raises sqlite3.Error."""
    if room:
        db = sqlite3.connect(file, timeout=wait_s)
        try:
            db.execute(ANY)
            return db
        except sqlite3.OperationalError:
            db.close()
            if not _log_is_empty(file):
                raise
    elif not _log_is_empty(file):
        raise sqlite3.OperationalError("database or disk is full")
    db = sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True)
    try:
        db.execute(ANY)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _log_is_empty(file: Path) -> bool:
    try:
        return file.with_name(f"{file.name}-wal").stat().st_size == 0
    except FileNotFoundError:
        return True
    except OSError:
        return False
