"""What the links to a platform use of the journal: completed passages, until handed over."""

from __future__ import annotations

from typing import Protocol

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
