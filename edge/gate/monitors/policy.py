"""Tells people that the policy that counts cannot be used: each vehicle then waits for a person."""

from __future__ import annotations

from typing import Protocol

from edge.domain.alarm_codes import AlarmCode
from edge.domain.events import GATE_SUBJECT
from edge.gate.monitors.port import Alarms


class KeptPolicy(Protocol):
    """`fault`: why it cannot be used; "": it can."""

    fault: str


class PolicyMonitor:
    """See port.Monitor."""

    def __init__(self, policies: KeptPolicy, alarms: Alarms) -> None:
        self._policies, self._alarms = policies, alarms

    def check(self) -> None:
        if self._policies.fault:
            self._alarms.raise_alarm(AlarmCode.POLICY_UNUSABLE, GATE_SUBJECT)
        else:
            self._alarms.clear_alarm(AlarmCode.POLICY_UNUSABLE, GATE_SUBJECT)
