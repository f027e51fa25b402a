"""PURE. Pauses between tries: doubling, bounded, with jitter so that gates do not call in step."""

from __future__ import annotations

import random

STEADY_S = 3.0
"""A connection that stood for so long has worked: the pauses begin anew after it."""


class Backoff:
    """`next()` gives seconds to wait: between half and all of `first` x 2^n, never over `most`."""

    def __init__(
        self, first: float, most: float, rng: random.Random, steady_s: float = STEADY_S
    ) -> None:
        self._first, self._most, self._rng = first, most, rng
        self.steady_s = steady_s
        self._tries = 0

    def next(self) -> float:
        whole = min(self._most, self._first * 2.0**self._tries)
        self._tries = min(self._tries + 1, 32)
        return whole * self._rng.uniform(0.5, 1.0)

    def reset(self) -> None:
        self._tries = 0

    def stood(self, seconds: float) -> None:
        """What was tried for stood so long before it was lost. One that is lost at once, again and
        again, is still waited for longer and longer."""
        if seconds >= self.steady_s:
            self.reset()
