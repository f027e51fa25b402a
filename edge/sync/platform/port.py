"""A platform of whatever kind, as its link and the rest of the gate see it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from edge.sync.platform.list_reading import Answer
from edge.system.causes import Cause


@dataclass(frozen=True, slots=True)
class PassageReport:
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
class ParkedPassage:
    """A passage that the platform does not take, kept apart so that those behind it go on. `why`:
    the last answer; `tries` so far; `since` it was parked."""

    passage: PassageReport
    why: str
    tries: int
    since: datetime


class PlatformDown(Exception):
    """The platform cannot be asked, or takes nothing now; the cause names the place and what to do.
    `after_s`: seconds for which it asks not to be asked again; 0 where it says nothing. `denied`:
    it does not accept this gate."""

    def __init__(self, why: Cause, after_s: float = 0.0, *, denied: bool = False) -> None:
        super().__init__(why)
        self.after_s, self.denied = after_s, denied


class PassageRefused(Exception):
    """The platform refuses the passage as wrong; the cause names its answer."""

    def __init__(self, why: Cause) -> None:
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A platform's answer to the question for assignments; the assignment cache takes it up.

    `heard`: the platform answered. `note`: which items of its list are not understood, or "".
    `pause_s`: seconds until the next question. `as_of`: moment for which the list is known to be
    right; None: the known list grows old. `answer`: a new list or changes; None: nothing new.
    `asked`: monotonic seconds when the question was sent; infinite where the list does not depend
    on reported passages.
    """

    heard: bool
    note: str
    pause_s: float
    as_of: datetime | None = None
    answer: Answer | None = None
    asked: float = math.inf


TURNED_AWAY, NOT_UNDERSTOOD, GUIDANCE = "turned-away", "not-understood", "guidance"
"""What a platform is told beside completed passages."""


class PlatformDriver(Protocol):
    """One kind of platform; link.PlatformLink calls it on three threads, one for each
    method."""

    def fetch(self, cursor: str) -> Fetched:
        """The changes of the list since the cursor ("": all of it); may wait for them. Raises
        PlatformDown."""

    def hand_over(self, passage: PassageReport) -> None:
        """Gives the platform a passage; one it already has does no harm. Raises PlatformDown and
        PassageRefused."""

    def notify(self, what: str, key: str, body: Mapping[str, Any]) -> bool:
        """Tells it of a vehicle that was turned away, or of items that are not understood; once
        more under the same key does no harm. False: it has no place for such. Raises PlatformDown
        and PassageRefused."""

    def close(self) -> None:
        """Ends what waits; called once, from another thread."""
