"""What people do is recorded before it has an effect, or not done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from edge.domain.events import GATE_SUBJECT, OPERATOR_ACTED, Event
from edge.gate.port import Unanswered
from edge.sync.journal.port import Unrecorded
from edge.system.causes import cause
from edge.system.clock import Clock

Record = Callable[[Sequence[Event]], None]
"""Commits events now or not at all. Raises Unrecorded."""


class Audit:
    """Any thread."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record, self._clock = record, clock

    def acted(self, user: str, action: str, data: Mapping[str, Any], reason: str = "") -> None:
        """Of the gate as a whole. Raises Unanswered."""
        body = {"user": user, "action": action, "reason": reason, "request": "", "data": data}
        self.first(GATE_SUBJECT, body)

    def first(self, lane: str, data: Mapping[str, Any]) -> None:
        """Of a lane. Raises Unanswered."""
        try:
            self._record([self.event(lane, data)])
        except Unrecorded as error:
            raise Unanswered(cause("refused.not_recorded", why=error)) from None

    def event(self, lane: str, data: Mapping[str, Any]) -> Event:
        """What a person does now, as it is recorded."""
        return Event(OPERATOR_ACTED, lane, self._clock.now().wall, data)
