"""How one browser shows the console: language, theme, size of what is touched. Kept in cookies of
the browser, because a booth's screen is the same whoever signs in on it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Response
from starlette.requests import HTTPConnection

from edge.console.catalogue import LANGUAGES

LANGUAGE, THEME, SIZE = "language", "theme", "size"
CHOICES: Mapping[str, tuple[str, ...]] = {
    LANGUAGE: LANGUAGES,
    THEME: ("auto", "day", "night"),
    SIZE: ("plain", "glove"),
}
"""Glove: what is touched is 64 px high, not 48."""

LASTS_S = 400 * 24 * 3600


def chosen(request: HTTPConnection, what: str, otherwise: str) -> str:
    """The browser's choice; what is none of ours is not taken up."""
    found = request.cookies.get(f"gate_{what}", "")
    return found if found in CHOICES[what] else otherwise


def keep(answer: Response, wanted: Mapping[str, str]) -> None:
    for what, choices in CHOICES.items():
        if wanted.get(what) in choices:
            answer.set_cookie(
                f"gate_{what}", wanted[what], max_age=LASTS_S, httponly=True, samesite="strict"
            )
