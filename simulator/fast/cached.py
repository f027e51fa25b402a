"""The platform's list as the product itself keeps it, on its disk, in virtual time: for a scenario
that is about that list. Elsewhere it is kept in memory (declared.py), for two thousand vehicles."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from edge.domain.assignment import MOST_FOUND, Assignment, AssignmentBook
from edge.sync.platform.assignment_cache import AssignmentCache
from edge.sync.platform.items import read_item
from edge.system.clock import Clock
from simulator.fast.declared import DeclaredList

CURSOR = "1"


class CachedList(DeclaredList):
    """What it inherits is what the platform has; what is asked of it, the product's cache says. The
    platform has every passage as soon as it was made, unless it refuses them."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._cache, self._clock = AssignmentCache(folder, trusted=lambda: True), clock
        self._untold: list[str] = []
        super().__init__()

    @property
    def as_of(self) -> datetime | None:
        return self._cache.current.as_of

    @as_of.setter
    def as_of(self, moment: datetime | None) -> None:
        self._cache.current.as_of = moment

    @property
    def count(self) -> int:
        return self._cache.current.count

    def put(self, item: Mapping[str, Any]) -> None:
        super().put(item)
        now = self._by_id[str(item["assignment_id"])]
        older = int(item["revision"]) < now.revision
        self._take([read_item(dict(item)) if older else now], False)

    def restart(self) -> None:
        super().restart()
        self._take(list(self._by_id.values()), True)

    def spend(self, assignment: str) -> None:
        super().spend(assignment)
        self._cache.spend(assignment)
        self._untold.append(assignment)
        self._tell()

    def takes_passages(self, takes: bool) -> None:
        super().takes_passages(takes)
        self._tell()

    def _tell(self) -> None:
        while self.takes and self._untold:
            self._cache.reported(self._untold.pop(0), self._clock.now().mono)

    def close(self) -> None:
        self._cache.close()

    def about(self, texts: Collection[str], ids: Collection[str] = ()) -> AssignmentBook:
        return self._cache.current.about(texts, ids)

    def find(self, part: str = "", after: str = "", most: int = MOST_FOUND) -> AssignmentBook:
        return self._cache.current.find(part, after, most)

    def near(self, text: str) -> AssignmentBook:
        return self._cache.current.near(text)

    def not_understood(self, most: int = MOST_FOUND) -> AssignmentBook:
        return self._cache.current.not_understood(most)

    def _take(self, items: Sequence[Assignment], whole: bool) -> None:
        now = self._clock.now()
        self._cache.merge(items, whole, CURSOR, now.wall, asked=now.mono)
