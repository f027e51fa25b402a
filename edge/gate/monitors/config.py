"""Tells people and customs what the configuration names wrongly, as long as it does.

Nothing of it makes a motion unsafe: the gate works, what is concerned is down and tried again.
"""

from __future__ import annotations

import logging

from edge.config import Problem, Settings, refusals
from edge.domain.alarm_codes import AlarmCode, Param
from edge.domain.events import GATE_SUBJECT
from edge.gate.monitors.port import Alarms
from edge.system.causes import cause

CHECK_EVERY_S = 10.0
SHOWN = 3
"""Maximum mistakes that the alarm names; the log and `gate config check` have them all."""

log = logging.getLogger(__name__)


class ConfigMonitor:
    """For a runner of its own: a file's share may hang."""

    def __init__(self, settings: Settings, alarms: Alarms) -> None:
        self._settings, self._alarms = settings, alarms
        self._known: list[Problem] = []

    def check(self) -> None:
        found = list(refusals(self._settings))
        for problem in found:
            if problem not in self._known:
                log.error("configuration: %s", problem)
        self._known = found
        if found:
            more = len(found) - SHOWN
            said = tuple(cause("at", place=p.key, why=p.why) for p in found[:SHOWN])
            params: dict[str, Param] = {"found": said}
            self._alarms.raise_alarm(
                AlarmCode.CONFIGURATION_WRONG,
                GATE_SUBJECT,
                params | {"more": more} if more > 0 else params,
                variant="more" if more > 0 else "",
                again=True,
            )
        else:
            self._alarms.clear_alarm(AlarmCode.CONFIGURATION_WRONG, GATE_SUBJECT)
