"""The board is silent while an admitted vehicle stands under the light: who is gone then has
passed, as far as anybody knows."""

import pytest

from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    Arm,
    ArmMoved,
    OperatorDecided,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleLost,
)
from edge.lane.effects import RaiseAlarm, Revoke, Spend
from edge.lane.vocabulary import Stage
from tests.support.builders import a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.lane_play import Play


def admitted(arm=(Arm.OPENING, Arm.OPEN), by_person=False):
    play = Play(book=a_book(an_assignment(state="held" if by_person else "active")))
    play.entry_loop, play.safety_loop = True, False
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    if by_person:
        play(OperatorDecided("out1", "p1", True, "", "papers checked", "lan"))
    play(*(ArmMoved("out1", moved, "authorisation") for moved in arm))
    return play


def silent(play, then):
    """For three seconds; `then`: what the entry loop says after it."""
    play.entry_loop = play.safety_loop = None
    play(Ticked(), ArmMoved("out1", Arm.UNKNOWN, "silent"), after=3)
    play.entry_loop, play.safety_loop = then, False
    play(Ticked(), after=0.2)


@pytest.mark.parametrize("by_person", [False, True])
@pytest.mark.parametrize("ends", [[VehicleBackedOff("out1")], [Ticked(), Ticked()]])
def test_who_is_gone_when_the_board_answers_again_has_passed_unseen(ends, by_person):
    play = admitted(by_person=by_person)
    silent(play, then=False)
    effects = play(*ends, after=4)
    (done,) = play.recorded("passage.completed")
    assert (done["outcome"], done["observed"]) == ("admitted", False)
    assert play.recorded("passage.abandoned") == []
    unobserved = RaiseAlarm(AlarmCode.PASSAGE_UNOBSERVED)
    assert {Revoke("p1"), Spend("A1"), unobserved} <= {
        e for e in effects if isinstance(e, Revoke | Spend | RaiseAlarm)
    }
    assert play.lane.stage is Stage.EMPTY


def test_a_track_that_is_at_the_line_yet_is_no_sight_of_one_who_turns_back():
    play = admitted()
    silent(play, then=False)
    play(VehicleBackedOff("out1"), after=1)
    (done,) = play.recorded("passage.completed")
    assert (done["outcome"], done["observed"]) == ("admitted", False)


def test_who_is_seen_to_stand_there_again_and_backs_off_has_turned_back():
    play = admitted()
    silent(play, then=True)
    play.entry_loop = False
    play(VehicleBackedOff("out1"), after=1)
    assert play.recorded("passage.abandoned")[-1]["outcome"] == "turned_back"


def test_under_an_arm_that_was_down_nobody_has_passed():
    play = admitted(arm=())
    silent(play, then=False)
    play(VehicleBackedOff("out1"), after=1)
    assert play.recorded("passage.abandoned")[-1]["outcome"] == "turned_back"


def test_whom_nobody_admitted_has_left():
    play = Play(book=a_book(an_assignment(state="held")))
    play.entry_loop = True
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    silent(play, then=False)
    play(VehicleBackedOff("out1"), after=1)
    assert play.recorded("passage.abandoned")[-1]["outcome"] == "refused"


def test_a_silence_before_it_came_says_nothing_about_it():
    play = admitted()
    silent(play, then=False)
    play(VehicleBackedOff("out1"), after=1)
    play.book = a_book(an_assignment("29C11111", id="B1"))
    play.entry_loop = True
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view("29C11111"), track="t2"))
    play(ArmMoved("out1", Arm.OPEN, "authorisation"))
    play.entry_loop = False
    play(VehicleBackedOff("out1"), after=1)
    assert play.recorded("passage.abandoned")[-1]["outcome"] == "turned_back"


def test_where_nothing_was_silent_who_leaves_an_open_arm_has_turned_back():
    play = admitted()
    play.entry_loop = False
    play(Ticked(), VehicleBackedOff("out1"), after=1)
    assert play.recorded("passage.abandoned")[-1]["outcome"] == "turned_back"


def test_an_entry_loop_that_is_not_wired_is_not_silent():
    play = Play(needs_loop=False)
    play(a_vehicle_seen(a_plate_view()), ArmMoved("out1", Arm.OPEN, "authorisation"))
    play(VehicleBackedOff("out1"), after=1)
    assert play.recorded("passage.abandoned")[-1]["outcome"] == "turned_back"


AWAY_FROM_LINE = a_vehicle_seen(a_plate_view(), at_barrier=False)


@pytest.mark.parametrize("seen", [[AWAY_FROM_LINE], [AWAY_FROM_LINE, VehicleLost("out1", "t1")]])
@pytest.mark.parametrize("ends", [[VehicleBackedOff("out1")], [Ticked(), Ticked()]])
def test_who_was_last_seen_away_from_the_line_has_turned_back(ends, seen):
    play = admitted()
    silent(play, then=False)
    play(*seen)
    play(*ends, after=4)
    (left,) = play.recorded("passage.abandoned")
    assert left["outcome"] == "turned_back"
    assert play.recorded("passage.completed") == []


def test_who_is_lost_at_the_line_has_passed_unseen():
    play = admitted()
    silent(play, then=False)
    play(VehicleLost("out1", "t1"))
    play(VehicleBackedOff("out1"), after=4)
    assert play.recorded("passage.completed")[-1]["observed"] is False


def test_who_was_let_in_and_never_seen_has_passed_unseen():
    play = Play()
    play.entry_loop, play.safety_loop = True, False
    play(VehicleArrived("out1"))
    play(Ticked(), after=7)
    play(OperatorDecided("out1", "p1", True, "", "papers checked", "lan"))
    play(*(ArmMoved("out1", arm, "authorisation") for arm in (Arm.OPENING, Arm.OPEN)))
    silent(play, then=False)
    play(VehicleBackedOff("out1"), after=4)
    assert play.recorded("passage.completed")[-1]["observed"] is False
