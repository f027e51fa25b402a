"""What the lane concludes from facts, and from how things stand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.domain.facts import (
    Arm,
    BarrierFirstSeen,
    OperatorDecided,
    RequestHandled,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.domain.mode import LaneMode
from edge.lane.cues import assess
from edge.lane.from_facts import choices, from_fact
from edge.lane.state import Lane, LaneState
from edge.lane.vehicle import Passage, Track
from edge.lane.vocabulary import Cue, Stage
from tests.support.builders import (
    NOON,
    a_book,
    a_context,
    a_plate_view,
    a_vehicle_seen,
    an_assignment,
)
from tests.support.lane_play import Play

T1, T2 = "24C12345", "29C11111"


@pytest.mark.parametrize(
    ("stage", "noted"),
    [(Stage.CROSSING, True), (Stage.CROSSING_UNADMITTED, True), (Stage.REJECTED, False)],
)
def test_who_is_read_at_the_line_follows_only_where_somebody_is_under_the_arm(stage, noted):
    behind = Track("t2", "truck", a_plate_view(T2), 5, True, (), 0.0)
    lane = replace(a_lane(stage, view=a_plate_view(T1)), tracks={"t2": behind}, present=True)
    lane, _, _ = assess(lane, replace(a_context(), entry_loop=True))
    assert lane.noted == ((behind,) if noted else ())


def a_lane(stage=Stage.ADMITTED, **changes):
    return Lane("out1", stage, replace(Passage("p1", NOON, 6.0, track="t1"), **changes))


def cue(lane, fact, **context):
    sign = from_fact(lane, fact, replace(a_context(), **context))
    return sign and sign.cue


@pytest.mark.parametrize(
    ("stage", "kind", "track", "expected"),
    [
        (Stage.REFUSED, "motorcycle", "t1", Cue.SLIPPED_BY),
        (Stage.REFUSED, "truck", "t1", Cue.LEFT),
        (Stage.REFUSED, "motorcycle", "", Cue.LEFT),
        (Stage.ADMITTED, "motorcycle", "t1", Cue.LEFT),
        (Stage.LET_IN, "motorcycle", "t1", Cue.LEFT),
        (Stage.CROSSING, "motorcycle", "t1", Cue.LEFT),
    ],
)
def test_only_a_two_wheeler_that_stood_unadmitted_and_was_seen_slips_by(
    stage, kind, track, expected
):
    lane = replace(a_lane(stage, kind=kind, track=track), vanished=("t1",))
    assert cue(lane, VehicleBackedOff("out1")) is expected


def test_nobody_cannot_slip_by():
    assert cue(Lane("out1"), VehicleBackedOff("out1")) is Cue.LEFT


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (VehicleCrossed("out1", "p1"), Cue.CROSSED),
        (VehicleCrossed("out1", "p1", 2), Cue.CROSSED_SEVERAL),
        (VehicleCrossed("out1", "p0", 2), Cue.CROSSED_UNADMITTED),
        (VehicleCrossed("out1", None), Cue.CROSSED_UNADMITTED),
        (VehicleCrossed("out1", None, 1, True), Cue.WRONG_WAY),
        (VehicleEntered("out1", "p1"), Cue.ENTERED),
        (VehicleEntered("out1", "p0"), Cue.ENTERED_UNADMITTED),
        (VehicleEntered("out1", None), Cue.ENTERED_UNADMITTED),
        (RequestHandled("out1", "p1", "done", ""), None),
        (RequestHandled("out1", "p0", "refused", "locked"), None),
        (RequestHandled("out1", "p1", "refused", "locked"), Cue.BARRIER_REFUSED),
    ],
)
def test_what_the_guard_tells_is_of_this_passage_or_of_another(fact, expected):
    assert cue(a_lane(), fact) is expected


@pytest.mark.parametrize(
    ("loop", "present", "expected"),
    [
        (True, True, Cue.ENTRY_TIMEOUT),
        (True, False, Cue.TIMEOUT_GONE),
        (False, False, Cue.ENTRY_TIMEOUT),
    ],
)
def test_an_admission_that_nobody_used_is_of_who_stands_there_or_of_nobody(loop, present, expected):
    lane = replace(a_lane(), present=present)
    fact = RequestHandled("out1", "p1", "refused", "entry_timeout")
    assert cue(lane, fact, policy=a_context(needs_loop=loop).policy) is expected


@pytest.mark.parametrize(
    ("stage", "arm", "entry", "safety", "expected"),
    [
        (Stage.RESUMING_ADMITTED, Arm.OPEN, True, True, Cue.FOUND_UNDER_ARM),
        (Stage.RESUMING_ADMITTED, Arm.OPEN, True, False, Cue.FOUND_STANDING_ARM_UP),
        (Stage.RESUMING_ADMITTED, Arm.OPEN, False, False, Cue.FOUND_GONE_ARM_UP),
        (Stage.RESUMING_ADMITTED, Arm.CLOSING, False, None, Cue.FOUND_GONE_ARM_UP),
        (Stage.RESUMING_ADMITTED, Arm.UNKNOWN, False, False, Cue.FOUND_GONE_ARM_UP),
        (Stage.RESUMING_ADMITTED, Arm.CLOSED, False, False, Cue.FOUND_GONE_ARM_DOWN),
        (Stage.RESUMING_ADMITTED, Arm.FAULT, False, False, Cue.FOUND_GONE_ARM_DOWN),
        (Stage.RESUMING_ADMITTED, Arm.OPEN, None, False, Cue.FOUND_GONE_ARM_UP),
        (Stage.RESUMING_CROSSING, Arm.OPEN, None, False, Cue.FOUND_GONE_ARM_UP),
        (Stage.RESUMING_ADMITTED, Arm.CLOSED, None, False, Cue.FOUND_STANDING),
        (Stage.RESUMING_STANDING, Arm.OPEN, None, False, Cue.FOUND_STANDING_ARM_UP),
        (Stage.RESUMING_STANDING, Arm.OPEN, True, False, Cue.FOUND_STANDING_ARM_UP),
        (Stage.RESUMING_REJECTED, Arm.STOPPED, True, False, Cue.FOUND_STANDING_ARM_UP),
        (Stage.RESUMING_REJECTED, Arm.CLOSED, True, False, Cue.FOUND_STANDING),
        (Stage.RESUMING_STANDING, Arm.CLOSED, None, False, Cue.FOUND_STANDING),
        (Stage.RESUMING_STANDING, Arm.OPEN, False, False, Cue.FOUND_GONE_ARM_UP),
    ],
)
def test_what_the_first_look_after_a_start_shows(stage, arm, entry, safety, expected):
    assert cue(a_lane(stage), BarrierFirstSeen("out1", arm, entry, safety)) is expected


@pytest.mark.parametrize(
    ("arm", "entry", "in_sight", "expected"),
    [
        (Arm.OPEN, True, True, Cue.FOUND_STANDING),
        (Arm.OPEN, True, False, Cue.FOUND_GONE_ARM_UP),
        (Arm.OPEN, False, True, Cue.FOUND_GONE_ARM_UP),
        (Arm.OPEN, None, True, Cue.FOUND_STANDING),
        (Arm.OPEN, None, False, Cue.FOUND_GONE_ARM_UP),
        (Arm.CLOSED, True, False, Cue.FOUND_STANDING),
        (Arm.CLOSED, False, True, Cue.FOUND_GONE_ARM_DOWN),
    ],
)
@pytest.mark.parametrize("stage", [Stage.ADMITTED, Stage.LET_IN])
def test_what_a_look_at_an_admitted_one_shows_since_nothing_was_read(
    stage, arm, entry, in_sight, expected
):
    track = Track("t1", "truck", None, 5, in_sight, (), 0.0)
    lane = replace(a_lane(stage), tracks={"t1": track})
    assert cue(lane, BarrierFirstSeen("out1", arm, entry, False)) is expected


@pytest.mark.parametrize(
    ("stage", "arm", "entry", "expected"),
    [
        (Stage.RESUMING_CROSSING, Arm.OPEN, True, None),
        (Stage.RESUMING_CROSSING, Arm.CLOSED, True, Cue.FOUND_STANDING),
        (Stage.RESUMING_STANDING, Arm.OPEN, True, Cue.FOUND_STANDING_ARM_UP),
        (Stage.RESUMING_STANDING, Arm.OPEN, False, None),
        (Stage.REFUSED, Arm.OPEN, False, None),
        (Stage.REFUSED, Arm.OPEN, True, Cue.FOUND_STANDING),
        (Stage.CROSSING_RESUMED, Arm.OPEN, False, None),
        (Stage.CROSSING_UNFELT, Arm.OPEN, False, None),
        # The guard tells of that one.
        (Stage.CROSSING, Arm.OPEN, False, Cue.FOUND_GONE_ARM_UP),
    ],
)
def test_what_a_look_shows_while_somebody_is_on_the_exit_loop(stage, arm, entry, expected):
    assert cue(a_lane(stage), BarrierFirstSeen("out1", arm, entry, False, True)) is expected


WORD = OperatorDecided("out1", "p1", True, "", "papers", "lan")


@pytest.mark.parametrize(
    ("stage", "word", "expected"),
    [
        (Stage.REFUSED, WORD, Cue.PERSON_ADMITS),
        (Stage.REFUSED, replace(WORD, admit=False), Cue.PERSON_REJECTS),
        (Stage.REFUSED, replace(WORD, passage="p2"), None),
        (Stage.REFUSED, replace(WORD, version=1), None),
        (Stage.REFUSED, replace(WORD, version=0), Cue.PERSON_ADMITS),
        (Stage.ADMITTED, WORD, None),
        (Stage.CROSSING, replace(WORD, admit=False), None),
        (Stage.REFUSED, replace(WORD, assignment="A1"), Cue.PERSON_ADMITS),
        (Stage.REFUSED, replace(WORD, assignment="A9"), Cue.PERSON_MUST_CHOOSE),
    ],
)
def test_a_persons_word_is_for_the_vehicle_that_waits_as_he_saw_it(stage, word, expected):
    assert cue(a_lane(stage, view=a_plate_view()), word) is expected


def test_a_word_about_nobody_is_none():
    assert cue(Lane("out1", Stage.EMPTY), WORD) is None


def test_an_assignment_that_fits_nobody_here_is_no_choice_either():
    lane = a_lane(Stage.REFUSED, view=a_plate_view(T2))
    assert cue(lane, replace(WORD, assignment="A1")) is Cue.PERSON_MUST_CHOOSE
    assert cue(lane, WORD) is Cue.PERSON_ADMITS


def test_the_choices_are_the_assignments_of_the_plate_that_counts():
    book = a_book(
        an_assignment(T1, trailers=["51R00001"]),
        an_assignment(T2, id="A2"),
        an_assignment(T1, id="A3", valid_to=NOON - timedelta(hours=1)),
    )
    context = replace(a_context(), book=book)
    passage = Passage("p1", NOON, 6.0, view=a_plate_view(T1))
    assert choices(passage, context) == ("A1",)
    assert choices(passage, context, T2) == ("A2",)
    assert choices(Passage("p1", NOON, 6.0), context) == ()
    with_trailer = replace(passage, trailers=(a_plate_view("51R00001"),))
    assert choices(with_trailer, context) == ("A1",)
    # A trailer that no assignment joins with the corrected plate leaves that plate's own.
    assert choices(with_trailer, context, T2) == ("A2",)


# --- how things stand ---


def crossing(loop=True):
    play = Play(needs_loop=loop)
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play.entry_loop = True if loop else None
    play(VehicleEntered("out1", "p1"), after=1)
    return play


def test_the_first_vehicle_behind_is_the_one_that_is_remembered():
    play = crossing()
    play(a_vehicle_seen(a_plate_view(T2), track="t2"), after=1)
    play(a_vehicle_seen(a_plate_view("30A12345"), track="t3"), after=1)
    assert play.lane.follower.track == "t2"


def test_a_vehicle_behind_that_is_seen_backing_off_is_no_tailgater():
    play = crossing()
    play(a_vehicle_seen(a_plate_view(T2), track="t2"), after=1)
    play.entry_loop = False
    away = a_vehicle_seen(a_plate_view(T2), track="t2", at_barrier=False)
    play(away, VehicleCrossed("out1", "p1"), after=1)
    assert play.recorded("passage.abandoned")[-1]["plate"] == T2
    assert play.lane.state is LaneState.EMPTY
    assert play.lane.present is False


def test_without_a_loop_the_one_behind_stands_there_once_it_has_stayed_as_long_as_a_reading():
    play = crossing(loop=False)
    behind = a_vehicle_seen(a_plate_view(T2), track="t2")
    play(behind, VehicleLost("out1", "t1"), VehicleCrossed("out1", "p1"), after=1)
    play(behind, after=2)
    assert play.lane.stage is Stage.BEHIND
    play(behind, after=2.9)
    play(behind, after=1.2)
    assert play.lane.state is LaneState.WAITING
    assert play.recorded("passage.decided")[-1]["reason"] == "not_declared"


def test_with_a_loop_the_one_in_sight_before_it_is_waited_for():
    play = crossing()
    behind = a_vehicle_seen(a_plate_view(T2), track="t2")
    play.entry_loop = False
    play(behind, VehicleLost("out1", "t1"), VehicleCrossed("out1", "p1"), after=1)
    for _ in range(5):
        play(behind, after=2)
    assert play.lane.stage is Stage.BEHIND


def test_without_a_loop_a_vehicle_that_was_never_seen_has_the_time_of_a_reading():
    lane = replace(a_lane(Stage.READING, track=""), present=False)
    play = Play(needs_loop=False, lane=lane)
    play.lane = replace(lane, passage=replace(lane.passage, read_by=play.clock.now().mono + 6))
    play(Ticked(), after=5.9)
    assert play.lane.state is LaneState.READING
    play(Ticked(), after=0.2)
    assert play.lane.state is LaneState.EMPTY


def test_without_a_loop_a_vehicle_that_was_seen_is_gone_when_it_is_seen_no_more():
    play = Play(needs_loop=False)
    play(a_vehicle_seen(a_plate_view(T2)), after=1)
    play(VehicleLost("out1", "t1"), after=0.1)
    assert play.lane.state is LaneState.EMPTY


def test_only_after_a_restart_do_free_loops_end_a_crossing():
    play = crossing()
    play.entry_loop = play.safety_loop = False
    for _ in range(5):
        play(Ticked(), after=3)
    assert play.lane.stage is Stage.CROSSING


def test_the_tractors_journey_counts_and_no_trailers():
    from edge.domain.question import Journey

    play = Play()
    play.journeys = {T2: Journey("export", NOON), T1: Journey("export", NOON)}
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    assert play.recorded("passage.decided")[-1]["reason"] == "passed_already"
    play = Play()
    play.journeys = {T2: Journey("export", NOON)}
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    assert play.recorded("passage.decided")[-1]["reason"] == "assigned"


def test_loops_that_have_long_been_free_hide_nobody_whom_the_camera_sees():
    play = Play(needs_loop=False)
    play.safety_loop = False
    for _ in range(5):
        play(Ticked(), after=3)
    play(a_vehicle_seen(a_plate_view(T2)), after=1)
    assert play.lane.state is LaneState.WAITING


def test_while_the_loop_is_free_no_arm_opens_but_all_else_is_said():
    play = Play()
    play(VehicleArrived("out1"))
    play.entry_loop = False
    play(a_vehicle_seen(a_plate_view(T2)))
    assert play.recorded("passage.decided")[-1]["reason"] == "not_declared"
    alone, both = an_assignment(T1, id="A0", priority=9), an_assignment(T1, trailers=["51R00001"])
    play = Play(book=a_book(alone, both))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play.entry_loop = False
    play(a_vehicle_seen(a_plate_view("51R00001"), track="t2"), after=1)
    assert play.recorded("passage.decided")[-1]["assignment"] == "A1"


SHADOW, AUTOMATIC = LaneMode.SHADOW, LaneMode.AUTOMATIC


@pytest.mark.parametrize(
    ("stage", "mode", "expected"),
    [
        (Stage.ADMITTED, SHADOW, Cue.ENTERED),
        (Stage.LET_IN, SHADOW, Cue.ENTERED),
        (Stage.REFUSED, SHADOW, Cue.ENTERED_UNADMITTED),
        (Stage.ADMITTED, AUTOMATIC, Cue.ENTERED_UNADMITTED),
    ],
)
def test_beside_another_controller_whoever_is_admitted_goes_under_an_arm_that_is_not_ours(
    stage, mode, expected
):
    policy = replace(a_context().policy, mode=mode)
    assert cue(a_lane(stage), VehicleEntered("out1", None), policy=policy) is expected


@pytest.mark.parametrize(("ago", "expected"), [(1.0, None), (7.0, Cue.ENTERED_UNADMITTED)])
def test_who_comes_under_the_arm_just_after_a_rider_was_lost_at_the_line_is_that_rider(
    ago, expected
):
    lane = replace(a_lane(Stage.CROSSING), slipped_at=a_context().now.mono - ago)
    assert cue(lane, VehicleEntered("out1", None)) is expected


@pytest.mark.parametrize(
    ("stage", "released", "expected"),
    [
        (Stage.REFUSED, True, Cue.ANOTHER),
        (Stage.REFUSED, False, Cue.ARRIVED),
        (Stage.LET_IN, True, Cue.ARRIVED),
        (Stage.CROSSING, True, Cue.ARRIVED),
    ],
)
def test_who_comes_to_the_loop_where_one_stands_off_it_may_be_another(stage, released, expected):
    lane = replace(a_lane(stage), released=released)
    assert cue(lane, VehicleArrived("out1")) is expected


@pytest.mark.parametrize(
    ("sees", "camera", "come"),
    [("front", "c", True), ("rear", "", True), ("rear", "c", False), ("front", "", True)],
)
def test_where_no_loop_is_wired_who_is_first_seen_from_behind_leaves(sees, camera, come):
    track = Track("t1", "truck", None, 5, True, (), 0.0, camera, sees)
    _, sign, _ = assess(Lane("out1", tracks={"t1": track}), a_context(needs_loop=False))
    assert (sign is not None) is come
