"""The console's texts, in Vietnamese, English and Chinese (static/catalogue-*.json)."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
LANGUAGES = ("vi", "en", "zh")


@lru_cache
def catalogue(language: str) -> dict[str, str]:
    """Every text by its key."""
    found: dict[str, str] = json.loads(
        (FOLDER / f"catalogue-{language}.json").read_text(encoding="utf-8")
    )
    return found


def refusal(language: str, text: str) -> str:
    """The reason why something was not done, translated. The gate gives it in English; what follows
    a known beginning ("not recorded, therefore not done: ...") is translated by itself."""
    known = catalogue(language)
    if found := known.get(f"refused: {text}"):
        return found
    beginning, colon, rest = text.partition(": ")
    found = known.get(f"refused: {beginning}:") if colon else None
    return f"{found} {refusal(language, rest)}" if found else text


def translate(language: str, key: str) -> str:
    """One text; the key itself where none is known (codes of the future)."""
    return catalogue(language).get(key, key)
