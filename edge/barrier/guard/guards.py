"""All guards of a gate, whichever wire each is on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from edge.barrier.guard.guard import Guard
from edge.barrier.guard.wire_loop import WireGuards
from edge.barrier.port import BarrierGuard
from edge.domain.facts import BarrierFact


class Guards:
    """All guards of a gate; implements port.GuardRunner."""

    def __init__(self, wires: Sequence[WireGuards]) -> None:
        self._wires = wires
        self._guards: dict[str, Guard] = {n: g for w in wires for n, g in w.guards.items()}

    def start(self, report: Callable[[BarrierFact], None]) -> None:
        for wire in self._wires:
            wire.start(report)

    def stop(self) -> None:
        for wire in self._wires:
            wire.end()
        for wire in self._wires:
            wire.stop()

    def guard(self, lane: str) -> BarrierGuard:
        return self._guards[lane]

    def silent_s(self) -> float:
        return max((wire.silent_s() for wire in self._wires), default=0.0)
