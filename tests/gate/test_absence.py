"""How long the service was away from a lane stands in the record, with what it found."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.barrier.port import BarrierStatus
from edge.config import load
from edge.domain.facts import Arm, VehicleArrived, VehicleLost
from edge.domain.moment import iso
from edge.gate.absence import KEPT_EVERY_S, KEY
from edge.gate.shell import Shell
from edge.system.clock import ManualClock
from tests.support.builders import NOON, a_book, a_plate_view, a_vehicle_seen
from tests.support.gate_twins import CONFIG, GuardsTwin, JournalTwin, Log


class Guards(GuardsTwin):
    """Each lane's barrier is as `found`."""

    def __init__(self, log):
        super().__init__(log)
        self.found = BarrierStatus("out1", Arm.CLOSED, False, False, wire_ok=True, age_s=0.01)
        self._guard.status = lambda: self.found


class Journal(JournalTwin):
    def __init__(self, log):
        super().__init__(log)
        self.events = []

    def record(self, events, states=None):
        recorded = super().record(events, states)
        self.events += events
        return recorded


class House:
    """A gate that is begun and ended, round by round."""

    def __init__(self):
        self.clock, self.log = ManualClock(NOON), Log()
        self.journal, self.guards = Journal(self.log), Guards(self.log)
        self.begin()

    def begin(self):
        self.gate = Shell(
            load(CONFIG), self.clock, self.journal, self.guards, None, a_book
        ).gate  # fmt: skip

    def runs(self, seconds, *facts, every=0.2):
        for _ in range(round(seconds / every)):
            self.clock.advance(every)
            for fact in facts:
                self.gate.report(fact)
            self.gate.round()

    def back(self, lane="out1"):
        return [
            e.data
            for e in self.journal.events
            if e.type == "device.state" and e.data["device"] == "service" and e.lane == lane
        ]


@pytest.fixture
def house():
    return House()


def test_one_event_of_each_lane_tells_how_long_it_was_away_and_what_it_found(house):
    house.runs(60.0)
    assert house.back() == []
    house.clock.advance(45.0)
    house.begin()
    house.guards.found = replace(house.guards.found, arm=Arm.OPEN, safety_loop=True)
    house.runs(30.0)
    (said,) = house.back()
    until, since = NOON + timedelta(seconds=105.2), NOON + timedelta(seconds=60.0)
    assert said["away_until"] == iso(until)
    assert iso(since - timedelta(seconds=KEPT_EVERY_S)) <= said["away_since"] <= iso(since)
    assert (said["arm_before"], said["arm"]) == ("closed", "open")
    assert (said["entry_loop"], said["safety_loop"], said["exit_loop"]) == (False, True, None)
    assert len(house.back("in1")) == 1


def test_it_was_away_until_the_barrier_is_read_again(house):
    house.runs(20.0)
    house.begin()
    found, house.guards.found = house.guards.found, replace(house.guards.found, wire_ok=False)
    house.runs(40.0)
    assert house.back() == []
    house.begin()
    house.guards.found = found
    house.runs(1.0)
    (said,) = house.back()
    assert said["away_since"] <= iso(NOON + timedelta(seconds=20.0))
    assert said["away_until"] == iso(NOON + timedelta(seconds=60.2))


def test_a_journal_that_cannot_commit_has_it_later(house):
    house.runs(20.0)
    house.begin()
    house.journal.full = True
    house.runs(30.0)
    house.journal.full = False
    house.runs(1.0)
    (said,) = house.back()
    assert said["away_until"] == iso(NOON + timedelta(seconds=20.2))


@pytest.mark.parametrize(
    "kept", [{"out1": 1}, {"out1": {}}, {"out1": {"until": "soon"}}, {"x": []}]
)
def test_what_was_kept_otherwise_tells_nothing(house, kept):
    house.journal.states[KEY] = kept
    house.begin()
    house.runs(30.0)
    assert house.back() == []
    assert house.journal.states[KEY]["out1"]["arm"] == "closed"


def test_deadlines_are_looked_at_also_where_facts_come_without_a_pause(house):
    house.guards.found = replace(house.guards.found, entry_loop=True)
    house.runs(1.0)
    house.gate.report(VehicleArrived("out1"))
    house.runs(60.0, VehicleLost("in1", "t9"), every=0.1)
    decided = [e for e in house.journal.events if (e.type, e.lane) == ("passage.decided", "out1")]
    assert [e.data["reason"] for e in decided] == ["unread"]


def test_a_lane_is_told_how_its_arm_was_before_the_service_went():
    """One stood before it as it was up, and it came down since: he may have passed."""
    house = House()
    house.guards.found = replace(house.guards.found, entry_loop=True)
    house.runs(1, VehicleArrived("out1"))
    seen = a_vehicle_seen(a_plate_view())
    house.guards.found = replace(house.guards.found, arm=Arm.OPEN)
    house.runs(1, seen)
    assert house.gate.lanes["out1"].passage is not None
    house.guards.found = BarrierStatus("out1", Arm.CLOSED, False, False, wire_ok=True, age_s=0.01)
    house.begin()
    house.runs(1)
    records = [e for e in house.journal.events if e.type == "passage.completed"]
    (done,) = [e.data for e in records if e.lane == "out1"]
    assert (done["outcome"], done["observed"]) == ("resumed", False)
