"""Events and states are committed before the effects that they report; what cannot be, waits.

While the journal cannot commit, later commits wait behind the first, in order, with their effects.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from edge.domain.events import GATE_SUBJECT, Event
from edge.lane.effects import Effect
from edge.sync.journal.port import Unrecorded
from edge.system.timings import TIMINGS, Figure

log = logging.getLogger(__name__)


Perform = Callable[[str, Effect], None]
"""Does an effect of a lane. Nothing is raised."""


class Recorder(Protocol):
    """What of the journal is used."""

    def record(
        self, events: Sequence[Event], states: Mapping[str, Mapping[str, Any]] | None = None
    ) -> object:
        """In one transaction. Raises Unrecorded."""


@dataclass(frozen=True, slots=True)
class Unperformed:
    """Events that could not be committed yet, with the effects that wait for them."""

    lane: str
    events: tuple[Event, ...]
    states: Mapping[str, Mapping[str, Any]]
    effects: tuple[Effect, ...]
    perform: Perform


class Commits:
    """`committed` hears of each commit of events. `record` and `stuck` may be called by any thread,
    the others by one at a time, which holds `lock`."""

    def __init__(self, journal: Recorder, committed: Callable[[], None]) -> None:
        self._journal, self._committed = journal, committed
        self._waiting: deque[Unperformed] = deque()
        self.lock = threading.RLock()

    @property
    def stuck(self) -> int:
        """How many commits wait for the journal."""
        return len(self._waiting)

    def record(
        self, reported: Sequence[Event], states: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        """Commits now or not at all. Raises Unrecorded."""
        self._record(reported, states)
        self._committed()

    def keep(self, states: Mapping[str, Mapping[str, Any]]) -> None:
        """States without events, now or not at all: behind what waits they would be old."""
        if self._waiting:
            return
        try:
            self._record((), states)
        except Unrecorded as error:
            log.debug("not kept: %s", error)

    def commit(
        self,
        lane: str,
        reported: Sequence[Event],
        states: Mapping[str, Mapping[str, Any]],
        effects: Sequence[Effect] = (),
        perform: Perform = lambda lane, effect: None,
    ) -> None:
        """Commits and then performs, as soon as that can be."""
        item = Unperformed(lane, tuple(reported), states, tuple(effects), perform)
        if self._waiting or not self._perform(item):
            self._waiting.append(item)

    def retry(self) -> None:
        """Those that wait, as far as the journal commits again."""
        while self._waiting:
            if not self._perform(self._waiting[0]):
                return
            self._waiting.popleft()
            if not self._waiting:
                log.info("the journal commits again, and has all that waited")

    def waiting(self) -> Iterator[Effect]:
        """The effects that wait for their commit."""
        for item in self._waiting:
            yield from item.effects

    def _perform(self, item: Unperformed) -> bool:
        """Commits and then performs; False if it could not be committed."""
        try:
            self._record(item.events, item.states)
        except Unrecorded as error:
            if not self._waiting:
                log.error("the journal cannot commit, what happens waits for it: %s", error)
            return False
        if item.events:
            self._committed()
        for effect in item.effects:
            item.perform(item.lane, effect)
        return True

    def _record(
        self, reported: Sequence[Event], states: Mapping[str, Mapping[str, Any]] | None
    ) -> None:
        """Raises Unrecorded."""
        began = time.monotonic()
        self._journal.record(reported, states)
        TIMINGS.note(Figure.COMMIT, GATE_SUBJECT, began, time.monotonic())
