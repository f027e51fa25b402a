"""What the platform hears beside completed passages: vehicles that were turned away, and items of
its list that are not understood.

It hinders nothing: on a thread of its own, and a platform that has no place for it (404, 405, 501)
is asked again in an hour. Customs has each such vehicle as an event, whatever the platform says.
So one that it refuses as wrong, or does not take in `Patience.tries`, is left out, and the log says
so.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from edge.domain.assignment import Assignments
from edge.domain.events import PASSAGE_ABANDONED
from edge.domain.moment import iso
from edge.sync.journal.outbox import PLATFORM, Outbox
from edge.sync.platform.passage_queue import SHADOW, Patience
from edge.sync.platform.port import (
    GUIDANCE,
    NOT_UNDERSTOOD,
    TURNED_AWAY,
    PassageRefused,
    PlatformDown,
    PlatformDriver,
)
from edge.system.clock import Clock

KEY = "told:turned_away"
"""The state of the journal with the number up to which the platform was told."""

DEAF_S = 3600.0
"""Seconds after which a platform that has no place for something is tried again."""

NEWS_S = 120.0
"""Seconds after which nobody needs to hear that a vehicle is sent elsewhere."""

log = logging.getLogger(__name__)


class Notices:
    """`once` is called by one thread. `answers`: whether the platform gives assignments."""

    def __init__(
        self,
        driver: PlatformDriver,
        book: Callable[[], Assignments],
        outbox: Outbox,
        clock: Clock,
        patience: Patience,
        answers: Callable[[], bool],
    ) -> None:
        self._driver, self._book, self._outbox = driver, book, outbox
        self._clock, self._patience, self._answers = clock, patience, answers
        state = outbox.states_under(KEY).get(KEY)
        # At first: from where its passages are, so that a long past is not told at once.
        self._through = int(state["through"]) if state else outbox.through(PLATFORM)
        self._deaf = dict.fromkeys((TURNED_AWAY, NOT_UNDERSTOOD, GUIDANCE), float("-inf"))
        self._guidance: dict[str, tuple[str, Mapping[str, Any], float]] = {}
        self._failures = 0
        self._items = ""

    def once(self) -> bool:
        """Tells the next of what waits; False if there is nothing. Raises PlatformDown,
        Unrecorded."""
        return self._guided() or self._not_understood() or self._turned_away()

    def guide(self, lane: str, key: str, body: Mapping[str, Any]) -> None:
        """A vehicle is sent from the lane to another; any thread. Only the last of a lane counts,
        and only while it is news: a vehicle stands there, or has gone."""
        self._guidance[lane] = (key, body, self._clock.now().mono)

    def _guided(self) -> bool:
        now = self._clock.now().mono
        for lane, guided in list(self._guidance.items()):
            key, body, at = guided
            if now - at <= NEWS_S:
                # Raises PlatformDown: it is tried again while it is news.
                self._report(GUIDANCE, key, dict(body))
            if self._guidance.get(lane) is guided:
                del self._guidance[lane]
            return True
        return False

    def _turned_away(self) -> bool:
        rows = self._outbox.after(self._through, 1, PASSAGE_ABANDONED)
        if not rows:
            return False
        sequence, _, lane, text = rows[0]
        event = json.loads(text)
        body = {"event": event["id"], "lane": lane, "sequence": sequence, **event["data"]}
        if body.get("mode") != SHADOW:
            self._report(TURNED_AWAY, event["id"], body)
        self._outbox.record((), {KEY: {"through": sequence}})
        self._through = sequence
        return True

    def _not_understood(self) -> bool:
        items = [
            {
                "assignment_id": item.assignment_id,
                "plates": [plate.text for plate in item.plates],
                "why": item.trouble,
            }
            for item in self._book().not_understood().items
        ]
        text = json.dumps(items)
        if text == self._items or not (items or self._items):
            return False
        key = hashlib.sha256(text.encode()).hexdigest()
        body = {"items": items, "time": iso(self._clock.now().wall)}
        self._report(NOT_UNDERSTOOD, key, body)
        self._items = text
        return True

    def _report(self, what: str, key: str, body: dict[str, Any]) -> None:
        """It is told, or need not be. Raises PlatformDown."""
        now = self._clock.now().mono
        if now < self._deaf[what]:
            return
        try:
            heard = self._driver.notify(what, key, body)
        except PassageRefused as error:
            log.warning("platform: %s %s is refused and left out: %s", what, key, error)
        except PlatformDown as error:
            self._failures += self._answers()
            if self._failures < self._patience.tries:
                raise
            log.warning("platform: %s %s is not taken and left out: %s", what, key, error)
            self._deaf[what] = now + DEAF_S
        else:
            if not heard:
                log.info("platform: it has no place for %s; tried again in an hour", what)
                self._deaf[what] = now + DEAF_S
        self._failures = 0
