"""Keeps the console's server up in its process: reports while it does not listen, tries again."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI

from edge.config import ConsoleConfig, only_here
from edge.console.certificate import AHEAD, fingerprint, own_certificate, until, usable
from edge.console.channel import ADDRESS, Listening
from edge.console.server import ConsoleServer
from edge.system.atomic_file import write_atomic
from edge.system.causes import cause, cause_of

AGAIN_S = 10.0
CHECK_EVERY_S = 1.0

log = logging.getLogger(__name__)


class ConsoleKeeper:
    """`up` is called each time it listens, with the address; `down` with the reason why it does
    not. Both are called on a thread of its own. `now`: wall time."""

    def __init__(
        self,
        app: FastAPI,
        config: ConsoleConfig,
        folder: Path,
        now: Callable[[], datetime],
        up: Callable[[Listening], None] = lambda where: None,
        down: Callable[[str], None] = lambda why: None,
        again_s: float = AGAIN_S,
    ) -> None:
        self._app, self._config, self._folder, self._now = app, config, folder, now
        self._up, self._down, self._again_s = up, down, again_s
        self._stopping = threading.Event()
        self._server: ConsoleServer | None = None
        self._thread = threading.Thread(target=self._run, name="console keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    @property
    def still_s(self) -> float:
        """How long the server's loop has not come round; 0 where it does not listen."""
        server = self._server
        return server.still_s if server is not None and server.listening else 0.0

    # --- the keeper's thread ---

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._serve()
            except OSError as error:
                self._report_down(cause_of(error))
            except Exception as error:
                log.exception("the console ended; it is tried again")
                self._report_down(cause("console.ended", error=type(error).__name__))
            self._stopping.wait(self._again_s)

    def _serve(self) -> None:
        """From its first to its last moment. Raises OSError where it cannot be, or has ended."""
        cert, key, own = self._certificate()
        server = ConsoleServer(self._app, self._config.host, self._config.port, cert, key)
        self._server = server
        try:
            server.start()
            if not server.listening:
                raise OSError(cause("console.not_up", url=server.url))
            self._report_up(Listening(server.url, fingerprint(cert) if own and cert else ""))
            while server.listening and not self._stopping.wait(CHECK_EVERY_S):
                if own and cert is not None and until(cert) - AHEAD < self._now():
                    log.info("the console's own certificate is made anew")
                    return
            if not self._stopping.is_set():
                raise OSError(cause("console.again", url=server.url))
        finally:
            server.stop()

    def _certificate(self) -> tuple[Path | None, Path | None, bool]:
        """Certificate and key, and whether it is the gate's own. Raises OSError."""
        config = self._config
        if config.cert_file is not None:
            usable(config.cert_file, config.key_file)
            return config.cert_file, config.key_file, False
        if config.insecure or only_here(config.host):
            return None, None, False
        return own_certificate(self._folder, config.host, self._now()), None, True

    def _report_up(self, where: Listening) -> None:
        reported = {"url": where.url} | (
            {"fingerprint": where.fingerprint} if where.fingerprint else {}
        )
        try:
            # A full disk must not end the service.
            write_atomic(self._folder / ADDRESS, json.dumps(reported).encode())
        except OSError as error:
            log.error("the console's address was not left in %s: %s", self._folder, error)
        self._up(where)

    def _report_down(self, why: str) -> None:
        with contextlib.suppress(OSError):
            (self._folder / ADDRESS).unlink(missing_ok=True)
        self._down(why)
