"""PURE. A platform's own words for states, authorities and directions, into ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.config import PlatformWords

OUR_WORDS = PlatformWords()
"""The words of a platform that follows docs/platform.openapi.yaml."""

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
    for key, known in below.items():
        if isinstance(item.get(key), list):
            item[key] = [_said(i, known) if isinstance(i, Mapping) else i for i in item[key]]
    return item


def _said(item: Mapping[Any, Any], known: Known) -> dict[str, Any]:
    return {
        str(key): known[key].get(value, value) if key in known and isinstance(value, str) else value
        for key, value in item.items()
        if value is not None
    }
