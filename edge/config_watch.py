"""Tells people and customs what the configuration names wrongly, as long as it does.

Nothing of it makes a motion unsafe: the gate works, what is concerned is down and tried again.
"""

from __future__ import annotations

from edge.clock import Clock
from edge.config import Settings, refusals
from edge.events import GATE_SUBJECT
from edge.gate import Gate

WRONG = "configuration_wrong"
LOOK_EVERY_S = 10.0
SHOWN = 3
"""So many are told in words; `gate config check` has them all."""


class ConfigWatch:
    """Call `look` now and then, always from the same thread."""

    def __init__(self, settings: Settings, gate: Gate, clock: Clock) -> None:
        self._settings, self._gate, self._clock = settings, gate, clock
        self._next_at = 0.0

    def look(self) -> None:
        now = self._clock.now().mono
        if now < self._next_at:
            return
        self._next_at = now + LOOK_EVERY_S
        found = list(refusals(self._settings))
        if found:
            more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            text = f"{'; '.join(found[:SHOWN])}{more} (gate config check)"
            self._gate.alarms.raise_alarm(WRONG, GATE_SUBJECT, text, again=True)
        else:
            self._gate.alarms.clear_alarm(WRONG, GATE_SUBJECT, "the configuration is in order")
