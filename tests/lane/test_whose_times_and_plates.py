"""A record has its own vehicle's times, plate and name, and none of another's."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.domain.facts import (
    Arm,
    ArmMoved,
    Heading,
    OperatorDecided,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.domain.moment import iso
from edge.lane.vocabulary import Stage
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
    play(VehicleArrived("out1"), VehicleEntered("out1", None), after=2)
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


def test_what_changes_before_anybody_is_let_in_is_what_a_person_sees():
    play = refused()
    play(a_vehicle_seen(a_plate_view("29C11111")), after=1)
    assert (play.lane.stage, play.lane.passage.plate) == (Stage.DOUBTED, "29C11111")


def test_what_is_read_of_an_unread_vehicle_after_a_person_let_it_in_is_its_reading():
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(None))
    play(Ticked(), after=7)
    play(OperatorDecided("out1", "p1", True, "24C12345", "papers checked", "lan"))
    play(a_vehicle_seen(a_plate_view("24C12348")), after=1)
    play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"))
    (done,) = play.recorded("passage.completed")
    assert (done["plate"], done["read_plate"]) == ("24C12345", "24C12348")


def test_a_two_wheeler_that_slips_by_a_closed_arm_passed_no_arm_that_was_raised():
    play = Play()
    moves(play, "local", Arm.OPENING, Arm.OPEN, Arm.CLOSING, Arm.CLOSED)
    seen = replace(a_vehicle_seen(a_plate_view("59X112345")), kind="motorcycle")
    play(VehicleArrived("out1"), seen, after=60)
    play(VehicleLost("out1", "t1"), VehicleBackedOff("out1"))
    assert play.recorded("passage.completed")[-1]["outcome"] == "passed_unadmitted"


def test_who_follows_without_a_gap_came_when_he_was_first_seen_behind():
    play = Play()
    play.entry_loop = True
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(VehicleEntered("out1", "p1"), VehicleLost("out1", "t1"), after=5)
    behind = a_vehicle_seen(a_plate_view("29C11111"), track="t2")
    play(behind, after=2)
    play(behind, after=1)
    play(VehicleLost("out1", "t2"), after=2)
    play.entry_loop = False
    play(VehicleCrossed("out1", "p1"), after=5)
    play(Ticked(), after=2)
    last = play.recorded("passage.completed")[-1]
    assert (last["plate"], last["outcome"]) == ("29C11111", "tailgated")
    assert last["arrived_at"] == iso(NOON + timedelta(seconds=7))


AWAY = a_vehicle_seen(a_plate_view("29C11111"), track="t2", at_barrier=False)


def followed(gone, after):
    """The admitted one is through; behind him another was read at the line, and somebody came on to
    the loop. `gone`: what the camera said then of the one that was read."""
    play = Play(book=a_book(an_assignment(), an_assignment("29C11111", id="A2")))
    play.entry_loop, play.safety_loop = True, False
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(VehicleEntered("out1", "p1"), a_vehicle_seen(a_plate_view("29C11111"), track="t2"))
    if gone:
        play(gone, after=2)
    play(VehicleArrived("out1"), after=after)
    if not gone:
        play(a_vehicle_seen(a_plate_view("29C11111"), track="t2"))
    play(VehicleCrossed("out1", "p1"), after=2)
    return play.lane


@pytest.mark.parametrize("gone", [VehicleLost("out1", "t2"), AWAY])
def test_a_plate_that_was_read_behind_the_first_is_not_his_who_came_after_it_was_gone(gone):
    lane = followed(gone, after=2)
    assert lane.stage is Stage.READING
    assert (lane.passage.track, lane.passage.view) == ("", None)


@pytest.mark.parametrize("after", [4, 0.5])
def test_it_is_his_as_long_as_the_camera_sees_him(after):
    lane = followed(None, after)
    assert (lane.stage, lane.passage.track) == (Stage.ADMITTED, "t2")


def test_or_where_he_came_on_to_the_loop_as_he_was_read():
    play = Play(book=a_book(an_assignment()))
    play.entry_loop, play.safety_loop = True, False
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()), VehicleEntered("out1", "p1"))
    play(a_vehicle_seen(a_plate_view("29C11111"), track="t2"))
    play(VehicleArrived("out1"), after=0.5)
    play(VehicleLost("out1", "t2"), after=2)
    play(VehicleCrossed("out1", "p1"))
    assert (play.lane.passage.track, play.lane.passage.view.text) == ("t2", "29C11111")


def reads(text, track):
    return a_vehicle_seen(a_plate_view(text), track=track)


def tailgated(play):
    done = play.recorded("passage.completed")
    return [(d["plate"], d["outcome"]) for d in done if d["outcome"] != "admitted"]


def under_the_arm():
    """The admitted one, and whoever comes behind is read at the line and lost there."""
    play = Play(book=a_book(an_assignment()))
    play.entry_loop, play.safety_loop = True, True
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()), VehicleEntered("out1", "p1"))
    play(VehicleLost("out1", "t1"), after=1)
    return play


def test_each_of_two_tailgaters_whom_the_guard_counts_together_has_his_plate():
    play = under_the_arm()
    for text, track in (("29C11111", "t2"), ("30C22222", "t3")):
        play(reads(text, track), after=2)
        play(VehicleLost("out1", track), after=2)
    play(VehicleCrossed("out1", "p1", 3), after=2)
    assert tailgated(play) == [("29C11111", "tailgated"), ("30C22222", "tailgated")]


def test_who_follows_a_tailgater_has_his_plate():
    play = under_the_arm()
    play(reads("29C11111", "t2"), after=2)
    play(VehicleCrossed("out1", "p1"), VehicleEntered("out1", None), after=2)
    play(VehicleLost("out1", "t2"), after=1)
    play(reads("30C22222", "t3"), after=2)
    play(VehicleLost("out1", "t3"), after=2)
    play.entry_loop = False
    play(VehicleEntered("out1", None), VehicleCrossed("out1", None), after=1)
    assert {plate for plate, _ in tailgated(play)} == {"29C11111", "30C22222"}
    assert play.lane.stage is Stage.EMPTY


def test_who_was_read_behind_and_went_away_again_did_not_pass():
    play = under_the_arm()
    play(reads("29C11111", "t2"), reads("30C22222", "t3"), after=2)
    play(VehicleLost("out1", "t2"), after=2)
    play(a_vehicle_seen(a_plate_view("30C22222"), track="t3", at_barrier=False), after=1)
    play(VehicleCrossed("out1", "p1", 3), after=2)
    assert tailgated(play) == [("29C11111", "tailgated"), ("", "tailgated")]


def test_of_one_under_the_arm_whom_no_camera_has_named_the_next_plate_is_not_the_next_ones():
    play = Play()
    play.safety_loop = True
    play(VehicleEntered("out1", None), reads("29C11111", "t1"))
    play(VehicleLost("out1", "t1"), after=2)
    play(VehicleEntered("out1", None), VehicleCrossed("out1", None), after=2)
    assert {plate for plate, _ in tailgated(play)} == {""}


def test_one_who_is_seen_on_a_new_track_is_not_two():
    play = under_the_arm()
    play(reads("29C11111", "t2"), after=2)
    play(VehicleLost("out1", "t2"), reads("29C11112", "t3"), after=2)
    play(VehicleLost("out1", "t3"), VehicleCrossed("out1", "p1", 3), after=2)
    assert tailgated(play) == [("29C11111", "tailgated"), ("", "tailgated")]


def test_what_is_read_more_surely_of_one_behind_is_what_his_record_says():
    play = under_the_arm()
    unsure = replace(a_plate_view("30C22228"), confidence=0.6, accepted=False)
    play(reads("29C11111", "t2"), a_vehicle_seen(unsure, track="t3"), after=2)
    play(reads("30C22222", "t3"), after=1)
    play(VehicleLost("out1", "t2"), VehicleLost("out1", "t3"), after=2)
    play(VehicleCrossed("out1", "p1", 3), after=2)
    assert tailgated(play) == [("29C11111", "tailgated"), ("30C22222", "tailgated")]


@pytest.mark.parametrize("lost", [True, False])
def test_who_was_noticed_behind_and_went_away_is_not_the_one_who_follows(lost):
    """Another, whom the camera has not read, came on behind the first."""
    play = under_the_arm()
    play(reads("29C11111", "t2"), after=2)
    play(a_vehicle_seen(a_plate_view("29C11111"), track="t2", at_barrier=False), after=2)
    if lost:
        play(VehicleLost("out1", "t2"), after=1)
    play(VehicleEntered("out1", None), after=1)
    assert tailgated(play) == [("", "tailgated")]


def test_whom_camera_and_loop_have_before_the_arm_has_not_passed():
    """The one between the first and him was hidden by the first, and never read."""
    play = under_the_arm()
    play(reads("29C11111", "t2"), after=2)
    play(VehicleCrossed("out1", "p1", 2), after=2)
    assert tailgated(play) == [("", "tailgated")]
    assert play.recorded("passage.completed")[-1]["arrived_at"] == iso(play.clock.now().wall)
    play(VehicleArrived("out1"), reads("29C11111", "t2"), after=1)
    assert play.lane.passage.plate == "29C11111"


def test_nor_has_he_where_the_next_one_backs_away_from_behind_him():
    play = under_the_arm()
    play(reads("29C11111", "t2"), reads("30C22222", "t3"), after=2)
    play(a_vehicle_seen(a_plate_view("30C22222"), track="t3", at_barrier=False), after=1)
    play(VehicleCrossed("out1", "p1", 2), after=1)
    assert tailgated(play) == [("", "tailgated")]


def test_who_was_let_in_unread_and_is_read_under_the_arm_does_not_follow_himself():
    play = Play(book=a_book(an_assignment()))
    play.entry_loop = True
    play(VehicleArrived("out1"), Ticked(), after=1)
    play(Ticked(), after=7)
    play(OperatorDecided("out1", "p1", True, "24C12345", "papers checked", "lan"))
    play(VehicleEntered("out1", "p1"), reads("24C12345", "t1"), after=2)
    assert play.lane.stage is Stage.CROSSING
    play(reads("29C11111", "t2"), VehicleLost("out1", "t2"), VehicleEntered("out1", None), after=2)
    assert tailgated(play) == [("29C11111", "tailgated")]


@pytest.mark.parametrize("read", [True, False])
def test_what_was_kept_of_who_follows_is_in_his_record_read_or_not(read):
    """And a glare over his plate at the last moment takes nothing away."""
    play = under_the_arm()
    if read:
        play(reads("29C11111", "t2"), after=2)
    play(a_vehicle_seen(None, track="t2"), VehicleEntered("out1", None), after=1)
    assert tailgated(play) == [("29C11111" if read else "", "tailgated")]
    assert play.recorded("passage.completed")[-1]["evidence"] == ["a.jpg"]


def test_of_two_read_behind_the_one_before_the_arm_is_the_last():
    play = under_the_arm()
    play(reads("29C11111", "t2"), after=2)
    play(reads("30C22222", "t3"), VehicleArrived("out1"), after=3)
    play(VehicleCrossed("out1", "p1", 2), after=1)
    assert tailgated(play) == [("29C11111", "tailgated")]
    came = NOON + timedelta(seconds=3)
    assert play.recorded("passage.completed")[-1]["arrived_at"] == iso(came)


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("29C11111", "30C22222", [("29C11111", "tailgated")]),
        # The same one on another track, a trailer, one who was not surely read, nobody behind him.
        ("29C11111", "29C11112", []),
        ("51R00001", "30C22222", []),
        ("unsure", "30C22222", []),
        ("29C11111", "unread", []),
    ],
)
def test_who_was_read_behind_and_is_lost_at_the_line_is_through_where_another_stands_there(
    first, last, told
):
    """To the loops the two were one long vehicle."""
    play = under_the_arm()
    seen = reads("29C11111" if first == "unsure" else first, "t2")
    doubted = replace(seen.plate, accepted=False, confidence=0.7)
    play(replace(seen, plate=doubted) if first == "unsure" else seen, after=2)
    play(VehicleLost("out1", "t2"), after=1)
    another = reads(last, "t3") if last != "unread" else a_vehicle_seen(None, track="t3")
    play(another, VehicleArrived("out1"), after=3)
    play(VehicleCrossed("out1", "p1"), after=1)
    assert tailgated(play) == told
    assert ("tailgate" in play.alarms) is bool(told)
    assert play.lane.passage is not None


def test_a_second_plate_that_was_read_beside_him_as_he_stood_is_no_tailgaters():
    """Two plates on one vehicle, each on a track of its own: a person has admitted it."""
    play = Play(book=a_book(an_assignment()))
    play.entry_loop = True
    play(VehicleArrived("out1"), reads("24C12345", "t1"), reads("29C11111", "t2"), after=1)
    play(reads("24C12345", "t1"), reads("29C11111", "t2"), after=2)
    assert play.recorded("passage.decided")[-1]["reason"] == "several_vehicles"
    word = OperatorDecided("out1", "p1", True, "", "papers checked", "lan")
    play(replace(word, version=play.lane.passage.version), after=1)
    play(VehicleEntered("out1", "p1"), reads("29C11111", "t2"), after=2)
    play(VehicleLost("out1", "t1"), VehicleLost("out1", "t2"), after=1)
    play(reads("30C22222", "t3"), VehicleArrived("out1"), after=3)
    play(VehicleCrossed("out1", "p1"), after=1)
    assert tailgated(play) == []


def test_a_two_wheeler_is_through_before_the_camera_has_lost_it():
    play = under_the_arm()
    play(replace(reads("59X112345", "t2"), kind="motorcycle"), after=2)
    play(VehicleCrossed("out1", "p1", 2), after=1)
    assert tailgated(play) == [("59X112345", "tailgated")]


def test_who_comes_under_the_arm_now_is_seen_at_the_line_still():
    play = under_the_arm()
    play(reads("29C11111", "t2"), VehicleEntered("out1", None), after=2)
    assert tailgated(play) == [("29C11111", "tailgated")]


def test_who_comes_from_the_other_side_has_nobodys_plate_who_stands_before_the_arm():
    play = under_the_arm()
    play(reads("29C11111", "t2"), after=2)
    play(replace(VehicleCrossed("out1", None), backwards=True), after=1)
    assert tailgated(play) == [("", "wrong_way")]
    leaves = replace(reads("", "t3"), plate=None, heading=Heading.WRONG_WAY, evidence=("w.jpg",))
    play(leaves, replace(VehicleCrossed("out1", None), backwards=True), after=1)
    assert play.recorded("passage.completed")[-1]["evidence"] == ["w.jpg"]
