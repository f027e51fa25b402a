"""A stop is given before it is recorded; everything else after."""

import json
import threading
from pathlib import Path

import pytest

from edge.config import load
from edge.domain.alarm_codes import AlarmCode
from edge.domain.assignment import AssignmentBook
from edge.domain.commands import Seen
from edge.domain.events import ALARM_CLEARED, COMMAND_HANDLED, OPERATOR_ACTED
from edge.domain.facts import RequestHandled
from edge.domain.recordable import LEFT_OUT
from edge.gate.operations import NO_ANSWER
from edge.gate.port import Unanswered
from edge.gate.requests import Requests
from edge.gate.shell import Shell
from edge.sync.journal.chain import canonical
from edge.sync.journal.port import Unrecorded
from edge.system.clock import ManualClock
from tests.support.builders import NOON
from tests.support.waiting import wait_for

CONFIG = Path(__file__).parents[2] / "config" / "gate.toml"


class HangingDisk:
    """A journal whose every commit waits until `answers`, and then fails if told to."""

    def __init__(self):
        self.answers, self.fails, self.asked = threading.Event(), False, 0
        self.recorded = []

    def record(self, events, states=None):
        self.asked += 1
        assert self.answers.wait(60)
        if self.fails:
            raise Unrecorded("the disk is full")
        for event in events:
            # As the chain does it: what is no text cannot be hashed.
            canonical(json.loads(json.dumps(dict(event.data))))
        self.recorded += events
        return []

    def state(self, key):
        return None

    def states_under(self, prefix):
        return {}


class Barriers:
    """Does what it is told and says so at once."""

    def __init__(self, requests):
        self.orders, self._requests = [], requests
        self.answer = ("done", "")

    def guard(self, lane):
        return self

    def order(self, order):
        self.orders.append(order.action.value)
        if self.answer is not None:
            self._requests.take(RequestHandled("out1", order.request, *self.answer))


class Place:
    def __init__(self):
        requests, clock = Requests(), ManualClock(NOON)
        self.disk, self.barriers = HangingDisk(), Barriers(requests)
        shell = Shell(
            load(CONFIG),
            clock,
            self.disk,
            self.barriers,
            None,
            AssignmentBook,
            requests=requests,
            wait=lambda answered, seconds: answered.is_set(),
        )
        self.gate, self.alarms, self.operations = shell.gate, shell.alarms, shell.operations
        lane = next(iter(self.gate.lanes))
        self.order = lambda action, reason="a test", seen=None: self.operations.order(
            lane, action, reason, "anna", seen
        )


def test_an_opening_for_a_vehicle_that_is_gone_is_refused_and_a_stop_never():
    place = Place()
    place.disk.answers.set()
    with pytest.raises(Unanswered, match="changed meanwhile"):
        place.order("open", seen=Seen("gone", 2))
    place.order("open", seen=Seen(""))
    place.order("stop", seen=Seen("gone", 2))
    assert place.barriers.orders == ["open", "stop"]


@pytest.mark.parametrize(("action", "given"), [("stop", ["stop"]), ("open", [])])
def test_only_a_stop_is_given_while_the_disk_hangs(action, given):
    place = Place()
    asking = threading.Thread(target=place.order, args=(action,))
    asking.start()
    wait_for(lambda: place.disk.asked or place.barriers.orders)
    assert place.barriers.orders == given
    # A stop is even answered; its record waits for the gate's thread.
    wait_for(lambda: not asking.is_alive() or action != "stop")
    place.disk.answers.set()
    asking.join(60)
    assert place.barriers.orders == [action]


def test_only_a_stop_is_given_although_it_cannot_be_recorded():
    place = Place()
    place.disk.answers.set()
    place.disk.fails = True
    place.order("stop")
    with pytest.raises(Unanswered, match="not recorded"):
        place.order("open")
    assert place.barriers.orders == ["stop"]
    # The stop is recorded as soon as that can be, with what waits behind it; the other never was.
    place.disk.fails = False
    place.gate.start()
    try:
        wait_for(lambda: place.disk.recorded)
    finally:
        place.gate.stop()
    acted = [e.data for e in place.disk.recorded if e.type == OPERATOR_ACTED]
    assert [data["action"] for data in acted] == ["stop"]


def test_what_became_of_an_order_is_recorded_beside_it():
    place = Place()
    place.disk.answers.set()
    place.order("open")
    place.barriers.answer = ("refused", "the local stop is pressed")
    with pytest.raises(Unanswered, match="local stop"):
        place.order("close")
    place.barriers.answer = None
    with pytest.raises(Unanswered, match="not answered"):
        place.order("close")
    place.gate.round()
    told = [e.data for e in place.disk.recorded if e.type == COMMAND_HANDLED]
    asked = [e.data["request"] for e in place.disk.recorded if e.type == OPERATOR_ACTED]
    assert [data["command"] for data in told] == asked
    assert {data["issuer"] for data in told} == {"operator:anna"}
    assert [(data["action"], data["outcome"], data["why"]) for data in told] == [
        ("open", "done", ""),
        ("close", "refused", "the local stop is pressed"),
        ("close", "uncertain", NO_ANSWER),
    ]


STRANGE = ["\ud800", "a\x00b", "x" * 501, "\u202eback to front", "y" * 2_000_000]


@pytest.mark.parametrize("reason", STRANGE)
def test_a_stop_is_done_and_recorded_whatever_its_reason(reason):
    place = Place()
    place.disk.answers.set()
    place.order("stop", reason)
    assert place.barriers.orders == ["stop"]
    place.gate.round()
    event, outcome = place.disk.recorded
    assert (event.data["action"], event.data["reason"]) == ("stop", LEFT_OUT)
    assert outcome.data["outcome"] == "done"


@pytest.mark.parametrize("reason", STRANGE)
def test_whatever_else_cannot_be_recorded_is_not_done(reason):
    place = Place()
    place.disk.answers.set()
    with pytest.raises(Unanswered, match="reason"):
        place.order("open", reason)
    assert (place.barriers.orders, place.disk.recorded) == ([], [])


@pytest.mark.parametrize("code", ["no_such_alarm", "camera", "\ud800", "x" * 2_000_000])
def test_an_alarm_that_does_not_stand_is_not_acknowledged(code):
    place = Place()
    place.disk.answers.set()
    with pytest.raises(Unanswered, match="does not stand"):
        place.operations.acknowledge_alarm(code, "out1", "anna")
    assert place.disk.recorded == []
    place.alarms.raise_alarm(AlarmCode.TAILGATE, "out1")
    place.operations.acknowledge_alarm("tailgate", "out1", "anna")
    assert [e.type for e in place.disk.recorded][-2:] == [OPERATOR_ACTED, ALARM_CLEARED]
