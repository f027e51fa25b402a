"""The journal and the outgoing ways as the rest of the gate sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from edge.events import Event
from edge.sync.book import KeptBook


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


class Unread(Exception):
    """The journal cannot be read now, or not in the time that a page waits; the text says what to
    do."""


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
        """Newest first; `before`: a sequence to page on; `plate`: substring of data["plate"].
        Raises Unread."""

    def counts_by_hour(self, type: str, since: datetime) -> list[tuple[datetime, str, int]]:
        """(hour, lane, number of events of the type) since then; for statistics. Raises Unread."""

    def last_sequence(self) -> int: ...


class KeptFor(Protocol):
    """For whom events are kept, and what could not be kept."""

    @property
    def fault(self) -> str: ...

    def losses(self) -> Losses: ...

    def consumers(self) -> dict[str, int]: ...

    def states_under(self, prefix: str) -> dict[str, dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """A connection to the outside: `waiting` events or posts not yet acknowledged, `set_aside`
    those that the other side does not take."""

    name: str  # "customs" | "platform"
    connected: bool
    why: str
    waiting: int
    last_contact: datetime | None
    set_aside: int = 0


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


@dataclass(frozen=True, slots=True)
class Passage:
    """A completed passage as a platform gets it. `body`: the event's data with its id and lane;
    `sequence` and `id` stay the same however often it is handed over."""

    sequence: int
    id: str
    body: Mapping[str, Any]

    @property
    def assignment(self) -> str:
        """The assignment that it used, or ""."""
        return str(self.body.get("assignment", ""))


@dataclass(frozen=True, slots=True)
class SetAside:
    """A passage that the platform does not take, kept apart so that those behind it go on. `why`:
    the last answer; `tries` so far; `since` it was set aside."""

    passage: Passage
    why: str
    tries: int
    since: datetime


class PlatformDown(Exception):
    """The platform cannot be asked, or takes nothing now; the text names the place and what to
    do."""


class PassageRefused(Exception):
    """The platform says that the passage itself is wrong; the text names its answer."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a look for assignments gave; they are in the kept book by now. `heard`: the platform
    answered, so the list is as fresh as that; `note`: what of it is not understood, or "";
    `changed`: the list says something new."""

    heard: bool
    note: str
    pause_s: float
    changed: bool = False


class PlatformDriver(Protocol):
    """One kind of platform; platform_link.PlatformLink calls it on two threads, one for each
    method."""

    def fetch(self, kept: KeptBook) -> Fetched:
        """Takes up what is new of the list; may wait for it. Raises PlatformDown."""

    def hand_over(self, passage: Passage) -> None:
        """Gives the platform a passage; one it already has does no harm. Raises PlatformDown and
        PassageRefused."""

    def close(self) -> None:
        """Ends what waits; called once, from another thread."""
