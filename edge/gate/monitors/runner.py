"""Monitors are run one after the other, each in its own interval, on one thread.

One that fails is logged and hinders no other. What may hang (a file on a share) has a runner of its
own.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from edge.gate.monitors.port import Monitor
from edge.system.clock import Clock

EVERY_S = 1.0
"""How often a monitor looks, and how often the runner asks whose turn it is."""

STOP_S = 1.0
"""How long a stop waits for one that looks just now."""

log = logging.getLogger(__name__)


class MonitorRunner:
    """`monitors`: each with its interval, seconds."""

    def __init__(self, name: str, monitors: Sequence[tuple[Monitor, float]], clock: Clock) -> None:
        self._monitors, self._clock = list(monitors), clock
        self._due = [0.0 for _ in self._monitors]
        self._failed: set[int] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """None of them looks any more, unless one hangs."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def run_due(self) -> None:
        """Those whose interval has passed."""
        for at, (monitor, every_s) in enumerate(self._monitors):
            now = self._clock.now().mono
            if now < self._due[at] or self._stopping.is_set():
                continue
            self._due[at] = now + every_s
            try:
                monitor.check()
            except Exception:
                # Once, and again after it has worked: it comes every second.
                if at not in self._failed:
                    log.exception("%s failed; going on", type(monitor).__name__)
                self._failed.add(at)
            else:
                self._failed.discard(at)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.run_due()
            self._stopping.wait(EVERY_S)
