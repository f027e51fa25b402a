"""A pty for twins that only listen: `port` is the path for the controller."""

from __future__ import annotations

import os
import random
import select
import threading
import tty
from collections.abc import Callable
from pathlib import Path

from simulator.barrier.bad_wires import Clean, Fault
from simulator.barrier.coming import Coming
from simulator.barrier.own_processor import as_a_device


class Listener:
    """Gives every piece of bytes to `hear`, on its own thread. `fault`: what the wire makes of
    it."""

    def __init__(self, hear: Callable[[bytes], None], link: Path | None = None) -> None:
        self.fault: Fault = Clean()
        self._hear = hear
        self._rng = random.Random(1)
        self._coming = Coming()
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
        as_a_device()
        while not self._stop.is_set():
            ready, _, _ = select.select([self._master], [], [], self._coming.pause(0.02))
            if ready:
                try:
                    said = os.read(self._master, 256)
                except OSError:
                    continue
                self._coming.put(self.fault(said, self._rng))
            for piece in self._coming.arrived():
                self._hear(piece)
