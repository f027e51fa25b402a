"""PURE. The photocell's self-test: its transmitter is switched off for a moment, and the receiver
must notice.

It is done once in each cycle, while the arm is proved down: nothing can come down then, and what
the receiver says meanwhile is kept from the guard. A photocell that does not notice counts as
occupied until a test succeeds: the arm opens, and is never closed over what nobody would see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from edge.barrier.wires.port import Set, Write
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import BarrierFact, GuardAlarm

TEST, PHOTOCELL = "photocell_test", "photocell"

SETTLE_S = 0.5
"""Seconds with the arm down and the beam free before a test begins."""

NOTICE_S = 2.0
"""Maximum seconds until the receiver notices, a repeated command included."""

AGAIN_S = 30.0
"""Seconds between two tries of a failed test while the arm is down."""


class Stage(StrEnum):
    DUE = "due"
    DARK = "dark"
    """the transmitter is off"""
    LIGHT = "light"
    """it is on again, and the receiver has to say so"""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class SelfTest:
    """`at`: when the stage began (monotonic); `noticed`: the receiver did; `failed`: the last test
    did not succeed."""

    lane: str
    wired: bool = False
    stage: Stage = Stage.DUE
    at: float | None = None
    noticed: bool = False
    failed: bool = False

    def read(
        self, inputs: Mapping[str, bool], down: bool, now: float
    ) -> tuple[SelfTest, dict[str, bool], list[BarrierFact], list[Write]]:
        """After one good reading. `down`: the arm is proved down."""
        given = dict(inputs)
        if not self.wired or PHOTOCELL not in given:
            return self, given, [], []
        after, writes = self._down(given[PHOTOCELL], now) if down else self._up()
        if after.stage in (Stage.DARK, Stage.LIGHT):
            given[PHOTOCELL] = False
        elif after.failed:
            given[PHOTOCELL] = True
        facts: list[BarrierFact] = []
        if after.failed != self.failed:
            facts = [GuardAlarm(self.lane, AlarmCode.PHOTOCELL_FAULT, after.failed)]
        return after, given, facts, writes

    def _up(self) -> tuple[SelfTest, list[Write]]:
        """The arm is not down, or nobody knows: the next test is due when it is."""
        writes: list[Write] = [Set(TEST, False)] if self.stage is Stage.DARK else []
        return replace(self, stage=Stage.DUE, at=None), writes

    def _down(self, on: bool, now: float) -> tuple[SelfTest, list[Write]]:
        since = now if self.at is None else self.at
        took = now - since
        match self.stage:
            case Stage.DUE if on or self.at is None:
                return replace(self, at=now), []
            case Stage.DUE if took >= SETTLE_S:
                return replace(self, stage=Stage.DARK, at=now), [Set(TEST, True)]
            case Stage.DARK if on or took >= NOTICE_S:
                return replace(self, stage=Stage.LIGHT, at=now, noticed=on), [Set(TEST, False)]
            case Stage.LIGHT if not on or took >= NOTICE_S:
                good = self.noticed and not on
                return replace(self, stage=Stage.DONE, at=now, failed=not good), []
            case Stage.DONE if self.failed and took >= AGAIN_S:
                return replace(self, stage=Stage.DUE, at=now), []
        return self, []
