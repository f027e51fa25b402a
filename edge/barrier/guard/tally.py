"""How often a board's exchanges fail: the share of the last ones, and all since the start."""

from __future__ import annotations

from collections import deque

LAST = 400
"""Exchanges that the share is of: some ten seconds at 9600 baud, so that a burst shows and ends."""


class Tally:
    """Counted by the wire's thread alone."""

    def __init__(self) -> None:
        self.exchanges = 0
        self.failed = 0
        self._last: deque[bool] = deque(maxlen=LAST)
        self._bad = 0

    def __repr__(self) -> str:
        return f"<Tally {self.failed} of {self.exchanges} failed>"

    def count(self, good: bool) -> None:
        """One more exchange."""
        self.exchanges += 1
        self.failed += not good
        if len(self._last) == LAST:
            self._bad -= not self._last[0]
        self._last.append(good)
        self._bad += not good

    @property
    def error_rate(self) -> float | None:
        """The failed share of the last exchanges, 0 to 1; None before the first."""
        return self._bad / len(self._last) if self._last else None
