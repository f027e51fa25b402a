"""How far long work is, on stderr: one changing line on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time

ON_TERMINAL_S = 0.2
ELSEWHERE_S = 10.0


def amount(size: int) -> str:
    """Bytes for people, never "0.0 MB" of something."""
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{size / 1e3:.1f} kB"


class Progress:
    """Call `at` as often as you like; it prints seldom. `end` clears the terminal's line."""

    def __init__(self) -> None:
        self._silent = sys.stderr is None
        self._terminal = not self._silent and sys.stderr.isatty()
        self._printed_at = time.monotonic()
        self._open = False

    def at(self, what: str) -> None:
        now = time.monotonic()
        if self._silent:
            return
        if now - self._printed_at < (ON_TERMINAL_S if self._terminal else ELSEWHERE_S):
            return
        self._printed_at = now
        if self._terminal:
            print(f"\r\033[K{what[:100]}", end="", file=sys.stderr, flush=True)
            self._open = True
        else:
            print(what, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Before anything else is printed."""
        if self._open:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._open = False
