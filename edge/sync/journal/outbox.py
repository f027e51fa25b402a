"""The journal as an outbox: for whom events are kept, and what a platform's link uses of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from edge.config import PLATFORM as PLATFORM
from edge.config import Settings
from edge.domain.events import Event
from edge.domain.moment import iso

FORGOTTEN = "forgotten:"
"""States under this prefix: consumers that were let go, by whom, when and why."""


def forgotten(user: str, reason: str, through: int, at: datetime) -> dict[str, Any]:
    """The state of a consumer that was let go; `through`: what it had acknowledged."""
    return {"user": user, "reason": reason, "through": through, "at": iso(at)}


ASKED = "asked:"
"""States under this prefix, by its sequence: what a person on this computer asked for a passage
that is parked (`what`: "again" or "settle"; `reason`, `user`), until the service has done it."""


def consumers_of(settings: Settings) -> set[str]:
    """Everybody whom the settings name; for others no events need be kept."""
    receivers = settings.customs.consumers if settings.customs else ()
    platform = {PLATFORM} if settings.platform else set()
    return {receiver.name for receiver in receivers} | platform


class Outbox(Protocol):
    """Implemented by the journal."""

    def through(self, consumer: str) -> int: ...

    def after(
        self, sequence: int, limit: int, type: str = ""
    ) -> list[tuple[int, str, str, str]]: ...

    def expect(self, consumer: str) -> None: ...

    def acknowledge(self, consumer: str, through: int) -> None: ...

    def record(
        self, events: Sequence[Event], states: Mapping[str, Mapping[str, Any]] | None = None
    ) -> object: ...

    def states_under(self, prefix: str) -> dict[str, dict[str, Any]]: ...

    def forget(self, key: str) -> None: ...
