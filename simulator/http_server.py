"""A FastAPI application on a real port, served by a thread."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

START_S = 60.0


@dataclass(frozen=True, slots=True)
class Tls:
    """The server's certificate, and the authority whose clients alone are let in."""

    cert: Path
    key: Path
    clients: Path


class HttpServer:
    """Binds at once, so that `url` is known before `start`. `dated`: each answer has a `Date`, as
    long as the application gives none."""

    def __init__(
        self, app: FastAPI, port: int = 0, tls: Tls | None = None, dated: bool = True
    ) -> None:
        self._tls = tls
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port = int(self._socket.getsockname()[1])
        config = uvicorn.Config(
            app,
            log_level="error",
            lifespan="off",
            timeout_graceful_shutdown=1,
            ws="none",
            date_header=dated,
        )
        if tls is not None:
            config.ssl_certfile, config.ssl_keyfile = str(tls.cert), str(tls.key)
            config.ssl_ca_certs, config.ssl_cert_reqs = str(tls.clients), ssl.CERT_REQUIRED
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), daemon=True, name=f"http {self.port}"
        )

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread.start()
        until = time.monotonic() + START_S
        while not self._server.started and time.monotonic() < until:
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._socket.close()
