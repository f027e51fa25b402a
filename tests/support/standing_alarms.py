"""Alarms by the rules of edge/domain/alarms.py, without a journal."""

from edge.domain.alarms import Alarm, Alarms
from edge.gate.alarm_texts import recorded_text
from tests.support.builders import NOON


class StandingAlarms:
    """What a monitor needs of the gate's alarms. `counts`: the figures of each that was told;
    `said`: each text, "" for one that ended."""

    def __init__(self):
        self.rules, self.counts, self.said = Alarms(), [], []

    def raise_alarm(
        self, code, lane, params=None, counts=None, *, variant="", states=None, again=False
    ):
        alarm = Alarm(code, lane, recorded_text(code, variant, params or {}), NOON)
        after = self.rules.retold(alarm) if again else self.rules.raised(alarm)
        if after is not self.rules:
            self.rules = after
            self.counts.append(counts)
            self.said.append(alarm.text)

    def clear_alarm(self, code, lane):
        if self.rules.stands(code, lane):
            self.rules = self.rules.cleared(code, lane)
            self.said.append("")

    def standing(self):
        """Texts by their codes."""
        return {a.code: a.text for a in self.rules.standing}
