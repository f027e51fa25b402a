"""Searches and charts for pages and programs, computed from the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from edge.console.local_format import ZONE
from edge.domain.events import PASSAGE_ABANDONED, PASSAGE_COMPLETED
from edge.domain.foreign_text import shown
from edge.domain.plate import canonical
from edge.sync.journal.port import PastEvents, Recorded

PAGE = 50


class StrangeDay(ValueError):
    """The given text is no day; a search without it would show what was not asked for."""


COMPLETED = (PASSAGE_COMPLETED,)
ENDED = (PASSAGE_COMPLETED, PASSAGE_ABANDONED)
"""Also of those that did not pass."""


def search(
    journal: PastEvents,
    plate: str,
    lane: str,
    day: str,
    before: int | None,
    types: Sequence[str] = COMPLETED,
) -> Sequence[Recorded]:
    """Passages of these types; `day` as YYYY-MM-DD in Vietnamese time, or "". `plate`: part of one.
    Raises StrangePlate, and StrangeDay for what is no day that a gate can have seen."""
    since = until = None
    if day:
        try:
            begin = datetime.combine(date.fromisoformat(day), time(), ZONE)
            since, until = begin.astimezone(UTC), (begin + timedelta(days=1)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise StrangeDay(f"{shown(day)} is no day; one is written 2026-03-01") from None
    return journal.recent(
        types=types,
        lane=lane or None,
        plate=canonical(plate) or None,
        since=since,
        until=until,
        before=before,
        limit=PAGE,
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart; `share` 0..100 of the highest."""

    label: str
    value: int
    share: float


def charts(journal: PastEvents, now: datetime) -> dict[str, list[Bar]]:
    """Passages per hour of the last day, per day of the last month, and per lane."""
    begin = now - timedelta(days=30)
    completed = journal.counts_by_hour("passage.completed", begin)
    hours: dict[datetime, int] = {}
    days: dict[date, int] = {}
    lanes: dict[str, int] = {}
    for hour, lane, count in completed:
        hours[hour] = hours.get(hour, 0) + count
        local = hour.astimezone(ZONE).date()
        days[local] = days.get(local, 0) + count
        lanes[lane] = lanes.get(lane, 0) + count
    this = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    last_day = [this - timedelta(hours=23 - n) for n in range(24)]
    today = now.astimezone(ZONE).date()
    month = [today - timedelta(days=29 - n) for n in range(30)]
    return {
        "hours": _bars([(h.astimezone(ZONE).strftime("%H"), hours.get(h, 0)) for h in last_day]),
        "days": _bars([(d.strftime("%d/%m"), days.get(d, 0)) for d in month]),
        "lanes": _bars(sorted(lanes.items())),
    }


def _bars(pairs: Sequence[tuple[str, int]]) -> list[Bar]:
    most = max((value for _, value in pairs), default=0) or 1
    return [Bar(label, value, 100 * value / most) for label, value in pairs]
