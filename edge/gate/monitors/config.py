"""Tells people and customs what the configuration names wrongly, as long as it does.

Nothing of it makes a motion unsafe: the gate works, what is concerned is down and tried again.
"""

from __future__ import annotations

import logging
import threading

from edge.config import Settings, refusals
from edge.domain.alarm_codes import AlarmCode, Param
from edge.domain.events import GATE_SUBJECT
from edge.gate.gate import Gate

CHECK_EVERY_S = 10.0
STOP_S = 1.0
SHOWN = 3
"""So many are told in words; the log and `gate config check` have them all."""

log = logging.getLogger(__name__)


class ConfigMonitor:
    """Looks now and then, on a thread of its own: a file's share may hang."""

    def __init__(self, settings: Settings, gate: Gate) -> None:
        self._settings, self._gate = settings, gate
        self._known: list[str] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="configuration", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._look()
            except Exception:
                log.exception("the configuration was not looked at; going on")
            self._stopping.wait(CHECK_EVERY_S)

    def _look(self) -> None:
        found = list(refusals(self._settings))
        for problem in found:
            if problem not in self._known:
                log.error("configuration: %s", problem)
        self._known = found
        if self._stopping.is_set():
            return
        if found:
            more = len(found) - SHOWN
            params: dict[str, Param] = {"found": "; ".join(found[:SHOWN])}
            self._gate.alarms.raise_alarm(
                AlarmCode.CONFIGURATION_WRONG,
                GATE_SUBJECT,
                params | {"more": more} if more > 0 else params,
                variant="more" if more > 0 else "",
                again=True,
            )
        else:
            self._gate.alarms.clear_alarm(AlarmCode.CONFIGURATION_WRONG, GATE_SUBJECT)
