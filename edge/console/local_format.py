"""Moments, figures and names as the reader writes them."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from edge.console.catalogue import translate

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""The time that people at the gate live by, whatever the computer is set to."""

MOMENT = {"vi": "%d/%m/%Y %H:%M:%S", "en": "%d %b %Y %H:%M:%S", "zh": "%Y-%m-%d %H:%M:%S"}
"""English has the month as a word: 05/06 is two days to two readers."""

DAY = {"vi": "%d/%m/%Y", "en": "%Y-%m-%d", "zh": "%Y-%m-%d"}
"""A day as the reader writes it into a field; a browser's own field would follow the computer."""

TYPED = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})|(\d{2})(\d{2})(\d{4})", re.ASCII)
"""Day, month and year, as people in Vietnam write them."""

DECIMAL_COMMA = ("vi",)


def local_time(moment: datetime | str, language: str = "vi") -> str:
    """The moment in Vietnamese time, for people at the gate."""
    if isinstance(moment, str):
        if not moment:
            return ""
        moment = datetime.fromisoformat(moment)
    return moment.astimezone(ZONE).strftime(MOMENT[language])


def day_typed(text: str) -> str:
    """YYYY-MM-DD of a day that somebody has typed; what is none stays as it is."""
    found = TYPED.fullmatch(text.strip())
    if found is None:
        return text.strip()
    day, month, year = (part for part in found.groups() if part is not None)
    return f"{year}-{month:0>2}-{day:0>2}"


def day_shown(language: str, day: str) -> str:
    """A day (YYYY-MM-DD) as the reader types it; what is none stays as it is."""
    try:
        return date.fromisoformat(day).strftime(DAY[language])
    except ValueError:
        return day


def number(language: str, value: float, digits: int = 0) -> str:
    """With the reader's marks: 1.234,5 in Vietnamese, 1,234.5 else."""
    text = f"{value:,.{digits}f}"
    if language in DECIMAL_COMMA:
        return text.translate(str.maketrans(",.", ".,"))
    return text


def plain(language: str, value: Any) -> str:
    """A figure of the journal."""
    if value in ("", None, False):
        return "—"
    if isinstance(value, int | float):
        return number(language, value, 0 if isinstance(value, int) else 1)
    return str(value)


def who(language: str, by: str) -> str:
    """ "operator:lan" is lan, "gate" the gate, "remote:customs" another system."""
    kind, colon, name = by.partition(":")
    if kind == "gate":
        return translate(language, "by_gate")
    if kind == "remote":
        return translate(language, "by_remote") + name
    return name if colon else by
