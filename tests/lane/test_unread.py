"""The inputs are read again after a while in which nobody saw what happened."""

import pytest

from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    Arm,
    BarrierFirstSeen,
    OperatorDecided,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.lane.effects import RaiseAlarm, Revoke, Spend
from edge.lane.state import LaneState
from tests.support.builders import a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.lane_play import Play, admitted

TOLD = RaiseAlarm(AlarmCode.PASSAGE_UNOBSERVED)


def look(entry, safety=False, arm=Arm.OPEN):
    return BarrierFirstSeen("out1", arm, entry, safety)


def let_in():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(OperatorDecided("out1", "p1", True, "", "seen", "lan"))
    assert play.lane.state is LaneState.ADMITTED
    return play


AWAY = a_vehicle_seen(a_plate_view(), at_barrier=False)
GONE = {
    "nobody stands there": [look(False)],
    "nobody stands there, the camera sees him yet": [a_vehicle_seen(a_plate_view()), look(False)],
    "the camera has lost who stood there": [VehicleLost("out1", "t1"), look(True)],
    "the camera sees him farther on": [AWAY, look(True)],
    "the arm is at neither end": [look(False, arm=Arm.STOPPED)],
}


@pytest.mark.parametrize("begun", [admitted, let_in])
@pytest.mark.parametrize("facts", GONE.values(), ids=GONE)
def test_who_was_admitted_and_is_gone_has_passed_as_far_as_anybody_knows(begun, facts):
    play = begun()
    effects = play(*facts)
    done = play.recorded("passage.completed")[-1]
    assert (done["passage"], done["outcome"], done["observed"]) == ("p1", "admitted", False)
    assert TOLD in effects
    assert Revoke("p1") in effects
    assert [e for e in play.effects if isinstance(e, Spend)] == (
        [Spend("A1")] if done["assignment"] else []
    )
    play(VehicleBackedOff("out1"), Ticked(), after=5)
    assert "p1" not in [e["passage"] for e in play.recorded("passage.abandoned")]


def test_where_no_entry_loop_tells_the_camera_does():
    play = Play(needs_loop=False)
    play(a_vehicle_seen(a_plate_view()), look(None))
    assert play.lane.state is LaneState.ADMITTED
    assert TOLD in play(VehicleLost("out1", "t1"), look(None))


def test_who_stands_there_in_his_place_is_read_for_himself():
    play = admitted()
    play(VehicleLost("out1", "t1"), look(True))
    assert (play.lane.state, play.lane.passage.id) == (LaneState.READING, "p2")
    play(a_vehicle_seen(a_plate_view("29C11111"), track="t9"))
    assert play.lane.state is LaneState.WAITING


STAYS = {
    "he still stands there": look(True),
    "the arm is down": look(True, arm=Arm.CLOSED),
    "the arm is down and he is gone": look(False, arm=Arm.CLOSED),
}


@pytest.mark.parametrize("found", STAYS.values(), ids=STAYS)
def test_who_was_admitted_and_has_not_passed_stays_admitted_until_the_guard_says_more(found):
    play = admitted()
    assert play(found) == []
    assert play.lane.state is LaneState.ADMITTED


def test_who_is_under_the_arm_then_uses_his_admission_and_is_told():
    play = admitted()
    assert play(look(False, True)) == [TOLD]
    play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"))
    assert play.recorded("passage.completed")[-1]["outcome"] == "admitted"


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("found", [look(False, True), look(True), look(False)])
def test_who_may_have_passed_with_one_under_the_arm_is_told(found, behind):
    play = admitted()
    play(VehicleEntered("out1", "p1"))
    if behind:
        play(VehicleArrived("out1"))
    assert play(found) == [TOLD]
    play(VehicleCrossed("out1", "p1"))
    assert play.recorded("passage.completed")[0]["outcome"] == "admitted"


def test_who_was_not_admitted_and_is_gone_with_the_arm_up_has_passed_unadmitted():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    effects = play(look(False))
    done = play.recorded("passage.completed")[-1]
    assert (done["outcome"], done["observed"]) == ("passed_unadmitted", False)
    assert RaiseAlarm(AlarmCode.PASSED_UNADMITTED) in effects
    assert Spend("A1") not in effects


def test_who_was_not_admitted_and_is_gone_from_the_closed_arm_has_left():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    assert play(look(False, arm=Arm.CLOSED)) == []
    play(VehicleBackedOff("out1"))
    assert play.recorded("passage.completed") == []
