"""The book of assignments on this computer: survives restarts, remembers what was spent here.

Spent assignments stay spent although the platform still calls them active, until it sends a higher
revision: the platform hears of a passage later than the next truck may come.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from edge.assignment import Assignment, AssignmentBook
from edge.clock import iso
from edge.sync.assignments_wire import NotUnderstood, read_item, write_item

FILE = "assignments.json"

log = logging.getLogger(__name__)


class KeptBook:
    """`current` is the book to decide by; `cursor` where the platform's list goes on."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = threading.Lock()
        self._book = AssignmentBook()
        self._spent: dict[str, int] = {}
        self.cursor = ""
        self._load()
        self.current = self._applied()

    def merge(
        self, items: Sequence[Assignment], full: bool, cursor: str, as_of: datetime
    ) -> AssignmentBook:
        """Takes up an answer of the platform; the book after it."""
        with self._lock:
            self._book = self._book.merged(items, full, as_of)
            self.cursor = cursor
            revisions = {a.assignment_id: a.revision for a in self._book.items}
            self._spent = {
                i: r for i, r in self._spent.items() if i in revisions and revisions[i] <= r
            }
            self.current = self._applied()
            self._save()
            return self.current

    def spend(self, assignment: str) -> None:
        """A passage has used it."""
        with self._lock:
            known = {a.assignment_id: a.revision for a in self._book.items}
            self._spent[assignment] = known.get(assignment, 0)
            self.current = self._applied()
            self._save()

    def restore_spent(self, spent: Mapping[str, int]) -> list[str]:
        """Takes up what a crash kept from being noted here; the ones the list knows no more, or
        anew, are given back."""
        with self._lock:
            revisions = {a.assignment_id: a.revision for a in self._book.items}
            live = {i: r for i, r in spent.items() if i in revisions and revisions[i] <= r}
            self._spent = {**live, **self._spent}
            self.current = self._applied()
            self._save()
            return [i for i in spent if i not in live] if self._book.as_of else []

    def confirmed(self, as_of: datetime) -> None:
        """The list is still the same at this moment."""
        with self._lock:
            self._book = AssignmentBook(self._book.items, as_of)
            self.current = self._applied()

    def _applied(self) -> AssignmentBook:
        book = self._book
        for assignment in self._spent:
            book = book.marked_used(assignment)
        return book

    def _save(self) -> None:
        body = {
            "cursor": self.cursor,
            "as_of": iso(self._book.as_of) if self._book.as_of else None,
            "spent": self._spent,
            "items": [write_item(a) for a in self._book.items],
        }
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(".new")
            with fresh.open("w", encoding="utf-8") as file:
                json.dump(body, file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._file)
        except OSError as error:
            log.error("the assignments could not be kept on disk: %s", error)

    def _load(self) -> None:
        """What was kept; a damaged file is an empty book, which refers every vehicle."""
        try:
            body = json.loads(self._file.read_text(encoding="utf-8"))
            items = tuple(read_item(raw) for raw in body["items"])
            as_of = datetime.fromisoformat(body["as_of"]) if body["as_of"] else None
            self._book = AssignmentBook(items, as_of)
            self._spent = {str(k): int(v) for k, v in body["spent"].items()}
            self.cursor = str(body["cursor"])
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, NotUnderstood) as error:
            log.error("%s is damaged (%s); fetched anew from the platform", self._file, error)
