"""What the links to a platform use of the journal: completed passages, until handed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from edge.events import Event

PLATFORM = "platform"
"""The name of this outbox among the journal's consumers."""


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
