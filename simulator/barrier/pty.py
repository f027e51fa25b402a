"""A pty for twins that only listen: `port` is the path for the controller."""

from __future__ import annotations

import os
import select
import threading
import tty
from collections.abc import Callable
from pathlib import Path


class Listener:
    """Gives every piece of bytes to `hear`, on its own thread."""

    def __init__(self, hear: Callable[[bytes], None], link: Path | None = None) -> None:
        self._hear = hear
        self._link = link
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        if link is not None:
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(self.port)
            self.port = str(link)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="twin listener", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)
        os.close(self._master)
        os.close(self._slave)
        if self._link is not None:
            self._link.unlink(missing_ok=True)

    def _run(self) -> None:
        while not self._stop.is_set():
            ready, _, _ = select.select([self._master], [], [], 0.02)
            if ready:
                try:
                    self._hear(os.read(self._master, 256))
                except OSError:
                    continue
