"""The conformance group for controllers: each case a scenario, on real wires that stay up.

A case is judged by what happens in the lane. What a controller says is judged where it speaks to
customs; of one that does not, those cases are not judged. Its process is its owner's and is left
alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import cast

from simulator.conformance.report import Refuted, Step, Unreachable
from simulator.fast.day import Day
from simulator.report import judged_of
from simulator.rig import LanePlan, Rig
from simulator.scenario.expectation import Expectation
from simulator.scenario.library import Entry, found
from simulator.scenario.model import Scenario
from simulator.scenario.played import Played
from simulator.scenario.real import Playing, RealStage, heard_of, played_on

GROUP = "conformance"
LANE = LanePlan("out1", "export", "Làn xuất 1")

DOWN_S = 40.0
"""So long after the last vehicle the arm may stay up."""

SAYS_S = 45.0
"""So much later than a case what belongs to it may be said: a broker may have been gone."""

NUMBERS = 100
"""Vehicles' numbers that each case has for itself."""

BY_WORDS = ("alarm", "no_alarm", "recorded", "admitted_by", "never_opens_for", "reason", "customs")
MUTE = "it says nothing to customs, and by the lane alone nobody knows"


def group() -> list[Entry]:
    return found([GROUP])


def asks_for_words(e: Expectation) -> bool:
    """Whether it is judged by what the controller says."""
    named = any(getattr(e, name) is not None for name in BY_WORDS)
    return named or bool(e.nobody_crosses_unrecorded)


class ControllerKit:
    """`played`: what came of each case, for the page. `goes_on`: whether the controller is still
    there; `rig` is up."""

    def __init__(self, rig: Rig, entries: Sequence[Entry], seed: int = 1) -> None:
        self.rig, self._seed = rig, seed
        self._entries = entries
        self.played: list[Played] = []

    def steps(self) -> list[Step]:
        return [
            Step(entry.name, entry.scenario.about, self._case(n, entry))
            for n, entry in enumerate(self._entries)
        ]

    @property
    def speaks(self) -> bool:
        """Whether customs has ever heard of it."""
        return self.rig.customs.counts.received > 0

    def asked_for(self, seconds: float) -> bool:
        """Whether the controller asks the board, or does so within so long."""
        until = time.monotonic() + seconds
        while not self.rig.boards.seen and time.monotonic() < until:
            time.sleep(0.1)
        return bool(self.rig.boards.seen)

    def _case(self, number: int, entry: Entry) -> Callable[[], None]:
        def run() -> None:
            one = self._play(number, entry)
            self.played.append(one)
            if one.not_judged:
                raise Unreachable(one.not_judged)
            if one.failures:
                raise Refuted("; ".join(one.failures))

        return run

    def _play(self, number: int, entry: Entry) -> Played:
        scenario, began = entry.scenario, time.monotonic()
        world = self.rig.worlds[LANE.name]
        met, violations = len(world.truth.touches), len(world.truth.violations)
        broken = len(self.rig.customs.counts.broken)
        stage = RealStage(self.rig, None)
        seed = self._seed * 1000 + number
        watch, playing = played_on(stage, entry.name, scenario, seed, 1 + NUMBERS * number)
        playing.staging.end()
        wrong = self._closed()
        if not self.speaks:
            playing.staging.scenario = _of_the_lane(scenario)
        not_judged = "" if playing.staging.scenario.expect else MUTE
        wrong += self._not_met(stage, playing)
        start = stage.wall(watch.began)
        watch.said([e for e in stage.heard.events if e.at >= start], start)
        wrong += self.rig.customs.counts.broken[broken:]
        if len(world.truth.violations) > violations:
            wrong.append("the arm was sent down on a vehicle")
        if any(touch.fell and not touch.own for touch in world.truth.touches[met:]):
            wrong.append("the arm came down on a vehicle and touched it")
        if self.speaks:
            numbers = {guest.number for guest in playing.staging.guests.values()}
            wrong += [
                f"it admitted {one.crossing.plate or 'one without a plate'}, who may not pass"
                for one in judged_of(self.rig, self.rig.customs.events())
                if one.wrongly_opened and one.crossing.number in numbers
            ]
        seconds = time.monotonic() - began
        return Played(
            entry.name, entry.theme, scenario.about, "real", self._seed, wrong,
            lanes=list(watch.lanes.values()), seconds=seconds,
            not_judged="" if wrong else not_judged, called=entry.called,
        )  # fmt: skip

    def _closed(self) -> list[str]:
        """Whether the arm comes down behind the last vehicle; it is put down where it does not."""
        world = self.rig.worlds[LANE.name]
        until = time.monotonic() + DOWN_S
        while time.monotonic() < until:
            if not world.waiting() and world.sense()["limit_closed"]:
                return []
            time.sleep(0.1)
        world.arm.lift(0.0, world.at)
        return [f"the arm still stood open {DOWN_S:.0f} s after the last vehicle"]

    def _not_met(self, stage: RealStage, playing: Playing) -> list[str]:
        """Which expectations do not hold; what is still to be said is waited for."""
        until = time.monotonic() + SAYS_S
        while True:
            stage.heard = heard_of(self.rig, list(playing.staging.guests.values()))
            wrong = [
                text
                for visit in playing.staging.visits.values()
                for check in visit.checks
                for text in check(cast(Day, stage))
            ]
            if not (wrong and self.speaks) or time.monotonic() >= until:
                return wrong
            time.sleep(0.5)


def _of_the_lane(scenario: Scenario) -> Scenario:
    """Of what it expects, that which happens in the lane."""
    kept = [e for e in scenario.expect if not asks_for_words(e)]
    return scenario.model_copy(update={"expect": kept})
