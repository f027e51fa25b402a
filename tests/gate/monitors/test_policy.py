"""A policy that counts and cannot be used is told until another counts."""

from edge.config import load
from edge.domain.alarm_codes import AlarmCode
from edge.gate.monitors.policy import PolicyMonitor
from edge.gate.policies import ACTIVE, Policies
from tests.support.builders import a_configuration
from tests.support.standing_alarms import StandingAlarms


class Kept:
    """The state of a policy that names a lane which is gone."""

    def __init__(self, text):
        self.text = text

    def state(self, key):
        return {"number": 3, "content": "c", "text": self.text} if key == ACTIVE else None

    def states_under(self, prefix):
        return {}


GOOD = 'name = "of today"\n'


def test_a_policy_that_no_longer_fits_is_told_until_another_counts(tmp_path):
    (tmp_path / "gate.toml").write_text(a_configuration(), encoding="utf-8")
    settings, alarms = load(tmp_path / "gate.toml"), StandingAlarms()
    policies = Policies(settings, Kept("nothing of ours"))
    monitor = PolicyMonitor(policies, alarms)
    monitor.check()
    assert AlarmCode.POLICY_UNUSABLE in alarms.standing()
    policies.take_policy({"number": 4, "content": "d", "text": GOOD})
    monitor.check()
    assert alarms.standing() == {}
