"""What receivers ask for once more, and from where on the gate can give it.

Retention may have removed what an empty receiver asks for. So each request is answered with the
first event after it that is still held, and the hash before that one: a receiver that lacks what
lies between knows that it will not come, and starts there. Where removal overtakes a replay under
way, the answer comes again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from edge.sync.chain import canonical
from edge.sync.reading import JournalReading, Row
from edge.sync.signing import GateKey

MOST = 50
"""Requests of so many names are under way at once; more are not taken up."""

PAGE = 100


@dataclass(slots=True)
class Request:
    """`until`: what lies after it goes out without being asked for."""

    consumer: str
    after: int
    until: int
    answered: bool = False


class Replays:
    """The requests of one connection."""

    def __init__(self, journal: JournalReading, key: GateKey) -> None:
        self._journal, self._key = journal, key
        self._requests: dict[str, Request] = {}

    def ask(self, consumer: str, after: int, until: int) -> bool:
        """Takes up a request in place of the consumer's last one; False if there are too many."""
        if len(self._requests) >= MOST and consumer not in self._requests:
            return False
        self._requests[consumer] = Request(consumer, after, until)
        return True

    def answers(self, time: str) -> Iterator[bytes]:
        """What is to be told now; `time` in RFC 3339."""
        for request in list(self._requests.values()):
            first, previous = self._journal.continues(request.after)
            if not request.answered or first > request.after + 1 <= request.until:
                yield self._answer(request, first, previous, time)
                request.answered = True
                request.after = max(request.after, first - 1)

    def rows(self, room: int) -> Iterator[list[Row]]:
        """The next page of each request, as far as there is room. A request without any left
        ends."""
        for consumer, request in list(self._requests.items()):
            if room <= 0 or not request.answered:
                continue
            rows = self._journal.after(request.after, min(room, PAGE))
            rows = [row for row in rows if row[0] <= request.until]
            if not rows:
                if self._requests.get(consumer) is request:
                    del self._requests[consumer]
                continue
            request.after = rows[-1][0]
            room -= len(rows)
            yield rows

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
