"""The doctor's look at the configuration: what is refused, and what is odd."""

from __future__ import annotations

from collections.abc import Iterator

from edge.cli.finding import Finding
from edge.config import Settings, refusals, warnings


def configuration(settings: Settings) -> Iterator[Finding]:
    """A line each; one that is good where there is nothing to say."""
    told = [Finding("configuration", False, *_parts(text)) for text in refusals(settings)]
    told += [Finding("configuration", True, *_parts(text)) for text in warnings(settings)]
    yield from told or [Finding("configuration", True, "nothing to correct")]


def _parts(text: str) -> tuple[str, str]:
    """The key, and what is said of it."""
    key, _, said = text.partition(": ")
    return key, said
