"""Why something outside does not work: a code and what stands in its gaps, said in English where it
arises (logs, events, `gate doctor`) and in the reader's language where it is shown.

texts/causes-*.json have the sentences. What a driver, a library or another computer wrote stands in
a gap as it is, bounded.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

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
_PHRASE = TypeAdapter(Phrase)


class Cause(str):
    """The English text, which knows its phrase. What is made of it by formatting knows it no more:
    put it into the gap of another cause instead."""

    phrase: Phrase


def cause(key: str, /, **gaps: object) -> Cause:
    """`gaps`: figures, causes, phrases, errors, and words, which are taken as text. Raises KeyError
    for a text or a gap that is not there."""
    given = {name: _bounded(value) for name, value in gaps.items()}
    text = Cause(_ENGLISH[f"cause.{key}"].format_map(given))
    held = {name: v.phrase if isinstance(v, Cause) else v for name, v in given.items()}
    text.phrase = Phrase(f"cause.{key}", held)
    return text


def of_phrase(phrase: Phrase) -> Cause:
    """The cause of a phrase that a pure part gives."""
    given = {n: of_phrase(v) if isinstance(v, Phrase) else v for n, v in phrase.params.items()}
    text = Cause(_ENGLISH[phrase.key].format_map(given))
    text.phrase = phrase
    return text


def kept(text: str) -> dict[str, Any] | None:
    """The phrase of a cause as plain JSON, to be stored beside its text; None: it is no cause."""
    found: Any = _PHRASE.dump_python(text.phrase, mode="json") if isinstance(text, Cause) else None
    return found


def revived(text: str, phrase: object) -> str:
    """The cause that was stored; its text alone where the phrase cannot be understood."""
    try:
        understood = _PHRASE.validate_python(phrase)
    except ValidationError:
        return text
    made = Cause(text)
    made.phrase = understood
    return made


def cause_of(error: BaseException) -> str:
    """What an error says: its cause or phrase where it has one, else its text."""
    first = error.args[0] if error.args else None
    if isinstance(first, Phrase):
        return of_phrase(first)
    return first if isinstance(first, Cause) else str(error)


def together(found: Sequence[str]) -> str:
    """Several causes as one."""
    if len(found) == 1:
        return found[0]
    half = len(found) // 2
    return cause("both", first=together(found[:half]), second=together(found[half:]))


def _bounded(value: object) -> str | int | float:
    if isinstance(value, BaseException):
        value = cause_of(value)
    if isinstance(value, Phrase):
        value = of_phrase(value)
    if isinstance(value, Cause | int | float):
        return value
    text = str(value)
    return text if len(text) <= LONGEST_WORD else f"{text[: LONGEST_WORD - 1]}…"
