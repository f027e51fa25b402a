"""Where the loop and the camera do not say the same of who stands there."""

from dataclasses import replace

import pytest

from edge.domain.facts import (
    AssignmentsChanged,
    OperatorDecided,
    RequestHandled,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
    VehicleSeen,
)
from edge.lane.effects import Authorise, RaiseAlarm
from edge.lane.state import LaneState
from edge.lane.vocabulary import Stage
from tests.support.builders import a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.lane_play import Play

T1, T2 = "24C12345", "29C11111"
UNSURE = a_plate_view(T1, 0.7, False)


def standing(view=None, book=None):
    """Somebody stands there who is not admitted."""
    play = Play(book=book or a_book(an_assignment(state="held")))
    play.entry_loop, play.safety_loop = True, False
    play(VehicleArrived("out1"), a_vehicle_seen(view or a_plate_view()))
    play(Ticked(), a_vehicle_seen(view or a_plate_view()), after=7)
    assert play.lane.state is LaneState.WAITING
    return play


def dropped(play, view=None, for_s=5):
    """The loop no longer notices who stands there; the camera does."""
    play.entry_loop = False
    play(VehicleBackedOff("out1"))
    for _ in range(for_s):
        play(Ticked(), a_vehicle_seen(view or a_plate_view()), after=1)


def admits(play):
    passage = play.lane.passage
    return play(OperatorDecided("out1", passage.id, True, T1, "", "lan", passage.version))


def test_whom_the_loop_drops_and_the_camera_sees_still_stands_there():
    play = standing(UNSURE)
    dropped(play, UNSURE)
    assert play.lane.state is LaneState.WAITING
    assert play.recorded("passage.abandoned") == []
    assert Authorise("p1") in admits(play)
    play(Ticked(), a_vehicle_seen(UNSURE), after=1)
    assert play.lane.stage is Stage.LET_IN
    # He drives on, and the loop feels him move.
    play.entry_loop = True
    play(VehicleArrived("out1"), VehicleEntered("out1", "p1"), after=1)
    play(VehicleCrossed("out1", "p1"), after=4)
    (done,) = play.recorded("passage.completed")
    assert (done["passage"], done["outcome"]) == ("p1", "admitted")


def test_whom_the_loop_drops_and_the_camera_loses_has_left():
    play = standing(UNSURE)
    dropped(play, UNSURE)
    play(VehicleLost("out1", "t1"))
    (gone,) = play.recorded("passage.abandoned")
    assert gone["passage"] == "p1"
    assert play.lane.stage is Stage.EMPTY


@pytest.mark.parametrize("how", ["lost", "away from the line"])
def test_who_is_let_in_off_the_loop_and_drives_away_has_turned_back(how):
    play = standing(UNSURE)
    dropped(play, UNSURE)
    admits(play)
    gone = VehicleLost("out1", "t1")
    play(gone if how == "lost" else a_vehicle_seen(UNSURE, at_barrier=False), after=1)
    play(Ticked(), after=4)
    assert play.recorded("passage.abandoned")[-1]["outcome"] == "turned_back"


def test_the_list_lets_nobody_in_whom_the_loop_does_not_feel():
    play = standing()
    dropped(play)
    play.book = a_book()
    assert not [e for e in play(AssignmentsChanged()) if isinstance(e, Authorise)]
    assert play.lane.stage is Stage.REFERRED
    assert play.recorded("passage.decided")[-1]["reason"] == "not_felt"


@pytest.mark.parametrize("comes", [True, False])
def test_nobody_is_let_in_on_what_was_read_before_he_came_while_the_guard_has_not_named_him(comes):
    """The loop is occupied a moment before the guard tells of it, or by a glitch of which it never
    tells; the camera, frozen, shows who stood there last."""
    play = standing()
    dropped(play)
    play.book = a_book()
    play(AssignmentsChanged())
    play.entry_loop = True
    play(a_vehicle_seen(), after=0.1)
    play(Ticked(), after=0.1)
    if comes:
        play(VehicleArrived("out1"), a_vehicle_seen())
    else:
        play.entry_loop = False
        play(Ticked(), a_vehicle_seen(), after=0.1)
    assert not [e for e in play.effects if isinstance(e, Authorise)]
    assert play.lane.stage is (Stage.REREADING if comes else Stage.REFERRED)


