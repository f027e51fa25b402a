"""A refusal by the kind of its answer, in the reader's language: beside the error for programs, and
as a page for a person whose browser has asked for one.

It needs neither the gate nor a template, so that a fault of either can be told.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Any

from fastapi import Response
from starlette.requests import HTTPConnection

from edge.console import access, appearance
from edge.console.catalogue import catalogue, translate
from edge.console.sessions import Session
from edge.gate.alarm_texts import said
from edge.system.causes import Cause

UNKNOWN_READER = 401

HTML, JSON = "text/html; charset=utf-8", "application/json"


def by_kind(language: str, status: int) -> str:
    """What an answer of this status means, in words."""
    if status == UNKNOWN_READER:
        return translate(language, "sign_in_first")
    exact = f"answer_{status}"
    known = exact in catalogue(language)
    return translate(language, exact if known else f"answer_{status // 100}xx")


def language_of(request: HTTPConnection, session: Session | None, otherwise: str) -> str:
    """Of the session, or else as it was on this browser."""
    if session is not None:
        return session.language
    return appearance.chosen(request, appearance.LANGUAGE, otherwise)


def refusal(
    request: HTTPConnection, language: str, status: int, error: str, more: Mapping[str, Any] = {}
) -> tuple[str, bytes]:
    """Media type and body. The JSON is in ASCII: names of fields may be anybody's, and no text at
    all. `error`: a cause is said in the reader's language, of anything else its kind."""
    says = said(language, error) if isinstance(error, Cause) else by_kind(language, status)
    if not _is_read_by_a_person(request):
        return JSON, json.dumps({"error": error, "says": says, **more}).encode()
    back = str(request.scope["path"])
    back = back if back in access.PAGES else access.PAGE_OF.get(back, "/")
    return HTML, (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{status}</title>'
        '<link rel="stylesheet" href="/static/console.css">'
        f'<main><p class="banner bad" role="alert">{html.escape(says)}</p>'
        f'<p><a class="button" href="{html.escape(back)}">{html.escape(back)}</a></p></main></html>'
    ).encode()


def answer(
    request: HTTPConnection, language: str, status: int, error: str, more: Mapping[str, Any] = {}
) -> Response:
    kind, body = refusal(request, language, status, error, more)
    return Response(body, status, media_type=kind)


def _is_read_by_a_person(request: HTTPConnection) -> bool:
    """A page or a form of one, not a call of a script."""
    asked = request.headers.get("accept", "")
    return "text/html" in asked and not str(request.scope["path"]).startswith("/api/")
