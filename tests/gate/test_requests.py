"""A person hears of the guard's answer at once; who needs the journal, behind what waits there."""

import threading

import pytest

from edge.barrier.port import BarrierStatus
from edge.config import load
from edge.domain.assignment import AssignmentBook
from edge.domain.events import BARRIER_MOVED
from edge.domain.facts import Arm, ArmMoved, RequestHandled, VehicleArrived
from edge.gate.requests import Requests
from edge.gate.shell import Shell
from edge.system.clock import ManualClock
from tests.support.builders import NOON
from tests.support.gate_twins import CONFIG, JournalTwin, Log
from tests.support.waiting import wait_for

DONE = RequestHandled("out1", "r1", "done", "")


class SlowMoves(JournalTwin):
    """A disk that hangs as soon as an arm moves."""

    def __init__(self, log):
        super().__init__(log)
        self.goes_on = threading.Event()
        self.hung_to_the_end = False

    def record(self, events, states=None):
        if any(event.type == BARRIER_MOVED for event in events):
            self.log.add("hangs")
            self.hung_to_the_end |= not self.goes_on.wait(60)
        return super().record(events, states)


class MovingGuard:
    """Moves its arm, says so, and then that the order is done; as a guard does, on one thread."""

    def __init__(self):
        self.report = None

    def guard(self, lane):
        return self

    def status(self):
        return BarrierStatus("out1")

    def order(self, order):
        self.report(ArmMoved("out1", Arm.OPENING, "operator"))
        self.report(RequestHandled("out1", order.request, "done", ""))


@pytest.mark.parametrize("action", ["open", "stop"])
def test_an_arm_that_moved_has_answered_although_the_gates_thread_waits_for_the_disk(action):
    log, guards = Log(), MovingGuard()
    journal = SlowMoves(log)
    shell = Shell(load(CONFIG), ManualClock(NOON), journal, guards, None, AssignmentBook)
    guards.report = shell.requests.before(shell.gate.report)
    shell.gate.start()
    try:
        # The disk hangs with a motion already, and with the one that is ordered.
        guards.report(ArmMoved("out1", Arm.CLOSED, "local"))
        log.wait_for("hangs")
        assert shell.operations.order("out1", action, "a test", "anna")
        assert not journal.hung_to_the_end
    finally:
        journal.goes_on.set()
        shell.gate.stop()
    wait_for(lambda: [line for line in log.lines if line[:2] == ("committed", "operator.acted")])


def test_who_needs_the_journal_is_answered_from_the_inbox_alone():
    requests, inbox, answers = Requests(), [], []
    requests.expect("r1", answers.append)
    requests.before(inbox.append)(DONE)
    assert (inbox, answers) == ([DONE], [])
    assert requests.take(DONE)
    assert answers == [DONE]


def test_who_waits_at_once_is_answered_once_and_the_inbox_hears_nothing():
    requests, inbox, answers = Requests(), [], []
    requests.expect("r1", answers.append, at_once=True)
    report = requests.before(inbox.append)
    report(DONE)
    report(DONE)
    assert (inbox, answers) == ([DONE], [DONE])


def test_who_waits_no_more_is_answered_no_more():
    requests, inbox, answers = Requests(), [], []
    requests.expect("r1", answers.append, at_once=True)
    requests.drop("r1")
    requests.before(inbox.append)(DONE)
    assert (inbox, answers) == ([DONE], [])
    assert not requests.take(DONE)


def test_every_other_fact_goes_into_the_inbox():
    inbox = []
    Requests().before(inbox.append)(VehicleArrived("out1"))
    assert inbox == [VehicleArrived("out1")]
