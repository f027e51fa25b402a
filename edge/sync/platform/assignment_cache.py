"""The platform's list of assignments as this computer holds it: in memory, and on disk.

Only its owner (link.py) writes it: a driver brings an answer, `take_up` merges it. What was used
here stays used (spent.py). What is used or expired is dropped from the list some days later; until
then the decision gives its reason. Nothing is dropped by a clock that no time server has set.
"""

from __future__ import annotations

import json
import logging
import math
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from edge.domain.assignment import AssignedPlate, Assignment, AssignmentState
from edge.domain.moment import iso
from edge.sync.platform import earlier_list, list_file
from edge.sync.platform.items import MOST_PLATES, read_kept
from edge.sync.platform.list_file import Changes, ListFile
from edge.sync.platform.list_reading import Answer, Row, contradicted, row_of
from edge.sync.platform.listed import MOST_OF_A_PLATE, Listed, free
from edge.sync.platform.port import Fetched
from edge.sync.platform.spent import SpentAssignments
from edge.system.clock import clock_trusted

KEEP_ENDED_DAYS = 7.0
DAY_S = 86_400

SET_BACK = timedelta(minutes=1)
"""How far back the clock is set before the list is doubted; a time server corrects by less."""

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
        self._earlier = folder / earlier_list.FILE
        self._disk = ListFile(folder)
        self._keep_s, self._trusted = int(keep_ended_days * DAY_S), trusted
        self._spent = SpentAssignments()
        self.cursor = ""
        self.current = Listed(self._spent.revisions)
        self._load()

    def close(self) -> None:
        self.flush()
        self._disk.close()

    def take_up(self, fetched: Fetched) -> bool:
        """Merges what a driver has brought; whether the list has changed."""
        if fetched.as_of is None:
            return False
        if fetched.answer is None:
            self._note(fetched.as_of, self.cursor)
            return False
        return self._merge(fetched.answer, fetched.as_of, fetched.asked)

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
        return self._merge(Answer(cursor, full, rows, doubted=set(doubted)), as_of, asked)

    def spend(self, assignment: str) -> None:
        """A passage has used it."""
        self._spent.spend(assignment, self.current.revision(assignment) or 0)

    def reported(self, assignment: str, at: float) -> None:
        """The platform has the passage that used it, since `at` (monotonic seconds)."""
        if self._spent.reported(assignment, at):
            self.flush()

    def restore_spent(self, spent: Mapping[str, int]) -> list[str]:
        """Takes up what a crash kept from being noted here; those that need be remembered no
        longer are given back."""
        free_again = self._spent.restore(spent)
        self._write()
        return free_again

    def flush(self) -> None:
        """Writes what was spent since the last time."""
        if self._spent.unsaved:
            self._write()

    # --- taking up ---

    def _merge(self, answer: Answer, as_of: datetime, asked: float) -> bool:
        """Assignments that the answer contradicts or garbles are not understood until something
        comes that is: a person decides."""
        now = int(as_of.timestamp())
        ended = now - self._keep_s if self._trusted() else 0
        strange = self._strange(answer)
        fresh, gone = self._put(answer, ended, strange)
        first = self.current.as_of is None
        self._note(as_of, answer.cursor)
        ids = None if answer.full else {row[0] for row in fresh}
        self._spent.release(ids, self.current.revision, asked)
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

    def _note(self, as_of: datetime, cursor: str) -> None:
        """A clock that has been set back was ahead, and what was dropped as long over may not be:
        the whole list is asked for."""
        before, self.current.as_of = self.current.as_of, as_of
        back = before is not None and as_of < before - SET_BACK
        if back and cursor:
            log.warning("the clock was set back: the whole list is asked for")
        self.cursor = "" if back else cursor

    def _put(
        self, answer: Answer, ended: int, strange: Sequence[Row]
    ) -> tuple[list[Row], list[str]]:
        """The answer's rows into the list in memory; those that are new or changed, and the ids
        that are gone."""
        rows, answer.rows = answer.rows, []
        into = Listed(self._spent.revisions) if answer.full else self.current
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
        for row in strange:
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

    def _strange(self, answer: Answer) -> list[Row]:
        """The assignments that the answer names and that are not understood: as they were known,
        with the plates that can be read now."""
        given = {row[0]: read_kept(json.loads(row[5])) for row in answer.strange}
        said: dict[str, list[Assignment]] = {}
        for row in answer.rows:
            if row[0] in answer.doubted:
                said.setdefault(row[0], []).append(read_kept(json.loads(row[5])))
        rows = []
        for id in sorted(answer.doubted | given.keys()):
            found = (self.current.item(id), *said.get(id, ()), given.get(id))
            known = [item for item in found if item is not None]
            if not known:
                continue
            newest = max(known, key=lambda item: item.revision)
            item = replace(
                newest,
                state=AssignmentState.NOT_UNDERSTOOD,
                plates=_each_once(p for item in (newest, *known) for p in item.plates),
                trouble=given[id].trouble if id in given else contradicted(id),
            )
            row = row_of(item)
            if not self.current.full(row):
                rows.append(row)
        return rows

    # --- the disk ---

    def _write(self, more: Callable[[Changes], None] = lambda changes: None, now: int = 0) -> None:
        """Writes what has changed, in one transaction; everything after a write that failed."""
        whole = self._disk.behind
        spent = self._spent.changes(whole)
        as_of = self.current.as_of
        moment = now or int(as_of.timestamp() if as_of else 0)

        def write(changes: Changes) -> None:
            if whole:
                changes.empty()
                changes.items(self._all(), moment)
            more(changes)
            changes.unspent(spent.gone)
            for id, revision in spent.spent.items():
                changes.spent(id, revision, id in spent.reported, moment)
            changes.released(spent.released)
            changes.meta(self.cursor, iso(as_of) if as_of else "")

        self._disk.write(write)

    def _all(self) -> Iterator[Row]:
        for id in self.current.ids():
            item = self.current.item(id)
            if item is not None:
                yield row_of(item)

    def _load(self) -> None:
        """Loads the kept list; a damaged file is an empty list, which refers every vehicle to a
        person."""
        self._disk.read(self._from_disk)
        if self.current.as_of is None and self._earlier.exists():
            self._from_earlier()

    def _from_disk(self, db: sqlite3.Connection) -> None:
        meta = dict(db.execute("SELECT key, value FROM meta"))
        as_of = earlier_list.moment_of(meta["as_of"]) if meta.get("as_of") else None
        listed = Listed(self._spent.revisions, as_of)
        for id, revision, ends, plates, body in db.execute(list_file.ALL_ITEMS):
            listed.put((id, revision, ends, False, plates, body))
        spent = db.execute(list_file.ALL_SPENT).fetchall()
        self._spent.load(
            {id: revision for id, revision, _ in spent},
            [id for id, _, reported in spent if reported],
            dict(db.execute("SELECT id, revision FROM released")),
        )
        self.cursor = meta.get("cursor", "")
        self.current = listed

    def _from_earlier(self) -> None:
        """Once. The cursor stays behind: the platform sends all of its list anew."""
        earlier = earlier_list.earlier_list(self._earlier)
        if earlier is None:
            return
        self._spent.load(earlier.spent, earlier.reported, earlier.released)
        self._spent.unsaved_all()
        if earlier.as_of is not None:
            self.merge(earlier.items, True, "", earlier.as_of)
        else:
            self.flush()
        if not self._disk.behind:
            self._earlier.unlink(missing_ok=True)


def _each_once(plates: Iterable[AssignedPlate]) -> tuple[AssignedPlate, ...]:
    """By text; the first of each."""
    known: dict[str, AssignedPlate] = {}
    for plate in plates:
        known.setdefault(plate.text, plate)
    return tuple(known.values())[:MOST_PLATES]
