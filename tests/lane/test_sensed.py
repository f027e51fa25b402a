"""What a fact changes of what is sensed, whatever it leads to."""

from dataclasses import replace

import pytest

from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    CodeShown,
    Heading,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleEntered,
    VehicleLost,
)
from edge.lane.effects import RaiseAlarm
from edge.lane.rules import react
from edge.lane.state import TRACK_KEPT_S, Changing, Lane
from edge.lane.vehicle import Passage, Track
from edge.lane.vocabulary import Stage
from tests.support.builders import (
    NOON,
    a_book,
    a_context,
    a_plate_view,
    a_vehicle_seen,
    an_assignment,
)
from tests.support.lane_play import Play

NOW = a_context().now.mono
STANDS = Track("t1", "truck", None, 5, True, (), NOW)


def a_lane(stage, **changes):
    lane = Lane("out1", stage, Passage("p1", NOON, NOW + 6, track="t1"), tracks={"t1": STANDS})
    return replace(lane, **changes)


def after(lane, fact):
    return react(lane, fact, a_context())[0]


@pytest.mark.parametrize("fact", [VehicleArrived("out1"), VehicleEntered("out1", "p1")])
def test_who_is_felt_again_is_off_the_loop_no_more(fact):
    lane = after(a_lane(Stage.LET_IN, released=True, changing=Changing.TAKEN), fact)
    assert (lane.released, lane.changing) == (False, Changing.NO)


def test_a_rider_who_was_lost_is_forgotten_once_the_next_is_under_the_arm():
    lane = after(a_lane(Stage.LET_IN, slipped_at=NOW - 1), VehicleEntered("out1", "p1"))
    assert lane.slipped_at is None


@pytest.mark.parametrize(
    ("tracks", "changing", "released"),
    [
        ({"t1": STANDS}, Changing.NO, True),
        ({}, Changing.NO, False),
        ({"t1": STANDS}, Changing.BEGUN, False),
    ],
)
def test_who_leaves_the_loop_and_is_seen_stands_off_it(tracks, changing, released):
    before = a_lane(Stage.REFUSED, tracks=tracks, changing=changing, present=True)
    lane = after(before, VehicleBackedOff("out1"))
    assert (lane.released, lane.changing, lane.present) == (released, Changing.NO, False)


@pytest.mark.parametrize(("ago", "kept"), [(TRACK_KEPT_S, True), (TRACK_KEPT_S + 0.1, False)])
def test_a_track_without_news_is_no_longer_there(ago, kept):
    tracks = {"t1": replace(STANDS, seen=NOW - ago)}
    assert bool(after(Lane("out1", tracks=tracks), Ticked()).tracks) is kept


@pytest.mark.parametrize(
    ("changes", "since"),
    [
        ({"released": True}, NOW),
        ({"released": False}, NOW - 1),
        ({"released": True, "tracks": {}}, NOW - 1),
        ({"released": True, "stage": Stage.REFUSED}, NOW - 1),
    ],
)
def test_who_was_let_in_off_the_loop_is_gone_since_the_camera_has_lost_him(changes, since):
    lane = a_lane(Stage.LET_IN, loop_free_since=NOW - 1)
    context = replace(a_context(), entry_loop=False)
    assert react(replace(lane, **changes), Ticked(), context)[0].loop_free_since == since


def a_code(id, refused=""):
    return CodeShown("out1", id, "A1", "camera", refused, "2026-01-15T09:00:00Z")


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        (None, a_code("b"), "b"),
        (None, a_code("b", "expired"), "b"),
        (a_code("a"), a_code("b"), "b"),
        (a_code("a"), a_code("b", "expired"), "a"),
        (a_code("a", "expired"), a_code("b"), "b"),
        (a_code("a", "expired"), a_code("b", "malformed"), "b"),
    ],
)
def test_a_code_that_does_not_count_takes_nothing_from_one_that_does(first, second, counts):
    lane = a_lane(Stage.REFUSED)
    lane = replace(lane, passage=replace(lane.passage, code=first))
    assert after(lane, second).passage.code.id == counts


@pytest.mark.parametrize(
    ("second", "other"),
    [
        (a_code("b"), None),
        (replace(a_code("b"), assignment="A2"), "b"),
        (replace(a_code("b", "expired"), assignment="A2"), None),
    ],
)
def test_a_second_code_that_counts_for_another_assignment_stands_beside_the_first(second, other):
    lane = a_lane(Stage.REFUSED)
    lane = replace(lane, passage=replace(lane.passage, code=a_code("a")))
    passage = after(lane, second).passage
    assert passage.other_code == (second if other else None)
    assert passage.code.id == ("b" if second.assignment == "A1" else "a")


@pytest.mark.parametrize("refused", ["", "expired"])
def test_only_a_code_that_counts_is_bound_to_the_track_of_its_vehicle(refused):
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(None))
    play(a_code("a", refused), VehicleLost("out1", "t1"), a_vehicle_seen(None, track="t2"))
    stage = Stage.READING if refused else Stage.REREADING
    assert (play.lane.stage, play.lane.passage.track) == (stage, "t2")


def heads(heading, *, sent_back):
    """One behind another, who is refused or has left, heads where he should not."""
    play = Play(book=a_book(an_assignment(state="cancelled" if sent_back else "active")))
    play.entry_loop = True
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    second = replace(a_vehicle_seen(None, track="t2"), at_barrier=False)
    play(second, second, after=1)
    play.entry_loop = False
    play(VehicleBackedOff("out1"), VehicleLost("out1", "t1"), after=1)
    for _ in range(3):
        play(second, after=2)
    assert play.lane.stage is Stage.EMPTY
    play(replace(second, heading=heading))
    return [e.code for e in play.effects if isinstance(e, RaiseAlarm)]


@pytest.mark.parametrize(
    ("heading", "sent_back", "told"),
    [
        (Heading.REVERSING, True, []),
        (Heading.REVERSING, False, [AlarmCode.REVERSING_SEEN]),
        (Heading.WRONG_WAY, True, [AlarmCode.WRONG_WAY_SEEN]),
    ],
)
def test_who_made_way_for_a_refused_one_backs_rightly(heading, sent_back, told):
    assert heads(heading, sent_back=sent_back) == told
