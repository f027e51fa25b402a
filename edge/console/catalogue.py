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


def translate(language: str, key: str) -> str:
    """One text; the key itself where none is known (codes of the future)."""
    return catalogue(language).get(key, key)
