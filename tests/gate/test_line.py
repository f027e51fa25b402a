"""Vision's line under the arm reaches the guard while it is fresh, and nothing else does."""

import pytest

from edge.config import load
from edge.domain.facts import LinePassed
from edge.gate.shell import Shell
from edge.system.clock import ManualClock
from tests.support.builders import NOON, a_book
from tests.support.gate_twins import CONFIG, GuardsTwin, JournalTwin, Log


class Place:
    def __init__(self):
        self.log, self.clock = Log(), ManualClock(NOON)
        self.gate = Shell(
            load(CONFIG), self.clock, JournalTwin(self.log), GuardsTwin(self.log), None,
            a_book, lambda assignment: None,
        ).gate  # fmt: skip

    def crossed(self, line="arm", forward=True, whole=True, sure=0.95, old=0.1):
        at = self.clock.now().mono - old
        self.gate.report(LinePassed("out1", "t1", line, forward, whole, sure, 1, at))
        self.gate.round()
        return [line for line in self.log.lines if line[0] == "line crossed"]


@pytest.fixture
def place():
    return Place()


@pytest.mark.parametrize("forward", [True, False])
def test_a_whole_vehicle_over_the_line_under_the_arm_is_evidence_for_the_guard(place, forward):
    assert place.crossed(forward=forward) == [("line crossed", forward, 0.95)]


@pytest.mark.parametrize("what", [{"line": "in"}, {"whole": False}, {"old": 1.5}], ids=str)
def test_another_line_a_front_alone_and_an_old_picture_are_none(place, what):
    assert place.crossed(**what) == []
