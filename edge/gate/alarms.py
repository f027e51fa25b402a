"""The alarms of the running gate: each change is committed as an event, with the alarms that stand.

edge/domain/alarms.py has the rules.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from edge.domain import alarms as rules
from edge.domain import events
from edge.domain.alarm_codes import OVER, AlarmCode, Params
from edge.domain.alarms import Alarm, Alarms
from edge.domain.events import Event
from edge.gate.alarm_texts import bounded, recorded_text
from edge.gate.commits import Commits
from edge.system.clock import Clock

KEY = "alarms"
ACKNOWLEDGED, RESTART = "acknowledged", "restart"
"""Variants of the texts that say why an alarm stands no more, besides OVER."""

MOST_COUNTS = 50
"""Figures of one alarm; more say nothing more to a person."""

log = logging.getLogger(__name__)


class GateAlarms:
    """Any thread. `kept`: what stood at the last commit, the journal's state under KEY."""

    def __init__(self, kept: Mapping[str, Any] | None, commits: Commits, clock: Clock) -> None:
        self._commits, self._clock, self._lock = commits, clock, commits.lock
        self._alarms = rules.revive(kept)

    @property
    def standing(self) -> tuple[Alarm, ...]:
        return self._alarms.standing

    def stands(self, code: str, lane: str) -> bool:
        return self._alarms.stands(code, lane)

    def clear_conditions(self) -> None:
        """At a start: the conditions of the last run are over; what lasts is raised anew."""
        for alarm in self.standing:
            if not alarm.ends_when_seen:
                self._clear(alarm.code, alarm.lane, RESTART, {})

    def raise_alarm(
        self,
        code: AlarmCode,
        lane: str,
        params: Params | None = None,
        counts: Mapping[str, int] | None = None,
        *,
        variant: str = "",
        states: Mapping[str, Mapping[str, Any]] | None = None,
        again: bool = False,
    ) -> None:
        """`variant` and `params`: which text of the code, and what stands in its gaps. `counts`:
        its figures, for programs. `states` are committed with it. `again`: one that stands is told
        anew if the text has changed."""
        said = bounded(params or {})
        text = recorded_text(code, variant, said)
        data: dict[str, Any] = {
            "code": code.value,
            "text": text,
            "kind": code.kind.value,
            "severity": code.severity.value,
            "for_customs": code.for_customs,
            "variant": variant,
            "params": rules.dump_params(said),
        }
        if counts:
            data["counts"] = dict(islice(counts.items(), MOST_COUNTS))
        alarm = Alarm(code.value, lane, text, self._clock.now().wall, "", variant, said)
        self._change_alarms(
            lambda a: a.retold(alarm) if again else a.raised(alarm),
            events.ALARM_RAISED,
            lane,
            data,
            states or {},
        )

    def clear_alarm(self, code: AlarmCode, lane: str) -> None:
        self._clear(code.value, lane, OVER, {})

    def _clear(self, code: str, lane: str, variant: str, params: Params) -> None:
        self._change_alarms(
            lambda a: a.cleared(code, lane),
            events.ALARM_CLEARED,
            lane,
            _ended(code, variant, params),
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
            data = _ended(code, ACKNOWLEDGED, {"user": user})
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


def _ended(code: str, variant: str, params: Params) -> dict[str, Any]:
    """The data of an alarm that stands no more."""
    text = recorded_text(code, variant, params)
    return {"code": code, "text": text, "variant": variant, "params": rules.dump_params(params)}
