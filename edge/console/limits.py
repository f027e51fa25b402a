"""The length of every request, before the application sees it: one head and one body in memory."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Collection, Iterable

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.console import refusing
from edge.console.doors import CONNECTION, site_of
from edge.console.rates import MOST_WAIT_S, Rates
from edge.console.sessions import COOKIE, Session

MOST_BODY = 64 * 1024
MOST_HEAD = 32 * 1024
"""Bytes of the target and all header fields; a session's cookie and token are 200."""

MOST_DISCARDED = 1024 * 1024
DISCARD_S = 2.0

TOO_LONG = 413, f"a request's body has at most {MOST_BODY // 1024} kB"
TOO_MANY = 429, "too many requests; try again in a few seconds"
HEAD_TOO_LONG = 431, f"a request's address and headers have at most {MOST_HEAD // 1024} kB"


class Limits:
    """ASGI middleware; the outermost one. `session`: the session that a cookie names, if any; a
    request of one for a path in `at_once` waits for its user's own orders only. `language`: of who
    has chosen none."""

    def __init__(
        self,
        app: ASGIApp,
        rates: Rates,
        session: Callable[[str], Session | None],
        at_once: Collection[str],
        language: str,
    ) -> None:
        self._app, self._rates, self._session = app, rates, session
        self._at_once, self._language = at_once, language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _head(scope) > MOST_HEAD:
            await self._refuse(scope, send, *HEAD_TOO_LONG)
            return
        wait = self._turn(scope)
        if wait is None:
            # At once, it would ask again at once.
            await asyncio.sleep(MOST_WAIT_S)
            await self._refuse(scope, send, *TOO_MANY)
            return
        await asyncio.sleep(wait)
        announced = _announced(scope["headers"])
        if announced > MOST_BODY and _asks_first(scope["headers"]):
            await self._refuse(scope, send, *TOO_LONG)
            return
        body = await _whole_body(receive, announced)
        if body is None:
            return
        if len(body) > MOST_BODY:
            await self._refuse(scope, send, *TOO_LONG)
            return
        if _is_json(scope["headers"]):
            body = _as_text(body)
        given = False

        async def once() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, once, send)

    def _turn(self, scope: Scope) -> float | None:
        """Seconds until this request is served; None where that is too long."""
        token = HTTPConnection(scope).cookies.get(COOKIE, "")
        session = self._session(token) if token else None
        if connection := scope.get("state", {}).get(CONNECTION):
            connection.known = session is not None
        now = time.monotonic()
        if session is None:
            return self._rates.take(site_of(str((scope.get("client") or ("",))[0])), False, now)
        if scope["path"] in self._at_once:
            return self._rates.order(session.user, now)
        return self._rates.take(token, True, now)

    async def _refuse(self, scope: Scope, send: Send, status: int, why: str) -> None:
        request = HTTPConnection(scope)
        token = request.cookies.get(COOKIE, "")
        session = self._session(token) if token else None
        language = refusing.language_of(request, session, self._language)
        kind, body = refusing.refusal(request, language, status, why)
        headers = [
            (b"content-type", kind.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _whole_body(receive: Receive, announced: int) -> bytes | None:
    """None where the client has gone; one that is too long is cut, once the client has had a
    moment to send it: who is cut off would never read the answer."""
    body, came = bytearray(), 0
    until = asyncio.get_running_loop().time() + DISCARD_S
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        came += len(part)
        body += part[: MOST_BODY + 1 - len(body)]
        if not message.get("more_body"):
            return bytes(body)
        too_long = max(came, announced) > MOST_BODY
        if too_long and (came > MOST_DISCARDED or asyncio.get_running_loop().time() > until):
            return bytes(MOST_BODY + 1)


def _head(scope: Scope) -> int:
    fields = sum(len(name) + len(value) + 4 for name, value in scope["headers"])
    return fields + len(scope.get("raw_path") or b"") + len(scope["query_string"])


def _announced(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """The body's length as the client states it; 0 where it does not."""
    reported = [value for name, value in headers if name == b"content-length"]
    return max((int(value) for value in reported if value.isdigit()), default=0)


def _is_json(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"content-type" and b"json" in value for name, value in headers)


def _as_text(body: bytes) -> bytes:
    """In UTF-8, with U+FFFD for what is no text: a stop in a wrong encoding is to be understood,
    and nothing else takes that character."""
    return body.decode(json.detect_encoding(body), "replace").encode()


def _asks_first(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether the client waits for "100 Continue" before it sends its body."""
    return any(name == b"expect" for name, _ in headers)
