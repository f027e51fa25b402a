"""The platform's list in memory: what is declared, found by plate and by id."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from edge.domain.assignment import MOST_FOUND, Assignment, AssignmentBook, AssignmentState
from edge.sync.platform.items import NotUnderstood, read_item, strange_item


class DeclaredList:
    """Implements domain.Assignments; items come as the platform sends them. What was used here
    stays used, whatever the platform says later. `as_of`: when the platform last said so;
    `restarts`: how often it has sent its whole list."""

    as_of: datetime | None

    def __init__(self) -> None:
        self.as_of = None
        self.restarts = 0
        self.takes = True
        self._left: set[str] = set()
        self.used: set[str] = set()
        self._by_id: dict[str, Assignment] = {}
        self._by_plate: dict[str, set[str]] = {}

    @property
    def count(self) -> int:
        return len(self._by_id)

    def put(self, item: Mapping[str, Any]) -> None:
        """A new item, or a new revision of one, also one that is not understood; an older one that
        comes late changes nothing."""
        try:
            assignment = read_item(dict(item))
        except NotUnderstood as error:
            known = self._by_id.get(str(item["assignment_id"])) or strange_item(item, str(error))
            if known is None:
                return
            assignment = replace(known, state=AssignmentState.NOT_UNDERSTOOD)
        before = self._by_id.get(assignment.assignment_id)
        if before is not None and assignment.revision < before.revision:
            return
        self.drop(assignment.assignment_id)
        self._by_id[assignment.assignment_id] = assignment
        for plate in assignment.plates:
            self._by_plate.setdefault(plate.text, set()).add(assignment.assignment_id)

    def leaves(self, assignment: str) -> None:
        """The platform has it no longer; nothing but its next whole list shows that."""
        self._left.add(assignment)

    def restart(self) -> None:
        """The platform sends its whole list."""
        self.restarts += 1
        for assignment in self._left:
            self.drop(assignment)
        self._left.clear()

    def takes_passages(self, takes: bool) -> None:
        """Whether the platform takes the passages that it is told of; here what was used stays so
        either way."""
        self.takes = takes

    def close(self) -> None:
        """Nothing is on a disk."""

    def drop(self, assignment: str) -> None:
        old = self._by_id.pop(assignment, None)
        for plate in old.plates if old is not None else ():
            ids = self._by_plate[plate.text]
            ids.discard(assignment)
            if not ids:
                del self._by_plate[plate.text]

    def spend(self, assignment: str) -> None:
        self.used.add(assignment)

    def about(self, texts: Collection[str], ids: Collection[str] = ()) -> AssignmentBook:
        found = {i for text in texts for i in self._by_plate.get(text, ())}
        found |= {i for i in ids if i in self._by_id}
        return AssignmentBook(tuple(self._known(i) for i in sorted(found)), self.as_of)

    def find(self, part: str = "", after: str = "", most: int = MOST_FOUND) -> AssignmentBook:
        return self._whole().find(part, after, most)

    def near(self, text: str) -> AssignmentBook:
        return self._whole().near(text)

    def not_understood(self, most: int = MOST_FOUND) -> AssignmentBook:
        return self._whole().not_understood(most)

    def _whole(self) -> AssignmentBook:
        return AssignmentBook(tuple(self._known(i) for i in sorted(self._by_id)), self.as_of)

    def _known(self, id: str) -> Assignment:
        found = self._by_id[id]
        return replace(found, state=AssignmentState.USED) if id in self.used else found
