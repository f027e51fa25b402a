"""PURE. What a site has besides the guard's own inputs, and what it means to the guard.

Two contacts of one sensor that must contradict each other (an antivalent pair, NAME and NAME_nc):
where they agree, the sensor counts as occupied, the stop as pressed, a limit switch as not reached.
A torn arm and a fault of the drive halt the arm as the local stop does. Cabinet and mains are
reported. Nothing here ever closes an arm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from edge.barrier.core.sensing import ENDS
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import BarrierFact, GuardAlarm

PAIRED = ("entry_loop", "safety_loop", "photocell", "limit_open", "limit_closed", "stop")
"""Inputs that may have a second contact."""

OTHER = "_nc"
"""What the second contact's name ends with."""

HALTING = {"arm_off": AlarmCode.ARM_OFF, "drive_fault": AlarmCode.DRIVE_FAULT}
"""Faults with which nothing may move."""

SIGNALS = {
    "cabinet_open": AlarmCode.CABINET_OPEN,
    "mains_off": AlarmCode.MAINS_OFF,
    "site_fire": AlarmCode.SITE_FIRE,
    "free_flow": AlarmCode.FREE_FLOW,
}
"""Inputs that move nothing by themselves on this lane."""

CONTRADICTS_S = 0.5
"""Maximum seconds for which the contacts of a pair may agree: they never change at one moment."""

STOP = "stop"


@dataclass(frozen=True, slots=True)
class Equipment:
    """`inputs`: every wired one. `agree_since`: pairs whose contacts agree, and since when
    (monotonic); `reported`: alarms that stand; `stop`: the local stop itself is pressed."""

    lane: str
    inputs: frozenset[str]
    agree_since: Mapping[str, float] = field(default_factory=dict)
    reported: frozenset[AlarmCode] = frozenset()
    stop: bool = False

    @property
    def guarded(self) -> frozenset[str]:
        """The inputs that the guard's core gets."""
        own = self.inputs - HALTING.keys() - SIGNALS.keys() - {f"{n}{OTHER}" for n in PAIRED}
        return own | {STOP} if self.inputs & HALTING.keys() else own

    def read(
        self, sample: Mapping[str, bool], now: float
    ) -> tuple[Equipment, dict[str, bool], list[BarrierFact]]:
        """After one good reading: what the core gets of it, and what is reported."""
        inputs = {name: on for name, on in sample.items() if name in self.guarded}
        pairs = [name for name in PAIRED if name + OTHER in sample]
        agree = {n: self.agree_since.get(n, now) for n in pairs if sample[n] == sample[n + OTHER]}
        for name in agree:
            inputs[name] = name not in ENDS
        stop = inputs.get(STOP, False)
        if any(sample.get(name, False) for name in HALTING):
            inputs[STOP] = True
        elif STOP in self.guarded:
            inputs[STOP] = stop
        stands = {code for name, code in (HALTING | SIGNALS).items() if sample.get(name, False)}
        long = tuple(sorted(n for n, since in agree.items() if now - since >= CONTRADICTS_S))
        if long:
            stands.add(AlarmCode.INPUT_CONTRADICTS)
        facts: list[BarrierFact] = [
            GuardAlarm(self.lane, code, code in stands, _figures(code, long))
            for code in sorted(stands ^ self.reported)
        ]
        after = replace(self, agree_since=agree, reported=frozenset(stands), stop=stop)
        return after, inputs, facts

    def misnames(self, fact: BarrierFact) -> bool:
        """Whether it calls the local stop what is another fault, which has its own alarm."""
        if not isinstance(fact, GuardAlarm) or fact.code is not AlarmCode.STOP_PRESSED:
            return False
        return fact.active and not self.stop


def _figures(code: AlarmCode, contradicting: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {"inputs": contradicting} if code is AlarmCode.INPUT_CONTRADICTS else {}
