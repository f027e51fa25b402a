"""The twin of the border-gate platform: the HTTP interface of docs/platform.openapi.yaml, served.

Assignments are put, held and cancelled from Python; passages posted by the gate are kept, and a
second post under the same key is counted, not kept. `down` and `failing` are faults.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Request

from simulator.http_server import HttpServer


class Platform:
    """`put` adds or changes an assignment (a wire item); `posted` has the passages by key."""

    def __init__(self, port: int = 0) -> None:
        self._lock = threading.Lock()
        self._items: dict[str, tuple[int, dict[str, Any]]] = {}
        self._version = 0
        self.posted: dict[str, dict[str, Any]] = {}
        self.repeated = 0
        self.down = False
        self.failing = False
        self._server = HttpServer(self._app(), port)

    @property
    def url(self) -> str:
        return self._server.url

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

    def change(self, assignment_id: str, **fields: Any) -> None:
        self.put({**self._items[assignment_id][1], **fields})

    def _app(self) -> FastAPI:
        app = FastAPI(title="Border-gate platform (twin)")

        @app.get("/v1/gates/{gate}/assignments")
        async def assignments(gate: str, cursor: str = "", wait: int = 0) -> dict[str, Any]:
            self._fault()
            known = int(cursor) if cursor.isdigit() else 0
            for _ in range(max(1, wait * 10)):
                if self._version > known or not cursor or self.down:
                    break
                await asyncio.sleep(0.1)
            self._fault()
            with self._lock:
                items = [item for version, item in self._items.values() if version > known]
                return {"cursor": str(self._version), "full": not cursor, "items": items}

        @app.post("/v1/gates/{gate}/passages", status_code=201)
        async def passages(
            gate: str, request: Request, idempotency_key: Annotated[str, Header()]
        ) -> dict[str, Any]:
            self._fault()
            body = await request.json()
            with self._lock:
                if idempotency_key in self.posted:
                    self.repeated += 1
                else:
                    self.posted[idempotency_key] = body
            return {"accepted": True}

        return app

    def _fault(self) -> None:
        if self.down:
            raise HTTPException(503, "down")
        if self.failing:
            raise HTTPException(500, "failing")
