"""The state of a link, to customs or to the platform, for the rest of the gate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


class Unread(Exception):
    """The journal cannot be read now, or not within the time a page waits; the text says what to
    do."""


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
