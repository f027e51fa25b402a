"""What an alarm says, in Vietnamese, English or Chinese (texts/alarms-*.json)."""

from __future__ import annotations

import json
import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

from edge.domain.alarm_codes import Param, Params, Phrase
from edge.system import causes
from edge.system.causes import Cause

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "texts"

RECORDED_IN = "en"
"""The language of `text` in events, in the log and in the journal."""

LONGEST_TEXT, LONGEST_WORD = 1000, 800
"""Characters of an alarm's text, and of what of somebody else stands in it: both are in the
console, an event and the state."""

TERM = "term."
"""Keys under this prefix: words that stand in the gaps of others."""


@lru_cache
def texts(language: str) -> dict[str, str]:
    """Every text by its key: `code`, `code.variant`, `any.variant`, `term.word` or `cause.word`."""
    found: dict[str, str] = json.loads(
        (FOLDER / f"alarms-{language}.json").read_text(encoding="utf-8")
    )
    return found | causes.texts(language)


def alarm_text(language: str, code: str, variant: str, params: Params) -> str:
    """Raises LookupError, ValueError, TypeError where the text is not known, or wants other figures
    (an alarm of another version)."""
    known = texts(language)
    key = f"{code}.{variant}" if variant else code
    if key not in known and variant:
        key = f"any.{variant}"
    return _filled(language, key, params)


def phrase_text(language: str, phrase: str | Phrase) -> str:
    """A phrase; a word that is no term stands as it is."""
    if isinstance(phrase, Phrase):
        return _filled(language, phrase.key, phrase.params)
    return texts(language).get(TERM + phrase, phrase)


def _filled(language: str, key: str, params: Any) -> str:
    shown = {name: _shown(language, value) for name, value in params.items()}
    return texts(language)[key].format_map(shown)


def _shown(language: str, value: Param) -> str | int | float:
    if isinstance(value, Phrase):
        return phrase_text(language, value)
    if isinstance(value, tuple):
        between = "; " if any(isinstance(item, Phrase) for item in value) else ", "
        return between.join(phrase_text(language, item) for item in value)
    return value


def recorded_text(code: str, variant: str, params: Params) -> str:
    """As it stands in events, the log and the journal. Nothing is raised: an alarm without its text
    is better than none."""
    try:
        text = alarm_text(RECORDED_IN, code, variant, params)
    except (LookupError, ValueError, TypeError):
        log.exception("the alarm %s (%s) has no text", code, variant)
        text = f"{code} {variant}".strip()
    return _cut(text, LONGEST_TEXT)


def bounded(params: Params) -> dict[str, Param]:
    """Without endless words of others; causes as the phrases that they are."""
    return {name: _kept(value) for name, value in params.items()}


def said(language: str, text: str) -> str:
    """A cause in that language; any other text as it is."""
    if not isinstance(text, Cause):
        return text
    return phrase_text(language, text.phrase)


def _kept(value: Param) -> Param:
    if isinstance(value, tuple):
        return tuple(item.phrase if isinstance(item, Cause) else item for item in value)
    if isinstance(value, Cause):
        return value.phrase
    if isinstance(value, Phrase):
        inner = {name: g.phrase if isinstance(g, Cause) else g for name, g in value.params.items()}
        return Phrase(value.key, inner)
    return _cut(value, LONGEST_WORD) if isinstance(value, str) else value


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
