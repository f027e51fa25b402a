"""The live state as server-sent events: twice a second, for as long as its reader may see it.

Each is the whole state. Where the reader takes gzip, a stream is compressed as one: what stood in
the last message is a reference, so that a message costs about what has changed.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Callable

from fastapi import Request
from fastapi.responses import StreamingResponse
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

GZIP = "gzip"
WINDOW = 31
"""For zlib: gzip's form, with the largest window (32 kB): the last message of eight lanes fits."""

LEVEL = 6

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

    def answer(self, request: Request, user: str, token: str) -> StreamingResponse:
        """One more stream of the user."""
        headers, write = {"Vary": "Accept-Encoding"}, _plain
        if GZIP in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = GZIP
            write = _Gzip()
        stream = self._stream(request, user, token, write)
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    async def _stream(
        self, request: Request, user: str, token: str, write: Callable[[bytes], bytes]
    ) -> AsyncIterator[bytes]:
        self._streams[user] += 1
        try:
            while not await request.is_disconnected():
                if not await run_in_threadpool(self._may_see, token):
                    yield write(OVER)
                    return
                yield write(await run_in_threadpool(self._state))
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


def _plain(message: bytes) -> bytes:
    return message


class _Gzip:
    """Messages of one stream; each can be read when it has come."""

    def __init__(self) -> None:
        self._compress = zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW)

    def __call__(self, message: bytes) -> bytes:
        return self._compress.compress(message) + self._compress.flush(zlib.Z_SYNC_FLUSH)
