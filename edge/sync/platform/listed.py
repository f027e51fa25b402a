"""The platform's list in memory, however long: found by id and by plate, without scanning it.

Items are kept as the bytes that the disk has too, and are parsed one by one when they are asked
for. As objects, a list of 60,000 items would keep every thread waiting during each garbage
collection. One thread changes the list, any may read it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from edge.domain.assignment import (
    MOST_FOUND,
    NEAR,
    Assignment,
    AssignmentBook,
    AssignmentState,
    apart,
)
from edge.sync.platform.items import read_kept
from edge.sync.platform.list_reading import Row, is_strange

MOST_OF_A_PLATE = 500
"""Assignments that name one plate; more are refused when they come."""

READ_BEFORE = 2048
"""Assignments that are kept as they were read last."""

BETWEEN = "\n"
"""Separator of the ids of a plate: no id contains it, for it cannot be printed."""

Kept = tuple[int, str, bytes]
"""Revision, plates joined by `+`, and the item as JSON."""


class Listed:
    """Implements assignment.Assignments. `used`: ids spent here, whatever state the item has."""

    def __init__(self, used: Mapping[str, object], as_of: datetime | None = None) -> None:
        self.as_of = as_of
        self._used = used
        self._rows: dict[str, Kept] = {}
        self._plates: dict[str, str] = {}
        self._strange: dict[str, None] = {}
        self._read: dict[str, tuple[bytes, Assignment]] = {}

    def __repr__(self) -> str:
        return f"<Listed {self.count} as of {self.as_of}>"

    # --- asking, any thread ---

    @property
    def count(self) -> int:
        return len(self._rows)

    def about(self, texts: Collection[str], ids: Collection[str] = ()) -> AssignmentBook:
        named = [*ids, *(id for text in texts for id in self._ids(text))]
        return self._book(dict.fromkeys(named))

    def find(self, part: str = "", after: str = "", most: int = MOST_FOUND) -> AssignmentBook:
        found: list[str] = []
        begun = after not in self._rows
        for id in self.ids():
            plates = self._plates_of(id)
            if begun and any(part in plate for plate in plates):
                found.append(id)
                if len(found) == most:
                    break
            begun = begun or id == after
        return self._book(found)

    def near(self, text: str) -> AssignmentBook:
        plates = [plate for plate in list(self._plates) if apart(text, plate) <= NEAR]
        ids = (id for plate in plates[:MOST_FOUND] for id in self._ids(plate))
        return self._book(dict.fromkeys(ids))

    def not_understood(self, most: int = MOST_FOUND) -> AssignmentBook:
        return self._book(list(self._strange)[:most])

    def revision(self, id: str) -> int | None:
        """None for one that is not listed."""
        kept = self._rows.get(id)
        return kept[0] if kept else None

    def __contains__(self, id: str) -> bool:
        return id in self._rows

    def item(self, id: str) -> Assignment | None:
        """As the platform sent it, though it may be used."""
        kept = self._rows.get(id)
        if kept is None:
            return None
        before = self._read.get(id)
        if before is not None and before[0] is kept[2]:
            return before[1]
        assignment = read_kept(json.loads(kept[2]))
        if len(self._read) >= READ_BEFORE:
            self._read = {}
        self._read[id] = (kept[2], assignment)
        return assignment

    def same(self, row: Row) -> bool:
        """Whether it is listed just so."""
        kept = self._rows.get(row[0])
        return kept is not None and kept[2] == row[5]

    def full(self, row: Row) -> bool:
        """Whether a plate of it is named by as many others as may be."""
        return any(
            self._plates.get(plate, "").count(BETWEEN) >= MOST_OF_A_PLATE - 1
            and row[0] not in self._ids(plate)
            for plate in _named(row[4])
        )

    def ids(self) -> Iterator[str]:
        """All of them, as they were when it was asked; for pages and the disk."""
        while True:
            try:
                return iter(list(self._rows))
            except RuntimeError:
                # Another thread has just changed it.
                continue

    # --- changing, one thread ---

    def put(self, row: Row) -> None:
        """Adds or replaces one."""
        id, revision, _, _, plates, body = row
        old = self._rows.get(id)
        for plate in _named(plates):
            ids = self._ids(plate)
            if id not in ids:
                self._plates[plate] = BETWEEN.join([*ids, id])
        self._rows[id] = (revision, plates, body)
        if is_strange(row):
            self._strange = {**self._strange, id: None}
        else:
            self._forget_strange(id)
        if old is not None and old[1] != plates:
            self._forget_plates(id, set(_named(old[1])) - set(_named(plates)))

    def drop(self, id: str) -> None:
        kept = self._rows.pop(id, None)
        self._forget_strange(id)
        if kept is not None:
            self._forget_plates(id, _named(kept[1]))

    def replace(self, other: Listed) -> None:
        """Becomes the other, at once."""
        old_rows, old_plates = self._rows, self._plates
        self._rows, self._plates, self._read = other._rows, other._plates, {}
        self._strange = other._strange
        other._rows, other._plates = {}, {}
        for gone in (old_rows, old_plates):
            free(gone)

    def _forget_strange(self, id: str) -> None:
        """Replaced whole: others read it."""
        if id in self._strange:
            self._strange = {one: None for one in self._strange if one != id}

    def _forget_plates(self, id: str, plates: Iterable[str]) -> None:
        for plate in plates:
            left = [other for other in self._ids(plate) if other != id]
            if left:
                self._plates[plate] = BETWEEN.join(left)
            else:
                self._plates.pop(plate, None)

    # --- within ---

    def _ids(self, plate: str) -> list[str]:
        ids = self._plates.get(plate)
        return ids.split(BETWEEN) if ids else []

    def _plates_of(self, id: str) -> list[str]:
        kept = self._rows.get(id)
        return _named(kept[1]) if kept else []

    def _book(self, ids: Iterable[str]) -> AssignmentBook:
        found = []
        for id in ids:
            item = self.item(id)
            if item is not None:
                used = id in self._used and item.state is not AssignmentState.USED
                found.append(replace(item, state=AssignmentState.USED) if used else item)
        return AssignmentBook(tuple(found), self.as_of)


def free(many: dict[str, Any] | list[Any]) -> None:
    """Lets go of what is in it, one by one: tens of thousands at once would keep every thread
    waiting."""
    take = many.popitem if isinstance(many, dict) else many.pop
    while many:
        take()


def _named(plates: str) -> list[str]:
    """The plates of a row; none of an item of which none could be read."""
    return plates.split("+") if plates else []
