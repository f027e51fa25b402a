"""The journal and the outgoing ways as the rest of the gate sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from edge.assignment import AssignmentBook
from edge.events import Event


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
    """What the journal had no room for. `dropped`: events of the lowest class that were never
    recorded, by type, since the journal began; `shortened`: acknowledged events that this run of
    the service removed before their time."""

    dropped: Mapping[str, int]
    shortened: int


class Unrecorded(Exception):
    """The journal could not commit (disk full or broken); nothing of the call is kept."""


class Journal(Protocol):
    """Durable events and states. `record` returns after the commit; callable from any thread."""

    def record(
        self, events: Sequence[Event], states: Mapping[str, Mapping[str, Any]] | None = None
    ) -> list[Recorded]:
        """Events and the states they report, in one transaction. Raises Unrecorded."""

    def state(self, key: str) -> dict[str, Any] | None:
        """The last committed state under the key."""

    def forget(self, key: str) -> None:
        """Removes a state."""

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
        """Newest first; `before`: a sequence to page on; `plate`: substring of data["plate"]."""

    def counts_by_hour(self, type: str, since: datetime) -> list[tuple[datetime, str, int]]:
        """(hour, lane, number of events of the type) since then; for statistics."""

    def last_sequence(self) -> int: ...


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """A connection to the outside: `waiting` events or posts not yet acknowledged."""

    name: str  # "customs" | "platform"
    connected: bool
    why: str
    waiting: int
    last_contact: datetime | None


class Relay(Protocol):
    """Delivers the outbox to customs over MQTT and brings commands in, on its own threads."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def wake(self) -> None:
        """New events are committed."""

    def answer(self, command_id: str, result: Mapping[str, Any]) -> None:
        """Publishes `.../command/<id>/result`."""

    def publish_state(self, lane: str, state: Mapping[str, Any]) -> None:
        """The retained state of a lane; the newest wins while offline."""

    def status(self) -> LinkStatus: ...


@dataclass(frozen=True, slots=True)
class RemoteCommand:
    """A command that passed every check of its envelope (signature, expiry, replay, permission)."""

    id: str
    lane: str
    action: str
    reason: str
    issuer: str


@dataclass(frozen=True, slots=True)
class RefusedCommand:
    """A command that did not; one audit event each. `raw_id` as far as it could be read."""

    raw_id: str
    lane: str
    issuer: str
    why: str


CommandSink = Callable[[RemoteCommand | RefusedCommand], None]


class PlatformLink(Protocol):
    """Keeps the book of assignments up to date and posts passages, on its own threads."""

    def start(self, changed: Callable[[AssignmentBook], None]) -> None: ...

    def stop(self) -> None: ...

    def wake(self) -> None:
        """New passages are committed."""

    def book(self) -> AssignmentBook:
        """The last known book; from disk at once after a restart."""

    def spend(self, assignment: str) -> None:
        """An assignment has been used here; it stays used until the list says more of it."""

    def restore_spent(self, spent: dict[str, int]) -> list[str]:
        """After a start: the assignments that were used here, with the revision they had then.
        Gives back those that need no more be remembered."""

    def status(self) -> LinkStatus: ...
