"""Two cameras on one lane: what both see is one vehicle and one passage."""

from dataclasses import replace

import pytest

from edge.domain.facts import (
    AssignmentsChanged,
    CameraChanged,
    Heading,
    LinePassed,
    QueueChanged,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.domain.reason import Reason, Verdict
from edge.lane import snapshot
from edge.lane.effects import Authorise, Revoke
from edge.lane.state import LaneState
from edge.lane.vocabulary import Stage
from edge.system.clock import ManualClock
from tests.support.builders import NOON, a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.lane_play import Play

T1, R1 = "24C12345", "51R00001"
TRACTOR, TRAILER = a_plate_view(T1, 0.98), a_plate_view(R1, 0.99)
BOTH = an_assignment(T1, trailers=[R1])
ONE = an_assignment(T1)


def front(view=None, track="f1", **more):
    return replace(a_vehicle_seen(view, track=track), **more)


def rear(view=None, track="r1", **more):
    return replace(a_vehicle_seen(view, track=track), camera="rear", sees="rear", **more)


def test_both_ends_of_one_vehicle_that_is_declared_while_it_waits_need_no_person():
    play = Play(a_book(ONE))
    play(VehicleArrived("out1"), front(), rear())
    play(front(TRACTOR), rear(TRAILER))
    assert play.lane.stage is Stage.REFERRED
    play.book = a_book(BOTH)
    assert [e for e in play(AssignmentsChanged(), after=60) if isinstance(e, Authorise)]


def test_the_pictures_of_the_front_stay_its_own_when_it_has_passed_below_its_camera():
    play = Play(a_book(BOTH))
    seen = front(TRACTOR, evidence=("front.jpg",)), rear(TRAILER, evidence=("rear.jpg",))
    play(VehicleArrived("out1"), *seen)
    play(VehicleLost("out1", "f1"), seen[1], after=1)
    assert set(play.lane.passage.evidence) == {"front.jpg", "rear.jpg"}


def unsure(text, confidence=0.6):
    return a_plate_view(text, confidence, False)


def decisions(play):
    return [(d["verdict"], d["reason"]) for d in play.recorded("passage.decided")]


def ids(play):
    return {d["passage"] for d in play.recorded("passage.decided")}


@pytest.mark.parametrize("order", [(front, rear), (rear, front)])
def test_a_tractor_before_and_its_trailer_behind_are_one_passage_on_their_assignment(order):
    play = Play(a_book(BOTH))
    play(VehicleArrived("out1"))
    plates = {front: TRACTOR, rear: TRAILER}
    play(*(see(plates[see]) for see in order))
    assert [e for e in play.effects if isinstance(e, Authorise)]
    assert play.lane.passage.plate == T1
    assert play.lane.passage.trailer_texts == (R1,)
    assert len(ids(play)) == 1
    play(VehicleEntered("out1", play.lane.passage.id), VehicleCrossed("out1", play.lane.passage.id))
    (done,) = play.recorded("passage.completed")
    assert (done["plate"], [t["text"] for t in done["trailers"]]) == (T1, [R1])
    assert {r["text"] for r in done["reads"]} == {T1, R1}


def test_two_sure_plates_of_no_one_assignment_are_both_recorded_and_a_person_decides():
    play = Play(a_book(ONE))
    play(VehicleArrived("out1"), front(), rear())
    play(front(TRACTOR), rear(TRAILER))
    assert decisions(play)[-1] == ("refer", Reason.SEVERAL_VEHICLES)
    assert {r["text"] for r in play.recorded("passage.decided")[-1]["reads"]} == {T1, R1}
    assert len(ids(play)) == 1


@pytest.mark.parametrize("text", [T1, "24C12346", R1])
def test_where_the_one_in_front_is_sure_an_unsure_one_behind_changes_nothing(text):
    play = Play(a_book(ONE))
    play(VehicleArrived("out1"))
    play(front(TRACTOR), rear(unsure(text)))
    assert decisions(play) == [("allow", Reason.ASSIGNED)]
    assert text in {view.text for view in play.lane.passage.reads}


def test_where_only_the_one_behind_is_sure_it_decides_and_an_unsure_one_in_front_is_kept():
    play = Play(a_book(ONE))
    play(VehicleArrived("out1"))
    play(front(unsure("24C12845")), rear(a_plate_view(T1)))
    assert decisions(play)[-1] == ("allow", Reason.ASSIGNED)
    assert {view.text for view in play.lane.passage.reads} == {T1, "24C12845"}


def test_only_a_trailer_behind_is_sure_and_the_tractor_is_not_so_a_person_decides():
    play = Play(a_book(BOTH))
    play(VehicleArrived("out1"))
    play(front(unsure("24C12845")), rear(TRAILER))
    play(front(unsure("24C12845")), rear(TRAILER), after=7)
    assert decisions(play)[-1] == ("refer", Reason.TRACTOR_UNSURE)


def test_a_camera_that_says_otherwise_than_before_is_a_doubt_as_with_one_camera():
    play = Play(a_book(BOTH))
    play(VehicleArrived("out1"))
    play(front(TRACTOR), rear(TRAILER))
    play(front(TRACTOR), rear(a_plate_view("51R00002")), after=0.5)
    assert [e for e in play.effects if isinstance(e, Revoke)]
    assert decisions(play)[-1][0] == "refer"


def test_while_the_front_passes_below_its_camera_the_one_behind_keeps_the_vehicle():
    play = Play(a_book(ONE), needs_loop=False)
    play(front(TRACTOR), rear())
    mine = play.lane.passage.id
    play(VehicleLost("out1", "f1"), rear(), after=1)
    for _ in range(6):
        play(rear(), after=1)
    assert play.lane.passage.id == mine
    assert play.lane.state is LaneState.ADMITTED
    play(front(TRACTOR, "f2"), rear(), after=1)
    assert play.lane.passage.id == mine
    assert len(decisions(play)) == 1


def test_two_vehicles_in_one_camera_are_joined_with_nothing_of_the_other():
    play = Play(a_book(BOTH))
    play(VehicleArrived("out1"))
    play(front(None), front(None, "f2"), rear(TRAILER))
    assert play.lane.passage.views == ()


def test_the_rear_that_leaves_is_no_vehicle_that_follows_and_its_plate_is_recorded():
    play = Play(a_book(ONE))
    play(VehicleArrived("out1"))
    play(front(TRACTOR))
    mine = play.lane.passage.id
    play(VehicleEntered("out1", mine), VehicleLost("out1", "f1"))
    play(rear(TRAILER), after=0.5)
    assert play.lane.follower is None
    play(VehicleCrossed("out1", mine), after=1)
    (done,) = play.recorded("passage.completed")
    assert R1 in {r["text"] for r in done["reads"]}
    # The next one comes while the rear of the first is still in the picture.
    play(VehicleArrived("out1"), after=0.5)
    play(front(a_plate_view("29H55555"), "f2"), rear(TRAILER))
    assert play.lane.passage.trailer_texts == ()
    assert play.lane.passage.plate == "29H55555"


def named(play, type):
    (data,) = play.recorded(type)
    return data["evidence"]


@pytest.mark.parametrize("under_arm", [False, True])
def test_what_is_kept_of_a_vehicle_after_it_was_let_in_is_named_when_it_has_passed(under_arm):
    """The clip of its arrival is whole three seconds after it; the arm may be up by then."""
    play = Play(a_book(ONE))
    play(VehicleArrived("out1"), front(TRACTOR, evidence=("plate.jpg",)))
    mine = play.lane.passage.id
    assert named(play, "passage.decided") == ["plate.jpg"]
    if under_arm:
        play(VehicleEntered("out1", mine), after=2)
    play(front(TRACTOR, evidence=("plate.jpg", "clip.mp4", "reads.json")), after=1)
    play(VehicleLost("out1", "f1"), after=1)
    if not under_arm:
        play(VehicleEntered("out1", mine))
    play(VehicleCrossed("out1", mine), after=1)
    assert named(play, "passage.completed") == ["plate.jpg", "clip.mp4", "reads.json"]


def test_the_pictures_of_both_ends_are_the_passages_and_no_strangers():
    play = Play(a_book(BOTH))
    behind = front(None, "f2", at_barrier=False, evidence=("stranger.jpg",))
    play(VehicleArrived("out1"), behind)
    play(front(TRACTOR, evidence=("front.jpg",)), rear(TRAILER, evidence=("rear.jpg",)))
    mine = play.lane.passage.id
    assert play.lane.passage.evidence == ("front.jpg", "rear.jpg")
    play(VehicleEntered("out1", mine), behind, after=2)
    play(rear(TRAILER, evidence=("rear.jpg", "clip.mp4")), after=1)
    play(VehicleCrossed("out1", mine), after=1)
    assert named(play, "passage.completed") == ["front.jpg", "rear.jpg", "clip.mp4"]


@pytest.mark.parametrize("joined", [True, False])
def test_the_rear_of_the_next_in_the_queue_is_not_read_into_the_passage_of_the_first(joined):
    """The camera behind sees the second vehicle as soon as the first has moved up."""
    play = Play(a_book(BOTH))
    play(VehicleArrived("out1"))
    play(front(TRACTOR), *([rear(TRAILER)] if joined else []))
    mine, next_one = play.lane.passage.id, a_plate_view("29H55555")
    play(VehicleEntered("out1", mine), front(TRACTOR), after=1)
    if not joined:
        play(front(next_one, "f2"))
    play(rear(next_one, "r2"), after=1)
    play(VehicleCrossed("out1", mine), after=1)
    (done,) = play.recorded("passage.completed")
    assert "29H55555" not in {r["text"] for r in done["reads"]}


def test_the_rear_of_one_that_has_passed_begins_no_passage_where_there_is_no_loop():
    play = Play(a_book(ONE), needs_loop=False)
    play(rear(TRAILER))
    assert play.lane.passage is None


def test_an_overview_tells_the_kind_that_a_camera_at_the_plate_cannot():
    play = Play(a_book(ONE))
    play(VehicleArrived("out1"))
    close = replace(front(TRACTOR), kind="")
    over = replace(a_vehicle_seen(None, track="o1"), camera="overview", sees="overview", kind="bus")
    play(close, over)
    assert play.lane.passage.kind == "bus"
    assert play.lane.passage.plate == T1


def test_the_second_camera_may_fail_and_the_lane_goes_on_with_the_first():
    play = Play(a_book(ONE))
    play(VehicleArrived("out1"), front(), rear())
    play(CameraChanged("out1", False, "no picture", "rear"), after=4)
    play(front(TRACTOR))
    assert decisions(play) == [("allow", Reason.ASSIGNED)]


def test_how_long_it_waited_that_it_rolled_back_and_the_queue_stand_in_its_record():
    play = Play(a_book(ONE))
    play(VehicleArrived("out1"), QueueChanged("out1", 3), QueueChanged("out1", 2, "rear"))
    play(front(TRACTOR, dwell_s=12.34, heading=Heading.REVERSING))
    mine = play.lane.passage.id
    play(VehicleEntered("out1", mine), VehicleCrossed("out1", mine))
    (done,) = play.recorded("passage.completed")
    assert (done["dwell_s"], done["reversed"], done["queue"]) == (12.3, True, 3)


def test_the_fronts_counted_over_a_line_are_the_lanes():
    play = Play()
    play(LinePassed("out1", "t1", "arm", True, False, 0.95, 1, 0.0))
    play(LinePassed("out1", "t2", "arm", True, False, 0.5, 2, 0.0))
    assert play.lane.fronts == {"arm": 2}


def test_a_queue_that_its_camera_no_longer_counts_is_not_known():
    play = Play()
    play(QueueChanged("out1", 3))
    assert play.lane.queue == 3
    play(CameraChanged("out1", False, "no picture"))
    assert play.lane.queue is None


def test_one_that_drives_against_the_lane_is_told_once():
    play = Play()
    for _ in range(3):
        play(front(heading=Heading.WRONG_WAY), after=0.5)
        play(rear(heading=Heading.WRONG_WAY))
    play(front(heading=Heading.STANDING), rear(heading=Heading.STANDING))
    play(front(heading=Heading.WRONG_WAY), after=0.5)
    assert play.alarms == ["wrong_way_seen"]


@pytest.mark.parametrize("came", [True, False])
def test_one_that_backs_away_unasked_is_told_once(came):
    play = Play(a_book(ONE))
    if came:
        play(VehicleArrived("out1"), front(TRACTOR))
        assert play.lane.passage.decision.verdict is Verdict.ALLOW
    for _ in range(3):
        play(front(TRACTOR, heading=Heading.REVERSING), after=0.5)
        play(rear(heading=Heading.REVERSING))
    assert play.alarms == ["reversing_seen"]


def test_one_that_stops_and_backs_on_is_not_told_again_and_the_next_is():
    play = Play(a_book(ONE))
    play(front(heading=Heading.REVERSING), front(heading=Heading.STANDING))
    play(front(heading=Heading.REVERSING), after=0.5)
    assert play.alarms == ["reversing_seen"]
    play(VehicleLost("out1", "f1"), after=1)
    play(front(track="f9", heading=Heading.REVERSING), after=5)
    assert play.alarms == ["reversing_seen"] * 2


def test_one_that_was_refused_may_back_away_and_those_behind_make_way():
    play = Play(a_book(an_assignment("29C00000")))
    behind = {"track": "f2", "at_barrier": False}
    play(VehicleArrived("out1"), front(TRACTOR), front(**behind))
    assert play.lane.passage.decision.verdict is Verdict.REFUSE
    play(front(TRACTOR, heading=Heading.REVERSING), after=0.5)
    play.entry_loop = False
    play(VehicleLost("out1", "f1"), VehicleBackedOff("out1"), after=1)
    assert play.lane.passage is None
    play(front(heading=Heading.REVERSING, **behind), after=0.5)
    assert play.alarms == []


def test_a_camera_that_reads_otherwise_has_a_reason_of_its_own_and_names_what_it_read():
    play = Play(a_book(ONE))
    doubted = replace(TRACTOR, accepted=False, second="24C12845", second_confidence=0.9)
    play(VehicleArrived("out1"), front(doubted))
    version = play.lane.passage.version
    assert decisions(play) == [], "another picture may settle it"
    play(front(replace(doubted, second="24C12846")), after=3)
    assert play.lane.passage.version == version + 1
    play(front(replace(doubted, second="24C12846")), after=4)
    (decided,) = play.recorded("passage.decided")
    assert (decided["verdict"], decided["reason"]) == ("refer", "second_reader_differs")
    assert decided["detail"] == "24C12846"
    assert decided["reads"][0]["second_reader"]["text"] == "24C12846"


def test_the_views_survive_no_start_and_an_older_journal_is_read():
    play = Play(a_book(BOTH))
    play(VehicleArrived("out1"), front(TRACTOR), rear(TRAILER))
    kept = snapshot.dump(play.lane)
    again = snapshot.revive("out1", kept, ManualClock(NOON).now(), 6.0)
    assert again.passage.trailer_texts == (R1,)
    assert again.passage.views == ()
    for key in ("views", "said_by", "camera", "dwell_s", "reversed", "queue"):
        del kept["turn"][key]
    assert snapshot.revive("out1", kept, ManualClock(NOON).now(), 6.0).passage.plate == T1
