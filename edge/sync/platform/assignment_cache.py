"""The book of assignments on this computer: survives restarts, remembers what was spent here.

Spent assignments stay spent although the platform still calls them active, also in higher
revisions, until it has been told of the passage and then sends one: the platform hears of a passage
later than the next truck may come. What the list no longer knows stays spent too, should it return.

What is used or expired is dropped from the list some days later; until then the decision gives its
reason. Nothing is dropped by a clock that no time server holds.
"""

from __future__ import annotations

import json
import logging
import math
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from edge.domain.assignment import Assignment, AssignmentState
from edge.domain.moment import iso
from edge.sync.platform import list_file
from edge.sync.platform.items import NotUnderstood, read_item
from edge.sync.platform.list_file import Changes, ListFile
from edge.sync.platform.list_reading import Answer, Row, row_of
from edge.sync.platform.listed import MOST_OF_A_PLATE, Listed, free
from edge.system.clock import clock_trusted

BEFORE = "assignments.json"
"""Where earlier versions kept all of it."""

REMEMBERED = 20_000
"""Spent assignments that the list no longer knows: ten days and more of the busiest gate."""

KEEP_ENDED_DAYS = 7.0
DAY_S = 86_400

log = logging.getLogger(__name__)


class AssignmentCache:
    """`current` is the list to decide by; `cursor` where the platform's list goes on. One thread
    takes up answers; `spend` never waits for the disk, the other methods may."""

    def __init__(
        self,
        folder: Path,
        keep_ended_days: float = KEEP_ENDED_DAYS,
        trusted: Callable[[], bool] = clock_trusted,
    ) -> None:
        self._before = folder / BEFORE
        self._disk = ListFile(folder)
        self._keep_s, self._trusted = int(keep_ended_days * DAY_S), trusted
        self._lock = threading.Lock()
        self._spent: dict[str, int] = {}
        self._reported: dict[str, float] = {}
        self._released: dict[str, int] = {}
        self._unsaved: set[str] = set()
        self.cursor = ""
        self.current = Listed(self._spent)
        self._load()

    def close(self) -> None:
        self.flush()
        self._disk.close()

    def merge(
        self,
        items: Sequence[Assignment],
        full: bool,
        cursor: str,
        as_of: datetime,
        doubted: Collection[str] = (),
        asked: float = math.inf,
    ) -> bool:
        """As take_up, of assignments."""
        rows = [row_of(item) for item in items]
        return self.take_up(Answer(cursor, full, rows, doubted=set(doubted)), as_of, asked)

    def take_up(self, answer: Answer, as_of: datetime, asked: float = math.inf) -> bool:
        """Takes up an answer of the platform; whether it says anything new. What it doubts is held
        until something comes that is understood. `asked`: monotonic seconds when the question went
        out."""
        now = int(as_of.timestamp())
        ended = now - self._keep_s if self._trusted() else 0
        fresh, gone = self._put(answer, ended)
        fresh += self._held(answer.doubted)
        first = self.current.as_of is None
        self.current.as_of, self.cursor = as_of, answer.cursor
        self._release(None if answer.full else {row[0] for row in fresh}, asked)
        over: list[str] = []

        def write(changes: Changes) -> None:
            changes.drop(gone)
            changes.items(fresh, now)
            over.extend(changes.ended_before(ended))
            changes.drop(over)

        self._write(write, now)
        for id in over:
            self.current.drop(id)
        changed = bool(fresh or gone or over or first)
        free(fresh)
        return changed

    def spend(self, assignment: str) -> None:
        """A passage has used it."""
        with self._lock:
            self._spent.pop(assignment, None)
            self._reported.pop(assignment, None)
            self._spent[assignment] = self.current.revision(assignment) or 0
            self._unsaved.add(assignment)

    def reported(self, assignment: str, at: float) -> None:
        """The platform has the passage that used it, since `at` (monotonic seconds)."""
        with self._lock:
            if assignment not in self._spent:
                return
            self._reported[assignment] = at
            self._unsaved.add(assignment)
        self.flush()

    def restore_spent(self, spent: Mapping[str, int]) -> list[str]:
        """Takes up what a crash kept from being noted here; those that need be remembered no
        longer are given back."""
        with self._lock:
            missed = {i: r for i, r in spent.items() if r > self._released.get(i, -1)}
            known = dict(self._spent)
            self._spent.clear()
            self._spent.update({**missed, **known})
            self._unsaved.update(missed.keys() - known.keys())
            self._released = {}
        self._write()
        return [i for i in spent if i not in self._spent]

    def confirmed(self, as_of: datetime) -> None:
        """The list is still the same at this moment."""
        self.current.as_of = as_of

    def flush(self) -> None:
        """Writes what was spent since the last time."""
        if self._unsaved:
            self._write()

    # --- taking up ---

    def _put(self, answer: Answer, ended: int) -> tuple[list[Row], list[str]]:
        """The answer's rows into the list in memory; those that are new or changed, and the ids
        that are gone."""
        rows, answer.rows = answer.rows, []
        into = Listed(self._spent) if answer.full else self.current
        fresh: list[Row] = []
        crowded: list[str] = []
        rows.reverse()
        while rows:
            row = rows.pop()
            known = into.revision(row[0])
            if row[2] < ended or (known is not None and row[1] < known):
                continue
            if into.full(row):
                crowded.append(row[0])
                continue
            if not self.current.same(row):
                fresh.append(row)
            into.put(row)
        if crowded:
            log.error(
                "%d assignments are left out, as %s: %d others name a plate of theirs already",
                len(crowded), crowded[0], MOST_OF_A_PLATE,
            )  # fmt: skip
        if not answer.full:
            return fresh, []
        gone = [id for id in self.current.ids() if id not in into]
        self.current.replace(into)
        return fresh, gone

    def _held(self, doubted: Collection[str]) -> list[Row]:
        rows = []
        for id in doubted:
            item = self.current.item(id)
            if item is not None and item.state is not AssignmentState.HELD:
                rows.append(row_of(replace(item, state=AssignmentState.HELD)))
                self.current.put(rows[-1])
        return rows

    def _release(self, ids: Collection[str] | None, asked: float) -> None:
        """Those spent here that come in a higher revision; `ids`: where to look, None: all."""
        with self._lock:
            for id in [i for i in (self._spent if ids is None else ids) if i in self._spent]:
                revision = self.current.revision(id)
                if revision is None or revision <= self._spent[id]:
                    continue
                if self._reported.get(id, math.inf) < asked:
                    # The platform knows of the passage and gives the assignment out once more.
                    self._released[id] = self._spent.pop(id)
                    self._reported.pop(id, None)
                else:
                    self._spent[id] = revision
                self._unsaved.add(id)
            past = [i for i in self._spent if i not in self.current]
            for id in past[: max(0, len(past) - REMEMBERED)]:
                del self._spent[id]
                self._reported.pop(id, None)
                self._unsaved.add(id)

    # --- the disk ---

    def _write(self, more: Callable[[Changes], None] = lambda changes: None, now: int = 0) -> None:
        """What has changed, in one transaction; all there is, where an earlier one failed."""
        with self._lock:
            unsaved, self._unsaved = self._unsaved, set()
            whole = self._disk.behind
            spent = {
                i: self._spent[i] for i in (self._spent if whole else unsaved) if i in self._spent
            }
            reported, released = set(self._reported), dict(self._released)
        as_of = self.current.as_of
        moment = now or int(as_of.timestamp() if as_of else 0)

        def write(changes: Changes) -> None:
            if whole:
                changes.empty()
                changes.items(self._all(), moment)
            more(changes)
            changes.unspent(unsaved - spent.keys())
            for id, revision in spent.items():
                changes.spent(id, revision, id in reported, moment)
            changes.released(released)
            changes.meta(self.cursor, iso(as_of) if as_of else "")

        self._disk.write(write)

    def _all(self) -> Iterator[Row]:
        for id in self.current.ids():
            item = self.current.item(id)
            if item is not None:
                yield row_of(item)

    def _load(self) -> None:
        """What was kept; a damaged file is an empty list, which refers every vehicle."""
        self._disk.read(self._from_disk)
        if self.current.as_of is None and self._before.exists():
            self._from_before()

    def _from_disk(self, db: sqlite3.Connection) -> None:
        meta = dict(db.execute("SELECT key, value FROM meta"))
        as_of = _moment(meta["as_of"]) if meta.get("as_of") else None
        listed = Listed(self._spent, as_of)
        for id, revision, ends, plates, body in db.execute(list_file.ALL_ITEMS):
            listed.put((id, revision, ends, False, plates, body))
        # Whatever is asked from now on is asked later.
        for id, revision, reported in db.execute(list_file.ALL_SPENT):
            self._spent[id] = revision
            if reported:
                self._reported[id] = -math.inf
        self._released = dict(db.execute("SELECT id, revision FROM released"))
        self.cursor = meta.get("cursor", "")
        self.current = listed

    def _from_before(self) -> None:
        """From the file of an earlier version, once. The cursor stays behind: the platform sends
        all of its list anew."""
        try:
            body = json.loads(self._before.read_text(encoding="utf-8"))
            items = list(_understood(body["items"]))
            as_of = _moment(body["as_of"]) if body["as_of"] else None
            self._spent.update({str(k): int(v) for k, v in body["spent"].items()})
            self._reported = {str(i): -math.inf for i in body.get("reported", ())}
            self._released = {str(k): int(v) for k, v in body.get("released", {}).items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            log.error("%s is damaged (%s); fetched anew from the platform", self._before, error)
            return
        self._unsaved = set(self._spent)
        if as_of is not None:
            self.merge(items, True, "", as_of)
        else:
            self.flush()
        if not self._disk.behind:
            self._before.unlink(missing_ok=True)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no zone")
    return moment


def _understood(raw: list[object]) -> Iterator[Assignment]:
    """Those of the items that are still understood; an earlier version may have kept others."""
    strange: list[str] = []
    for one in raw:
        try:
            yield read_item(one)
        except NotUnderstood as error:
            strange.append(str(error))
    if strange:
        log.error("%d items were not taken over, the first: %s", len(strange), strange[0])
