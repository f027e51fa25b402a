"""PURE. When the siren sounds: a tailgater, or a fault of the barrier; it is a pulse, so that the
board itself ends it, and the mute button ends it earlier."""

from __future__ import annotations

from collections.abc import Sequence

from edge.barrier.wires.port import Pulse, Set, Write
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import BarrierFact, GuardAlarm, TailgateSeen

SIREN, MUTE = "siren", "mute"


def sounded(facts: Sequence[BarrierFact], seconds: float) -> list[Write]:
    """What to write after some facts."""
    for fact in facts:
        alarm = isinstance(fact, GuardAlarm) and fact.active and fact.code.siren
        if alarm or (isinstance(fact, TailgateSeen) and AlarmCode.TAILGATE.siren):
            return [Pulse(SIREN, seconds)]
    return []


def muted(before: bool | None, now: bool | None) -> list[Write]:
    """What to write when the mute button is pressed; the next alarm sounds again."""
    return [Set(SIREN, False)] if now and not before else []
