"""The index of SQLite's log, `-shm`, lies in memory that the disk must back.

SQLite makes that file longer with one byte in every 4 KB. With smaller blocks the rest of each is a
hole, and a disk that has no block left for it when it is written to ends the whole process with
SIGBUS. So its blocks are asked for beforehand, and where there are none the commit is refused.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

REGION = 32_768
"""Bytes by which SQLite makes the index longer."""

FRAMES = 4062
"""Pages of the log that the first region knows; later ones know more."""

TO_OPEN = 4 * REGION
"""Free bytes without which nobody opens a journal: the index, the log's beginning, a folder's
block."""


class LogIndex:
    """The index of a journal that is open in this process. Call `close` after its last connection
    is closed: the system drops a file's locks when any descriptor of it is closed."""

    def __init__(self, file: Path, page: int) -> None:
        self._file = os.open(file.with_name(f"{file.name}-shm"), os.O_RDWR | os.O_CLOEXEC)
        self._page, self._covered = page, 0

    def cover(self, log: int) -> None:
        """Makes room for a log of this many bytes and for what one commit may add. Raises OSError
        (ENOSPC)."""
        needed = (log // (FRAMES * self._page) + 2) * REGION
        if needed > self._covered:
            os.posix_fallocate(self._file, 0, needed)
            self._covered = needed

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def room_to_open(file: Path) -> None:
    """Raises sqlite3.OperationalError, as SQLite would where it can."""
    disk = os.statvfs(file.parent)
    if disk.f_bavail * disk.f_frsize < TO_OPEN:
        full = sqlite3.OperationalError("database or disk is full")
        full.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise full
