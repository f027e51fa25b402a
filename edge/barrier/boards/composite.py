"""An actuator on one wire and the inputs on another: together one board for one guard thread.

Where either does not answer, nothing is known: the guard then treats everything as occupied. What
the other can still do, it does: an arm whose inputs are lost while it closes is opened.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from edge.barrier.wires.port import Answered, BoardDriver, Wire, WireGone


class CompositeWire:
    """Implements port.Wire: open when all of its wires are."""

    def __init__(self, wires: Sequence[Wire]) -> None:
        self._wires = wires
        self.place = " + ".join(wire.place for wire in wires)

    def open(self) -> None:
        try:
            for wire in self._wires:
                wire.open()
        except WireGone:
            self.close()
            raise

    def close(self) -> None:
        for wire in self._wires:
            with contextlib.suppress(WireGone):
                wire.close()


class CompositeBoard:
    """Implements port.BoardDriver. `acted`: the outputs that the actuator has; `reported`: the
    inputs that it reports itself (a cover's ends). All others are the board's."""

    def __init__(
        self,
        actuator: BoardDriver,
        board: BoardDriver | None,
        acted: frozenset[str],
        reported: frozenset[str] = frozenset(),
    ) -> None:
        self._actuator = actuator
        self._board = board
        self._acted = acted
        self._reported = reported

    def __repr__(self) -> str:
        return f"<CompositeBoard {self._actuator} with {self._board}>"

    @property
    def asked_at(self) -> float | None:
        """When the safety inputs were last asked for."""
        return (self._board or self._actuator).asked_at

    def read_inputs(self) -> dict[str, bool]:
        """The safety inputs last, so that they are the newest."""
        ends = {n: on for n, on in self._actuator.read_inputs().items() if n in self._reported}
        return ends | (self._board.read_inputs() if self._board is not None else {})

    def read_outputs(self) -> dict[str, bool]:
        mine = self._actuator.read_outputs()
        return mine if self._board is None else {**self._board.read_outputs(), **mine}

    def pulse(self, output: str, seconds: float) -> bool:
        return self._of(output).pulse(output, seconds)

    def set(self, output: str, on: bool) -> bool:
        return self._of(output).set(output, on)

    def tend(self, now: float) -> Sequence[Answered]:
        answers = self._actuator.tend(now)
        return answers if self._board is None else [*answers, *self._board.tend(now)]

    def _of(self, output: str) -> BoardDriver:
        if output in self._acted or self._board is None:
            return self._actuator
        return self._board
