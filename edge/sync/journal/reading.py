"""Reading the journal, on any thread: each reads over a connection of its own."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlite_utils

from edge.domain.moment import iso
from edge.sync.journal import paging, sql
from edge.sync.journal.chain import GENESIS, event_of
from edge.sync.journal.copying import copy_journal
from edge.sync.journal.port import Recorded
from edge.sync.port import Unread
from edge.system.causes import cause

MOST_PLATES = 500
"""Maximum matching plates that are looked up one by one."""

LONGEST_S = 5.0
"""The longest a page or a program waits for one question."""

STEPS = 10_000
"""Virtual machine steps of SQLite between two checks of the time: a millisecond."""

SERIES = "series"
"""The state under which `gate journal above` leaves what it did."""

Row = tuple[int, str, str, str]
"""Sequence, type, lane and CloudEvent JSON of one event."""


@dataclass(frozen=True, slots=True)
class Series:
    """`first`: its first number. What lies below is another history than these receivers hold, so
    they are not sent it."""

    first: int = 0
    receivers: frozenset[str] = frozenset()


class JournalReading:
    """The questions; SqliteJournal adds the writing."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._local = threading.local()
        self._readers: dict[threading.Thread, sqlite_utils.Database] = {}
        self._lock = threading.Lock()

    def backup(self, target: Path) -> None:
        """A consistent copy while the service runs, checked."""
        copy_journal(self._read().conn, target)

    def state(self, key: str) -> dict[str, Any] | None:
        row = self._read().execute(sql.STATE, (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def states_under(self, prefix: str) -> dict[str, dict[str, Any]]:
        """All states whose key begins with the prefix."""
        under = (prefix, prefix + "\U0010ffff")
        rows = self._read()["states"].rows_where("key >= ? AND key < ?", under)
        return {row["key"]: json.loads(row["body"]) for row in rows}

    def through(self, consumer: str) -> int:
        """The last number that the consumer has acknowledged; 0 for an unknown one."""
        row = self._read().execute(sql.THROUGH, (consumer,)).fetchone()
        return int(row[0]) if row else 0

    def after(self, sequence: int, limit: int, type: str = "") -> list[Row]:
        """In order, from the one after `sequence`."""
        if type:
            return self._read().execute(sql.AFTER_OF_TYPE, (sequence, type, limit)).fetchall()
        return self._read().execute(sql.AFTER, (sequence, limit)).fetchall()

    def last_kept(self) -> int:
        """The number of the newest event that is held; 0 where there is none."""
        row = self._read().execute(sql.LAST_ROW).fetchone()
        return int(row[0]) if row else 0

    def hash_of(self, sequence: int) -> str | None:
        """The hash of an event that is held, else None."""
        row = self._read().execute(sql.HASH, (sequence,)).fetchone()
        return str(row[0]) if row else None

    def series(self) -> Series:
        """The series that was begun above what receivers held of another."""
        kept = self.state(SERIES)
        return Series(int(kept["first"]), frozenset(kept["for"])) if kept else Series()

    def between(self, since: datetime, until: datetime) -> tuple[int, int]:
        """The lowest and highest number of these moments; (1, 0) for none. Where the clock has
        jumped, events of other moments may lie between them."""
        with self._question() as db:
            moments = (iso(since), iso(until))
            low, high = db.execute(sql.BETWEEN, moments).fetchone()
        return (int(low), int(high)) if low is not None else (1, 0)

    def head(self) -> tuple[int, str] | None:
        """Number and hash of the newest event that is held; None where there is none."""
        row = self._read().execute(sql.LAST_ROW).fetchone()
        return (int(row[0]), str(row[1])) if row else None

    def continues(self, sequence: int) -> tuple[int, str]:
        """The first event after `sequence` that is held, or else the number that comes next, and
        the hash before it."""
        # In this order: an event that is committed in between is found by the second question.
        last, hash = self._read().execute(sql.END_OF_CHAIN).fetchone() or (0, None)
        rows = self.after(sequence, 1)
        if rows:
            return rows[0][0], str(json.loads(rows[0][3])["previoushash"])
        return last + 1, hash or GENESIS

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
        with self._question() as db:
            found = db["events"].rows_where(
                " AND ".join(wheres), values, f"{order} DESC", select="body", limit=limit
            )
            return [_recorded(json.loads(row["body"])) for row in found]

    def _plates_like(self, part: str) -> tuple[str, list[str]]:
        """The condition for plates that contain the part. Where few match, they are named, so that
        their index is used; where many match, the newest events are scanned, and soon enough match.
        """
        like = f"%{part}%"
        with self._question() as db:
            rows = db["plates"].rows_where("plate LIKE ?", [like], limit=MOST_PLATES + 1)
            plates = [row["plate"] for row in rows]
        if len(plates) > MOST_PLATES:
            return "+plate LIKE ?", [like]
        return f"plate <> '' AND plate IN ({','.join('?' * len(plates))})", plates

    def counts_by_hour(self, type: str, since: datetime) -> list[tuple[datetime, str, int]]:
        hour = since.astimezone(UTC).strftime("%Y-%m-%dT%H")
        with self._question() as db:
            rows = db["hours"].rows_where("type = ? AND hour >= ?", (type, hour), "hour")
            return [
                (datetime.fromisoformat(f"{row['hour']}:00:00+00:00"), row["lane"], row["n"])
                for row in rows
            ]

    def consumers(self) -> dict[str, int]:
        """Everybody for whom events are kept, with what they have acknowledged."""
        return {row["name"]: row["through"] for row in self._read()["consumers"].rows}

    def all_rows(self) -> Iterator[tuple[int, str, str]]:
        """(sequence, hash, body) of everything kept, in order; for verification and export."""
        yield from paging.events(self._read())

    def checkpoints(self) -> list[tuple[int, str, str, str]]:
        return self._read().execute(sql.CHECKPOINTS).fetchall()

    def close_readers(self) -> None:
        with self._lock:
            for reader in self._readers.values():
                reader.close()
            self._readers.clear()

    @contextlib.contextmanager
    def _question(self) -> Iterator[sqlite_utils.Database]:
        """One question of a page, ended after LONGEST_S: while it is asked, the log only grows.
        Raises Unread."""
        until = time.monotonic() + LONGEST_S
        try:
            reader = self._read()
            reader.conn.set_progress_handler(lambda: time.monotonic() > until, STEPS)
            try:
                yield reader
            finally:
                reader.conn.set_progress_handler(None, 0)
        except sqlite3.Error as error:
            if time.monotonic() > until:
                raise Unread(cause("journal.search_long")) from None
            raise Unread(cause("journal.unread", error=error)) from None

    def _read(self) -> sqlite_utils.Database:
        """This thread's reading connection."""
        reader: sqlite_utils.Database | None = getattr(self._local, "reader", None)
        if reader is None:
            connection = sqlite3.connect(self.file, timeout=10, check_same_thread=False)
            reader = sqlite_utils.Database(connection, execute_plugins=False)
            reader.execute("PRAGMA query_only = ON")
            self._local.reader = reader
            with self._lock:
                # Threads come and go for years; what they opened goes with them.
                for gone in [thread for thread in self._readers if not thread.is_alive()]:
                    self._readers.pop(gone).close()
                self._readers[threading.current_thread()] = reader
        return reader


def _recorded(body: Mapping[str, Any]) -> Recorded:
    return Recorded(
        int(body["sequence"]), body["id"], event_of(body), body["previoushash"], body["hash"]
    )
