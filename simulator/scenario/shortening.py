"""PURE. Quiet times of a recorded day, in which nobody is there and nothing is wrong, shortened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

NOTHING = timedelta(0)

Span = tuple[datetime, datetime]
"""From when to when somebody is there, or something is wrong."""


def shortened(spans: Iterable[Span], longest: timedelta) -> Callable[[datetime], datetime]:
    """Where a moment of the day lies, once no quiet time between the spans is longer than that."""
    cuts: list[tuple[datetime, timedelta]] = []
    until: datetime | None = None
    for begins, ends in sorted(spans):
        if until is not None and begins - until > longest:
            cuts.append((begins, begins - until - longest))
        until = ends if until is None else max(until, ends)

    def moved(at: datetime) -> datetime:
        return at - sum((cut for begins, cut in cuts if begins <= at), NOTHING)

    return moved
