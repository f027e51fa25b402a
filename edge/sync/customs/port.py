"""The relay to customs as the rest of the gate sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from edge.sync.port import LinkStatus


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
