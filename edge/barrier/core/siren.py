"""PURE. When the siren sounds: a tailgater, or a fault of the barrier; it is a pulse, so that the
board itself ends it, and the mute button ends it earlier."""

from __future__ import annotations

from collections.abc import Sequence

from edge.barrier.wires.port import Pulse, Set, Write
from edge.domain.facts import BarrierFact, GuardAlarm, TailgateSeen

SIREN, MUTE = "siren", "mute"

QUIET = (
    "wire_lost",
    "stalled",
    "stop_pressed",
    "travel_drift_open",
    "travel_drift_close",
    "passage_unfinished",
    "close_overdue",
    "held_long",
    "occupied_long",
)
"""Alarms for the service's people, not for those at the barrier."""


def sounded(facts: Sequence[BarrierFact], seconds: float) -> list[Write]:
    """What to write after some facts."""
    for fact in facts:
        alarm = isinstance(fact, GuardAlarm) and fact.active and fact.code not in QUIET
        if alarm or isinstance(fact, TailgateSeen):
            return [Pulse(SIREN, seconds)]
    return []


def muted(before: bool | None, now: bool | None) -> list[Write]:
    """What to write when the mute button is pressed; the next alarm sounds again."""
    return [Set(SIREN, False)] if now and not before else []
