"""A record has its own vehicle's times, plate and name, and none of another's."""

from datetime import timedelta

import pytest

from edge.domain.facts import (
    Arm,
    ArmMoved,
    OperatorDecided,
    VehicleArrived,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.lane.table import Stage
from tests.support.builders import NOON, a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.lane_play import Play


def moves(play, cause, *arms):
    play(*(ArmMoved("out1", arm, cause) for arm in arms))


def passes_unadmitted(play):
    play(VehicleArrived("out1"), after=60)
    play(VehicleEntered("out1", None), after=2)
    play(VehicleCrossed("out1", None), after=2)
    return play.recorded("passage.completed")[-1]["outcome"]


def test_an_arm_that_was_raised_by_hand_and_came_down_again_is_no_reason_for_who_passes_it():
    play = Play()
    moves(play, "local", Arm.OPENING, Arm.OPEN, Arm.CLOSING, Arm.CLOSED)
    assert passes_unadmitted(play) == "passed_unadmitted"


@pytest.mark.parametrize("arms", [(Arm.OPENING, Arm.OPEN), (Arm.OPENING, Arm.OPEN, Arm.CLOSING)])
def test_who_passes_under_an_arm_that_was_raised_by_hand_is_told_so(arms):
    play = Play()
    moves(play, "local", *arms)
    assert passes_unadmitted(play) == "arm_by_hand"


def test_an_arm_that_comes_down_behind_it_was_up_all_the_same():
    play = Play()
    moves(play, "moved_by_hand", Arm.OPENING, Arm.OPEN)
    play(VehicleArrived("out1"), VehicleEntered("out1", None))
    play(ArmMoved("out1", Arm.CLOSED, "passage"), after=1)
    play(VehicleCrossed("out1", None))
    assert play.recorded("passage.completed")[-1]["outcome"] == "arm_by_hand"


def refused():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    assert play.lane.stage is Stage.REFUSED
    return play


def test_who_takes_the_place_of_another_came_when_it_was_first_seen_there():
    play = refused()
    play(VehicleLost("out1", "t1"), after=600)
    play(a_vehicle_seen(a_plate_view("29C11111"), track="t2"), after=1)
    assert play.lane.passage.arrived_at == NOON + timedelta(seconds=601)
    # Nor has the next one come when the first had.
    play(VehicleLost("out1", "t2"), a_vehicle_seen(a_plate_view("30C22222"), track="t3"), after=5)
    assert play.lane.passage.arrived_at == NOON + timedelta(seconds=606)


def test_the_record_of_whom_a_person_let_in_has_the_plate_that_he_saw():
    play = refused()
    version = play.lane.passage.version
    play(OperatorDecided("out1", "p1", True, "", "papers checked", "lan", version))
    play(a_vehicle_seen(a_plate_view("29C11111")), after=1)
    assert play.lane.stage is Stage.LET_IN
    play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"))
    (done,) = play.recorded("passage.completed")
    assert (done["plate"], done["assignment"]) == ("24C12345", "A1")
    assert {read["text"] for read in done["reads"]} == {"24C12345", "29C11111"}