def test_who_comes_to_the_loop_again_is_read_anew_although_the_track_is_the_same():
    play = standing()
    dropped(play)
    play.entry_loop = True
    play(VehicleArrived("out1"))
    assert play.lane.stage is not Stage.REFUSED
    assert play.lane.passage.before == (T1,)
    play(replace(a_vehicle_seen(a_plate_view(T2)), frames_read=8), after=1)
    assert play.lane.passage.id == "p1"
    play(replace(a_vehicle_seen(a_plate_view(T2)), frames_read=9), after=1)
    assert play.recorded("passage.abandoned")[-1]["outcome"] == "swapped"
    assert play.lane.passage.id == "p2"


def test_a_time_out_does_not_take_him_for_gone_whom_the_camera_sees():
    play = standing(UNSURE)
    dropped(play, UNSURE)
    admits(play)
    play(a_vehicle_seen(UNSURE), after=29)
    play(RequestHandled("out1", "p1", "refused", "entry_timeout"), after=1)
    assert play.lane.stage is Stage.DOUBTED


def test_a_break_that_a_swap_awaited_is_not_awaited_of_the_next_vehicle():
    """The one who took a place was felt by the loop until he was under the arm: the break that was
    awaited came unseen, and the next one's is his own."""
    play = swapped_and_gone()
    play(VehicleArrived("out1"), a_vehicle_seen(UNSURE, track="t3"), after=2)
    play(Ticked(), a_vehicle_seen(UNSURE, track="t3"), after=7)
    assert play.lane.stage is Stage.REFERRED
    play.entry_loop = False
    play(VehicleBackedOff("out1"), a_vehicle_seen(UNSURE, track="t3"), after=1)
    passage = play.lane.passage
    play(OperatorDecided("out1", passage.id, True, T1, "", "lan", passage.version))
    for _ in range(5):
        play(Ticked(), a_vehicle_seen(UNSURE, track="t3"), after=1)
    assert play.lane.stage is Stage.LET_IN


def swapped_and_gone():
    """One made way for another, who was admitted and has passed; the loop told of no break."""
    play = standing()
    play.book = a_book(an_assignment(T2))
    play(VehicleLost("out1", "t1"), a_vehicle_seen(a_plate_view(T2), track="t2"), after=1)
    mine = play.lane.passage.id
    assert play.lane.stage is Stage.ADMITTED
    play(VehicleEntered("out1", mine), VehicleLost("out1", "t2"), after=3)
    play(VehicleCrossed("out1", mine), after=4)
    assert play.lane.stage is Stage.EMPTY
    return play


# --- nobody is left standing there without a word ---


def test_who_is_read_off_the_loop_is_for_a_person():
    """The loop dropped him before he was read; the gate lets in nobody whom it does not feel."""
    play = Play()
    play.entry_loop, play.safety_loop = True, False
    play(VehicleArrived("out1"), a_vehicle_seen(None))
    play.entry_loop = False
    play(VehicleBackedOff("out1"), a_vehicle_seen(None), after=1)
    for _ in range(6):
        play(a_vehicle_seen(a_plate_view()), Ticked(), after=1)
    decided = play.recorded("passage.decided")[-1]
    assert (decided["verdict"], decided["reason"]) == ("refer", "not_felt")
    assert decided["assignment"] == "A1"
    assert not [e for e in play.effects if isinstance(e, Authorise)]
    assert Authorise("p1") in admits(play)


