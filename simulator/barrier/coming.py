"""What is on its way over a wire: pieces of bytes, each at its moment."""

from __future__ import annotations

import time
from collections.abc import Iterator

from simulator.barrier.bad_wires import Pieces


class Coming:
    """One direction of a wire. Monotonic time; not thread-safe."""

    def __init__(self) -> None:
        self._timed: list[tuple[float, bytes]] = []

    def put(self, pieces: Pieces) -> None:
        """Pieces that come one after the other, each so many seconds after the one before."""
        at = time.monotonic()
        for delay, piece in pieces:
            at += delay
            self._timed.append((at, piece))
        self._timed.sort(key=lambda timed: timed[0])

    def arrived(self) -> Iterator[bytes]:
        """What has come by now."""
        while self._timed and self._timed[0][0] <= time.monotonic():
            yield self._timed.pop(0)[1]

    def pause(self, most: float) -> float:
        """Seconds until the next piece comes, at most so many."""
        due = self._timed[0][0] - time.monotonic() if self._timed else most
        return min(most, max(0.0, due))
