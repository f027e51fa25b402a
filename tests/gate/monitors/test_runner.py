"""Monitors run one after the other, each in its interval; one that fails hinders no other."""

import logging

from edge.gate.monitors.runner import MonitorRunner
from edge.system.clock import ManualClock, SystemClock
from tests.support.builders import NOON
from tests.support.waiting import wait_for


class Counting:
    def __init__(self, fails=False):
        self.looks, self.fails = 0, fails

    def check(self):
        self.looks += 1
        if self.fails:
            raise OSError("the share is gone")


def test_each_looks_in_its_own_interval():
    clock, often, seldom = ManualClock(NOON), Counting(), Counting()
    runner = MonitorRunner("monitors", [(often, 1.0), (seldom, 10.0)], clock)
    for _ in range(21):
        runner.run_due()
        clock.advance(1.0)
    assert (often.looks, seldom.looks) == (21, 3)


def test_one_that_fails_hinders_no_other_and_is_logged_once_until_it_works(caplog):
    clock, broken, other = ManualClock(NOON), Counting(fails=True), Counting()
    runner = MonitorRunner("monitors", [(broken, 1.0), (other, 1.0)], clock)

    def looks(times):
        for _ in range(times):
            runner.run_due()
            clock.advance(1.0)
        return sum(record.levelno >= logging.ERROR for record in caplog.records)

    assert looks(5) == 1
    assert other.looks == 5
    broken.fails = False
    looks(1)
    broken.fails = True
    assert looks(5) == 2


def test_it_runs_by_itself_and_ends():
    monitor = Counting()
    runner = MonitorRunner("monitors", [(monitor, 0.0)], SystemClock())
    runner.start()
    wait_for(lambda: monitor.looks)
    runner.stop()
    assert not runner._thread.is_alive()
