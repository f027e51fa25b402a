"""PURE. Pauses between tries: doubling and bounded, for everything that the gate tries again."""

from __future__ import annotations

import random
from dataclasses import dataclass

MOST_DOUBLINGS = 32

STEADY_S = 3.0
"""Seconds after which a connection counts as working: the pauses begin anew when it is lost."""


@dataclass(frozen=True, slots=True)
class Retries:
    """A pause of `first_s` after the first failure, twice as long after each further one, at most
    `most_s`."""

    first_s: float
    most_s: float

    def pause_s(self, before: int) -> float:
        """Seconds after a failure; `before`: how many failures in a row came before it."""
        doublings = min(max(0, before), MOST_DOUBLINGS)
        return min(self.most_s, self.first_s * 2.0**doublings)

    def after_s(self, pause_s: float) -> float:
        """The pause that follows one of this length."""
        return min(self.most_s, 2 * pause_s)


class Backoff:
    """Counts the failures of one connection or process. `next` gives the seconds to wait: the
    policy's pause, and with `rng` between half and all of it, so that gates do not call in step."""

    def __init__(
        self, retries: Retries, rng: random.Random | None = None, steady_s: float = STEADY_S
    ) -> None:
        self._retries, self._rng = retries, rng
        self.steady_s = steady_s
        self._failures = 0

    def next(self) -> float:
        whole = self._retries.pause_s(self._failures)
        self._failures += 1
        return whole if self._rng is None else whole * self._rng.uniform(0.5, 1.0)

    def reset(self) -> None:
        self._failures = 0

    def stood(self, seconds: float) -> None:
        """The connection stood for this many seconds before it was lost. One that is lost at once,
        again and again, is tried after longer and longer pauses."""
        if seconds >= self.steady_s:
            self.reset()
