"""The alarms of the running gate: each change is committed as an event, with the alarms that stand.

edge/domain/alarms.py has the rules.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from edge.domain import alarms as rules
from edge.domain import events
from edge.domain.alarms import Alarm, Alarms
from edge.domain.events import Event
from edge.gate.commits import Commits
from edge.sync.journal.port import Journal
from edge.system.clock import Clock

KEY = "alarms"
LONGEST_TEXT = 1000
"""Characters of an alarm's text: it stands in the console, the log, an event and the state."""

MOST_COUNTS = 50
"""Figures of one alarm; more say nothing more to a person."""

log = logging.getLogger(__name__)


class GateAlarms:
    """Any thread; `lock` guards the commits too."""

    def __init__(
        self, journal: Journal, commits: Commits, clock: Clock, lock: threading.RLock
    ) -> None:
        self._commits, self._clock, self._lock = commits, clock, lock
        self._alarms = rules.revive(journal.state(KEY))

    @property
    def standing(self) -> tuple[Alarm, ...]:
        return self._alarms.standing

    def stands(self, code: str, lane: str) -> bool:
        return self._alarms.stands(code, lane)

    def clear_conditions(self) -> None:
        """At a start: the conditions of the last run are over; what lasts is raised anew."""
        for alarm in self.standing:
            if alarm.code not in rules.OCCURRENCES:
                self.clear_alarm(alarm.code, alarm.lane, "the service started anew")

    def raise_alarm(
        self,
        code: str,
        lane: str,
        text: str,
        counts: Mapping[str, int] | None = None,
        *,
        states: Mapping[str, Mapping[str, Any]] | None = None,
        again: bool = False,
    ) -> None:
        """`counts`: its figures, for programs. `states` are committed with it. `again`: one that
        stands is told anew if the text has changed."""
        change = Alarms.retold if again else Alarms.raised
        text = text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
        data: dict[str, Any] = {"code": code, "text": text}
        if counts:
            data["counts"] = dict(islice(counts.items(), MOST_COUNTS))
        self._change_alarms(
            lambda a: change(a, code, lane, text, self._clock.now().wall),
            events.ALARM_RAISED,
            lane,
            data,
            states or {},
        )

    def clear_alarm(self, code: str, lane: str, text: str) -> None:
        self._change_alarms(
            lambda a: a.cleared(code, lane),
            events.ALARM_CLEARED,
            lane,
            {"code": code, "text": text},
            {},
        )

    def acknowledge_alarm(self, code: str, lane: str, user: str) -> None:
        """Records who saw it; an occurrence ends with that."""
        with self._lock:
            before = self._alarms
            self._alarms = before.acknowledged(code, lane, user)
            if self._alarms is before:
                return
            ended = len(self._alarms.standing) < len(before.standing)
            data = {"code": code, "text": f"acknowledged by {user}"}
            reported = (
                [Event(events.ALARM_CLEARED, lane, self._clock.now().wall, data)] if ended else []
            )
            self._commits.commit(lane, reported, {KEY: rules.dump(self._alarms)})

    def _change_alarms(
        self,
        change: Callable[[Alarms], Alarms],
        type: str,
        lane: str,
        data: Mapping[str, Any],
        states: Mapping[str, Mapping[str, Any]],
    ) -> None:
        with self._lock:
            after = change(self._alarms)
            if after is self._alarms:
                return
            self._alarms = after
            if type == events.ALARM_RAISED:
                log.warning("alarm %s at %s: %s", data["code"], lane, data["text"])
            event = Event(type, lane, self._clock.now().wall, data)
            self._commits.commit(lane, [event], {**states, KEY: rules.dump(after)})
