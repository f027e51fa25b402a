"""Exceptions that nobody handles: they are logged with their traceback and counted, never lost.

Two places swallow them: a library's thread that calls back into the gate, and a thread of the gate
that ends by one. The counts are metrics (edge/console/metrics.py): anything but 0 is a fault of the
program.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import ParamSpec

THREAD = "thread "
"""Begins the places of threads that have ended."""

LOG_EVERY_S = 60.0
"""Minimum seconds between two tracebacks of one callback: it may fail with every message."""

P = ParamSpec("P")

log = logging.getLogger(__name__)


class Unhandled:
    """Any thread. `log_every_s`: see LOG_EVERY_S."""

    def __init__(self, log_every_s: float = LOG_EVERY_S) -> None:
        self._log_every_s = log_every_s
        self._counts: Counter[str] = Counter()
        self._logged: dict[str, float] = {}
        self._lock = threading.Lock()

    def counts(self) -> Mapping[str, int]:
        """How many, by where they came up."""
        with self._lock:
            return dict(self._counts)

    def guarded(self, where: str, callback: Callable[P, object]) -> Callable[P, None]:
        """The callback for a library's thread, which an exception would end."""

        @functools.wraps(callback)
        def guard(*args: P.args, **options: P.kwargs) -> None:
            try:
                callback(*args, **options)
            except Exception:
                self.note(where)

        return guard

    def note(self, where: str) -> None:
        """The exception that is being handled."""
        now = time.monotonic()
        with self._lock:
            self._counts[where] += 1
            count, last = self._counts[where], self._logged.get(where)
            if last is not None and now - last < self._log_every_s:
                return
            self._logged[where] = now
        log.exception("%s failed (number %d since the start)", where, count)

    def thread_ended(self, ended: threading.ExceptHookArgs) -> None:
        """Logs and counts the end of a thread; for threading.excepthook."""
        name = thread_name(ended)
        self.count(f"{THREAD}{name}")
        log.critical("a thread has ended by an exception: %s", name, exc_info=ended.exc_value)

    def count(self, where: str) -> None:
        """One that another process has logged."""
        with self._lock:
            self._counts[where] += 1


def thread_name(ended: threading.ExceptHookArgs) -> str:
    """The name of the thread that ended; "?" where it is not known any more."""
    return ended.thread.name if ended.thread is not None else "?"


UNHANDLED = Unhandled()
"""Those of this process."""
