"""The journal as the rest of the gate sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from edge.domain.events import Event


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as the journal keeps it: numbered, chained, committed."""

    sequence: int
    id: str
    event: Event
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Losses:
    """Events for which the journal had no room. `dropped`: events of the lowest class that were
    never recorded, by type, since the journal began; `shortened`: acknowledged events that this run
    of the service removed before their time."""

    dropped: Mapping[str, int]
    shortened: int


class Unrecorded(Exception):
    """The journal could not commit (disk full or broken); nothing of the call is kept."""


class PastEvents(Protocol):
    """What has been recorded, for people and programs; plain values."""

    def recent(
        self,
        *,
        types: Sequence[str] = (),
        lane: str | None = None,
        plate: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[Recorded]:
        """Newest first; `before`: a sequence to page on; `plate`: substring of data["plate"].
        Raises Unread."""

    def counts_by_hour(self, type: str, since: datetime) -> list[tuple[datetime, str, int]]:
        """(hour, lane, number of events of the type) since then; for statistics. Raises Unread."""


class Journal(PastEvents, Protocol):
    """Durable events and states. `record` returns after the commit; callable from any thread."""

    def record(
        self, events: Sequence[Event], states: Mapping[str, Mapping[str, Any]] | None = None
    ) -> list[Recorded]:
        """Events and the states they report, in one transaction. Raises Unrecorded."""

    def state(self, key: str) -> dict[str, Any] | None:
        """The last committed state under the key."""

    def states_under(self, prefix: str) -> dict[str, dict[str, Any]]:
        """All states whose key begins with the prefix."""

    def forget(self, key: str) -> None:
        """Removes a state."""

    def last_sequence(self) -> int: ...


class KeptFor(Protocol):
    """The consumers for whom events are kept, and what could not be kept."""

    @property
    def fault(self) -> str: ...

    def losses(self) -> Losses: ...

    def consumers(self) -> dict[str, int]: ...

    def states_under(self, prefix: str) -> dict[str, dict[str, Any]]: ...
