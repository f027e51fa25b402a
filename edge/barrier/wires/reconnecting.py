"""One of several wires of a guard thread: its loss is the loss of its own boards alone.

It is opened, and opened again, by a thread beside the guard's, so that a device that is away
costs the other lanes nothing. Until it is open its boards do not answer.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from edge.barrier.wires.port import REOPEN, Answered, BoardDriver, NoAnswer, Wire, WireGone
from edge.system.causes import cause, cause_of

T = TypeVar("T")


class ReconnectingWire:
    """Implements port.Wire; `open` never fails. One owner; nobody else touches the wire."""

    def __init__(self, wire: Wire) -> None:
        self.place = wire.place
        self._wire = wire
        self._wanted = False
        self._opening: threading.Thread | None = None
        self._up = False
        self._why = ""
        self._tries = 0
        self._again_at = 0.0

    def __repr__(self) -> str:
        return f"<ReconnectingWire {self._wire} {'open' if self._up else self._why or 'closed'}>"

    def open(self) -> None:
        self.close()
        self._wanted, self._tries, self._again_at = True, 0, 0.0
        self._why = cause("wire.not_open_yet", place=self.place)
        self.ready()

    def close(self) -> None:
        self._wanted = False
        if self._opening is None and self._up:
            self._shut()

    def over(self, go: Callable[[], T]) -> T:
        """The result of `go` over the open wire. Raises NoAnswer, also where the wire is gone."""
        if not self.ready():
            raise NoAnswer(self._why)
        try:
            return go()
        except WireGone as error:
            self._why = cause_of(error)
            self._again_at = time.monotonic() + REOPEN.first_s
            self._shut()
            raise NoAnswer(self._why) from None

    def ready(self) -> bool:
        """Whether it is open; takes up what an opening has come to and begins the next one where
        it is due."""
        if self._opening is not None:
            if self._opening.is_alive():
                return False
            self._opening = None
            if self._up and not self._wanted:
                self._shut()
        if not self._up and self._wanted and time.monotonic() >= self._again_at:
            self._opening = threading.Thread(
                target=self._open, name=f"opens {self.place}", daemon=True
            )
            self._opening.start()
        return self._up and self._opening is None

    def _shut(self) -> None:
        self._up = False
        with contextlib.suppress(WireGone):
            self._wire.close()

    def _open(self) -> None:
        """The opening thread; the owner does nothing with the wire while it lives."""
        try:
            self._wire.open()
        except WireGone as error:
            self._why = cause_of(error)
            self._again_at = time.monotonic() + REOPEN.pause_s(self._tries)
            self._tries += 1
        else:
            self._up, self._tries = True, 0


class ReconnectingBoard:
    """Implements port.BoardDriver over a board of a ReconnectingWire."""

    def __init__(self, board: BoardDriver, wire: ReconnectingWire) -> None:
        self._board = board
        self._wire = wire

    def __repr__(self) -> str:
        return f"<ReconnectingBoard {self._board}>"

    @property
    def asked_at(self) -> float | None:
        return self._board.asked_at

    def read_inputs(self) -> dict[str, bool]:
        return self._wire.over(self._board.read_inputs)

    def read_outputs(self) -> dict[str, bool]:
        return self._wire.over(self._board.read_outputs)

    def pulse(self, output: str, seconds: float) -> bool:
        return self._wire.over(lambda: self._board.pulse(output, seconds))

    def set(self, output: str, on: bool) -> bool:
        return self._wire.over(lambda: self._board.set(output, on))

    def tend(self, now: float) -> Sequence[Answered]:
        """Nothing while the wire is gone."""
        return self._wire.over(lambda: self._board.tend(now)) if self._wire.ready() else ()
