"""An admission ends unused as far as the guard knows, but its loops were silent: who was admitted
may have passed under the open arm, and his assignment must not let him in once more."""

import pytest

from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    Arm,
    ArmMoved,
    BarrierFirstSeen,
    OperatorDecided,
    RequestHandled,
    Ticked,
    VehicleArrived,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.lane import snapshot
from edge.lane.effects import Revoke, Spend
from edge.lane.vocabulary import Stage
from tests.support.builders import a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.lane_play import Play

TIMED_OUT = RequestHandled("out1", "p1", "refused", "entry_timeout")
WORD = OperatorDecided("out1", "p1", True, "", "papers checked", "lan")
UP = (Arm.OPENING, Arm.OPEN)


def admitted(arm=UP, by_person=False, needs_loop=True):
    play = Play(book=a_book(an_assignment(state="held" if by_person else "active")))
    play.needs_loop = needs_loop
    play.entry_loop, play.safety_loop = True if needs_loop else None, False
    play(*[VehicleArrived("out1")] * needs_loop, a_vehicle_seen(a_plate_view()))
    play(*[WORD] * by_person, *(ArmMoved("out1", moved, "authorisation") for moved in arm))
    assert play.lane.stage is (Stage.LET_IN if by_person else Stage.ADMITTED)
    return play


def silent(play, *facts):
    """Nothing is read, and what happens meanwhile."""
    play.entry_loop = play.safety_loop = play.exit_loop = None
    play(Ticked(), *facts, after=4)


def read_again(play, entry=False, exit=None, arm=Arm.OPEN):
    wired = play.needs_loop
    play.entry_loop, play.safety_loop, play.exit_loop = entry if wired else None, False, exit
    play(BarrierFirstSeen("out1", arm, play.entry_loop, False, exit), Ticked(), after=1)


def spent(play):
    return [e.assignment for e in play.effects if isinstance(e, Spend)]


@pytest.mark.parametrize("by_person", [False, True])
@pytest.mark.parametrize("needs_loop", [True, False])
@pytest.mark.parametrize("arm", [Arm.OPEN, Arm.CLOSED])
def test_who_is_gone_after_the_end_of_his_time_in_the_dark_has_used_his_assignment(
    by_person, needs_loop, arm
):
    play = admitted(by_person=by_person, needs_loop=needs_loop)
    silent(play, VehicleLost("out1", "t1"), TIMED_OUT)
    # Without an entry loop the camera alone tells that nobody stands there.
    assert play.lane.stage is (Stage.DOUBTED if needs_loop else Stage.EMPTY)
    assert Revoke("p1") in play.effects
    read_again(play, arm=arm)
    play(Ticked(), after=9)
    (done,) = play.recorded("passage.completed")
    assert (done["passage"], done["outcome"], done["observed"]) == ("p1", "resumed", False)
    assert (done["plate"], done["assignment"], done["verdict"]) == ("24C12345", "A1", "allow")
    assert done["by"] == ("operator:lan" if by_person else "gate")
    assert play.recorded("passage.abandoned") == []
    assert spent(play) == ["A1"]
    assert AlarmCode.PASSAGE_UNOBSERVED in play.alarms
    assert AlarmCode.PASSED_UNADMITTED not in play.alarms
    assert play.lane.stage is Stage.EMPTY


def test_who_stands_there_yet_is_a_persons_and_has_used_nothing():
    play = admitted()
    silent(play, VehicleLost("out1", "t1"), TIMED_OUT)
    play.entry_loop, play.safety_loop = True, False
    play(
        BarrierFirstSeen("out1", Arm.OPEN, True, False),
        a_vehicle_seen(a_plate_view(), track="t2"),
        after=1,
    )
    assert (play.lane.stage, play.lane.passage.plate) == (Stage.DOUBTED, "24C12345")
    play(OperatorDecided("out1", "p1", True, "", "he stands there", "lan"))
    play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"), after=1)
    (done,) = play.recorded("passage.completed")
    assert (done["outcome"], done["by"]) == ("admitted", "operator:lan")
    assert spent(play) == ["A1"]


