"""What monitors are given, and what they are to the runner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from edge.domain.alarm_codes import AlarmCode, Params
from edge.domain.events import Event


class Alarms(Protocol):
    """Where an alarm is raised and ended; gate.alarms.GateAlarms. Any thread."""

    def raise_alarm(
        self,
        code: AlarmCode,
        lane: str,
        params: Params | None = None,
        counts: Mapping[str, int] | None = None,
        *,
        variant: str = "",
        states: Mapping[str, Mapping[str, Any]] | None = None,
        again: bool = False,
    ) -> None: ...

    def clear_alarm(self, code: AlarmCode, lane: str) -> None: ...

    def stands(self, code: str, lane: str) -> bool: ...


class Record(Protocol):
    """Commits events and states now or not at all; commits.Commits.record. Raises Unrecorded."""

    def __call__(
        self, reported: Sequence[Event], states: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None: ...


class Monitor(Protocol):
    """Looks at one thing now and then, always on the runner's thread."""

    def check(self) -> None:
        """What it raises is logged, and hinders no other."""
