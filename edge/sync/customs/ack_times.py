"""How long receivers take to acknowledge what was committed."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable

from edge.system.timings import TIMINGS, Figure, Timings

MOST = 1000
"""Commits whose acknowledgement is waited for. In a longer outage the oldest are not measured: that
a receiver is silent has an alarm."""


class AckTimes:
    """Any thread."""

    def __init__(
        self, consumers: Iterable[str], now: Callable[[], float], timings: Timings = TIMINGS
    ) -> None:
        self._now, self._timings = now, timings
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[tuple[int, float]]] = {
            name: deque(maxlen=MOST) for name in consumers
        }

    def committed(self, number: int) -> None:
        """Events up to this number are committed."""
        now = self._now()
        with self._lock:
            for waiting in self._waiting.values():
                if not waiting or waiting[-1][0] < number:
                    waiting.append((number, now))

    def acknowledged(self, consumer: str, through: int) -> None:
        now = self._now()
        done = []
        with self._lock:
            waiting = self._waiting.get(consumer, deque())
            while waiting and waiting[0][0] <= through:
                done.append(waiting.popleft()[1])
        for began in done:
            self._timings.note(Figure.ACKNOWLEDGEMENT, consumer, began, now)
