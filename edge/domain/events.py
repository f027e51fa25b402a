"""Events: what happened, for ever. Facts that customs hears, in the past tense.

An event here has no number yet; the journal numbers it, chains its hash and keeps it
(see edge/sync/journal/journal.py). The wire form is CloudEvents 1.0, JSON (docs/asyncapi.yaml).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

PLATE_READ = "plate.read"
PASSAGE_DECIDED = "passage.decided"
PASSAGE_COMPLETED = "passage.completed"
PASSAGE_ABANDONED = "passage.abandoned"
BARRIER_MOVED = "barrier.moved"
ALARM_RAISED = "alarm.raised"
ALARM_CLEARED = "alarm.cleared"
OPERATOR_ACTED = "operator.acted"
COMMAND_HANDLED = "command.handled"
DEVICE_STATE = "device.state"
REFERRAL_CHANGED = "referral.changed"
CODE_PRESENTED = "code.presented"

TYPES = (
    PLATE_READ,
    PASSAGE_DECIDED,
    PASSAGE_COMPLETED,
    PASSAGE_ABANDONED,
    BARRIER_MOVED,
    ALARM_RAISED,
    ALARM_CLEARED,
    OPERATOR_ACTED,
    COMMAND_HANDLED,
    DEVICE_STATE,
    REFERRAL_CHANGED,
    CODE_PRESENTED,
)

GATE_SUBJECT = "gate"
"""The subject of events that belong to no lane."""


@dataclass(frozen=True, slots=True)
class Event:
    """`type` one of TYPES, `lane` the subject (a lane id or "gate"), `data` JSON-able."""

    type: str
    lane: str
    time: datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise ValueError(f"unknown event type {self.type!r}; known: {', '.join(TYPES)}")
        if self.time.tzinfo is None:
            raise ValueError("an event's time needs its zone")
