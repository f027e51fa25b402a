"""What the console says, in Vietnamese, English and Chinese (static/words-*.json)."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
LANGUAGES = ("vi", "en", "zh")


@lru_cache
def words(language: str) -> dict[str, str]:
    """Every text by its key."""
    found: dict[str, str] = json.loads(
        (FOLDER / f"words-{language}.json").read_text(encoding="utf-8")
    )
    return found


def say(language: str, key: str) -> str:
    """One text; the key itself where none is known (codes of the future)."""
    return words(language).get(key, key)
