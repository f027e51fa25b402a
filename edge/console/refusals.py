"""Answers to requests that cannot be understood: what is wrong, never what was in them."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from functools import reduce
from typing import Any, Protocol

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from edge.console import access, actions, headers, refusing
from edge.console.sessions import Notice
from edge.gate.alarm_texts import said
from edge.sync.port import Unread
from edge.system.causes import Cause, cause, cause_of
from edge.system.refused_values import reason_of

log = logging.getLogger(__name__)


class Refused(BaseModel):
    """`error` in English; `says`: the same in the language of the session; `detail`: each field
    that is not understood."""

    error: str
    says: str | None = None
    detail: Any = None


DESCRIBED: dict[int | str, dict[str, Any]] = {
    status: {"model": Refused, "description": text}
    for status, text in {
        401: "Nobody is signed in, or nobody was there for long",
        403: "The role, the token or the sender's page does not permit it",
        404: "There is no such thing",
        409: "The gate or the users refuse it as things stand",
        413: "The request is too long",
        422: "The request is not understood",
        429: "Too many requests",
        431: "Address and headers are too long",
        500: "A fault of the console, which is in the log",
        503: "Users or journal cannot be read now",
    }.items()
}
"""Answers that any call may give."""


class Refusal(Protocol):
    """An answer to a request: `error` for programs, its kind in words for people."""

    def __call__(
        self, request: Request, status: int, error: str, detail: Any = None
    ) -> Response: ...


def add(app: FastAPI, language: str) -> Refusal:
    """Adds the handlers to every route of the application; gives what refuses. `language`: of who
    has chosen none."""

    def refusal(request: Request, status: int, error: str, detail: Any = None) -> Response:
        session = getattr(request.state, "session", None)
        reader = refusing.language_of(request, session, language)
        more = {} if detail is None else {"detail": detail}
        return refusing.answer(request, reader, status, error, more)

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        detail = [_reported(problem) for problem in error.errors()]
        fields = [cause("at", place=one["loc"][-1], why=one["msg"]) for one in detail]
        why = reduce(lambda first, second: cause("both", first=first, second=second), fields)
        form = request.method == "POST" and not request.url.path.startswith("/api/")
        if form and getattr(request.state, "session", None) is not None:
            back = access.PAGE_OF.get(request.url.path, "/")
            request.state.session.notify(Notice(_for_a_person(error.errors()[0])))
            return RedirectResponse(back, 303)
        body = {"error": why, "detail": detail}
        if (session := getattr(request.state, "session", None)) is not None:
            body["says"] = said(session.language, _for_a_person(error.errors()[0]))
        return _json(422, body)

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        answer = refusal(request, error.status_code, error.detail, error.detail)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(actions.Idle)
    def idle(request: Request, error: Exception) -> Response:
        return refusal(request, 401, actions.IDLE)

    @app.exception_handler(Exception)
    def failed(request: Request, error: Exception) -> Response:
        answer = refusal(request, 500, "a fault of the console's own; it stands in the log")
        headers.add(answer.headers, request.url.path)
        return answer

    @app.exception_handler(Unread)
    def unreadable(request: Request, error: Exception) -> Response:
        log.error("%s: %s", request.url.path, error)
        return refusal(request, 503, cause_of(error))

    return refusal


def _reported(problem: dict[str, Any]) -> dict[str, Any]:
    where: Sequence[Any] = problem.get("loc", ())
    return {"loc": list(where) or ["request"], "msg": reason_of(problem), "type": problem["type"]}


def _for_a_person(problem: dict[str, Any]) -> str:
    """For a person, who sees no names of fields: what our own check said, or that it is too
    long."""
    ours = problem.get("ctx", {}).get("error")
    if isinstance(ours, Exception) and isinstance(found := cause_of(ours), Cause):
        return found
    if problem["type"] == "string_too_long":
        return cause("text.too_long", longest=problem["ctx"]["max_length"])
    return cause("refused.not_understood")


def _json(status: int, reported: dict[str, Any]) -> Response:
    """In ASCII: names of fields may be anybody's, and no text at all."""
    return Response(json.dumps(reported), status, media_type="application/json")
