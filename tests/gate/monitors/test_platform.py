"""The alarms about the platform: a list too old, passages that it does not take."""

from datetime import timedelta

import pytest

from edge.domain.assignment import AssignmentBook
from edge.gate.monitors.platform import LASTING_S, PARKED, STALE, PlatformMonitor
from edge.sync.platform.port import ParkedPassage, PassageReport
from edge.system.clock import ManualClock
from tests.support.builders import NOON, a_book, a_policy
from tests.support.standing_alarms import StandingAlarms


class Place:
    """A lane's policy and a list, with the monitor over them."""

    def __init__(self, clock):
        self.policies, self.kept, self.alarms = {"out1": a_policy()}, a_book(), StandingAlarms()
        self.standing = self.alarms.standing
        self.monitor = PlatformMonitor(self.alarms, clock, self.policies, lambda: self.kept)


@pytest.fixture
def clock():
    return ManualClock(NOON)


@pytest.fixture
def gate(clock):
    return Place(clock)


def test_a_list_that_grows_too_old_is_told_and_a_new_one_ends_it(clock, gate):
    monitor = gate.monitor
    clock.advance(4 * 3600 + 1)
    monitor.check()
    assert gate.standing() == {}
    clock.advance(LASTING_S)
    monitor.check()
    assert "out1" in gate.standing()[STALE]
    gate.kept = a_book(as_of=clock.now().wall)
    monitor.check()
    assert gate.standing() == {}


def test_no_list_at_all_is_told_only_when_the_platform_had_time_to_answer(clock, gate):
    gate.kept = AssignmentBook()
    monitor = gate.monitor
    monitor.check()
    clock.advance(LASTING_S - 1)
    monitor.check()
    assert gate.standing() == {}
    clock.advance(1)
    monitor.check()
    assert "none was ever fetched" in gate.standing()[STALE]


def test_a_moments_trouble_does_not_add_up(clock, gate):
    monitor = gate.monitor
    for _ in range(5):
        gate.kept = AssignmentBook()
        clock.advance(LASTING_S / 2)
        monitor.check()
        gate.kept = a_book(as_of=clock.now().wall + timedelta(seconds=1))
        clock.advance(LASTING_S / 2)
        monitor.check()
    assert gate.standing() == {}


def test_passages_set_aside_are_told_until_there_are_none(clock, gate):
    monitor = gate.monitor
    passage = PassageReport(7, "id7", {"plate": "24C12345"})
    monitor.parked([ParkedPassage(passage, "answers 500", 8, NOON)])
    assert gate.standing()[PARKED] == "24C12345: answers 500"
    monitor.parked([])
    assert gate.standing() == {}
