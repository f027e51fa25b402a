"""How far each receiver is, by its own word or the broker's."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from edge.config import ConsumerConfig
from edge.sync.customs.ack_times import AckTimes
from edge.sync.journal.highwater import HIGHEST_CLAIM
from edge.sync.journal.journal import SqliteJournal
from edge.system.backoff import Retries

ASK_AGAIN = Retries(10.0, 3600.0)
"""Pauses between two times that receivers are asked for their last numbers on one's word alone."""


class Positions:
    """`given`: the highest number that was ever sent, or may have been by an earlier service.
    `ahead`: receivers that hold more than this gate has ever recorded, or another history, with how
    much: its numbers were lost and are being given again. A number alone may be a mistyped one: who
    names no hash with it is asked first, and believed when it says so again."""

    def __init__(self, journal: SqliteJournal, consumers: Sequence[ConsumerConfig]) -> None:
        self._journal = journal
        self.times = AckTimes([c.name for c in consumers], time.monotonic)
        for consumer in consumers:
            journal.expect(consumer.name)
        self._through = {c.name: journal.through(c.name) for c in consumers}
        self._gone = 0
        self.answering = [c.name for c in consumers if c.acknowledges == "application"]
        self.trusting = [c.name for c in consumers if c.acknowledges == "broker"]
        self.given = journal.last_sequence()
        self.ahead: dict[str, int] = {}
        self.last_at: dict[str, datetime] = {}
        """When each last came further, in this run of the service."""
        self._doubted: set[str] = set()
        self._asked: set[str] = set()
        self._ask_from = float("-inf")
        self._pause_s = ASK_AGAIN.first_s
        self._strange: set[str] = set()
        self._series = journal.series()

    def names(self) -> list[str]:
        return list(self._through)

    def of(self, consumer: str) -> int:
        """It has everything up to here, or what it lacks is no longer held."""
        return max(self._through[consumer], self._gone)

    def everybody(self) -> int:
        return min(self.of(name) for name in self._through)

    def find_the_first(self) -> None:
        """Advances receivers past events that were removed: nobody can wait for those."""
        first, _ = self._journal.continues(0)
        self._gone = first - 1

    def begins(self, consumer: str, after: int) -> int:
        """Nothing below this number is sent to a receiver that holds the events up to `after`: its
        own below a new series are not these."""
        known = consumer in self._series.receivers
        return self._series.first if known and 0 < after < self._series.first else 0

    def holds_another(self, consumer: str) -> bool:
        """By the hash that it named, its events are another history than this gate's."""
        return consumer in self._strange

    def claims(self, consumer: str, number: int, hash: str = "") -> None:
        """A receiver holds the events up to this number; `hash`: that of the last, if it says so. A
        receiver that is not configured, and a number that no gate can have given, are ignored."""
        if consumer not in self._through or number > HIGHEST_CLAIM:
            return
        if hash and not self.begins(consumer, number):
            ours = self._journal.hash_of(number)
            if ours not in (None, hash):
                self._strange.add(consumer)
            elif consumer in self._strange:
                self._strange.discard(consumer)
                self._pause_s = ASK_AGAIN.first_s
        more = number > self._journal.last_sequence()
        known = hash or consumer in self._asked or consumer in self.ahead
        if consumer in self._strange or (more and known):
            self.ahead[consumer] = number
        elif more:
            self._doubted.add(consumer)
            return
        else:
            self.ahead.pop(consumer, None)
        self._doubted.discard(consumer)
        self._asked.discard(consumer)

    def asks_again(self, now: float) -> bool:
        """Whether the receivers are to be asked for their last numbers now (monotonic seconds):
        one has named a number that this gate has not given, or a hash that is not of this history:
        its acknowledgements name none, so that nothing else would show that it was a mistake, or
        somebody else. The relay then says once more that it is online. Rarer and rarer while it
        goes on: anybody may mistype."""
        if not (self._doubted or self._strange) or now < self._ask_from:
            return False
        self._ask_from, self._pause_s = now + self._pause_s, ASK_AGAIN.after_s(self._pause_s)
        self._asked |= self._doubted
        self._doubted.clear()
        return True

    def acknowledges(self, consumer: str, number: int) -> bool:
        """A receiver's word; whether it is further than before. More than was sent counts as that
        much, more than was ever recorded as nothing."""
        if consumer not in self.answering or number > HIGHEST_CLAIM:
            return False
        self.claims(consumer, number)
        if consumer in self.ahead or number > self._journal.last_sequence():
            return False
        return self._advance(consumer, min(number, self.given))

    def broker_has(self, number: int) -> bool:
        """The broker has taken everything up to this number; whether that took anybody further."""
        return any([self._advance(name, number) for name in self.trusting])

    def _advance(self, consumer: str, through: int) -> bool:
        if through <= self._through[consumer]:
            return False
        self._through[consumer] = through
        self.last_at[consumer] = datetime.now(UTC)
        self._journal.acknowledge_soon(consumer, through)
        self.times.acknowledged(consumer, through)
        return True
