"""The live page over HTTP, beside what may be done by hand: `/`, its scripts, pictures, a stream.

A page of another site may neither read it nor press its buttons.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.base import RequestResponseEndpoint

from edge.console.catalogue import FOLDER as CONSOLE
from edge.console.catalogue import LANGUAGES, catalogue
from edge.system.causes import texts
from simulator.live.view import fixed, view
from simulator.scenario.by_hand import ByHand

STATIC = Path(__file__).parent / "static"
EVERY_S = 0.1
"""So often the stream says how things stand."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def words(language: str) -> dict[str, str]:
    """The page's texts, the console's for what a controller says, and the causes of refusals."""
    own = json.loads((STATIC / f"words-{language}.json").read_text(encoding="utf-8"))
    return {**texts(language), **catalogue(language), **own}


def add(app: FastAPI, hand: ByHand, scenario: str, about: str) -> None:
    """The page's places in the application."""
    closing = hand.closing

    @app.middleware("http")
    async def guarded(request: Request, call_next: RequestResponseEndpoint) -> Response:
        origin = request.headers.get("Origin")
        own = origin is None or urlsplit(origin).netloc == request.headers.get("Host")
        if request.method not in ("GET", "HEAD") and not own:
            return Response("this is another site's page", 403)
        answer = await call_next(request)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    @app.get("/words/{language}.json", include_in_schema=False)
    def all_words(language: str) -> dict[str, str]:
        if language not in LANGUAGES:
            raise HTTPException(404, f"known: {', '.join(LANGUAGES)}")
        return words(language)

    @app.get("/fixed")
    def what_stays() -> dict[str, Any]:
        return fixed(hand, scenario, about)

    @app.get("/live")
    def live() -> StreamingResponse:
        return StreamingResponse(stream(), media_type="text/event-stream")

    async def stream() -> AsyncIterator[str]:
        while not closing.is_set():
            now = await asyncio.to_thread(view, hand)
            yield f"data: {json.dumps(now, ensure_ascii=False)}\n\n"
            await asyncio.sleep(EVERY_S)

    @app.get("/pictures/{lane}.jpg")
    def picture(lane: str) -> Response:
        jpeg = hand.picture(lane)
        if jpeg is None:
            raise HTTPException(404, "no picture comes")
        return Response(jpeg, media_type="image/jpeg")

    app.mount("/static", StaticFiles(directory=STATIC))
    app.mount("/fonts", StaticFiles(directory=CONSOLE / "fonts"))
