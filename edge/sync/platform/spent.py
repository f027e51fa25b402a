"""Assignments that were used at this gate, whatever state the platform's list gives them.

The platform learns of a passage later than the next vehicle may come. So an assignment that was
used here stays used, also in higher revisions, until the platform has the passage and then gives
the assignment out once more. One that leaves the list stays used too, should it return.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

REMEMBERED = 20_000
"""Maximum spent assignments that the list no longer knows: ten days and more of the busiest
gate."""

RevisionOf = Callable[[str], int | None]
"""The listed revision of an assignment; None for one that is not listed."""


@dataclass(frozen=True, slots=True)
class SpentChanges:
    """Changes to be written to disk. `spent`: id to revision; `gone`: ids to remove; `reported`:
    ids whose passages the platform has; `released`: id to the revision it was spent in."""

    spent: Mapping[str, int]
    gone: Collection[str]
    reported: Collection[str]
    released: Mapping[str, int]


class SpentAssignments:
    """Any thread. `revisions`: each spent assignment with the revision it was spent in."""

    def __init__(self) -> None:
        self.revisions: dict[str, int] = {}
        self._reported: dict[str, float] = {}
        self._released: dict[str, int] = {}
        self._unsaved: set[str] = set()
        self._lock = threading.Lock()

    def load(
        self, spent: Mapping[str, int], reported: Collection[str], released: Mapping[str, int]
    ) -> None:
        """Loads what was kept on the disk. Every question to the platform from now on comes after
        those passages."""
        with self._lock:
            self.revisions.update(spent)
            self._reported.update(dict.fromkeys(reported, -math.inf))
            self._released = dict(released)

    @property
    def unsaved(self) -> bool:
        return bool(self._unsaved)

    def unsaved_all(self) -> None:
        """Nothing of it is on the disk yet."""
        with self._lock:
            self._unsaved.update(self.revisions)

    def spend(self, assignment: str, revision: int) -> None:
        """A passage has used it."""
        with self._lock:
            self.revisions.pop(assignment, None)
            self._reported.pop(assignment, None)
            self.revisions[assignment] = revision
            self._unsaved.add(assignment)

    def reported(self, assignment: str, at: float) -> bool:
        """The platform has the passage that used it, since `at` (monotonic seconds); False for an
        assignment that is not spent."""
        with self._lock:
            if assignment not in self.revisions:
                return False
            self._reported[assignment] = at
            self._unsaved.add(assignment)
            return True

    def restore(self, spent: Mapping[str, int]) -> list[str]:
        """Takes up what a crash kept from being noted here; those that were released since are
        given back."""
        with self._lock:
            missed = {i: r for i, r in spent.items() if r > self._released.get(i, -1)}
            known = dict(self.revisions)
            self.revisions.clear()
            self.revisions.update({**missed, **known})
            self._unsaved.update(missed.keys() - known.keys())
            self._released = {}
            return [i for i in spent if i not in self.revisions]

    def release(self, ids: Collection[str] | None, revision_of: RevisionOf, asked: float) -> None:
        """After an answer of the platform: releases those that it gives out once more. `ids`: which
        the answer changed, None: any. `asked`: monotonic seconds when the question was sent."""
        with self._lock:
            spent = self.revisions
            for id in [i for i in (spent if ids is None else ids) if i in spent]:
                revision = revision_of(id)
                if revision is None or revision <= spent[id]:
                    continue
                if self._reported.get(id, math.inf) < asked:
                    self._released[id] = spent.pop(id)
                    self._reported.pop(id, None)
                else:
                    spent[id] = revision
                self._unsaved.add(id)
            past = [i for i in spent if revision_of(i) is None]
            for id in past[: max(0, len(past) - REMEMBERED)]:
                del spent[id]
                self._reported.pop(id, None)
                self._unsaved.add(id)

    def changes(self, whole: bool) -> SpentChanges:
        """The changes since the last call; `whole`: everything."""
        with self._lock:
            unsaved, self._unsaved = self._unsaved, set()
            ids = self.revisions if whole else unsaved
            spent = {i: self.revisions[i] for i in ids if i in self.revisions}
            gone = unsaved - spent.keys()
            return SpentChanges(spent, gone, set(self._reported), dict(self._released))
