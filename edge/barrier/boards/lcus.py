"""LCUS USB relays (CH340): BENCH ONLY.

Four bytes switch a relay: A0, channel, state, sum. The board neither answers nor ends a pulse by
itself: when the gate dies in a pulse, the contact stays closed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from edge.barrier.boards.lane_part import LanePart
from edge.barrier.wires.port import Answered
from edge.barrier.wires.raw import RawLine
from edge.config import BarrierConfig, LcusWire

HEAD = 0xA0


def frame(channel: int, on: bool) -> bytes:
    """The frame that switches one relay; `channel` counts from 1."""
    body = bytes((HEAD, channel, int(on)))
    return body + bytes((sum(body) & 0xFF,))


class LcusBoard:
    """Implements port.BoardDriver; it has no inputs."""

    def __init__(self, line: RawLine, outputs: Mapping[str, int]) -> None:
        self._line = line
        self._outputs = outputs
        self._ends: dict[str, float] = {}

    def __repr__(self) -> str:
        return f"<LcusBoard at {self._line.place}>"

    @property
    def asked_at(self) -> None:
        return None

    def read_inputs(self) -> dict[str, bool]:
        self._line.alive()
        return {}

    def read_outputs(self) -> dict[str, bool]:
        return {}

    def pulse(self, output: str, seconds: float) -> bool:
        self._ends[output] = time.monotonic() + seconds
        self._line.send(frame(self._outputs[output], True))
        return True

    def set(self, output: str, on: bool) -> bool:
        self._line.send(frame(self._outputs[output], on))
        self._ends.pop(output, None)
        return True

    def tend(self, now: float) -> Sequence[Answered]:
        for output, end in list(self._ends.items()):
            if now >= end:
                self.set(output, False)
        return ()


def line(wire: LcusWire, lanes: Sequence[BarrierConfig]) -> RawLine:
    return RawLine(wire.port, wire.baud)


def board(line: RawLine, part: LanePart) -> LcusBoard:
    return LcusBoard(line, part.outputs)
