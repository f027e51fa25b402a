"""What the actions of the lane's table do to the passage, each by itself."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    Arm,
    BarrierFirstSeen,
    CodeShown,
    VehicleArrived,
    VehicleCrossed,
    VehicleEntered,
)
from edge.domain.reason import Decision, Reason, Verdict
from edge.lane import snapshot
from edge.lane.actions import ANEW_FRAMES, carry_out
from edge.lane.cells import Cell
from edge.lane.effects import Spend
from edge.lane.passages import came_at, came_behind
from edge.lane.sign import CAME_AGAIN, Sign
from edge.lane.state import Changing, Lane
from edge.lane.vehicle import Passage, Track
from edge.lane.vocabulary import Cue, LaneAction, Outcome, Stage
from tests.support.builders import (
    NOON,
    a_book,
    a_context,
    a_plate_view,
    a_vehicle_seen,
    an_assignment,
)
from tests.support.lane_play import Play

T1, T2, T3, REAR = "24C12345", "29C11111", "29C22222", "51R00001"
CODE = CodeShown("out1", "c1", "A1", "camera", "", "")
DOUBTED = Decision(Verdict.REFER, Reason.ANOTHER_VEHICLE)
FULL = Passage(
    "p1",
    NOON,
    0.0,
    track="t1",
    kind="truck",
    view=a_plate_view(T1),
    frames=5,
    evidence=("1.jpg",),
    decision=Decision(Verdict.ALLOW, Reason.OPERATOR, "A1"),
    by="operator:lan",
    corrected=T2,
    decided_at=NOON,
    trailers=(a_plate_view(REAR),),
    camera="c1",
    code=CODE,
    other_code=CODE,
    views=("t2",),
    said_by=(("c1", T1),),
    dwell_s=9.0,
    reversed=True,
    guided_to="out2",
)
"""Somebody of whom much is known."""


def reread(passage=FULL, cue=Cue.ANOTHER, why=Cue.ANOTHER.value, present=True):
    lane = Lane("out1", Stage.REFERRED, passage, present=present)
    cell = Cell(Stage.REREADING, (LaneAction.REREAD,))
    lane, effects = carry_out(lane, cell, Sign(cue, DOUBTED, why=why), a_context())
    assert effects == []
    return lane


def test_of_who_is_read_anew_nothing_counts_that_was_read_said_or_decided():
    passage, context = reread().passage, a_context()
    known = {"id", "arrived_at", "track", "kind", "frames", "evidence", "camera"}
    anew = {"before", "earlier", "read_by"}
    empty = Passage("p1", NOON, 0.0)
    for name in {field.name for field in fields(Passage)} - known - anew:
        assert getattr(passage, name) == getattr(empty, name), name
    assert {name: getattr(passage, name) for name in known} == {
        name: getattr(FULL, name) for name in known
    }
    assert passage.before == tuple(sorted((T1, T2, REAR)))
    assert passage.earlier == FULL
    assert passage.read_by == context.now.mono + context.policy.read_wait_s


def test_who_is_read_anew_once_more_is_compared_with_all_of_before_and_was_the_first():
    first = reread().passage
    again = reread(replace(first, view=a_plate_view(T3))).passage
    assert again.before == tuple(sorted((T1, T2, T3, REAR)))
    assert again.earlier == FULL


@pytest.mark.parametrize(
    ("passage", "track"), [(FULL, "t1"), (replace(FULL, view=None, trailers=(), corrected=""), "")]
)
def test_who_comes_again_is_another_unless_he_was_known_and_waits_for_new_pictures(passage, track):
    anew = reread(passage, why=CAME_AGAIN).passage
    assert (anew.track, anew.frames_needed) == (track, passage.frames + ANEW_FRAMES)


@pytest.mark.parametrize(
    ("present", "why", "changing"),
    [
        (True, Cue.ANOTHER.value, Changing.TAKEN),
        (False, Cue.ANOTHER.value, Changing.NO),
        (True, CAME_AGAIN, Changing.NO),
    ],
)
def test_the_break_that_comes_shows_another_where_one_has_taken_his_place_on_the_loop(
    present, why, changing
):
    assert reread(why=why, present=present).changing is changing


@pytest.mark.parametrize(
    ("cue", "perhaps"),
    [
        (Cue.ANOTHER, None),
        (Cue.FOUND_STANDING_ARM_UP, Outcome.RESUMED),
        (Cue.TIMEOUT_UNSEEN, Outcome.RESUMED),
        (Cue.FOUND_STANDING, None),
    ],
)
def test_he_may_have_passed_where_the_arm_was_up_in_the_dark(cue, perhaps):
    assert reread(cue=cue).passage.perhaps is perhaps


def test_who_is_seen_to_drive_under_the_arm_before_the_first_look_has_his_time():
    play = Play(lane=Lane("out1", Stage.RESUMING_EMPTY))
    play(VehicleEntered("out1", None))
    assert play.lane.passage.entered_at == NOON


def test_who_was_noticed_behind_is_looked_for_anew_as_somebody_enters():
    play = Play()
    play(a_vehicle_seen(a_plate_view(T2), track="t9"))
    behind = play.lane.tracks["t9"]
    play.lane = Lane("out1", Stage.REFUSED, replace(FULL, by="gate"), follower=behind)
    play(VehicleEntered("out1", None))
    assert play.lane.follower is None


def test_who_passes_while_nobody_has_a_passage_is_told_as_unidentified():
    play = Play()
    play(VehicleCrossed("out1", None))
    assert play.alarms == [AlarmCode.PASSAGE_UNIDENTIFIED]


def test_who_was_refused_before_a_start_and_passes_under_an_arm_left_up_uses_nothing():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    lane = snapshot.revive("out1", snapshot.dump(play.lane), play.clock.now(), 6.0)
    again = Play(book=play.book, lane=lane)
    again(BarrierFirstSeen("out1", Arm.OPEN, True, False))
    again(VehicleEntered("out1", None), VehicleCrossed("out1", None), after=3)
    assert again.recorded("passage.completed")[0]["passage"] == "p1"
    assert [e for e in again.effects if isinstance(e, Spend)] == []


def test_who_begins_now_came_when_he_was_noticed_behind_and_not_when_another_was():
    now = replace(a_context().now, wall=NOON + timedelta(seconds=9))
    track = Track("t1", "truck", None, 1, True, (), 0.0)
    lane = Lane("out1", followed_at=NOON)
    assert came_at(lane, now) == now.wall
    assert came_at(replace(lane, follower=track), now) == NOON


def a_track(name="t1", **changes):
    return replace(Track(name, "truck", a_plate_view(T1), 5, True, (), 0.0), **changes)


def test_of_one_more_whom_the_camera_never_saw_at_the_line_the_time_is_not_taken_from_there():
    context, lane = replace(a_context(), entry_loop=True), Lane("out1", present_at=NOON)
    assert came_behind(lane, a_track(), context) == context.now.wall
    earlier = context.now.wall - timedelta(seconds=3)
    assert came_behind(lane, a_track(at_line_since=context.now.mono - 3), context) == earlier


def test_a_state_begins_once():
    lane = Lane("out1", Stage.REFERRED, FULL, since=NOON - timedelta(seconds=9))
    for stage, began in ((Stage.DOUBTED, lane.since), (Stage.ADMITTED, NOON)):
        after, _ = carry_out(lane, Cell(stage), Sign(Cue.REFERRED), a_context())
        assert after.since == began


def test_who_leaves_takes_with_him_who_was_noticed_behind():
    lane = Lane("out1", Stage.CROSSING_FOLLOWED, FULL, follower=a_track("t9"))
    cell = Cell(Stage.EMPTY, (LaneAction.ABANDON,), Outcome.REVERSED_OUT)
    after, _ = carry_out(lane, cell, Sign(Cue.LEFT), a_context())
    assert (after.passage, after.follower) == (None, None)
