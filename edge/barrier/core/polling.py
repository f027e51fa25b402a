"""PURE. Poll slots of a wire that several lanes share: whose is next.

A closing arm is looked at as often as the wire allows; one with somebody under it often enough to
see it come down by itself, and who slips under it apart from the next one; the others get their
slot before their readings become stale. A board that does not answer costs every other lane its
answer time and the quiet gap, so it is asked seldom, and never while an arm comes down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

EVERY_S = 0.025
"""Seconds between two polls of a lane at rest: 9600 baud carries some 40 polls a second."""

CLOSING_EVERY_S = 0.004
"""Minimum seconds between two polls of a closing lane: a fast wire leaves others time."""

MISSED_EVERY_S = 0.1
"""Seconds between two polls after one or two failed readings."""

DEAD_EVERY_S = 1.0
"""Seconds between two polls of a board that does not answer at all."""

DEAD_AFTER = 3
"""Failed readings in a row after which a board counts as not answering."""

LEAST_SHARE = 0.5
"""While an arm closes, another lane waits at most this part of its freshness time."""


WATCHED_EVERY_S = 0.08
"""While an arm closes, maximum seconds between two polls of a lane with somebody under its arm."""


@dataclass(frozen=True, slots=True)
class PollSlot:
    """One lane as the wire sees it: when its last poll began, failed readings in a row. `closing`:
    its arm comes down, or is seen to have left its upper end; `watched`: something is under it."""

    polled_at: float
    fresh_s: float
    closing: bool = False
    misses: int = 0
    watched: bool = False

    def due_at(self, someone_closes: bool) -> float:
        if self.misses >= DEAD_AFTER:
            return self.polled_at + DEAD_EVERY_S
        if self.misses and not self.closing:
            return self.polled_at + MISSED_EVERY_S
        if self.closing:
            return self.polled_at + CLOSING_EVERY_S
        if not someone_closes:
            return self.polled_at + EVERY_S
        wait = LEAST_SHARE * self.fresh_s
        return self.polled_at + (min(WATCHED_EVERY_S, wait) if self.watched else wait)


def pick(slots: Sequence[PollSlot], now: float) -> tuple[int | None, float]:
    """The lane to poll now, or None; and how long until one is due."""
    someone_closes = any(t.closing and t.misses < DEAD_AFTER for t in slots)
    waiting = [
        (slot.due_at(someone_closes), n)
        for n, slot in enumerate(slots)
        if not (someone_closes and slot.misses >= DEAD_AFTER)
    ]
    due_at, lane = min(waiting)
    if due_at <= now:
        return lane, 0.0
    return None, due_at - now
