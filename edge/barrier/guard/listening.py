"""A board that is only listened to, beside another controller: what would be written is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from edge.barrier.wires.port import Answered, BoardDriver


class ListeningBoard:
    """Implements wires.port.BoardDriver over another one. While `listens`, no write goes out, and
    each is said to be done."""

    def __init__(self, board: BoardDriver, listens: Callable[[], bool]) -> None:
        self._board, self._listens = board, listens

    def __repr__(self) -> str:
        return f"<ListeningBoard {self._board!r}: {'listens' if self._listens() else 'writes'}>"

    @property
    def asked_at(self) -> float | None:
        return self._board.asked_at

    def read_inputs(self) -> dict[str, bool]:
        return self._board.read_inputs()

    def read_outputs(self) -> dict[str, bool]:
        return {} if self._listens() else self._board.read_outputs()

    def pulse(self, output: str, seconds: float) -> bool:
        return True if self._listens() else self._board.pulse(output, seconds)

    def set(self, output: str, on: bool) -> bool:
        return True if self._listens() else self._board.set(output, on)

    def tend(self, now: float) -> Sequence[Answered]:
        return () if self._listens() else self._board.tend(now)
