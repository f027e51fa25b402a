"""The last passage of each vehicle at this gate, whichever lane: committed with the passage, and
kept as long as any lane's rules may ask for it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from edge.domain.moment import iso
from edge.domain.question import Journey
from edge.lane.effects import Remember
from edge.sync.journal.port import Unrecorded

JOURNEY = "journey:"
"""States under this prefix: a plate's last passage."""

KEPT = timedelta(days=1)
"""The longest `journey_s` that a lane may ask for."""

MOST = 5000
"""Plates remembered; a gate has 2,000 vehicles on a full day. The oldest go first."""

log = logging.getLogger(__name__)


class States(Protocol):
    """What of the journal is used."""

    def state(self, key: str) -> dict[str, Any] | None: ...

    def states_under(self, prefix: str) -> dict[str, dict[str, Any]]: ...

    def forget(self, key: str) -> None:
        """Raises Unrecorded."""


class Journeys:
    """On the gate's thread."""

    def __init__(self, journal: States) -> None:
        self._journal = journal
        self._last: dict[str, Journey] = {}
        for key, state in journal.states_under(JOURNEY).items():
            self._revive(key.removeprefix(JOURNEY), state)
        self._last = dict(sorted(self._last.items(), key=lambda item: item[1].at))

    def of(self, plates: Collection[str]) -> dict[str, Journey]:
        """The last journey of each of the plates that has one."""
        return {text: self._last[text] for text in plates if text in self._last}

    def remembered(self, effect: Remember, now: datetime) -> dict[str, dict[str, Any]]:
        """The states to commit with the passage; what is too old is forgotten."""
        for text in effect.plates:
            self._last.pop(text, None)
            self._last[text] = Journey(effect.direction, now)
        self._forget(now)
        state = {"direction": effect.direction, "at": iso(now)}
        return {JOURNEY + text: state for text in effect.plates}

    def _forget(self, now: datetime) -> None:
        over = max(0, len(self._last) - MOST)
        for n, (text, journey) in enumerate(list(self._last.items())):
            if n >= over and now - journey.at <= KEPT:
                return
            del self._last[text]
            try:
                self._journal.forget(JOURNEY + text)
            except Unrecorded as error:
                log.warning("a journey of yesterday stays in the journal: %s", error)
                return

    def _revive(self, text: str, state: Mapping[str, Any]) -> None:
        try:
            at = datetime.fromisoformat(str(state["at"]))
            self._last[text] = Journey(str(state["direction"]), at)
        except (KeyError, ValueError):
            log.warning("the journey of %r is not understood, and not heeded", text)