def seen_alone(for_s, at_barrier=True, entry_loop=False, sees="front"):
    """The loop feels nobody; the camera keeps somebody in sight."""
    play = Play()
    play.entry_loop, play.safety_loop = entry_loop, False
    for _ in range(for_s):
        seen = a_vehicle_seen(a_plate_view(), at_barrier=at_barrier)
        play(replace(seen, sees=sees, camera="c"), Ticked(), after=1)
    return play


def test_whom_the_camera_alone_keeps_at_the_barrier_is_for_a_person():
    """A loop that is dead, or that tuned out before the service began again."""
    play = seen_alone(12)
    assert [d["reason"] for d in play.recorded("passage.decided")] == ["not_felt"]
    assert play.recorded("passage.abandoned") == []
    play(VehicleLost("out1", "t1"), Ticked(), after=4)
    assert len(play.recorded("passage.abandoned")) == 1


@pytest.mark.parametrize(
    "how",
    [
        {"for_s": 4},
        {"for_s": 12, "at_barrier": False},
        {"for_s": 12, "entry_loop": None},
        {"for_s": 12, "sees": "rear"},
    ],
    ids=["a moment", "farther away", "the loop is not heard", "leaving"],
)
def test_the_camera_alone_tells_of_nobody_who_does_not_stand_there(how):
    assert seen_alone(**how).lane.stage is Stage.EMPTY


def test_whom_the_camera_told_of_is_read_anew_once_the_loop_feels_him():
    play = seen_alone(12)
    play.entry_loop = True
    play(VehicleArrived("out1"))
    for frames in (9, 10):
        play(replace(a_vehicle_seen(a_plate_view()), frames_read=frames, camera="c"), after=1)
    assert play.lane.stage is Stage.ADMITTED
    assert play.lane.passage.id == "p1"


# --- one makes way for another ---


def swapped(second, by_person=False):
    """The first makes way; the camera sees the second before the loop has a break."""
    play = standing()
    if by_person:
        passage = play.lane.passage
        play(OperatorDecided("out1", "p1", False, "", "no", "lan", passage.version))
    play(VehicleLost("out1", "t1"), a_vehicle_seen(second, track="t2"), after=1)
    play.entry_loop = False
    play(VehicleBackedOff("out1"))
    play.entry_loop = True
    play(VehicleArrived("out1"), a_vehicle_seen(second, track="t2"))
    return play


def test_the_break_of_the_loop_after_a_swap_is_the_first_ones():
    play = swapped(a_plate_view(T2))
    (gone,) = play.recorded("passage.abandoned")
    assert (gone["passage"], gone["plate"], gone["outcome"]) == ("p1", T1, "swapped")
    assert play.lane.passage.id == "p2"
    assert [d["passage"] for d in play.recorded("passage.decided")] == ["p1", "p2"]


@pytest.mark.parametrize("by_person", [False, True])
def test_a_break_of_the_loop_shows_that_another_track_is_another_vehicle(by_person):
    play = swapped(a_plate_view(T2, 0.7, False), by_person)
    (gone,) = play.recorded("passage.abandoned")
    assert (gone["passage"], gone["plate"], gone["outcome"]) == ("p1", T1, "swapped")
    assert play.lane.passage.id == "p2"
    play(Ticked(), after=7)
    assert play.recorded("passage.decided")[-1]["reason"] == "unsure_reading"


def test_the_second_one_who_leaves_then_has_left():
    play = swapped(a_plate_view(T2))
    play(VehicleLost("out1", "t2"), after=5)
    play.entry_loop = False
    play(VehicleBackedOff("out1"), after=2)
    assert [d["passage"] for d in play.recorded("passage.abandoned")] == ["p1", "p2"]


# --- two-wheelers beside the others ---


def rider(track="m", at_barrier=True, view=None, kind="motorcycle"):
    return VehicleSeen("out1", track, kind, view, 5, at_barrier, ("m.jpg",))


def passed(play):
    """Those that are recorded as passed without admission, and how often that was told."""
    alarms = [e for e in play.effects if isinstance(e, RaiseAlarm) and "unadm" in e.code]
    return play.recorded("passage.completed"), len(alarms)


