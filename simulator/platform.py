"""The twin of the border-gate platform: the HTTP interface of docs/platform.openapi.yaml, served.

Assignments are put, held and cancelled from Python; passages posted by the gate are kept, and a
second post under the same key is counted, not kept; `told` has what it was told beside them.
`down`, `failing`, `forbidding`, `slow_s`, `wrong`, `stale`, `flooding` and `answers` are faults.
With `client`, an id and its secret, it gives OAuth 2 tokens and serves nobody without one. Every
exchange is kept, for tests against the description.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote_plus

from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.responses import HTMLResponse

from simulator.declaring import assignment_item
from simulator.http_server import HttpServer, Tls

PORTAL = "<!doctype html><title>Sign in</title><p>This network asks you to sign in.</p>"
"""What a router of a hotel or a provider answers in the platform's place."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A good question and its answer; `what`: the path's last part."""

    what: str
    headers: dict[str, str]
    asked: dict[str, Any]
    answered: dict[str, Any]


class Platform:
    """`put` adds or changes an assignment (a wire item); `posted` has the passages by key."""

    def __init__(
        self, port: int = 0, tls: Tls | None = None, client: tuple[str, str] | None = None
    ) -> None:
        self._client = client
        self.tokens: set[str] = set()
        self.exchanges: deque[Exchange] = deque(maxlen=1000)
        self._lock = threading.Lock()
        self._items: dict[str, tuple[int, dict[str, Any]]] = {}
        self._version = 0
        self.posted: dict[str, dict[str, Any]] = {}
        self.told: dict[str, dict[str, dict[str, Any]]] = {
            "turned-away": {},
            "not-understood": {},
            "guidance": {},
        }
        self.old = False
        """One from before it could be told of more than passages."""
        self.plain_basic = False
        """Its token endpoint does not decode id and secret in the header (RFC 6749 2.3.1)."""
        self.repeated = 0
        self.down = False
        self.failing = False
        self.forbidding = False
        self.slow_s = 0.0
        self.wrong = False
        """Its list is a portal's page."""
        self.stale = False
        """What is put meanwhile is in no answer."""
        self.flooding = 0
        """So many assignments change with every question."""
        self._floods = 0
        self.answers: dict[str, int] = {}
        """What each post of a passage (by its `passage`; "*": of any) gets in place of 201."""
        self.refused = 0
        self.asked = 0
        self._oldest = 0
        """Cursors before it were given before a restart."""
        self._server = HttpServer(self._app(), port, tls)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def asks_for_tokens(self) -> bool:
        return self._client is not None

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self.down = True
        self._server.stop()

    def put(self, item: dict[str, Any]) -> None:
        """A new assignment, or a change: its revision rises."""
        with self._lock:
            self._version += 1
            old = self._items.get(item["assignment_id"])
            revision = old[1]["revision"] + 1 if old else item.get("revision", 1)
            self._items[item["assignment_id"]] = (self._version, {**item, "revision": revision})

    def guided(self) -> list[dict[str, Any]]:
        """What it was told of vehicles that are sent to another lane, the oldest first."""
        with self._lock:
            return list(self.told["guidance"].values())

    def drop(self, assignment_id: str) -> None:
        """It is no longer in the list; nothing but the next whole list shows that."""
        with self._lock:
            self._items.pop(assignment_id, None)

    def restart(self) -> None:
        """No cursor that was given before counts any more."""
        with self._lock:
            self._version += 1
            self._oldest = self._version

    def change(self, assignment_id: str, **fields: Any) -> None:
        self.put({**self._items[assignment_id][1], **fields})

    def _app(self) -> FastAPI:
        app = FastAPI(title="Border-gate platform (twin)")

        @app.get("/v1/gates/{gate}/assignments")
        async def assignments(gate: str, request: Request, cursor: str = "", wait: int = 0) -> Any:
            await asyncio.sleep(self.slow_s)
            self._fault(request)
            if self.wrong:
                return HTMLResponse(PORTAL)
            if self.stale and cursor:
                await asyncio.sleep(wait)
                return {"cursor": cursor, "full": False, "items": []}
            given = cursor.isascii() and cursor.isdigit() and len(cursor) < 20
            known = int(cursor) if given else -1
            self._known(cursor, known)
            for _ in range(max(1, wait * 10)):
                if self._version > known or not cursor or self.down or self.flooding:
                    break
                await asyncio.sleep(0.1)
            self._fault(request)
            self._known(cursor, known)
            with self._lock:
                items = [item for version, item in self._items.values() if version > known]
                items += self._flood()
                answer = {"cursor": str(self._version), "full": not cursor, "items": items}
            self.exchanges.append(Exchange("assignments", {}, {}, answer))
            return answer

        @app.post("/v1/gates/{gate}/passages", status_code=201)
        async def passages(
            gate: str, request: Request, idempotency_key: Annotated[str, Header()]
        ) -> dict[str, Any]:
            self._fault(request)
            body = await _passage_of(request)
            status = self.answers.get(body["passage"], self.answers.get("*", 201))
            if status != 201:
                self.refused += 1
                raise HTTPException(status, "not this one")
            with self._lock:
                if idempotency_key in self.posted:
                    self.repeated += 1
                else:
                    self.posted[idempotency_key] = body
            answer = {"accepted": True}
            headers = {"Idempotency-Key": idempotency_key}
            self.exchanges.append(Exchange("passages", headers, body, answer))
            return answer

        @app.post("/v1/gates/{gate}/{what}", status_code=201)
        async def told(
            gate: str, what: str, request: Request, idempotency_key: Annotated[str, Header()]
        ) -> dict[str, Any]:
            self._fault(request)
            if self.old or what not in self.told:
                raise HTTPException(404, "no such place")
            body = await _object_of(request)
            with self._lock:
                self.told[what][idempotency_key] = body
            headers = {"Idempotency-Key": idempotency_key}
            self.exchanges.append(Exchange(what, headers, body, {"accepted": True}))
            return {"accepted": True}

        @app.post("/oauth/token")
        async def token(request: Request) -> dict[str, Any]:
            form = parse_qs((await request.body()).decode())
            given, wanted = self._basic(request), self._client or ("", "")
            if form.get("grant_type") != ["client_credentials"] or given != wanted:
                raise HTTPException(401, "invalid_client")
            made = secrets.token_urlsafe(16)
            self.tokens.add(made)
            return {"access_token": made, "token_type": "Bearer", "expires_in": 3600}

        return app

    def _known(self, cursor: str, at: int) -> None:
        """Raises HTTPException for a cursor that was never given, or before a restart."""
        if cursor and not self._oldest <= at <= self._version:
            raise HTTPException(410, "this cursor was never given, or before a restart")

    def _flood(self) -> list[dict[str, Any]]:
        """Assignments of vehicles that do not come, each changed again."""
        if not self.flooding:
            return []
        self._floods += 1
        now = datetime.now(UTC)
        return [
            {
                **assignment_item(
                    f"A-flood-{n}", "elsewhere", "export", "truck",
                    [(f"15C{n % 90000 + 10000}", "VN")], now,
                ),
                "revision": self._floods,
            }
            for n in range(self.flooding)
        ]  # fmt: skip

    def _basic(self, request: Request) -> tuple[str, str]:
        """Id and secret of the header (RFC 6749 2.3.1). Raises HTTPException."""
        header = request.headers.get("Authorization", "").removeprefix("Basic ")
        try:
            id, _, secret = base64.b64decode(header, validate=True).decode().partition(":")
        except ValueError:
            raise HTTPException(401, "invalid_client") from None
        return (id, secret) if self.plain_basic else (unquote_plus(id), unquote_plus(secret))

    def _fault(self, request: Request) -> None:
        self.asked += 1
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self._client is not None and bearer not in self.tokens:
            raise HTTPException(401, "a token is needed")
        if self.forbidding:
            raise HTTPException(403, "forbidden")
        if self.down:
            self.refused += request.method == "POST"
            raise HTTPException(503, "down")
        if self.failing:
            raise HTTPException(500, "failing")


async def _passage_of(request: Request) -> dict[str, Any]:
    """Refuses what is none, as the description says."""
    body = await _object_of(request)
    if not isinstance(body.get("passage"), str):
        raise HTTPException(422, "no passage")
    return body


async def _object_of(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise HTTPException(400, "no JSON") from None
    if not isinstance(body, dict):
        raise HTTPException(422, "no object")
    return body
