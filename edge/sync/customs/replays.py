"""What receivers ask for once more, and from where on the gate can give it.

Retention may have removed what an empty receiver asks for. So each request is answered with the
first event after it that is still held, and the hash before that one: a receiver that lacks what
lies between knows that it will not come, and starts there. Where removal overtakes a replay under
way, the answer comes again.

Each receiver gets one replay at a time; the newest request waits until the one under way has ended
and a pause is over. The pause grows while the same is asked for again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from edge.sync.journal.chain import canonical
from edge.sync.journal.reading import JournalReading, Row
from edge.sync.journal.signing import GateKey
from edge.system.backoff import Retries

PAGE = 100
AGAIN = Retries(5.0, 300.0)
"""Pauses after a receiver's replay before its next one. They double while a receiver comes no
further and is sent the same again: one that asks at each connection would be sent the whole journal
each time."""


@dataclass(slots=True)
class Request:
    """`until`: what lies after it goes out without being asked for. `begin`: the first number that
    may be sent; 0 for any."""

    consumer: str
    start: int
    after: int
    until: int
    begin: int = 0
    answered: bool = False
    sent: bool = False


@dataclass(slots=True)
class Rest:
    """The pause after a receiver's last replay: where that replay began, and when the next may
    begin."""

    start: int
    pause_s: float
    until: float


class Replays:
    """The requests of the connection of now, and the pauses of all; receivers are configured ones.
    `ask` may be called on any thread, the rest on one. Times are monotonic seconds."""

    def __init__(self, journal: JournalReading, key: GateKey) -> None:
        self._journal, self._key = journal, key
        self._waiting: dict[str, Request] = {}
        self._under_way: dict[str, Request] = {}
        self._rests: dict[str, Rest] = {}

    def begin(self, now: float) -> None:
        """A new connection: who was not there may ask anew."""
        self._waiting.clear()
        for request in list(self._under_way.values()):
            self._end(request, now)

    def ask(self, consumer: str, after: int, until: int, begin: int = 0) -> None:
        """The newest request of a receiver takes the place of one that waits."""
        self._waiting[consumer] = Request(consumer, after, after, until, begin)

    def answers(self, time: str, now: float) -> Iterator[bytes]:
        """The answers that are due; `time` in RFC 3339."""
        self._take_up(now)
        for request in list(self._under_way.values()):
            held = max(request.after, request.begin - 1)
            first, previous = self._journal.continues(held)
            if not request.answered or first > request.after + 1 <= request.until:
                yield self._answer(request, first, previous, time)
                request.answered = True
                request.after = max(request.after, first - 1)

    def rows(self, room: int, now: float) -> Iterator[list[Row]]:
        """The next page of each replay, as far as there is room. One without any left ends."""
        for request in list(self._under_way.values()):
            if room <= 0 or not request.answered:
                continue
            rows = self._journal.after(request.after, min(room, PAGE))
            rows = [row for row in rows if row[0] <= request.until]
            if not rows:
                self._end(request, now)
                continue
            request.after, request.sent = rows[-1][0], True
            room -= len(rows)
            yield rows

    def _take_up(self, now: float) -> None:
        for consumer in list(self._waiting):
            rest = self._rests.get(consumer)
            if consumer not in self._under_way and (rest is None or now >= rest.until):
                self._under_way[consumer] = self._waiting.pop(consumer)

    def _end(self, request: Request, now: float) -> None:
        del self._under_way[request.consumer]
        rest, pause_s = self._rests.get(request.consumer), AGAIN.first_s
        if rest is not None and request.sent and request.start <= rest.start:
            pause_s = AGAIN.after_s(rest.pause_s)
        start = max(request.start, rest.start) if rest is not None else request.start
        self._rests[request.consumer] = Rest(start, pause_s, now + pause_s)

    def _answer(self, request: Request, first: int, previous: str, time: str) -> bytes:
        body: dict[str, Any] = {
            "consumer": request.consumer,
            "after": request.after,
            "first": first,
            "previoushash": previous,
            "time": time,
        }
        body["signature"] = self._key.sign(canonical(body))
        return json.dumps(body).encode()