def test_a_rider_who_vanishes_at_the_line_beside_a_standing_truck_has_passed():
    play = standing()
    play(rider(view=a_plate_view(T2)), after=1)
    play(VehicleLost("out1", "m"), a_vehicle_seen(a_plate_view()), after=2)
    ((one,), told) = passed(play)
    assert (one["plate"], one["kind"], one["outcome"]) == (T2, "motorcycle", "passed_unadmitted")
    assert (one["evidence"], told) == (["m.jpg"], 1)
    assert play.lane.passage.id == "p1"


def test_a_rider_who_vanishes_beside_a_truck_under_the_arm_has_passed():
    play = Play()
    play.entry_loop = True
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(VehicleEntered("out1", "p1"), after=4)
    play(rider(), after=1)
    play(VehicleLost("out1", "m"), after=2)
    ((one,), told) = passed(play)
    assert (one["kind"], one["outcome"], told) == ("motorcycle", "passed_unadmitted", 1)
    play(VehicleCrossed("out1", "p1"), after=2)
    assert [d["outcome"] for d in play.recorded("passage.completed")][-1] == "admitted"


@pytest.mark.parametrize("told_by", ["camera", "loops"])
@pytest.mark.parametrize("on_his_word", [True, False])
def test_a_rider_under_the_arm_is_not_the_truck_that_stands_before_it(on_his_word, told_by):
    play = Play()
    play.entry_loop = True
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(rider(), a_vehicle_seen(a_plate_view()), after=1)
    play(VehicleEntered("out1", "p1" if on_his_word else None), after=1)
    lost = [VehicleLost("out1", "m"), a_vehicle_seen(a_plate_view())]
    through = [VehicleCrossed("out1", "p1" if on_his_word else None)]
    first, last = (lost, through) if told_by == "camera" else (through, lost)
    play(*first, after=2)
    play(*last, after=1)
    ((one,), told) = passed(play)
    assert (one["kind"], one["outcome"], told) == ("motorcycle", "passed_unadmitted", 1)
    # The truck has a passage anew: the guard knows the first one's admission as used.
    (truck,) = play.recorded("passage.abandoned")
    assert (truck["passage"], truck["outcome"]) == ("p1", "two_vehicles")
    assert play.lane.stage is Stage.ADMITTED
    assert Authorise(play.lane.passage.id) in play.effects


@pytest.mark.parametrize("truck", ["beside him before", "seen later", "unread"])
def test_a_rider_who_vanishes_before_a_truck_that_keeps_the_loop_has_passed(truck):
    """He was the vehicle of the passage: whoever has driven up behind him does not take it over."""
    play = Play()
    play.entry_loop = True
    play(VehicleArrived("out1"), rider(view=a_plate_view(T2)), after=1)
    behind = a_vehicle_seen(None if truck == "unread" else a_plate_view(), track="t1")
    if truck == "beside him before":
        play(rider(view=a_plate_view(T2)), behind, after=1)
    play(VehicleLost("out1", "m"), after=1)
    play(behind, after=1)
    ((one,), told) = passed(play)
    assert (one["plate"], one["kind"], one["outcome"]) == (T2, "motorcycle", "passed_unadmitted")
    assert (one["evidence"], told) == (["m.jpg"], 1)
    assert (play.lane.passage.id, play.lane.passage.track) != (one["passage"], "m")
    if truck != "unread":
        assert play.recorded("passage.decided")[-1]["plate"] == T1
        assert play.lane.stage is Stage.ADMITTED


@pytest.mark.parametrize("seen", ["nobody else", "himself again", "another rider"])
def test_a_rider_whom_the_camera_has_lost_on_the_occupied_loop_is_still_there(seen):
    play = Play()
    play.entry_loop = True
    play(VehicleArrived("out1"), rider(view=a_plate_view(T2)), after=1)
    play(VehicleLost("out1", "m"), after=1)
    if seen == "himself again":
        play(rider(track="m2", view=a_plate_view(T2), kind="car"), after=1)
    elif seen == "another rider":
        play(rider(track="m2"), after=1)
    assert passed(play) == ([], 0)


