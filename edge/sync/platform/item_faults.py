"""PURE. What is wrong with an item, as a cause: said in the reader's language wherever it is shown.

pydantic's own findings are named by their kind; its words stay only for what no item leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from edge.domain.foreign_text import shown
from edge.system.causes import Cause, cause, reason_of

LONGEST_REASON = 200
"""Characters of what a library says."""

_KINDS: Mapping[str, Callable[[Mapping[str, Any]], Cause]] = {
    "missing": lambda gaps: cause("item.missing"),
    "literal_error": lambda gaps: cause("item.expected", words=gaps["expected"]),
    "timezone_aware": lambda gaps: cause("item.zone"),
    "string_type": lambda gaps: cause("item.text"),
    "string_unicode": lambda gaps: cause("item.text"),
    "string_too_short": lambda gaps: cause("item.empty"),
    "string_too_long": lambda gaps: cause("item.long", most=gaps["max_length"]),
    "list_type": lambda gaps: cause("item.list"),
    "too_short": lambda gaps: cause("item.empty"),
    "too_long": lambda gaps: cause("item.many", most=gaps["max_length"]),
    "model_type": lambda gaps: cause("item.object"),
    "int_from_float": lambda gaps: cause("item.whole"),
    "int_parsing": lambda gaps: cause("item.whole"),
    "int_type": lambda gaps: cause("item.whole"),
    "finite_number": lambda gaps: cause("item.whole"),
    "greater_than_equal": lambda gaps: cause("item.least", least=gaps["ge"]),
    "less_than_equal": lambda gaps: cause("item.most", most=gaps["le"]),
    "datetime_from_date_parsing": lambda gaps: cause("item.moment"),
    "datetime_parsing": lambda gaps: cause("item.moment"),
}
"""By the kinds of pydantic."""


def wrong(name: str, error: ValidationError) -> Cause:
    """The first thing that is wrong with the item of this name."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    kind, found = first["type"], first["input"]
    why: str = reason_of(first)
    if kind in _KINDS:
        why = _KINDS[kind](first.get("ctx", {}))
    elif not isinstance(why, Cause):
        why = why[:LONGEST_REASON]
    if kind == "value_error" or isinstance(found, Mapping | list):
        return at(name, place, why)
    return cause("item.found", id=name, place=place, why=why, found=shown(found))


def at(name: str, place: str, why: str) -> Cause:
    """`place`: within the item, or ""."""
    if place:
        return cause("item.at", id=name, place=place, why=why)
    return cause("item.of", id=name, why=why)
