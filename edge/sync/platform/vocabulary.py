"""A platform's own words for states, authorities and directions, and its moments, into ours."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from edge.config import PlatformReading, PlatformWords

OUR_WORDS = PlatformWords()
"""The words of a platform that follows docs/platform.openapi.yaml."""

ZONELESS = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?", re.ASCII)

Known = Mapping[str, Mapping[str, str]]
"""By key of an item: its words and ours."""


def in_our_words(raw: object, words: PlatformWords) -> object:
    """The assignment with its words replaced, and without what is null: null is absent. What is no
    such item is left as it is, for the check that follows."""
    if not isinstance(raw, Mapping):
        return raw
    below: dict[str, Known] = {
        "plates": {"role": words.roles},
        "clearances": {"state": words.clearance_states, "authority": words.authorities},
    }
    item = _said(raw, {"state": words.states, "direction": words.directions})
    zone = words.timezone if isinstance(words, PlatformReading) else ""
    for key, known in below.items():
        if isinstance(item.get(key), list):
            item[key] = [_said(i, known) if isinstance(i, Mapping) else i for i in item[key]]
    if zone:
        for clearance in item.get("clearances") or ():
            if isinstance(clearance, dict):
                _with_zone(clearance, zone, "at")
        _with_zone(item, zone, "valid_from", "valid_to")
    return item


def _with_zone(item: dict[str, Any], zone: str, *names: str) -> None:
    """Moments that name no zone are the platform's; what is no moment stays as it is."""
    for name in names:
        text = item.get(name)
        if isinstance(text, str) and ZONELESS.fullmatch(text):
            with contextlib.suppress(ValueError):
                item[name] = _in_utc(datetime.fromisoformat(text), zone).isoformat()


def _in_utc(moment: datetime, zone: str) -> datetime:
    try:
        return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:
        # At either end of all dates no zone matters.
        return moment.replace(tzinfo=UTC)


def _said(item: Mapping[Any, Any], known: Known) -> dict[str, Any]:
    return {
        str(key): known[key].get(value, value) if key in known and isinstance(value, str) else value
        for key, value in item.items()
        if value is not None
    }
