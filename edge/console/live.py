"""The live state as server-sent events: twice a second, for as long as its reader may see it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from edge.console.sessions import Sessions
from edge.console.shelf import Shelf
from edge.console.snapshot import view_json
from edge.console.users import UserError
from edge.gate.port import GateOperations

EVERY_S = 0.5
SHARED_S = 0.2
"""Maximum age in seconds of a state that is shared by several readers; many readers cost little
more than one."""

OVER = b"event: over\ndata: {}\n\n"
"""The reader is no longer signed in; the page goes to the sign-in."""


MOST_OF_USER = 16
"""Streams of one user: a connection each, which nobody may end to make room for a newcomer."""


class Live:
    """Streams of one console."""

    def __init__(self, operations: GateOperations, sessions: Sessions, shelf: Shelf) -> None:
        self._operations, self._sessions, self._shelf = operations, sessions, shelf
        self._lock = threading.Lock()
        self._reported, self._at = b"", -SHARED_S
        self._streams: Counter[str] = Counter()

    def room_for(self, user: str) -> bool:
        """Whether the user may have one more stream."""
        return self._streams[user] < MOST_OF_USER

    async def stream(self, request: Request, user: str, token: str) -> AsyncIterator[bytes]:
        self._streams[user] += 1
        try:
            while not await request.is_disconnected():
                if not await run_in_threadpool(self._may_see, token):
                    yield OVER
                    return
                yield await run_in_threadpool(self._state)
                await asyncio.sleep(EVERY_S)
        finally:
            self._streams[user] -= 1

    def _may_see(self, token: str) -> bool:
        try:
            return self._sessions.find(token) is not None
        except UserError:
            return False

    def _state(self) -> bytes:
        with self._lock:
            if time.monotonic() - self._at >= SHARED_S:
                view = self._operations.view()
                state = view_json(view) | {"shelved": sorted(self._shelf.of(view.alarms))}
                self._reported = f"data: {json.dumps(state)}\n\n".encode()
                self._at = time.monotonic()
            return self._reported
