"""Header fields that every answer has, refusals and faults too: what a browser may do with it."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""No Strict-Transport-Security: with the gate's own certificate nobody could go on."""

KEPT_NOWHERE = "no-store"
ASKED_AGAIN = "no-cache"
"""For the console's own scripts and faces, which are anybody's: kept, and asked about each time."""


class Headers:
    """ASGI middleware; outside of all others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                add(MutableHeaders(scope=message), str(scope["path"]))
            await send(message)

        await self._app(scope, receive, sent if scope["type"] == "http" else send)


def add(headers: MutableHeaders, path: str) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    kept = ASKED_AGAIN if path.startswith("/static/") else KEPT_NOWHERE
    headers.setdefault("Cache-Control", kept)
