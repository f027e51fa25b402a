"""The book of assignments on this computer: survives restarts, remembers what was spent here.

Spent assignments stay spent although the platform still calls them active, also in higher
revisions, until it has been told of the passage and then sends one: the platform hears of a passage
later than the next truck may come. What the list no longer knows stays spent too, should it return.
"""

from __future__ import annotations

import json
import logging
import math
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from edge.assignment import Assignment, AssignmentBook
from edge.clock import iso
from edge.sync.assignments_wire import NotUnderstood, read_item, write_item
from edge.whole_file import write_whole

FILE = "assignments.json"
REMEMBERED = 20_000
"""Spent assignments that the list no longer knows: ten days and more of the busiest gate."""

log = logging.getLogger(__name__)


class KeptBook:
    """`current` is the book to decide by; `cursor` where the platform's list goes on."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = threading.Lock()
        self._book = AssignmentBook()
        self._spent: dict[str, int] = {}
        self._reported: dict[str, float] = {}
        self._released: dict[str, int] = {}
        self.cursor = ""
        self._load()
        self.current = self._applied()

    def merge(
        self,
        items: Sequence[Assignment],
        full: bool,
        cursor: str,
        as_of: datetime,
        doubted: Collection[str] = (),
        asked: float = math.inf,
    ) -> AssignmentBook:
        """Takes up an answer of the platform; the book after it. `doubted`: assignments of which
        something came that is not understood: held until it is. `asked`: monotonic seconds when
        the question went out."""
        with self._lock:
            self._book = self._book.merged(items, full, as_of).held(doubted)
            self.cursor = cursor
            revisions = {a.assignment_id: a.revision for a in self._book.items}
            for id, spent_at in list(self._spent.items()):
                revision = revisions.get(id)
                if revision is None or revision <= spent_at:
                    continue
                if self._reported.get(id, math.inf) < asked:
                    # The platform knows of the passage and gives the assignment out once more.
                    self._released[id] = self._spent.pop(id)
                    self._reported.pop(id, None)
                else:
                    self._spent[id] = revision
            self.current = self._applied()
            self._save()
            return self.current

    def spend(self, assignment: str) -> None:
        """A passage has used it."""
        with self._lock:
            self._spent.pop(assignment, None)
            self._reported.pop(assignment, None)
            self._spent[assignment] = self._book.revision_of(assignment)
            self._forget()
            self.current = self._applied()
            self._save()

    def reported(self, assignment: str, at: float) -> None:
        """The platform has the passage that used it, since `at` (monotonic seconds)."""
        with self._lock:
            if assignment in self._spent:
                self._reported[assignment] = at
                self._save()

    def restore_spent(self, spent: Mapping[str, int]) -> list[str]:
        """Takes up what a crash kept from being noted here; those that need be remembered no
        longer are given back."""
        with self._lock:
            missed = {i: r for i, r in spent.items() if r > self._released.get(i, -1)}
            self._spent = {**missed, **self._spent}
            self._released = {}
            self._forget()
            self.current = self._applied()
            self._save()
            return [i for i in spent if i not in self._spent]

    def _forget(self) -> None:
        """The oldest that the list no longer knows, beyond REMEMBERED."""
        listed = {a.assignment_id for a in self._book.items}
        past = [i for i in self._spent if i not in listed]
        for id in past[: max(0, len(past) - REMEMBERED)]:
            del self._spent[id]
            self._reported.pop(id, None)

    def confirmed(self, as_of: datetime) -> None:
        """The list is still the same at this moment."""
        with self._lock:
            self._book = AssignmentBook(self._book.items, as_of)
            self.current = self._applied()

    def _applied(self) -> AssignmentBook:
        return self._book.used(self._spent)

    def _save(self) -> None:
        body = {
            "cursor": self.cursor,
            "as_of": iso(self._book.as_of) if self._book.as_of else None,
            "spent": self._spent,
            "reported": list(self._reported),
            "released": self._released,
            "items": [write_item(a) for a in self._book.items],
        }
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._file, json.dumps(body, ensure_ascii=False).encode())
        except OSError as error:
            log.error("the assignments could not be kept on disk: %s", error)

    def _load(self) -> None:
        """What was kept; a damaged file is an empty book, which refers every vehicle."""
        try:
            body = json.loads(self._file.read_text(encoding="utf-8"))
            items = tuple(_kept(body["items"]))
            as_of = datetime.fromisoformat(body["as_of"]) if body["as_of"] else None
            self._book = AssignmentBook(items, as_of)
            self._spent = {str(k): int(v) for k, v in body["spent"].items()}
            # Whatever is asked from now on is asked later.
            self._reported = {str(i): -math.inf for i in body.get("reported", ())}
            self._released = {str(k): int(v) for k, v in body.get("released", {}).items()}
            self.cursor = str(body["cursor"])
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, NotUnderstood) as error:
            log.error("%s is damaged (%s); fetched anew from the platform", self._file, error)


def _kept(raw: list[object]) -> Iterator[Assignment]:
    """Those of the items that are still understood; an earlier version may have kept others."""
    for one in raw:
        try:
            yield read_item(one)
        except NotUnderstood as error:
            log.error("not taken over from the disk: %s", error)
