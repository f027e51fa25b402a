"""An exception in one lane refers its vehicle, visibly, and leaves the others alone."""

from dataclasses import replace

import pytest

from edge.config import load
from edge.domain.alarm_codes import AlarmCode
from edge.domain.assignment import AssignmentBook
from edge.domain.facts import OperatorDecided, VehicleArrived, VehicleEntered
from edge.domain.reason import Reason
from edge.gate.shell import Shell
from edge.lane.failure import without_list
from edge.lane.rules import react
from edge.lane.state import Lane, LaneState
from edge.system.clock import ManualClock
from tests.support.builders import (
    NOON,
    a_book,
    a_context,
    a_plate_view,
    a_vehicle_seen,
    an_assignment,
)
from tests.support.gate_twins import AUTHORITIES, CONFIG, GuardsTwin, JournalTwin, Log, authorised
from tests.support.waiting import wait_for

RAISED = ("alarm.raised", AlarmCode.LANE_FAILED)
BAD = "29C66666"
GOOD = "24C12345"


class List(AssignmentBook):
    """A list that cannot tell of one plate."""

    def about(self, texts, ids=()):
        if BAD in texts:
            raise OverflowError("date value out of range")
        return super().about(texts, ids)


class Lanes:
    """A gate with two lanes."""

    def __init__(self):
        settings = load(CONFIG)
        lane = settings.lanes["out1"]
        settings = settings.model_copy(update={"lanes": {"out1": lane, "out2": lane}})
        self.log = Log()
        self.journal = JournalTwin(self.log)
        cleared = [(a, "done") for a in AUTHORITIES]
        both = ["out1", "out2"]
        book = List(a_book(an_assignment(GOOD, lanes=both, clearances=cleared)).items, NOON)
        self.guards, self.clock = GuardsTwin(self.log), ManualClock(NOON)
        shell = Shell(settings, self.clock, self.journal, self.guards, None, lambda: book)
        self.gate, self.commits = shell.gate, shell.commits
        self.gate.start()
        wait_for(lambda: not any(lane.restored for lane in self.gate.lanes.values()))

    def comes(self, lane, text):
        self.gate.report(VehicleArrived(lane))
        self.gate.report(replace(a_vehicle_seen(a_plate_view(text), lane=lane), track=lane))

    def decision(self, lane):
        passage = self.gate.lanes[lane].passage
        return passage.decision.reason if passage and passage.decision else None


@pytest.fixture
def lanes():
    made = Lanes()
    yield made
    made.gate.stop()


def test_the_vehicle_of_a_lane_that_fails_waits_for_a_person_and_is_recorded(lanes):
    lanes.comes("out1", BAD)
    lanes.log.wait_for("committed", *RAISED)
    wait_for(lambda: lanes.decision("out1") is Reason.INTERNAL_ERROR)
    assert lanes.gate.lanes["out1"].state is LaneState.WAITING
    assert lanes.gate.lanes["out1"].passage.plate == BAD
    lanes.log.wait_for("committed", "passage.decided")


def test_lanes_behind_one_that_fails_are_served_and_have_their_ticks(lanes):
    lanes.comes("out1", BAD)
    lanes.log.wait_for("committed", *RAISED)
    lanes.gate.report(VehicleArrived("out2"))
    wait_for(lambda: lanes.gate.lanes["out2"].state is LaneState.READING)
    # Nothing but a tick asks a person in time.
    lanes.clock.advance(60)
    wait_for(lambda: lanes.decision("out2") is Reason.UNREAD)
    lanes.comes("out2", GOOD)
    lanes.log.wait_for("authorised")
    # One alarm, however often the lane is looked at.
    raised = [
        line for line in lanes.log.lines if line[1:] == ("alarm.raised", AlarmCode.LANE_FAILED)
    ]
    assert len(raised) == 1


def test_a_person_lets_the_vehicle_of_a_lane_that_fails_in(lanes):
    lanes.comes("out1", BAD)
    wait_for(lambda: lanes.decision("out1") is Reason.INTERNAL_ERROR)
    passage = lanes.gate.lanes["out1"].passage.id
    lanes.gate.report(OperatorDecided("out1", passage, True, "", "papers seen", "lan"))
    lanes.log.wait_for("authorised", passage)
    assert lanes.gate.lanes["out1"].passage.by == "operator:lan"


def test_a_guard_that_fails_costs_no_other_lane_its_vehicle(lanes):
    guard = lanes.guards.guard("out1")
    honest, asked = guard.authorise, []

    def authorise(passage):
        asked.append(passage)
        if len(asked) == 1:
            raise RuntimeError("the wire's thread is gone")
        honest(passage)

    guard.authorise = authorise
    lanes.comes("out1", GOOD)
    lanes.log.wait_for("committed", *RAISED)
    lanes.gate.report(VehicleArrived("out2"))
    wait_for(lambda: lanes.gate.lanes["out2"].state is LaneState.READING)
    # What was committed is not committed again.
    assert lanes.commits.stuck == 0
    assert len([line for line in lanes.log.lines if line[1:2] == ("passage.decided",)]) == 1
    assert authorised(lanes.log) == []


def test_a_crossing_that_is_under_way_is_left_alone():
    context = a_context()
    lane, _ = react(Lane("out1"), VehicleArrived("out1"), context)
    lane, _ = react(lane, a_vehicle_seen(a_plate_view()), context)
    lane, _ = react(lane, VehicleEntered("out1", lane.passage.id), context)
    assert lane.state is LaneState.CROSSING
    after, effects = without_list(lane, a_vehicle_seen(a_plate_view(BAD)), context)
    assert (after.state, effects) == (LaneState.CROSSING, [])


def test_an_authorisation_is_taken_back_when_the_rules_fail_on_its_vehicle():
    context = a_context()
    lane, _ = react(Lane("out1"), VehicleArrived("out1"), context)
    lane, _ = react(lane, a_vehicle_seen(a_plate_view()), context)
    assert lane.state is LaneState.ADMITTED
    after, effects = without_list(lane, a_vehicle_seen(a_plate_view()), context)
    assert after.state is LaneState.WAITING
    assert [type(effect).__name__ for effect in effects] == ["Record", "Revoke"]


def test_rules_that_fail_on_whatever_they_are_given_leave_the_lane_to_a_person():
    context = a_context()
    lane, _ = react(Lane("out1"), VehicleArrived("out1"), context)
    broken = replace(a_vehicle_seen(), plate="no view")
    after, _ = without_list(lane, broken, context)
    assert after.passage.decision.reason is Reason.INTERNAL_ERROR
