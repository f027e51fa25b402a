"""Values that people and programs write into a request: bounded, and text that can be recorded."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, Field

from edge.domain.plate import COUNTRIES
from edge.domain.recordable import LONGEST_REASON, fault
from edge.system.causes import of_phrase

LARGEST = 2**63 - 1
"""The largest number of an event: SQLite's."""

LONGEST_ID = 64
LONGEST_PLATE = 32


def _recordable(text: str) -> str:
    if why := fault(text, LONGEST_REASON):
        raise ValueError(of_phrase(why))
    return text


def _known(country: str) -> str:
    if country and country not in COUNTRIES:
        raise ValueError(f"no country whose plates are read; known: {', '.join(COUNTRIES)}")
    return country


Country = Annotated[
    str, Field(json_schema_extra={"enum": ["", *COUNTRIES]}), AfterValidator(_known)
]
"""Of a plate; "": not said."""

Id = Annotated[str, Field(max_length=LONGEST_ID), AfterValidator(_recordable)]
"""A lane, an action, an alarm's code, a passage, a user."""

Plate = Annotated[str, Field(max_length=LONGEST_PLATE), AfterValidator(_recordable)]
Reason = Annotated[str, Field(max_length=LONGEST_REASON), AfterValidator(_recordable)]
Sequence = Annotated[int, Field(ge=0, le=LARGEST)]

Before = Annotated[int | None, Query(ge=0, le=LARGEST)]
"""The number of an event to page on from."""

Limit = Annotated[int, Query(ge=-LARGEST, le=LARGEST)]
"""How many; what is asked beyond the most is the most."""
