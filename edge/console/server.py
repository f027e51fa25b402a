"""The console's HTTP server, on a thread of its own."""

from __future__ import annotations

import logging
import socket
import threading
import time
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from edge.console.doors import KEPT_S
from edge.console.listening import DoorServer
from edge.system.causes import cause

START_S = 30.0
BACKLOG = 128

log = logging.getLogger(__name__)


class ConsoleServer:
    """Binds when made. Raises OSError with the cure."""

    def __init__(
        self, app: FastAPI, host: str, port: int, cert: Path | None = None, key: Path | None = None
    ) -> None:
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except (OSError, UnicodeError) as error:
            self._socket.close()
            why = getattr(error, "strerror", None) or cause("no_host")
            raise OSError(cause("console.port", host=host, port=port, why=why)) from None
        self.port = int(self._socket.getsockname()[1])
        scheme = "https" if cert else "http"
        shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
        shown = f"[{shown}]" if ":" in shown else shown
        self.url = f"{scheme}://{shown}:{self.port}"
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            # A stranger's garbage is worth no line of the log each.
            log_level="error",
            access_log=False,
            # Nobody may choose the address by which he is counted.
            proxy_headers=False,
            server_header=False,
            lifespan="off",
            ws="none",
            backlog=BACKLOG,
            # The doors end what is idle for too long.
            timeout_keep_alive=2 * int(KEPT_S),
            timeout_graceful_shutdown=1,
            ssl_certfile=str(cert) if cert else None,
            ssl_keyfile=str(key) if key else None,
        )
        self._server = DoorServer(config)
        self._thread = threading.Thread(target=self._run, name="console", daemon=True)

    def start(self) -> None:
        self._thread.start()
        until = time.monotonic() + START_S
        while not self._server.started and self._thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)

    @property
    def listening(self) -> bool:
        return self._server.started and self._thread.is_alive()

    @property
    def still_s(self) -> float:
        """How long its loop has not come round."""
        return time.monotonic() - self._server.turned_at

    @property
    def connections(self) -> int:
        """How many are held now."""
        return len(self._server.doors)

    def stop(self) -> None:
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._socket.close()

    def _run(self) -> None:
        try:
            self._server.run([self._socket])
        except (OSError, SystemExit) as error:
            log.error("the console cannot run: %s", error)
