"""PURE. Relays that a board tells to be on although nobody wants them: welded, or driven by a
second master. Asked for at rest alone; reported, and switched off again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from edge.barrier.wires.port import Set, Write
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import BarrierFact, GuardAlarm

EVERY_S = 5.0
AGAIN_S = 1.0
"""Seconds until an output that was on is read again: it may have been the end of a pulse."""

RELAYS = ("open", "close", "stop", "permit")
"""Outputs that are on for a pulse alone."""


@dataclass(frozen=True, slots=True)
class Readback:
    """`at`: when the relays were last asked for (monotonic); `on`: those that were on then."""

    lane: str
    at: float = float("-inf")
    on: frozenset[str] = frozenset()
    reported: bool = False

    def due(self, now: float) -> bool:
        return now - self.at >= (AGAIN_S if self.on else EVERY_S)

    def missed(self, now: float) -> Readback:
        """The board has not answered that question."""
        return replace(self, at=now)

    def read(
        self, outputs: Mapping[str, bool], now: float
    ) -> tuple[Readback, list[BarrierFact], list[Write]]:
        """What the board tells, at rest: no pulse lasts, none is under way."""
        on = frozenset(name for name in RELAYS if outputs.get(name, False))
        stuck = sorted(on & self.on)
        reported = bool(stuck) or (self.reported and bool(on))
        facts: list[BarrierFact] = []
        if reported != self.reported:
            figures = {"outputs": tuple(stuck)} if reported else {}
            facts = [GuardAlarm(self.lane, AlarmCode.OUTPUT_STUCK, reported, figures)]
        after = replace(self, at=now, on=on, reported=reported)
        return after, facts, [Set(name, False) for name in stuck]