@pytest.mark.parametrize(
    "why",
    ["went back", "is seen on another track", "is no two-wheeler", "is the one who was counted"],
)
def test_a_rider_has_not_passed_who(why):
    play = standing()
    if why == "is the one who was counted":
        play(VehicleCrossed("out1", None), after=1)
    play(rider(kind="truck" if why == "is no two-wheeler" else "motorcycle"), after=1)
    if why == "went back":
        play(rider(at_barrier=False), after=1)
    if why == "is seen on another track":
        play(rider(track="m2"))
    before = len(play.recorded("passage.completed"))
    play(VehicleLost("out1", "m"), after=1)
    assert len(play.recorded("passage.completed")) == before


def test_who_comes_to_the_loop_again_and_is_read_as_before_is_the_same():
    play = standing()
    dropped(play)
    play.entry_loop = True
    play(VehicleArrived("out1"))
    play(replace(a_vehicle_seen(a_plate_view()), frames_read=9), after=1)
    assert (play.lane.stage, play.lane.passage.id) == (Stage.REFUSED, "p1")


@pytest.mark.parametrize("back", [True, False])
def test_a_rider_who_stood_at_the_line_has_passed_where_he_vanished_there(back):
    play = Play(book=a_book(an_assignment(state="held")))
    play.entry_loop = True
    play(VehicleArrived("out1"), rider(view=a_plate_view()))
    play(rider(at_barrier=not back, view=a_plate_view()), after=1)
    play(VehicleLost("out1", "m"), after=1)
    play.entry_loop = False
    play(VehicleBackedOff("out1"), after=1)
    ended = [d["outcome"] for kind in ("completed", "abandoned")
             for d in play.recorded(f"passage.{kind}")]  # fmt: skip
    assert ended == ["referred" if back else "passed_unadmitted"]


# --- two at once ---


def test_of_two_vehicles_read_at_once_the_record_has_both_readings_and_their_pictures():
    play = Play()
    play.entry_loop = True
    one, two = a_vehicle_seen(a_plate_view(T1)), a_vehicle_seen(a_plate_view(T2), track="t2")
    two = replace(two, evidence=("b.jpg",))
    play(one, two, VehicleArrived("out1"))
    decided = play.recorded("passage.decided")[-1]
    assert decided["reason"] == "several_vehicles"
    assert {read["text"] for read in decided["reads"]} == {T1, T2}
    assert set(decided["evidence"]) == {"a.jpg", "b.jpg"}


def test_the_plate_that_a_person_gives_says_which_of_two_vehicles_he_lets_in():
    play = Play()
    play.entry_loop = True
    one, two = a_vehicle_seen(a_plate_view(T1)), a_vehicle_seen(a_plate_view(T2), track="t2")
    play(one, replace(two, evidence=("b.jpg",)), VehicleArrived("out1"))
    version = play.lane.passage.version
    play(OperatorDecided("out1", "p1", True, T2, "papers", "lan", version))
    assert (play.lane.passage.track, play.lane.passage.evidence) == ("t2", ("b.jpg",))
    play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"), after=3)
    done = play.recorded("passage.completed")[0]
    assert (done["plate"], done["read_plate"], done["evidence"]) == (T2, T2, ["b.jpg"])


def test_a_rider_whom_the_loops_count_as_well_is_recorded_once():
    play = standing()
    play(rider(view=a_plate_view(T2)), a_vehicle_seen(a_plate_view()), after=1)
    play(VehicleLost("out1", "m"), a_vehicle_seen(a_plate_view()), after=2)
    play(VehicleCrossed("out1", None), after=1)
    assert len(play.recorded("passage.completed")) == 1
    assert play.lane.passage.id == "p1"
