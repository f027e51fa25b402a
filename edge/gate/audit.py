"""What people do is recorded before it has an effect, or not done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from edge.domain.events import COMMAND_HANDLED, GATE_SUBJECT, OPERATOR_ACTED, Event
from edge.gate.port import Unanswered
from edge.sync.journal.port import Unrecorded
from edge.system.causes import cause
from edge.system.clock import Clock


class Record(Protocol):
    """Commits events, and states with them, now or not at all."""

    def __call__(
        self, reported: Sequence[Event], states: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        """Raises Unrecorded."""


class Audit:
    """Any thread."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record, self._clock = record, clock

    def acted(
        self,
        user: str,
        action: str,
        data: Mapping[str, Any],
        reason: str = "",
        *,
        lane: str = GATE_SUBJECT,
        states: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Of the gate as a whole, or of a lane; `states` are committed with it. Raises
        Unanswered."""
        body = {"user": user, "action": action, "reason": reason, "request": "", "data": data}
        self.first(lane, body, states)

    def first(
        self,
        lane: str,
        data: Mapping[str, Any],
        states: Mapping[str, Mapping[str, Any]] | None = None,
        more: Sequence[Event] = (),
    ) -> None:
        """Of a lane; `more` events follow from it. Raises Unanswered."""
        try:
            self._record([self.event(lane, data), *more], states)
        except Unrecorded as error:
            raise Unanswered(cause("refused.not_recorded", why=error)) from None

    def event(self, lane: str, data: Mapping[str, Any]) -> Event:
        """What a person does now, as it is recorded."""
        return Event(OPERATOR_ACTED, lane, self._clock.now().wall, data)

    def outcome(
        self, lane: str, request: str, user: str, action: str, outcome: str, why: str
    ) -> Event:
        """What became of it: "done", "refused" or "uncertain", and why."""
        data = {
            "command": request,
            "issuer": f"operator:{user}",
            "action": action,
            "outcome": outcome,
            "why": why,
            "count": 1,
        }
        return Event(COMMAND_HANDLED, lane, self._clock.now().wall, data)
