"""Twin cameras: MJPEG over real HTTP. `frame` gives the newest JPEG; faults are switches.

Each camera is one path of one server: `/<name>.mjpeg`.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email.utils import formatdate

from fastapi import FastAPI, HTTPException
from fastapi.responses import Response, StreamingResponse

from simulator.http_server import HttpServer
from simulator.spoilt_pictures import Spoiling

BOUNDARY = "frame"


@dataclass(slots=True)
class CameraFaults:
    """`frozen`: the stream stays open and silent; `dark`: refused; `cut`: every JPEG truncated;
    `clock_ahead_s`: of the camera's own clock; `spoiling`: what is wrong with its pictures."""

    frozen: bool = False
    dark: bool = False
    cut: bool = False
    clock_ahead_s: float = 0.0
    spoiling: Spoiling = field(default_factory=Spoiling)


class Cameras:
    """`frames`: camera name -> a function that gives (number, JPEG). `served`: pictures sent, by
    name."""

    def __init__(
        self, frames: dict[str, Callable[[], tuple[int, bytes]]], rate: float = 10.0, port: int = 0
    ) -> None:
        self._frames = frames
        self._rate = rate
        self._closing = False
        self.served: Counter[str] = Counter()
        self.faults = {name: CameraFaults() for name in frames}
        self._server = HttpServer(self._app(), port, dated=False)

    def url(self, name: str) -> str:
        return f"{self._server.url}/{name}.mjpeg"

    def snapshot_url(self, name: str) -> str:
        """One JPEG a request."""
        return f"{self._server.url}/{name}.jpg"

    def _date(self, name: str) -> dict[str, str]:
        """The camera's own clock."""
        return {"Date": formatdate(time.time() + self.faults[name].clock_ahead_s, usegmt=True)}

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._closing = True
        self._server.stop()

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/{name}.jpg")
        async def snapshot(name: str) -> Response:
            if name not in self._frames or self.faults[name].dark:
                raise HTTPException(404)
            while self.faults[name].frozen and not self._closing:
                await asyncio.sleep(0.05)
            jpeg = self.faults[name].spoiling.out(self._frames[name]()[1])
            if self.faults[name].cut:
                jpeg = jpeg[: len(jpeg) // 2]
            self.served[name] += 1
            return Response(jpeg, media_type="image/jpeg", headers=self._date(name))

        @app.get("/{name}.mjpeg")
        async def stream(name: str) -> StreamingResponse:
            if name not in self._frames or self.faults[name].dark:
                raise HTTPException(404)
            kind = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
            return StreamingResponse(self._parts(name), media_type=kind, headers=self._date(name))

        return app

    async def _parts(self, name: str) -> AsyncIterator[bytes]:
        shown = -1
        while not self._closing and not self.faults[name].dark:
            await asyncio.sleep(0.5 / self._rate)
            if self.faults[name].frozen:
                continue
            number, jpeg = self._frames[name]()
            if number == shown:
                continue
            shown = number
            jpeg = self.faults[name].spoiling.out(jpeg)
            if self.faults[name].cut:
                jpeg = jpeg[: len(jpeg) // 2]
            self.served[name] += 1
            head = (
                f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            )
            yield head.encode() + jpeg + b"\r\n"
