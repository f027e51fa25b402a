"""What has its time before it counts: a plate before a code, a moment of the loop, a word against a
closed lane."""

from dataclasses import replace

import pytest

from edge.domain.facts import (
    CodeShown,
    OperatorDecided,
    Ticked,
    VehicleArrived,
    VehicleCrossed,
    VehicleEntered,
)
from edge.domain.mode import LaneMode
from edge.domain.policy import KeyWeight
from edge.lane.cues import assess
from edge.lane.effects import Authorise
from edge.lane.state import Lane
from edge.lane.vehicle import Track
from edge.lane.vocabulary import Stage
from tests.support.builders import (
    a_book,
    a_context,
    a_plate_view,
    a_vehicle_seen,
    an_assignment,
)
from tests.support.lane_play import Play

CODE = CodeShown("out1", "c1", "A1", "camera", "", "2026-01-15T09:00:00Z")


def admitted(play):
    return bool([e for e in play.effects if isinstance(e, Authorise)])


def test_a_plate_that_may_be_read_yet_has_its_time_before_a_code_stands_for_it():
    play = Play()
    play.key, play.entry_loop = KeyWeight.ADMITS, True
    play(VehicleArrived("out1"), a_vehicle_seen(None), CODE)
    play(Ticked(), a_vehicle_seen(None), after=5)
    assert not admitted(play)
    play(Ticked(), a_vehicle_seen(None), after=1)
    assert admitted(play)


def test_a_code_admits_nobody_of_another_plate_however_long_he_waits():
    play = Play()
    play.key, play.entry_loop = KeyWeight.ADMITS, True
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view("29C99999")), CODE)
    play(Ticked(), after=7)
    assert not admitted(play)


def test_a_person_lets_nobody_into_a_lane_that_is_closed():
    play = Play(book=a_book(an_assignment(state="held")))
    play.entry_loop = True
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play.mode = LaneMode.CLOSED
    word = OperatorDecided("out1", "p1", True, "", "papers", "lan", None)
    play(word)
    assert not admitted(play)
    play.mode = LaneMode.AUTOMATIC
    play(word)
    assert admitted(play)


def test_a_loop_that_is_free_as_it_tells_of_somebody_lets_him_wait():
    play = Play()
    play.entry_loop = False
    play(a_vehicle_seen(a_plate_view()), VehicleArrived("out1"))
    assert not admitted(play)
    play.entry_loop = True
    play(Ticked(), after=1)
    assert admitted(play)


@pytest.mark.parametrize(("present", "alone"), [(False, True), (True, False)])
def test_the_camera_alone_tells_of_nobody_of_whom_the_loop_has_told(present, alone):
    track = Track("t1", "truck", None, 5, True, (), 0.0, at_line_since=-60.0)
    lane = Lane("out1", present=present, tracks={"t1": track})
    _, sign, _ = assess(lane, replace(a_context(), entry_loop=False))
    assert (sign.track is not None) is alone


def test_who_was_seen_by_no_camera_has_no_other_end_that_one_shows():
    play = Play(book=a_book(an_assignment(state="held")))
    play.entry_loop = True
    play(VehicleArrived("out1"), Ticked())
    play(Ticked(), after=7)
    version = play.lane.passage.version
    play(OperatorDecided("out1", "p1", True, "", "papers", "lan", version))
    play(VehicleEntered("out1", "p1"), after=4)
    assert play.lane.stage is Stage.CROSSING
    rear = replace(a_vehicle_seen(a_plate_view("29C99999"), track="r1"), camera="rear")
    play(replace(rear, sees="rear", at_barrier=False), after=1)
    play(VehicleCrossed("out1", "p1"), after=3)
    (done,) = play.recorded("passage.completed")
    assert done["reads"] == []


def test_in_free_flow_nobody_waits_for_a_better_reading():
    play = Play()
    play.mode, play.entry_loop = LaneMode.FREE_FLOW, True
    play(a_vehicle_seen(None), VehicleArrived("out1"))
    assert admitted(play)
