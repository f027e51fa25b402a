"""The service begins anew while somebody is under the arm whom nobody admitted."""

import pytest

from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    Arm,
    BarrierFirstSeen,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
)
from edge.domain.moment import iso
from edge.lane import snapshot
from edge.lane.effects import RaiseAlarm, Spend
from edge.lane.state import LaneState
from tests.support.builders import a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.lane_play import Play

FACTS = [VehicleArrived("out1"), a_vehicle_seen(a_plate_view()), VehicleEntered("out1", None)]


def restarted(state):
    """After the start, the vehicle having gone under an arm that was open on no admission of it."""
    play = Play(book=a_book(an_assignment(state=state)))
    play(*FACTS)
    kept = snapshot.dump(play.lane)
    lane = snapshot.revive("out1", kept, play.clock.now(), 6.0)
    return Play(book=play.book, lane=lane)


def look(entry, safety, arm=Arm.OPEN):
    return BarrierFirstSeen("out1", arm, entry, safety)


ENDS = {
    "gone through the open arm": [look(False, False)],
    "gone, and the arm is down": [look(False, False, Arm.CLOSED)],
    "gone, and another stands there": [look(True, False)],
    "gone, where no entry loop is wired": [look(None, False)],
    "found under the arm, then gone": [look(False, True), look(False, True), look(False, False)],
    "found under the arm, and told by the guard": [
        look(False, True),
        VehicleEntered("out1", None),
        VehicleCrossed("out1", None),
    ],
    "told by the guard before the first look": [VehicleCrossed("out1", None)],
    "told by the guard with another behind it": [VehicleCrossed("out1", None, 2)],
}


@pytest.mark.parametrize("state", ["held", "active"])
@pytest.mark.parametrize("end", ENDS)
def test_who_passed_unadmitted_over_a_restart_is_told_so_and_spends_nothing(end, state):
    play = restarted(state)
    assert play.lane.passing_on == ""
    effects = play(*ENDS[end])
    done = play.recorded("passage.completed")[0]
    assert (done["passage"], done["outcome"]) == ("p1", "passed_unadmitted")
    assert RaiseAlarm(AlarmCode.PASSED_UNADMITTED) in effects
    # How many were close behind him nobody can say.
    assert play.alarms.count(AlarmCode.PASSAGE_UNOBSERVED) == 1
    assert not [e for e in effects if isinstance(e, Spend)]


@pytest.mark.parametrize(("end", "observed"), [(look(False, False), False), (FACTS[2], True)])
def test_its_record_says_whether_anybody_saw_it_pass(end, observed):
    play = restarted("held")
    play(end, VehicleCrossed("out1", None))
    assert play.recorded("passage.completed")[0]["observed"] is observed


def test_who_backs_out_from_under_the_arm_has_reversed_out():
    play = restarted("held")
    play(look(False, True), VehicleBackedOff("out1"))
    assert play.recorded("passage.abandoned")[-1]["outcome"] == "reversed_out"


def test_who_stands_there_meanwhile_is_read_when_it_is_gone():
    play = restarted("held")
    play(look(True, True))
    assert play.lane.state is LaneState.CROSSING
    play(look(True, False))
    assert (play.lane.state, play.lane.passage.id) == (LaneState.READING, "p1")


def on_admission(*facts):
    """After the start, an admitted one having stood there or gone under the arm before."""
    play = Play(book=a_book(an_assignment()))
    play(*FACTS[:2], *facts)
    lane = snapshot.revive("out1", snapshot.dump(play.lane), play.clock.now(), 6.0)
    return Play(book=play.book, lane=lane)


FOUND = [look(False, True), VehicleEntered("out1", None)]


@pytest.mark.parametrize("found", FOUND)
def test_of_who_drove_under_the_arm_while_nobody_watched_no_time_is_invented(found):
    play = on_admission()
    play(found, VehicleCrossed("out1", None))
    (done,) = play.recorded("passage.completed")
    assert (done["outcome"], done["entered_at"], done["observed"]) == ("resumed", "", False)


@pytest.mark.parametrize("found", FOUND)
def test_of_who_was_seen_to_drive_there_before_the_start_the_time_is_kept(found):
    play = on_admission(VehicleEntered("out1", "p1"))
    entered = play.lane.passage.entered_at
    play(found, VehicleCrossed("out1", None), after=9.0)
    (done,) = play.recorded("passage.completed")
    assert (done["entered_at"], done["observed"]) == (iso(entered), True)


@pytest.mark.parametrize("before", [[], [VehicleEntered("out1", "p1")]])
@pytest.mark.parametrize("behind", [[], [VehicleArrived("out1")]])
@pytest.mark.parametrize("found", FOUND)
def test_who_is_found_under_the_arm_and_backs_out_may_be_another(found, behind, before):
    play = on_admission(*before)
    effects = play(found, *behind, VehicleBackedOff("out1"))
    (left,) = play.recorded("passage.abandoned")
    assert (left["passage"], left["outcome"]) == ("p1", "resumed")
    assert RaiseAlarm(AlarmCode.PASSAGE_UNOBSERVED) in effects
    assert not [e for e in effects if isinstance(e, Spend)]


def test_nor_is_it_known_of_him_who_is_through_with_another_behind_him():
    play = on_admission()
    play(FOUND[0], VehicleArrived("out1"), VehicleCrossed("out1", None))
    assert play.recorded("passage.completed")[0]["outcome"] == "resumed"
