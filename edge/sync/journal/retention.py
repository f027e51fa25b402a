"""Removes rows of the journal: those past their time, or the oldest when room is needed.

Only rows that every consumer has acknowledged are removed, and never the last event: the chain
stays whole.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import sqlite_utils

from edge.domain.moment import iso
from edge.sync.journal import sql
from edge.sync.journal.opening import BUSY_MS, Ballast, log_size
from edge.system.clock import Clock

PRUNE_ROWS = 2000
CHECK_EVERY_S = 600.0
LONGEST_DAYS = 36_500
"""Maximum of journal.keep_days: the calendar must still reach back that far."""

READERS_MS = 50
"""Milliseconds to wait for a reader where room is needed."""


class Retention:
    """For the journal's writer thread. `trusted`: whether a time server has set the clock.
    `shortened`: acknowledged events that went before their time, since the start."""

    def __init__(
        self,
        db: sqlite_utils.Database,
        file: Path,
        ballast: Ballast,
        keep_days: int,
        clock: Clock,
        trusted: Callable[[], bool],
    ) -> None:
        self._db, self._file, self._ballast = db, file, ballast
        self._kept = timedelta(days=min(keep_days, LONGEST_DAYS))
        self._clock, self._trusted = clock, trusted
        self._checked_at = 0.0
        self.shortened = 0
        self.ways_to_room: tuple[Callable[[], bool], ...] = (
            self._take_up_log,
            self._retire,
            self._prune_oldest,
            self._give_up_ballast,
        )
        """The mildest first; each returns whether it made room."""

    def check(self) -> bool:
        """From time to time removes old rows and makes the ballast again; whether it was time to do
        so."""
        now = self._clock.now().mono
        if now - self._checked_at < CHECK_EVERY_S:
            return False
        self._checked_at = now
        self._retire()
        self._ballast.make()
        return True

    def _take_up_log(self) -> bool:
        """SQLite's log goes into the file and is emptied; whether that made the log smaller. Who
        reads just then is not waited for."""
        before = log_size(self._file)
        with contextlib.suppress(sqlite3.Error):
            self._db.execute(f"PRAGMA busy_timeout = {READERS_MS}").fetchall()
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._db.execute(f"PRAGMA busy_timeout = {BUSY_MS}").fetchall()
        return log_size(self._file) < before

    def _give_up_ballast(self) -> bool:
        """Its room first takes what the log holds: the file could not grow without."""
        given = self._ballast.give_up()
        if given:
            self._take_up_log()
        return given

    def _retire(self) -> bool:
        """Removes acknowledged rows that are past their time; whether there were any. While no time
        server has set the clock, no row counts as past its time: then only lack of room removes
        rows."""
        if not self._trusted():
            return False
        with contextlib.suppress(sqlite3.Error):
            past = (self._slowest(), self._oldest())
            return bool(self._db.execute(sql.PRUNE_OLDER, past).rowcount)
        return False

    def _prune_oldest(self) -> bool:
        """Acknowledged rows make room; those that were not yet past their time are counted."""
        with contextlib.suppress(sqlite3.Error):
            oldest = (self._slowest(), PRUNE_ROWS)
            (young,) = self._db.execute(sql.COUNT_YOUNGER, (*oldest, self._oldest())).fetchone()
            removed = self._db.execute(sql.PRUNE_OLDEST, oldest).rowcount
            self.shortened += young
            return bool(removed)
        return False

    def _slowest(self) -> int:
        """The last number that every consumer has acknowledged."""
        return int(self._db.execute(sql.SLOWEST).fetchone()[0])

    def _oldest(self) -> str:
        """The time before which rows need not be kept."""
        return iso(self._clock.now().wall - self._kept)
