"""A stop is given before it is recorded; everything else after."""

import threading
from pathlib import Path

import pytest
from builders import NOON
from waiting import wait_for

from edge.assignment import AssignmentBook
from edge.clock import ManualClock
from edge.config import load
from edge.desk import Desk, Requests
from edge.facts import RequestHandled
from edge.gate import Gate
from edge.gate_view import Unanswered
from edge.sync.port import Unrecorded

CONFIG = Path(__file__).parents[2] / "config" / "gate.toml"


class HangingDisk:
    """A journal whose every commit waits until `answers`, and then fails if told to."""

    def __init__(self):
        self.answers, self.fails, self.asked = threading.Event(), False, 0

    def record(self, events, states=None):
        self.asked += 1
        assert self.answers.wait(60)
        if self.fails:
            raise Unrecorded("the disk is full")
        return []

    def state(self, key):
        return None


class Barriers:
    """Does what it is told and says so at once."""

    def __init__(self, requests):
        self.orders, self._requests = [], requests

    def guard(self, lane):
        return self

    def order(self, order):
        self.orders.append(order.action.value)
        self._requests.take(RequestHandled("out1", order.request, "done", ""))


class Place:
    def __init__(self):
        requests, clock = Requests(), ManualClock(NOON)
        self.disk, self.barriers = HangingDisk(), Barriers(requests)
        self.gate = Gate(
            load(CONFIG), clock, self.disk, self.barriers, None, AssignmentBook,
            lambda assignment: None, lambda: None, requests.take,
        )  # fmt: skip
        lane = next(iter(self.gate.lanes))
        desk = Desk(self.gate, requests, clock, tuple, dict, lambda: True)
        self.order = lambda action: desk.order(lane, action, "a test", "anna")


@pytest.mark.parametrize(("action", "given"), [("stop", ["stop"]), ("open", [])])
def test_only_a_stop_is_given_while_the_disk_hangs(action, given):
    place = Place()
    asking = threading.Thread(target=place.order, args=(action,))
    asking.start()
    wait_for(lambda: place.disk.asked)
    assert place.barriers.orders == given
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
