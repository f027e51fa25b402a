"""Who may have passed while another took his place is told, and his assignment is used."""

import pytest

from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    Arm,
    BarrierFirstSeen,
    TailgateSeen,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.lane import snapshot
from edge.lane.state import Authorise, RaiseAlarm, Spend
from edge.lane.vocabulary import Stage
from tests.support.builders import a_plate_view, a_vehicle_seen
from tests.support.lane_play import Play

T1, T2, T3 = "24C12345", "29C11111", "29C22222"


def restarted(arm):
    """One was admitted; after a restart somebody stands on the entry loop."""
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    lane = snapshot.revive("out1", snapshot.dump(play.lane), play.clock.now(), 6.0)
    again = Play(book=play.book, lane=lane)
    again.entry_loop = True
    again(BarrierFirstSeen("out1", arm, True, False))
    return again


def unobserved(play):
    return RaiseAlarm(AlarmCode.PASSAGE_UNOBSERVED) in play.effects


@pytest.mark.parametrize(("arm", "passed"), [(Arm.OPEN, True), (Arm.CLOSED, False)])
def test_another_in_his_place_after_a_restart_means_that_he_has_passed_where_the_arm_was_up(
    arm, passed
):
    play = restarted(arm)
    play(a_vehicle_seen(a_plate_view(T2), track="t9"), after=1)
    records = play.recorded("passage.completed" if passed else "passage.abandoned")
    (one,) = [d for d in records if d["plate"] == T1]
    assert one["outcome"] == ("resumed" if passed else "swapped")
    assert (unobserved(play), Spend("A1") in play.effects) == (passed, passed)
    if passed:
        assert (one["observed"], one["assignment"]) == (False, "A1")
    assert play.lane.passage.plate == T2


def test_he_who_is_read_again_after_the_restart_stands_there():
    play = restarted(Arm.OPEN)
    assert Authorise("p1") in play(a_vehicle_seen(a_plate_view(), track="t9"), after=1)
    play(VehicleLost("out1", "t9"), VehicleBackedOff("out1"), after=3)
    assert play.recorded("passage.abandoned")[-1]["outcome"] == "turned_back"
    assert not unobserved(play)


def test_who_leaves_unread_after_a_restart_may_have_been_another():
    play = restarted(Arm.OPEN)
    play.entry_loop = False
    play(VehicleBackedOff("out1"), after=3)
    (one,) = play.recorded("passage.completed")
    assert (one["plate"], one["outcome"], unobserved(play)) == (T1, "resumed", True)


def followed(play):
    """A second one is read behind the first, which is under the arm."""
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(VehicleEntered("out1", "p1"), VehicleLost("out1", "t1"), after=3)
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view(T2), track="t2"), after=2)
    assert play.lane.stage is Stage.CROSSING_FOLLOWED


def test_one_close_behind_is_recorded_once_where_the_guard_tells_of_him_with_the_first():
    play = Play()
    followed(play)
    play.entry_loop = False
    play(VehicleLost("out1", "t2"), VehicleCrossed("out1", "p1"), after=2)
    play(VehicleEntered("out1", None), TailgateSeen("out1"))
    play(VehicleCrossed("out1", None), after=2)
    play(Ticked(), after=2)
    ended = [(d["plate"], d["outcome"]) for d in play.recorded("passage.completed")]
    assert ended == [(T1, "admitted"), (T2, "tailgated")]


def test_one_close_behind_who_is_lost_at_the_line_has_gone_with_the_first():
    play = Play()
    followed(play)
    play.entry_loop = True
    play(VehicleLost("out1", "t2"), VehicleCrossed("out1", "p1"), after=2)
    play(a_vehicle_seen(a_plate_view(T3), track="t3"), after=1)
    ended = [(d["plate"], d["outcome"]) for d in play.recorded("passage.completed")]
    assert ended == [(T1, "admitted"), (T2, "tailgated")]
    assert unobserved(play)
    assert play.lane.passage.plate == T3


def test_an_unsure_reading_after_the_restart_tells_that_the_first_may_have_passed():
    play = restarted(Arm.OPEN)
    play(Ticked(), a_vehicle_seen(a_plate_view(T2, 0.7, False), track="t9"), after=7)
    assert play.recorded("passage.decided")[-1]["reason"] == "unsure_reading"
    assert unobserved(play)
    assert play.recorded("passage.completed") == []
