"""A picture in which nothing has moved since before a vehicle came onto the loop shows another."""

import pytest

from edge.domain.facts import Ticked, VehicleArrived, VehicleBackedOff, VehicleLost
from edge.domain.mode import LaneMode
from edge.domain.reason import Reason
from edge.lane.effects import Authorise
from edge.lane.presence import COMES_S
from edge.lane.state import LaneState
from tests.support.builders import a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.lane_play import Play


def seen(unmoved_s, **changes):
    return a_vehicle_seen(a_plate_view(), unmoved_s=unmoved_s, **changes)


def a_play():
    return Play(book=a_book(an_assignment()))


def admitted(effects):
    return any(isinstance(effect, Authorise) for effect in effects)


def at_loop(play):
    play.entry_loop, play.safety_loop = True, False
    return play(VehicleArrived("out1"))


def test_the_next_one_is_not_let_in_on_the_frozen_picture_of_who_turned_back():
    play = a_play()
    at_loop(play)
    assert admitted(play(seen(0.5)))
    play.entry_loop = False
    play(VehicleBackedOff("out1"), seen(4), after=4)
    for second in range(5, 9):
        play(Ticked(), seen(second), after=1)
    assert not admitted(at_loop(play))
    for second in range(9, 14):
        assert not admitted(play(Ticked(), seen(second), after=1))
    assert play.lane.state is LaneState.READING
    for second in range(14, 17):
        assert not admitted(play(Ticked(), seen(second), after=1))
    assert play.lane.passage.decision.reason is Reason.ANOTHER_VEHICLE
    assert play.lane.state is LaneState.WAITING


def test_nor_where_the_first_one_never_came_to_the_loop():
    play = a_play()
    play.entry_loop = False
    for second in range(10):
        play(seen(second), after=1)
    assert not admitted(at_loop(play))
    assert not admitted(play(seen(11), after=1))
    # The camera is called frozen now, and shows nobody any more.
    play(VehicleLost("out1", "t1"), Ticked(), after=6)
    assert play.lane.passage.decision.reason is Reason.UNREAD


@pytest.mark.parametrize("before", [0.0, COMES_S])
def test_who_moved_in_the_picture_as_he_came_is_let_in_at_once(before):
    play = a_play()
    play.entry_loop = False
    play(seen(before))
    at_loop(play)
    assert admitted(play(seen(before))) or play.lane.state is LaneState.ADMITTED


def test_a_picture_that_moves_after_he_came_is_of_him():
    play = a_play()
    play.entry_loop = False
    play(seen(60))
    assert not admitted(at_loop(play))
    assert not admitted(play(seen(61), after=1))
    assert admitted(play(seen(0), after=1))


def test_of_two_cameras_the_one_that_has_moved_is_believed():
    play = a_play()
    play.entry_loop = False
    play(seen(60), seen(1, track="b1", camera="b"))
    at_loop(play)
    assert admitted(play(seen(61), seen(2, track="b1", camera="b"), after=1)) or (
        play.lane.state is LaneState.ADMITTED
    )


def test_in_free_flow_nobody_waits_for_a_picture():
    play = a_play()
    play.mode = LaneMode.FREE_FLOW
    play.entry_loop = False
    play(seen(60))
    at_loop(play)
    assert play.lane.state is LaneState.ADMITTED


@pytest.mark.parametrize("plate", [None, a_plate_view("29C11111")])
def test_what_moves_and_is_read_otherwise_or_not_at_all_makes_no_frozen_plate_new(plate):
    play = a_play()
    play.entry_loop = False
    other = a_vehicle_seen(plate, track="o1", at_barrier=False, camera="o")
    play(seen(60), other)
    at_loop(play)
    play(other, seen(61), other, after=1)
    assert play.lane.state is LaneState.READING


def test_who_is_refused_is_refused_at_once():
    play = Play(book=a_book(an_assignment(state="held")))
    play.entry_loop = False
    play(seen(60))
    at_loop(play)
    assert play.lane.passage.decision.reason is Reason.HELD


def test_whom_the_loop_feels_again_once_he_is_let_in_is_let_in_still():
    play = a_play()
    at_loop(play)
    assert admitted(play(seen(0.5)))
    for second in range(1, 8):
        play(seen(second), after=1)
    at_loop(play)
    play(seen(9), after=1)
    play(Ticked(), seen(16), after=7)
    assert play.lane.state is LaneState.ADMITTED
