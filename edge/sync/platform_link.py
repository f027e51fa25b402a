"""The gate's link to a platform of whatever kind: the book of assignments, and passages out.

Two threads: one keeps the book up to date, one hands over the completed passages from the journal,
in order. The platform may be away for hours; nothing is lost. A driver (platform.py, folder.py)
speaks with it.
"""

from __future__ import annotations

import json
import logging
import random
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from edge.assignment import AssignmentBook
from edge.clock import Clock
from edge.events import PASSAGE_COMPLETED
from edge.sync.backoff import Backoff
from edge.sync.book import KeptBook
from edge.sync.outbox import PLATFORM, Outbox
from edge.sync.port import LinkStatus, Passage, PlatformDown, PlatformDriver

LOOK_S = 5.0
"""So often the outbox is looked at, though nobody says that something is in it."""

MOST_COUNTED = 1000

log = logging.getLogger(__name__)


class PlatformLink:
    """Methods are quick and may be called on any thread."""

    def __init__(self, driver: PlatformDriver, folder: Path, outbox: Outbox, clock: Clock) -> None:
        self._driver, self._outbox, self._clock = driver, outbox, clock
        self._kept = KeptBook(folder)
        outbox.expect(PLATFORM)
        self._changed: Callable[[AssignmentBook], None] = lambda book: None
        self._stopping, self._wake = threading.Event(), threading.Event()
        self._fetch_why, self._hand_why, self._note = "not yet asked", "", ""
        self._contact: datetime | None = None
        loops = {
            "assignments": (self._fetch, self._cannot_fetch),
            "passages": (self._hand_over, self._cannot_hand_over),
        }
        self._threads = [
            threading.Thread(target=self._loop, args=does, name=name, daemon=True)
            for name, does in loops.items()
        ]

    def __repr__(self) -> str:
        return f"<PlatformLink {self._driver!r}: {self._fetch_why or 'connected'}>"

    def start(self, changed: Callable[[AssignmentBook], None]) -> None:
        """`changed` gets the new book, on a thread of the link."""
        self._changed = changed
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        self._driver.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=5)

    def wake(self) -> None:
        """New passages are committed."""
        self._wake.set()

    def book(self) -> AssignmentBook:
        """The last known book; from disk at once after a restart."""
        return self._kept.current

    def spend(self, assignment: str) -> None:
        """An assignment has been used here; it stays used until the list says more of it."""
        self._kept.spend(assignment)

    def restore_spent(self, spent: dict[str, int]) -> list[str]:
        """After a start: the assignments that were used here, with the revision they had then.
        Gives back those that need no more be remembered."""
        return self._kept.restore_spent(spent)

    def status(self) -> LinkStatus:
        start = self._outbox.through(PLATFORM)
        waiting = len(self._outbox.after(start, MOST_COUNTED, PASSAGE_COMPLETED))
        why = self._fetch_why or self._hand_why or self._note
        return LinkStatus("platform", not self._fetch_why, why, waiting, self._contact)

    # --- the two threads ---

    def _cannot_fetch(self, why: str) -> None:
        self._fetch_why = why

    def _cannot_hand_over(self, why: str) -> None:
        self._hand_why = why

    def _loop(self, once: Callable[[], None], cannot: Callable[[str], None]) -> None:
        told = ""
        backoff = Backoff(1.0, 30.0, random.Random())
        while not self._stopping.is_set():
            try:
                once()
                backoff.reset()
                told = ""
                continue
            except PlatformDown as error:
                why = str(error)
            except Exception:
                why = "the client failed; see the log"
                if not self._stopping.is_set():
                    log.exception("the platform's client failed; trying again")
            if self._stopping.is_set():
                return
            if why != told:
                log.warning("platform: %s", why)
            told = why
            cannot(why)
            self._stopping.wait(backoff.next())

    def _fetch(self) -> None:
        """One look for assignments."""
        before = self._kept.current
        fetched = self._driver.fetch(self._kept)
        book = self._kept.current
        if fetched.heard:
            self._contact, self._fetch_why = self._clock.now().wall, ""
        self._note = fetched.note
        if book.items != before.items or (before.as_of is None and book.as_of is not None):
            self._changed(book)
        self._stopping.wait(fetched.pause_s)

    def _hand_over(self) -> None:
        """The next passage that waits; none: until one is there."""
        rows = self._outbox.after(self._outbox.through(PLATFORM), 1, PASSAGE_COMPLETED)
        if not rows:
            self._wake.wait(LOOK_S)
            self._wake.clear()
            return
        passage = _passage(*rows[0])
        self._driver.hand_over(passage)
        self._hand_why = ""
        self._kept.reported(passage.assignment, self._clock.now().mono)
        self._outbox.acknowledge(PLATFORM, passage.sequence)


def _passage(sequence: int, _: str, lane: str, text: str) -> Passage:
    """A row of the outbox."""
    event = json.loads(text)
    return Passage(sequence, event["id"], {"event": event["id"], "lane": lane, **event["data"]})
