"""What was refused for want of a right, in the log: who asked for what, from where. A flood is a
figure, and no flood of lines."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque

from fastapi import Request

from edge.console.doors import site_of

MOST_A_MINUTE = 30
LONGEST_PATH = 100
"""Characters of it that are noted."""

log = logging.getLogger(__name__)


class RefusedLog:
    """Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: deque[float] = deque(maxlen=MOST_A_MINUTE)
        self._left_out = 0

    def __call__(self, request: Request, user: str, why: str) -> None:
        """`user`: who is signed in, or ""."""
        now = time.monotonic()
        with self._lock:
            if len(self._noted) == MOST_A_MINUTE and self._noted[0] > now - 60:
                self._left_out += 1
                return
            self._noted.append(now)
            left_out, self._left_out = self._left_out, 0
        log.warning(
            "refused: %s %r of %s from %s: %s (%d before it were left out)",
            request.method,
            request.url.path[:LONGEST_PATH],
            user or "nobody",
            site_of(request.client.host if request.client else ""),
            why,
            left_out,
        )
