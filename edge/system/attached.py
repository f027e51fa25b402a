"""A thread for one attached device: what is pulled out is waited for, and told once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

REOPEN_S = 5.0

log = logging.getLogger(__name__)


class Attached:
    """`session` opens the device and serves it until `stopping` is set; where one of `gone` ends
    it, it is opened again every `reopen_s`. It calls `works` once the device serves.

    `why` gives the cause and its cure for the log.
    """

    def __init__(
        self,
        name: str,
        session: Callable[[threading.Event], None],
        gone: type[Exception] | tuple[type[Exception], ...],
        why: Callable[[Exception], str] = str,
        reopen_s: float = REOPEN_S,
    ) -> None:
        self.name = name
        self._session, self._gone, self._why = session, gone, why
        self._reopen_s = reopen_s
        self._reported = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __repr__(self) -> str:
        return f"<Attached {self.name}>"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def works(self) -> None:
        if self._reported:
            log.info("%s: it works again", self.name)
        self._reported = ""

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._session(self._stopping)
                return
            except self._gone as error:
                self._lost(self._why(error))
                self._stopping.wait(self._reopen_s)

    def _lost(self, why: str) -> None:
        """Told once, until it works again or the cause is another."""
        if why != self._reported:
            log.warning("%s: %s; tried again every %g s", self.name, why, self._reopen_s)
        self._reported = why