def test_another_in_his_place_says_that_he_has_passed():
    play = admitted()
    silent(play, VehicleLost("out1", "t1"), TIMED_OUT)
    play.entry_loop, play.safety_loop = True, False
    play(BarrierFirstSeen("out1", Arm.OPEN, True, False), after=1)
    play(a_vehicle_seen(a_plate_view("29H67890"), track="t2"), after=1)
    (done,) = play.recorded("passage.completed")
    assert (done["passage"], done["plate"], done["outcome"]) == ("p1", "24C12345", "resumed")
    assert spent(play) == ["A1"]
    assert (play.lane.passage.id, play.lane.passage.plate) == ("p2", "29H67890")


@pytest.mark.parametrize("seen", [[VehicleLost("out1", "t1")], [a_vehicle_seen(a_plate_view())]])
def test_who_is_half_way_at_the_end_of_his_time_has_one_record_and_uses_his_assignment(seen):
    """What the camera has at the line then may be the next one on his track."""
    play = admitted()
    silent(play, *seen)
    read_again(play, exit=True)
    play(*seen, TIMED_OUT, Ticked(), after=2)
    assert play.lane.stage is Stage.CROSSING_UNFELT
    assert spent(play) == []
    play(VehicleEntered("out1", None), VehicleCrossed("out1", None), after=3)
    play.exit_loop = False
    play(Ticked(), after=9)
    (done,) = play.recorded("passage.completed")
    assert (done["passage"], done["outcome"], done["entered_at"]) == ("p1", "resumed", "")
    assert spent(play) == ["A1"]
    assert play.lane.stage is Stage.EMPTY


@pytest.mark.parametrize("case", ["arm down", "seen to turn back", "in sight", "nothing silent"])
def test_who_cannot_have_passed_has_used_nothing(case):
    play = admitted(arm=() if case == "arm down" else UP)
    away = a_vehicle_seen(a_plate_view(), at_barrier=case != "seen to turn back")
    meanwhile = [away, VehicleLost("out1", "t1")][: 1 if case == "in sight" else 2]
    if case == "nothing silent":
        play(TIMED_OUT, Ticked(), after=4)
    else:
        silent(play, *meanwhile, TIMED_OUT)
    assert (play.lane.stage, play.lane.passage.earlier) == (Stage.DOUBTED, None)
    play.entry_loop = False
    play(Ticked(), after=4)
    play(Ticked(), after=4)
    (left,) = play.recorded("passage.abandoned")
    assert (left["outcome"], left["reason"]) == ("abandoned", "entry_timeout")
    assert spent(play) == []


def test_without_an_entry_loop_a_safety_loop_that_was_heard_says_that_nobody_passed():
    play = admitted(needs_loop=False)
    play(VehicleLost("out1", "t1"), TIMED_OUT, after=4)
    (left,) = play.recorded("passage.abandoned")
    assert (left["outcome"], spent(play)) == ("abandoned", [])


def test_a_start_in_the_dark_does_not_lose_that_he_may_have_passed():
    play = admitted()
    silent(play, VehicleLost("out1", "t1"), TIMED_OUT)
    lane = snapshot.revive("out1", snapshot.dump(play.lane), play.clock.now(), 6.0)
    again = Play(book=play.book, lane=lane)
    read_again(again)
    (done,) = again.recorded("passage.completed")
    assert (done["passage"], done["outcome"], done["observed"]) == ("p1", "resumed", False)
    assert spent(again) == ["A1"]
    assert again.lane.stage is Stage.EMPTY


def test_who_has_left_the_loop_unseen_and_nothing_was_silent_has_gone_away():
    play = admitted()
    play.entry_loop = False
    play(BarrierFirstSeen("out1", Arm.CLOSED, False, False), TIMED_OUT, after=1)
    assert play.recorded("passage.abandoned")[-1]["outcome"] == "abandoned"
    assert spent(play) == []
