"""Who is let in by a person while the entry loop feels nobody: the guard counts him as one from
nowhere, and he is recorded once."""

import pytest

from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    OperatorDecided,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.lane.effects import Revoke, Spend
from edge.lane.vocabulary import Stage
from tests.support.builders import a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.lane_play import Play

T2 = "29C22222"


def let_in(drops=False):
    """The loop is dead; `drops`: it has felt him, and no longer does."""
    play = Play(book=a_book(an_assignment(state="held" if drops else "active")))
    play.entry_loop, play.safety_loop = drops, False
    if drops:
        play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
        play.entry_loop = False
        play(VehicleBackedOff("out1"), a_vehicle_seen(a_plate_view()), after=1)
    for _ in range(12):
        play(a_vehicle_seen(a_plate_view()), Ticked(), after=1)
    version = play.lane.passage.version
    play(OperatorDecided("out1", "p1", True, "", "papers", "lan", version))
    assert play.lane.stage is Stage.LET_IN
    return play


def under(play, unseen_s=0.0):
    """He is out of the camera's sight, and so much later over the safety loop."""
    play(VehicleLost("out1", "t1"), after=2)
    play(Ticked(), after=unseen_s)
    play.safety_loop = True
    play(Ticked())


def through(play):
    play.safety_loop = False
    play(VehicleCrossed("out1", None), after=4)
    play(Ticked(), after=9)


def ends(play):
    done = [*play.recorded("passage.completed"), *play.recorded("passage.abandoned")]
    return [(d["passage"], d["outcome"], d.get("observed")) for d in done]


@pytest.mark.parametrize("drops", [False, True])
@pytest.mark.parametrize("unseen_s", [0.0, 2.5])
def test_he_is_recorded_once_and_as_admitted(drops, unseen_s):
    play = let_in(drops)
    under(play, unseen_s)
    assert play.lane.stage is Stage.CROSSING_UNFELT
    through(play)
    assert ends(play) == [("p1", "admitted", True)]
    assert [e for e in play.effects if isinstance(e, Spend)] == [Spend("A1")]
    assert play.alarms == []
    assert (play.lane.stage, play.effects.count(Revoke("p1"))) == (Stage.EMPTY, 1)


@pytest.mark.parametrize("by", ["p1", None])
def test_he_is_no_tailgater_where_the_guard_tells_of_him_after_all(by):
    play = let_in()
    under(play)
    play(VehicleEntered("out1", by))
    through(play)
    assert ends(play) == [("p1", "admitted", True)]


def test_that_he_is_through_is_concluded_and_told_where_the_guard_says_nothing():
    play = let_in()
    under(play)
    play.safety_loop = False
    play(Ticked(), after=1)
    play(Ticked(), after=5)
    assert ends(play) == []
    play(Ticked(), after=1)
    assert ends(play) == [("p1", "admitted", False)]
    assert play.alarms == [AlarmCode.PASSAGE_UNOBSERVED]


def test_who_is_under_the_arm_while_he_is_still_before_it_is_another():
    play = let_in()
    play.safety_loop = True
    play(a_vehicle_seen(a_plate_view()), Ticked(), after=1)
    assert play.lane.stage is Stage.LET_IN
    play.safety_loop = False
    play(a_vehicle_seen(a_plate_view()), VehicleCrossed("out1", None), after=2)
    assert [outcome for _, outcome, _ in ends(play)] == ["passed_unadmitted"]
    assert play.lane.stage is Stage.LET_IN


def test_he_has_turned_back_where_nothing_is_under_the_arm():
    play = let_in()
    play(VehicleLost("out1", "t1"), after=1)
    assert ends(play) == []
    play(Ticked(), after=3)
    assert ends(play) == [("p1", "turned_back", None)]


def test_the_next_one_is_another_and_not_let_in_with_him():
    play = let_in()
    under(play)
    play.entry_loop = True
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view(T2), track="t2"), after=1)
    assert play.lane.stage is Stage.CROSSING_FOLLOWED
    through(play)
    assert ends(play) == [("p1", "admitted", True)]
    assert (play.lane.stage, play.lane.passage.plate) == (Stage.REFUSED, T2)
