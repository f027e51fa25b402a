"""What strangers did to the lane of before: each was let through, or untold."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.domain.facts import (
    Arm,
    AssignmentsChanged,
    BarrierFirstSeen,
    OperatorDecided,
    TailgateSeen,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.domain.moment import iso
from edge.lane import snapshot
from edge.lane.effects import Authorise, Revoke, Spend
from edge.lane.state import LaneState
from tests.support.builders import NOON, a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.lane_play import Play, admitted

T1, T2, R1 = "24C12345", "29C11111", "51R00001"
UNSURE = a_plate_view(T2, 0.5, False)


def authorised(play):
    return [e for e in play.effects if isinstance(e, Authorise)]


def restarted(play):
    kept = snapshot.dump(play.lane)
    lane = snapshot.revive("out1", kept, play.clock.now(), 6.0)
    return Play(book=play.book, needs_loop=play.needs_loop, lane=lane)


@pytest.mark.parametrize("told_by", ["the loop", "a count"])
def test_a_tailgater_bumper_to_bumper_is_recorded_and_told(told_by):
    play = admitted()
    play(VehicleEntered("out1", "p1"), after=2)
    play(VehicleArrived("out1"), a_vehicle_seen(UNSURE, track="t2"), after=2)
    play.entry_loop = False
    crossed = VehicleCrossed("out1", "p1")
    play(crossed if told_by == "the loop" else replace(crossed, vehicles=2), after=4)
    play(Ticked(), after=1.2)
    first, second = play.recorded("passage.completed")
    assert (first["passage"], first["outcome"]) == ("p1", "admitted")
    assert (second["outcome"], second["verdict"], second["assignment"]) == ("tailgated", "", "")
    assert "tailgate" in play.alarms
    assert play.lane.state is LaneState.EMPTY


def test_after_a_restart_another_truck_is_not_let_in_on_the_admission_of_the_first():
    play = restarted(admitted())
    play(BarrierFirstSeen("out1", Arm.CLOSED, True, False))
    play(Ticked(), after=1)
    assert not authorised(play)
    play(a_vehicle_seen(a_plate_view(T2), track="t9"))
    assert not authorised(play)
    assert play.recorded("passage.decided")[-1]["reason"] == "not_declared"


def test_after_a_restart_the_same_truck_is_read_and_let_in_anew():
    play = restarted(admitted())
    play(BarrierFirstSeen("out1", Arm.CLOSED, True, False))
    assert Authorise("p1") in play(a_vehicle_seen(a_plate_view(), track="t9"))


@pytest.mark.parametrize("state", ["cancelled", "held", "used"])
def test_an_assignment_that_is_taken_away_after_the_admission_takes_it_back(state):
    play = admitted()
    play.book = a_book(an_assignment(state=state))
    assert Revoke("p1") in play(AssignmentsChanged())
    assert play.lane.state is LaneState.WAITING


def test_an_admission_does_not_outlive_the_age_of_its_list():
    play = admitted()
    assert Revoke("p1") in play(Ticked(), after=5 * 3600)


def test_an_admission_does_not_outlive_its_validity():
    play = admitted(book=a_book(an_assignment(valid_to=NOON + timedelta(minutes=1))))
    assert Revoke("p1") in play(Ticked(), after=120)


def test_an_admission_does_not_outlive_its_reading():
    play = admitted()
    assert Revoke("p1") in play(a_vehicle_seen(a_plate_view(confidence=0.5, accepted=False)))


@pytest.mark.parametrize("loop", [True, False])
@pytest.mark.parametrize("view", [a_plate_view(T2), UNSURE, None], ids=["sure", "unsure", "unread"])
@pytest.mark.parametrize("lost", ["told", "silent"])
def test_a_vehicle_swapped_before_the_arm_is_not_let_in_on_the_admission_of_the_first(
    loop, view, lost
):
    play = admitted(needs_loop=loop)
    if lost == "told":
        play(VehicleLost("out1", "t1"))
    assert Revoke("p1") in play(a_vehicle_seen(view, track="t2"), after=4)
    assert play.lane.state is not LaneState.ADMITTED


@pytest.mark.parametrize("loop", [True, False])
def test_a_vehicle_that_is_lost_from_sight_and_read_again_is_still_the_same(loop):
    play = admitted(needs_loop=loop)
    play(VehicleLost("out1", "t1"), a_vehicle_seen(None, track="t2"))
    play(a_vehicle_seen(a_plate_view(), track="t2"), after=1)
    assert play.lane.state is LaneState.ADMITTED
    assert play.lane.passage.id == "p1"


def test_a_vehicle_that_waits_for_a_person_and_is_swapped_has_a_record_of_its_own():
    play = Play(book=a_book(an_assignment(T2)))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view(T1)))
    play(VehicleLost("out1", "t1"), a_vehicle_seen(a_plate_view(T2), track="t2"))
    (gone,) = play.recorded("passage.abandoned")
    assert (gone["passage"], gone["plate"], gone["outcome"]) == ("p1", T1, "swapped")
    assert authorised(play) == [Authorise("p2")]


@pytest.mark.parametrize("first", ["trailer", "tractor"])
def test_a_sure_trailer_lets_no_strange_tractor_in_that_is_read_unsurely(first):
    play = Play(book=a_book(an_assignment(T1, trailers=[R1])))
    both = [
        a_vehicle_seen(a_plate_view(R1), track="t2"),
        a_vehicle_seen(UNSURE, track="t1"),
    ]
    play(VehicleArrived("out1"), *(both if first == "trailer" else reversed(both)))
    play(Ticked(), after=7)
    assert not authorised(play)
    assert play.lane.state is LaneState.WAITING


def test_a_vehicle_that_reverses_out_spends_nothing_and_may_come_again():
    play = admitted()
    play(VehicleEntered("out1", "p1"), VehicleArrived("out1"), VehicleBackedOff("out1"))
    assert not [e for e in play.effects if isinstance(e, Spend)]
    assert play.recorded("passage.abandoned")[-1]["outcome"] == "reversed_out"
    play(a_vehicle_seen(a_plate_view()))
    assert play.lane.state is LaneState.ADMITTED


@pytest.mark.parametrize("arm", ["open", "closed"])
def test_a_refused_truck_that_crosses_is_told_and_recorded_as_itself(arm):
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    if arm == "open":
        play(VehicleEntered("out1", None), after=1)
    play(VehicleCrossed("out1", None), after=3)
    (done,) = play.recorded("passage.completed")
    assert "passed_unadmitted" in play.alarms
    assert done["outcome"] == "passed_unadmitted"
    if arm == "open":
        assert (done["passage"], done["plate"], done["verdict"]) == ("p1", T1, "refuse")
    assert not [e for e in play.effects if isinstance(e, Spend)]


def test_a_motorcycle_with_a_trucks_plate_waits_for_a_person():
    play = Play()
    seen = replace(a_vehicle_seen(a_plate_view()), kind="motorcycle")
    play(VehicleArrived("out1"), seen)
    assert not authorised(play)
    assert play.recorded("passage.decided")[-1]["reason"] == "implausible_kind"


def waiting(**kwargs):
    play = Play(**kwargs)
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view("24C1234S", 0.6, False)))
    play(Ticked(), after=7)
    assert play.lane.state is LaneState.WAITING
    return play


def test_a_persons_word_for_another_vehicle_or_for_a_page_that_has_changed_is_refused():
    play = waiting()
    seen = play.lane.passage.version
    play(VehicleLost("out1", "t1"), a_vehicle_seen(UNSURE, track="t2"), Ticked(), after=7)
    stale = OperatorDecided("out1", "p1", True, "", "seen", "lan", version=seen)
    assert play(stale, replace(stale, passage="p0", version=None)) == []
    assert not authorised(play)
    play(replace(stale, version=play.lane.passage.version))
    assert authorised(play)


def test_a_persons_word_does_not_outlive_the_vehicle_that_he_saw():
    play = waiting()
    play(OperatorDecided("out1", "p1", True, "", "seen", "lan"))
    assert play.lane.state is LaneState.ADMITTED
    play(VehicleLost("out1", "t1"))
    assert Revoke("p1") in play(a_vehicle_seen(None, track="t2"), after=1)


def test_a_held_vehicle_that_a_person_admits_has_used_its_assignment():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(OperatorDecided("out1", "p1", True, "", "asked", "lan"))
    assert Spend("A1") in play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"))


def test_a_person_admits_on_no_assignment_of_another_direction_lane_or_time():
    others = [
        an_assignment(id="back", direction="import"),
        an_assignment(id="beside", lanes=["out2"]),
        an_assignment(id="over", valid_to=NOON - timedelta(hours=1)),
    ]
    play = Play(book=a_book(*others, an_assignment(id="mine", clearances=[])))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(OperatorDecided("out1", "p1", True, "", "papers", "lan"))
    assert play.lane.passage.decision.assignment == "mine"
    play = Play(book=a_book(*others))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(OperatorDecided("out1", "p1", True, "", "papers", "lan"))
    assert play.lane.passage.decision.assignment == ""


def test_where_several_assignments_fit_the_person_is_asked_which():
    two = [an_assignment(id=id, clearances=[]) for id in ("A1", "A2")]
    play = Play(book=a_book(*two))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    word = OperatorDecided("out1", "p1", True, "", "papers", "lan")
    play(word)
    assert not authorised(play)
    assert play.recorded("passage.decided")[-1]["reason"] == "several_assignments"
    play(replace(word, assignment="strange"))
    assert not authorised(play)
    play(replace(word, assignment="A2"))
    assert authorised(play)
    assert play.lane.passage.decision.assignment == "A2"


def test_an_assignment_that_ends_before_it_begins_is_a_case_for_a_person():
    hour = timedelta(hours=1)
    play = Play(book=a_book(an_assignment(valid_from=NOON + hour, valid_to=NOON - hour)))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    decided = play.recorded("passage.decided")[-1]
    assert (decided["verdict"], decided["reason"]) == ("refer", "contradictory_validity")


def test_the_times_of_a_tailgater_stand_in_no_record_but_its_own():
    play = admitted()
    entered = play.clock.now().wall
    play(VehicleEntered("out1", "p1"))
    play(VehicleCrossed("out1", "p1"), after=4)
    play(VehicleEntered("out1", None), TailgateSeen("out1"), after=1)
    later = play.clock.now().wall
    play(VehicleCrossed("out1", None), after=3)
    first, second = play.recorded("passage.completed")
    assert (first["passage"], first["entered_at"]) == ("p1", iso(entered))
    assert (second["outcome"], second["entered_at"]) == ("tailgated", iso(later))
    assert second["passage"] != "p1"


def test_a_tailgater_under_the_arm_with_the_first_leaves_its_times_alone():
    play = admitted()
    entered = play.clock.now().wall
    play(VehicleEntered("out1", "p1"))
    play(VehicleEntered("out1", None), TailgateSeen("out1"), after=5)
    play(VehicleCrossed("out1", "p1"), after=5)
    mine = [d for d in play.recorded("passage.completed") if d["passage"] == "p1"]
    assert [d["entered_at"] for d in mine] == [iso(entered)]
    assert len(play.recorded("passage.completed")) == 2


@pytest.mark.parametrize("loop", [True, False])
@pytest.mark.parametrize("in_sight", ["lost before", "lost after"])
def test_a_tailgater_that_only_the_camera_saw_is_recorded_with_its_plate_and_told(loop, in_sight):
    play = admitted(needs_loop=loop)
    play.entry_loop = True if loop else None
    play(VehicleEntered("out1", "p1"), after=2)
    play(a_vehicle_seen(a_plate_view(T2), track="t2"), after=2)
    if in_sight == "lost before":
        play(VehicleLost("out1", "t2"), after=1)
    play.entry_loop = False if loop else None
    play(VehicleCrossed("out1", "p1"), after=1)
    if in_sight == "lost after":
        play(VehicleLost("out1", "t2"), after=1)
    play(Ticked(), after=1.2)
    _, second = play.recorded("passage.completed")
    assert (second["outcome"], second["plate"]) == ("tailgated", T2)
    assert "tailgate" in play.alarms
    assert play.lane.state is LaneState.EMPTY


def test_the_next_vehicle_that_waits_behind_the_first_is_no_tailgater():
    play = admitted()
    play.entry_loop = True
    play(VehicleEntered("out1", "p1"), after=2)
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view(T2), track="t2"), after=2)
    play(VehicleCrossed("out1", "p1"), a_vehicle_seen(a_plate_view(T2), track="t2"), after=2)
    assert play.lane.passage.plate == T2
    assert play.lane.state is LaneState.WAITING
    assert play.alarms == []


def test_a_vehicle_that_stands_in_sight_before_the_loop_is_no_tailgater_until_it_is_gone():
    play = admitted()
    play(VehicleEntered("out1", "p1"), a_vehicle_seen(a_plate_view(T2), track="t2"), after=2)
    play.entry_loop = False
    play(VehicleCrossed("out1", "p1"), after=2)
    for _ in range(20):
        play(a_vehicle_seen(a_plate_view(T2), track="t2"), Ticked(), after=1)
    assert play.alarms == []
    play.entry_loop = True
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view(T2), track="t2"), after=1)
    assert play.recorded("passage.decided")[-1]["plate"] == T2


def test_a_doubtful_reading_near_its_own_plate_is_no_tailgater():
    play = admitted()
    play(VehicleEntered("out1", "p1"), after=2)
    play(a_vehicle_seen(a_plate_view("24C12346", 0.6, False), track="t2"), after=1)
    play.entry_loop = False
    play(VehicleCrossed("out1", "p1"), Ticked(), after=1)
    assert play.alarms == []


@pytest.mark.parametrize(("turns_round", "told"), [(False, True), (True, False)])
def test_a_motorcycle_that_vanishes_beside_the_closed_arm_is_told(turns_round, told):
    play = Play(book=a_book(an_assignment(T2)))
    rider = replace(a_vehicle_seen(a_plate_view(T1)), kind="motorcycle")
    play(VehicleArrived("out1"), rider, after=1)
    leaving = replace(rider, at_barrier=False) if turns_round else VehicleLost("out1", "t1")
    play(leaving, VehicleBackedOff("out1"), after=3)
    assert ("passed_unadmitted" in play.alarms) is told
    ended = play.recorded("passage.completed" if told else "passage.abandoned")
    assert [d["outcome"] for d in ended] == ["passed_unadmitted" if told else "refused"]


def test_an_assignment_admits_nobody_in_the_moment_in_which_it_is_used():
    play = admitted()
    play.entry_loop = True
    play(VehicleEntered("out1", "p1"), VehicleLost("out1", "t1"), after=2)
    play(a_vehicle_seen(a_plate_view(), track="t2"), VehicleArrived("out1"))
    play(VehicleCrossed("out1", "p1"), after=1)
    assert authorised(play) == [Authorise("p1")]
    assert play.recorded("passage.decided")[-1]["reason"] == "already_used"


def test_whoever_was_under_the_arm_at_a_restart_and_is_gone_leaves_the_lane_free():
    """The guard that began again has not seen him, and tells nothing."""
    play = admitted()
    play(VehicleEntered("out1", "p1"))
    play = restarted(play)
    play(BarrierFirstSeen("out1", Arm.OPEN, False, True))
    assert play.lane.state is LaneState.CROSSING
    play.entry_loop = play.safety_loop = False
    play(Ticked(), after=1)
    play(Ticked(), after=5.9)
    assert play.lane.state is LaneState.CROSSING
    play(Ticked(), after=0.2)
    assert play.lane.state is LaneState.EMPTY
    assert play.recorded("passage.completed")[-1]["outcome"] == "resumed"
    assert "passage_unobserved" in play.alarms


def test_a_rejected_vehicle_on_the_safety_loop_at_a_restart_still_waits_for_a_person():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(OperatorDecided("out1", "p1", False, "", "papers", "lan"))
    play = restarted(play)
    play.book = a_book()
    play(BarrierFirstSeen("out1", Arm.CLOSED, True, True))
    play(a_vehicle_seen(a_plate_view()), Ticked(), after=7)
    assert not authorised(play)
    assert play.lane.state is LaneState.WAITING


def test_the_arm_does_not_open_for_a_vehicle_that_has_just_left_the_loop():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play.entry_loop, play.book = False, a_book()
    play(AssignmentsChanged(), after=1)
    assert not authorised(play)
    play.entry_loop = True
    play(Ticked(), after=1)
    assert authorised(play) == [Authorise("p1")]


def test_a_crossing_of_before_a_restart_goes_on_while_somebody_is_on_the_entry_loop():
    play = admitted()
    play(VehicleEntered("out1", "p1"))
    play = restarted(play)
    play(BarrierFirstSeen("out1", Arm.OPEN, True, True))
    play.entry_loop, play.safety_loop = True, False
    for _ in range(4):
        play(Ticked(), after=3)
    assert play.lane.state is LaneState.CROSSING
