"""PURE. What is wrong with an item, as a cause: said in the reader's language wherever it is
shown."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from edge.domain.foreign_text import shown
from edge.system.causes import Cause, cause
from edge.system.refused_values import reason_of

ZONE = "timezone_aware"
"""A kind of pydantic: an item's moment has a cure of its own."""


def wrong(name: str, error: ValidationError) -> Cause:
    """The first thing that is wrong with the item of this name."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    kind, found = first["type"], first["input"]
    why = cause("item.zone") if kind == ZONE else reason_of(first)
    if kind == "value_error" or isinstance(found, Mapping | list):
        return at(name, place, why)
    return cause("item.found", id=name, place=place, why=why, found=shown(found))


def at(name: str, place: str, why: str) -> Cause:
    """`place`: within the item, or ""."""
    if place:
        return cause("item.at", id=name, place=place, why=why)
    return cause("item.of", id=name, why=why)
