"""Completed passages to the platform: in order, each until it is taken, none lost and none doubled.

A passage that is refused, or not taken after `Patience.tries` although the platform gives
assignments, is parked, so that those behind it go on: committed to the journal's states first,
then left behind in the outbox. It is tried again after growing pauses, when the platform takes
others again, and when a person asks. It always carries the same id, so that a platform that had it
after all knows it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from edge.domain.events import PASSAGE_COMPLETED
from edge.domain.moment import iso
from edge.sync.journal.outbox import PLATFORM, Outbox
from edge.sync.journal.port import Unrecorded
from edge.sync.platform.assignment_cache import AssignmentCache
from edge.sync.platform.port import (
    ParkedPassage,
    PassageRefused,
    PassageReport,
    PlatformDown,
    PlatformDriver,
)
from edge.system.backoff import Retries
from edge.system.causes import cause_of, kept, revived
from edge.system.clock import Clock

KEY = "set_aside:"
"""States of the journal: one for each passage parked, by its sequence."""

SHADOW = "shadow"
"""The mode of a lane beside another controller, which reports the passage itself."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """Pauses and tries. After a failure of the next passage in line a pause of `first_s`, doubling,
    at most `most_s`; after `tries` failures (one to two minutes) it is parked. A parked passage is
    tried after `again_first_s`, doubling, at most `again_most_s` apart. `check_every_s`: seconds
    between two checks of the outbox when no new passage is reported."""

    first_s: float = 1.0
    most_s: float = 30.0
    tries: int = 8
    again_first_s: float = 300.0
    again_most_s: float = 3600.0
    check_every_s: float = 5.0

    def pause_s(self, tries: int) -> float:
        """Seconds until a parked passage is tried again, after this many tries."""
        return Retries(self.again_first_s, self.again_most_s).pause_s(tries - self.tries)


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class _Parked:
    """A passage parked; `due`: monotonic seconds when it is tried again."""

    parked: ParkedPassage
    due: float


class PassageQueue:
    """`once` is called by one thread, all else by any."""

    def __init__(
        self,
        driver: PlatformDriver,
        cache: AssignmentCache,
        outbox: Outbox,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._driver, self._cache, self._outbox = driver, cache, outbox
        self._clock, self._patience = clock, patience
        self._changing = threading.Lock()
        # Replaced whole by every change.
        self._parked: Mapping[int, _Parked] = {
            int(state["sequence"]): _Parked(_revived(state), 0.0)
            for state in outbox.states_under(KEY).values()
        }
        self._failing: int | None = None
        self._failures = 0

    def parked(self) -> tuple[ParkedPassage, ...]:
        """Those that the platform does not take, in order."""
        kept = self._parked
        return tuple(kept[number].parked for number in sorted(kept))

    def again(self, sequence: int | None = None) -> None:
        """Those parked, or one of them, shall be tried again now. Raises KeyError."""
        with self._changing:
            hurried = [*self._parked] if sequence is None else [sequence]
            self._parked = {
                **self._parked,
                **{n: replace(self._parked[n], due=0.0) for n in hurried},
            }

    def settle(self, sequence: int) -> None:
        """The platform was informed in another way: the passage is tried no more. Raises KeyError,
        Unrecorded."""
        self._done(self._parked[sequence].parked.passage)

    def once(self, answers: Callable[[], bool]) -> bool:
        """Hands over one of those parked that are due, and the next in line; False if nothing
        could be done. `answers`: whether the platform gives assignments. Raises PlatformDown if
        the next in line must wait."""
        again = self._again(answers)
        return self._next(answers) or again

    def _again(self, answers: Callable[[], bool]) -> bool:
        now, kept = self._clock.now().mono, self._parked
        due = [number for number in sorted(kept) if kept[number].due <= now]
        if not due:
            return False
        tried = kept[due[0]]
        parked = tried.parked
        try:
            self._driver.hand_over(parked.passage)
        except (PlatformDown, PassageRefused) as error:
            counts = isinstance(error, PassageRefused) or answers()
            self._tried(tried, replace(parked, why=cause_of(error), tries=parked.tries + counts))
            return False
        log.info("platform: passage %s is taken at last", parked.passage.id)
        self._done(parked.passage)
        self._recovered()
        return True

    def _next(self, answers: Callable[[], bool]) -> bool:
        rows = self._outbox.after(self._outbox.through(PLATFORM), 1, PASSAGE_COMPLETED)
        if not rows:
            return False
        passage = _passage(*rows[0])
        ours = passage.body.get("mode") != SHADOW
        if ours and passage.sequence not in self._parked:
            try:
                self._driver.hand_over(passage)
            except PlatformDown as error:
                if not self._enough(passage, answers):
                    raise
                self._leave(passage, cause_of(error))
            except PassageRefused as error:
                self._enough(passage, lambda: True)
                self._leave(passage, cause_of(error))
            else:
                self._cache.reported(passage.assignment, self._clock.now().mono)
                self._recovered()
        self._outbox.acknowledge(PLATFORM, passage.sequence)
        return True

    def _enough(self, passage: PassageReport, answers: Callable[[], bool]) -> bool:
        """Counts the failures of the next in line; whether they are enough. A platform that gives
        no assignments either speaks against no passage."""
        if self._failing != passage.sequence:
            self._failing, self._failures = passage.sequence, 0
        self._failures += answers()
        return self._failures >= self._patience.tries

    def _recovered(self) -> None:
        """The platform takes passages: after failures, those parked are worth a try."""
        if self._failing is not None:
            self._failing = None
            self.again()

    def _leave(self, passage: PassageReport, why: str) -> None:
        """Commits it as parked. Raises Unrecorded."""
        log.error("platform: passage %s is parked: %s", passage.id, why)
        parked = ParkedPassage(passage, why, self._failures, self._clock.now().wall)
        with self._changing:
            self._commit(parked)
            self._put(parked)

    def _tried(self, tried: _Parked, parked: ParkedPassage) -> None:
        """Notes another try that failed, unless a person has settled it meanwhile. Who asked for
        one during that try is not put off by it."""
        with self._changing, contextlib.suppress(Unrecorded):
            now = self._parked.get(parked.passage.sequence)
            if now is not None:
                self._put(parked, None if now is tried else now.due)
                self._commit(parked)

    def _put(self, parked: ParkedPassage, due: float | None = None) -> None:
        """`due`: None for after a pause."""
        if due is None:
            due = self._clock.now().mono + self._patience.pause_s(parked.tries)
        self._parked = {**self._parked, parked.passage.sequence: _Parked(parked, due)}

    def _commit(self, parked: ParkedPassage) -> None:
        self._outbox.record((), {f"{KEY}{parked.passage.sequence}": _state(parked)})

    def _done(self, passage: PassageReport) -> None:
        """The platform knows of it. Raises Unrecorded."""
        self._cache.reported(passage.assignment, self._clock.now().mono)
        with self._changing:
            self._outbox.forget(f"{KEY}{passage.sequence}")
            self._parked = {n: k for n, k in self._parked.items() if n != passage.sequence}


def _state(parked: ParkedPassage) -> dict[str, Any]:
    """As the journal keeps it."""
    passage = parked.passage
    return {
        "sequence": passage.sequence,
        "id": passage.id,
        "body": dict(passage.body),
        "why": parked.why,
        "cause": kept(parked.why),
        "tries": parked.tries,
        "since": iso(parked.since),
    }


def _revived(state: dict[str, Any]) -> ParkedPassage:
    passage = PassageReport(int(state["sequence"]), str(state["id"]), state["body"])
    since = datetime.fromisoformat(state["since"])
    why = revived(str(state["why"]), state.get("cause"))
    return ParkedPassage(passage, why, int(state["tries"]), since)


def _passage(sequence: int, _: str, lane: str, text: str) -> PassageReport:
    """A row of the outbox."""
    event = json.loads(text)
    return PassageReport(
        sequence, event["id"], {"event": event["id"], "lane": lane, **event["data"]}
    )
