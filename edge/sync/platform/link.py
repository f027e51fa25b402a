"""The gate's link to a platform of whatever kind: the book of assignments, and passages out.

Three threads: one keeps the book up to date, one hands over the completed passages from the journal
(passage_queue.py), one tells what else a platform may want to know (notices.py). The platform may
be away for hours; nothing is lost. A driver (http.py, folder.py) speaks with it.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from edge.domain.assignment import Assignments
from edge.domain.events import PASSAGE_COMPLETED
from edge.sync.journal.outbox import PLATFORM, Outbox
from edge.sync.platform.assignment_cache import KEEP_ENDED_DAYS, AssignmentCache
from edge.sync.platform.notices import Notices
from edge.sync.platform.passage_queue import PATIENCE, PassageQueue, Patience
from edge.sync.platform.port import ParkedPassage, PlatformDown, PlatformDriver
from edge.sync.port import LinkStatus
from edge.system.backoff import Backoff, Retries
from edge.system.causes import cause, cause_of
from edge.system.clock import Clock

MOST_COUNTED = 1000

log = logging.getLogger(__name__)


class PlatformLink:
    """Methods are quick and may be called on any thread."""

    def __init__(
        self,
        driver: PlatformDriver,
        folder: Path,
        outbox: Outbox,
        clock: Clock,
        patience: Patience = PATIENCE,
        keep_ended_days: float = KEEP_ENDED_DAYS,
    ) -> None:
        self._driver, self._outbox, self._clock = driver, outbox, clock
        self._patience = patience
        self._cache = AssignmentCache(folder, keep_ended_days)
        self._passages = PassageQueue(driver, self._cache, outbox, clock, patience)
        outbox.expect(PLATFORM)
        self._notices = Notices(
            driver,
            lambda: self._cache.current,
            outbox,
            clock,
            patience,
            lambda: not self._fetch_why,
        )
        self._changed: Callable[[Assignments], None] = lambda book: None
        self._report: Callable[[Sequence[ParkedPassage]], None] = lambda parked: None
        self._reported: tuple[ParkedPassage, ...] = ()
        self._stopping = threading.Event()
        self._wake, self._hurry = threading.Event(), threading.Event()
        self._wake_notices = threading.Event()
        self._fetch_why: str = cause("platform.not_yet")
        self._hand_why, self._note = "", ""
        self._contact: datetime | None = None
        loops = {
            "assignments": (self._fetch, self._cannot_fetch, self._stopping.wait),
            "passages": (self._hand_over, self._cannot_hand_over, self._rest),
            "notices": (self._notify, lambda why: None, self._stopping.wait),
        }
        self._threads = [
            threading.Thread(target=self._loop, args=does, name=name, daemon=True)
            for name, does in loops.items()
        ]

    def __repr__(self) -> str:
        return f"<PlatformLink {self._driver!r}: {self._fetch_why or 'connected'}>"

    def start(
        self,
        changed: Callable[[Assignments], None],
        parked: Callable[[Sequence[ParkedPassage]], None],
    ) -> None:
        """`changed` gets the new book, `parked` the passages that the platform does not take
        whenever others have become so; on threads of the link."""
        self._changed, self._report = changed, parked
        self._report_parked()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        self._wake_notices.set()
        self._hurry.set()
        self._driver.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=5)
        self._cache.close()

    def guide(self, lane: str, key: str, body: Mapping[str, Any]) -> None:
        """A vehicle is sent from the lane to another; see Notices."""
        self._notices.guide(lane, key, body)
        self._wake_notices.set()

    def wake(self) -> None:
        """New passages are committed."""
        self._wake.set()
        self._wake_notices.set()

    def book(self) -> Assignments:
        """The last known book; from disk at once after a restart."""
        return self._cache.current

    @property
    def cursor(self) -> str:
        """The cursor at which the platform's list continues."""
        return self._cache.cursor

    def spend(self, assignment: str) -> None:
        """An assignment has been used here; it stays used until the platform gives it out once
        more."""
        self._cache.spend(assignment)

    def restore_spent(self, spent: dict[str, int]) -> list[str]:
        """After a start: marks the assignments that were used here, each with the revision it had
        then. Returns those that need not be remembered any more."""
        return self._cache.restore_spent(spent)

    def status(self) -> LinkStatus:
        start = self._outbox.through(PLATFORM)
        waiting = len(self._outbox.after(start, MOST_COUNTED, PASSAGE_COMPLETED))
        why = self._fetch_why or self._hand_why or self._note
        parked = len(self._passages.parked())
        return LinkStatus("platform", not self._fetch_why, why, waiting, self._contact, parked)

    # --- passages that the platform does not take ---

    def parked(self) -> tuple[ParkedPassage, ...]:
        return self._passages.parked()

    def try_again(self, sequence: int | None = None) -> None:
        """One of those parked, or all, now. Raises KeyError for one that is not."""
        self._passages.again(sequence)
        self._hurry.set()
        self._wake.set()

    def settle(self, sequence: int) -> None:
        """A person has informed the platform in another way; the passage is tried no more. Raises
        KeyError for one that is not parked, Unrecorded."""
        self._passages.settle(sequence)
        self._report_parked()

    def _report_parked(self) -> None:
        parked = self._passages.parked()
        numbers = [a.passage.sequence for a in parked]
        if numbers != [a.passage.sequence for a in self._reported]:
            self._reported = parked
            self._report(parked)

    # --- the threads ---

    def _cannot_fetch(self, why: str) -> None:
        self._fetch_why = why

    def _cannot_hand_over(self, why: str) -> None:
        self._hand_why = why

    def _rest(self, seconds: float) -> None:
        """A pause that a person may cut short."""
        self._hurry.wait(seconds)
        self._hurry.clear()

    def _loop(
        self,
        once: Callable[[], None],
        cannot: Callable[[str], None],
        rest: Callable[[float], object],
    ) -> None:
        """`once` for ever; after a failure a growing rest."""
        reported = ""
        backoff = Backoff(Retries(self._patience.first_s, self._patience.most_s), random.Random())
        while not self._stopping.is_set():
            try:
                once()
                backoff.reset()
                reported = ""
                continue
            except PlatformDown as error:
                why, after_s = cause_of(error), error.after_s
            except Exception:
                why, after_s = cause("platform.client_failed"), 0.0
                if not self._stopping.is_set():
                    log.exception("the platform's client failed; trying again")
            if self._stopping.is_set():
                return
            if why != reported:
                log.warning("platform: %s", why)
            reported = why
            cannot(why)
            rest(max(backoff.next(), after_s))

    def _fetch(self) -> None:
        """Asks once for assignments and takes up the answer."""
        fetched = self._driver.fetch(self._cache.cursor)
        changed = self._cache.take_up(fetched)
        if fetched.heard:
            self._contact, self._fetch_why = self._clock.now().wall, ""
        self._note = fetched.note
        if changed:
            self._wake_notices.set()
            self._changed(self._cache.current)
        self._stopping.wait(fetched.pause_s)

    def _hand_over(self) -> None:
        """The passages that wait, one after the other; none: until one is there."""
        self._cache.flush()
        did = self._passages.once(lambda: not self._fetch_why)
        self._hand_why = ""
        self._report_parked()
        if not did:
            self._wake.wait(self._patience.check_every_s)
            self._wake.clear()

    def _notify(self) -> None:
        """What waits; nothing: until something may."""
        if not self._notices.once():
            self._wake_notices.wait(self._patience.check_every_s)
            self._wake_notices.clear()
