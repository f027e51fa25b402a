"""Why something outside does not work: a code and what stands in its gaps, said in English where it
arises (logs, events, `gate doctor`) and in the reader's language where it is shown.

texts/causes-*.json have the sentences. What a driver, a library or another computer wrote stands in
a gap as it is, bounded.
"""

from __future__ import annotations

import json
from pathlib import Path

from edge.domain.alarm_codes import Phrase

FOLDER = Path(__file__).parent / "texts"

LONGEST_WORD = 300
"""Characters of what somebody else wrote, within one cause."""


def texts(language: str) -> dict[str, str]:
    """Every text by its key."""
    found: dict[str, str] = json.loads(
        (FOLDER / f"causes-{language}.json").read_text(encoding="utf-8")
    )
    return found


_ENGLISH = texts("en")


class Cause(str):
    """The English text, which knows its phrase. What is made of it by formatting knows it no more:
    put it into the gap of another cause instead."""

    phrase: Phrase


def cause(key: str, /, **gaps: object) -> Cause:
    """`gaps`: figures, other causes, and words, which are taken as text. Raises KeyError for a
    text or a gap that is not there."""
    given = {name: _bounded(value) for name, value in gaps.items()}
    text = Cause(_ENGLISH[f"cause.{key}"].format_map(given))
    held = {name: v.phrase if isinstance(v, Cause) else v for name, v in given.items()}
    text.phrase = Phrase(f"cause.{key}", held)
    return text


def cause_of(error: BaseException) -> str:
    """What an error says: its cause where it has one, else its text."""
    first = error.args[0] if error.args else None
    return first if isinstance(first, Cause) else str(error)


def _bounded(value: object) -> str | int | float:
    if isinstance(value, Cause | int | float):
        return value
    text = str(value)
    return text if len(text) <= LONGEST_WORD else f"{text[: LONGEST_WORD - 1]}…"
