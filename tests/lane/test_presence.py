"""Each condition by which loop and camera say who stands there, is gone or has passed."""

from dataclasses import replace

import pytest

from edge.domain.facts import Arm, VehicleLost
from edge.lane.presence import (
    COUNTED_S,
    HALF_WAY_S,
    LOOP_FREE_S,
    UNFELT_S,
    backed_off,
    counted_already,
    counted_twice,
    crossed_beside,
    goes_unfelt,
    half_way,
    kept_in_sight,
    left,
    passed_between,
    passed_perhaps,
    slipped_ahead,
    slipped_past,
    stands_no_more,
    unfelt,
)
from edge.lane.state import Changing, Lane, Motion
from edge.lane.vehicle import Passage, Track
from edge.lane.vocabulary import Cue, Outcome, Stage
from tests.support.builders import NOON, a_context, a_plate_view

SURE = a_plate_view()


def a_track(name="t1", kind="truck", at_barrier=True, camera=""):
    return Track(name, kind, SURE, 5, at_barrier, (), 0.0, camera)


def a_lane(*tracks, stage=Stage.REFUSED, passage=None, **changes):
    passage = passage or Passage("p1", NOON, 6.0, track="t1", kind="truck", view=SURE)
    lane = Lane("out1", stage, passage, tracks={t.track: t for t in tracks})
    return replace(lane, **changes)


def context(entry_loop=True):
    return replace(a_context(), entry_loop=entry_loop)


NOW = a_context().now.mono
RIDER = a_track("m", "motorcycle")
LOST = VehicleLost("out1", "m")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, True),
        ({"counted_at": NOW - COUNTED_S / 2}, False),
        ({"counted_at": NOW - COUNTED_S}, True),
        ({"served": (("m", ""),)}, False),
        ({"stage": Stage.TAILGATING}, True),
        ({"stage": Stage.TAILGATING, "passage": Passage("p1", NOON, 6.0)}, False),
        ({"stage": Stage.REFUSED, "passage": Passage("p1", NOON, 6.0)}, True),
        ({"passage": Passage("p1", NOON, 6.0, track="m")}, False),
        ({"passage": Passage("p1", NOON, 6.0, track="t1", camera="b")}, False),
    ],
)
def test_a_rider_who_is_lost_at_the_line_has_passed_unless_he_is_accounted_for(changes, told):
    lane = a_lane(RIDER, **changes)
    assert (slipped_past(lane, LOST, context()) is not None) is told


@pytest.mark.parametrize(("came", "told"), [(-3.5, False), (-2.0, False), (-1.9, True)])
def test_who_was_counted_before_a_rider_came_to_the_line_is_not_he(came, told):
    lane = a_lane(replace(RIDER, at_line_since=NOW + came), counted_at=NOW - 3.0)
    assert (slipped_past(lane, LOST, context()) is not None) is told


def test_where_nobody_has_a_passage_a_rider_who_is_lost_at_the_line_has_passed():
    lane = Lane("out1", Stage.EMPTY, tracks={"m": RIDER})
    assert slipped_past(lane, LOST, context()) is RIDER
    other = replace(lane, tracks={"m": replace(RIDER, camera="b")})
    assert slipped_past(other, LOST, context()) is None


@pytest.mark.parametrize(("at_barrier", "told"), [(True, False), (False, True)])
def test_another_rider_at_the_line_may_be_the_same_on_another_track(at_barrier, told):
    lane = a_lane(RIDER, a_track("m2", "motorcycle", at_barrier))
    assert (slipped_past(lane, LOST, context()) is not None) is told


@pytest.mark.parametrize(
    ("stage", "changing", "expected"),
    [
        (Stage.REFUSED, Changing.BEGUN, None),
        (Stage.ADMITTED, Changing.BEGUN, None),
        (Stage.ADMITTED, Changing.NO, Cue.LEFT),
        (Stage.REFUSED, Changing.NO, None),
        (Stage.REFUSED, Changing.TAKEN, Cue.SWAPPED),
        (Stage.CROSSING, Changing.BEGUN, Cue.LEFT),
    ],
)
def test_whose_the_break_of_the_loop_is(stage, changing, expected):
    lane = a_lane(a_track(), stage=stage, changing=changing)
    assert backed_off(lane, context()) is expected


def test_a_break_with_the_track_lost_is_a_vehicle_that_has_left_unless_it_was_the_first_ones():
    assert backed_off(a_lane(changing=Changing.BEGUN), context()) is None
    assert backed_off(a_lane(), context()) is Cue.LEFT


def test_only_its_own_tracks_keep_it_in_sight():
    assert not kept_in_sight(a_lane(a_track("t2")))
    assert not kept_in_sight(a_lane(a_track(at_barrier=False)))
    assert kept_in_sight(a_lane(a_track("t2", at_barrier=False), a_track()))
    assert not kept_in_sight(Lane("out1", tracks={"": a_track("")}))


EARLIER = Passage("p1", NOON, 6.0, view=SURE)
PERHAPS = replace(EARLIER, track="t1", view=None, perhaps=Outcome.RESUMED, earlier=EARLIER)
BEHIND = replace(PERHAPS, view=SURE, perhaps=Outcome.TAILGATED)


@pytest.mark.parametrize(
    ("stage", "passage", "expected"),
    [
        (Stage.READING, PERHAPS, True),
        (Stage.READING, replace(PERHAPS, view=SURE), False),
        (Stage.READING, replace(PERHAPS, perhaps=None), False),
        (Stage.ADMITTED, PERHAPS, False),
        (Stage.LET_IN, PERHAPS, False),
    ],
)
def test_who_was_admitted_before_a_restart_may_have_passed_until_he_is_read(
    stage, passage, expected
):
    assert passed_perhaps(a_lane(stage=stage, passage=passage)) is expected


@pytest.mark.parametrize(
    ("vanished", "motions", "expected"),
    [
        (("t1",), (), True),
        (("t1",), (Motion(Arm.OPEN, "x", NOON),), True),
        (("t1",), (Motion(Arm.CLOSED, "x", NOON),), False),
        ((), (), False),
    ],
)
def test_who_stood_behind_the_first_has_passed_if_lost_at_the_line_with_the_arm_up(
    vanished, motions, expected
):
    lane = a_lane(stage=Stage.READING, passage=BEHIND, vanished=vanished, motions=motions)
    assert passed_perhaps(lane) is expected


def test_nobody_has_passed_perhaps_where_nobody_is():
    assert not passed_perhaps(Lane("out1"))


@pytest.mark.parametrize("stage", [Stage.CROSSING, Stage.CROSSING_UNADMITTED])
@pytest.mark.parametrize(
    ("tracks", "changes", "entry", "expected"),
    [
        ([a_track(), RIDER], {}, True, True),
        ([a_track()], {"slipped_at": NOW}, True, True),
        ([a_track()], {}, True, False),
        ([a_track(), a_track("t2")], {}, True, False),
        ([a_track(), replace(RIDER, at_barrier=False)], {}, True, False),
        ([a_track(), RIDER], {}, False, False),
        ([RIDER], {}, True, False),
        ([a_track(kind="motorcycle")], {}, True, False),
    ],
)
def test_a_rider_was_under_the_arm_where_the_truck_is_felt_and_seen_before_it(
    stage, tracks, changes, entry, expected
):
    lane = a_lane(*tracks, stage=stage, **changes)
    assert crossed_beside(lane, context(entry)) is expected


def test_who_stands_there_has_nobody_under_the_arm_in_his_place():
    assert not crossed_beside(a_lane(a_track(), RIDER), context())
    assert not crossed_beside(Lane("out1", Stage.EMPTY, tracks={"m": RIDER}), context())


@pytest.mark.parametrize(
    ("ago", "stage", "tracks", "entry", "twice", "already"),
    [
        (1.0, Stage.ADMITTED, [a_track()], True, True, False),
        (1.0, Stage.ADMITTED, [], True, False, False),
        (1.0, Stage.ADMITTED, [a_track()], False, False, False),
        (COUNTED_S, Stage.ADMITTED, [a_track()], True, False, False),
        (None, Stage.ADMITTED, [a_track()], True, False, False),
        (1.0, Stage.CROSSING, [a_track()], True, False, True),
        (COUNTED_S, Stage.CROSSING, [a_track()], True, False, False),
        (None, Stage.CROSSING, [a_track()], True, False, False),
    ],
)
def test_a_rider_whom_the_camera_has_lost_is_not_counted_once_more(
    ago, stage, tracks, entry, twice, already
):
    lane = a_lane(*tracks, stage=stage, slipped_at=None if ago is None else NOW - ago)
    assert counted_twice(lane, context(entry)) is twice
    assert counted_already(lane, context(entry)) is already


@pytest.mark.parametrize(("seen", "expected"), [(True, Cue.LEFT), (False, Cue.SLIPPED_BY)])
def test_a_rider_who_is_seen_again_has_not_slipped_by(seen, expected):
    mine = Passage("p1", NOON, 6.0, track="m", kind="motorcycle")
    tracks = [replace(RIDER, at_barrier=False)] if seen else []
    assert left(a_lane(*tracks, passage=mine, vanished=("m",)), context()) is expected


TRUCK = a_track("t", "truck")


@pytest.mark.parametrize(
    ("change", "ahead"),
    [
        ({}, True),
        ({"stage": Stage.ADMITTED}, False),
        ({"stage": Stage.LET_IN}, False),
        ({"vanished": ()}, False),
        ({"tracks": {"t": TRUCK, "m": RIDER}}, False),
        ({"tracks": {}}, False),
        ({"tracks": {"t": replace(TRUCK, kind="motorcycle")}}, False),
        ({"tracks": {"t": replace(TRUCK, at_barrier=False)}}, False),
        ({"passage": None}, False),
        ({"passage": Passage("p1", NOON, 6.0, track="m", kind="truck")}, False),
    ],
)
def test_a_rider_ahead_of_who_keeps_the_loop_has_slipped_by_where_he_stood_unadmitted(
    change, ahead
):
    mine = Passage("p1", NOON, 6.0, track="m", kind="motorcycle")
    lane = a_lane(TRUCK, passage=mine, vanished=("m",))
    assert slipped_ahead(replace(lane, **change)) is ahead


def test_nobody_has_left_where_nobody_stood():
    assert left(Lane("out1"), context()) is Cue.LEFT


# --- under the arm, though the loop feels nobody ---

UP, DOWN = ((Motion(arm, "authorisation", NOON),) for arm in (Arm.OPEN, Arm.CLOSED))
LET_IN = {"stage": Stage.LET_IN, "released": True, "motions": UP}


@pytest.mark.parametrize(
    ("tracks", "changes", "entry", "safety", "expected"),
    [
        ([], {}, False, True, True),
        ([], {"stage": Stage.ADMITTED}, False, True, True),
        ([], {"stage": Stage.REFUSED}, False, True, False),
        ([], {"released": False}, False, True, False),
        ([], {"motions": DOWN}, False, True, False),
        ([], {}, True, True, False),
        ([], {}, None, True, False),
        ([], {}, False, False, False),
        ([], {}, False, None, False),
        ([a_track()], {}, False, True, False),
        ([replace(a_track(), at_barrier=False)], {}, False, True, True),
    ],
)
def test_who_was_let_in_off_the_loop_is_under_the_arm_where(
    tracks, changes, entry, safety, expected
):
    lane = a_lane(*tracks, **{**LET_IN, **changes})
    assert goes_unfelt(lane, replace(context(entry), safety_loop=safety)) is expected


@pytest.mark.parametrize(
    ("since", "exit_loop", "expected"),
    [
        (None, True, True),
        (NOW, True, True),
        (NOW - HALF_WAY_S + 1, True, True),
        (NOW - HALF_WAY_S, True, False),
        (NOW, False, False),
        (NOW, None, False),
    ],
)
def test_somebody_is_half_way_as_long_as_the_exit_loop_says_something(since, exit_loop, expected):
    assert half_way(replace(Lane("out1"), exit_since=since), exit_loop, NOW) is expected


GONE = {"loop_free_since": NOW - LOOP_FREE_S, "exit_since": NOW, "blind": True, "motions": UP}


@pytest.mark.parametrize(
    ("changes", "exit_loop", "expected"),
    [
        ({}, False, True),
        ({}, True, False),
        ({"exit_since": NOW - HALF_WAY_S}, True, True),
        ({"blind": False}, True, True),
        ({"motions": DOWN}, True, True),
        ({"loop_free_since": NOW - LOOP_FREE_S + 1}, False, False),
        ({"loop_free_since": None}, False, False),
    ],
)
def test_nobody_stands_there_any_more_unless_he_may_be_on_his_way_out(changes, exit_loop, expected):
    lane = a_lane(**{**GONE, **changes})
    asked = replace(context(False), exit_loop=exit_loop)
    assert stands_no_more(lane, False, asked) is expected


def test_whom_the_camera_keeps_off_the_loop_stands_there():
    assert not stands_no_more(a_lane(a_track(), **GONE), True, context(False))


@pytest.mark.parametrize(
    ("changes", "needs_loop", "entry", "told"),
    [
        ({}, True, False, True),
        ({}, True, True, False),
        ({}, True, None, False),
        ({}, False, False, False),
        ({"at_line_since": NOW - UNFELT_S + 1}, True, False, False),
        ({"at_line_since": None}, True, False, False),
        ({"kind": "motorcycle"}, True, False, False),
        ({"sees": "rear"}, True, False, True),
        ({"sees": "rear", "camera": "c"}, True, False, False),
        ({"camera": "c"}, True, False, True),
    ],
)
def test_the_camera_alone_tells_of_who_stands_before_a_loop_that_feels_nobody(
    changes, needs_loop, entry, told
):
    track = replace(a_track(), at_line_since=NOW - UNFELT_S)
    lane = Lane("out1", tracks={"t1": replace(track, **changes)})
    asked = replace(a_context(needs_loop=needs_loop), entry_loop=entry)
    assert (unfelt(lane, asked) is not None) is told


# --- between the one under the arm and the one at the line ---


def read_on(name, text, accepted=True):
    view = replace(SURE, text=text, accepted=accepted) if text else None
    return replace(a_track(name, "truck"), plate=view)


FIRST, SECOND = read_on("t2", "29C11111"), read_on("t3", "30C22222")


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({}, 1),
        ({"vanished": ()}, 0),
        ({"served": (("t2", "29C11111"),)}, 0),
        ({"noted": ()}, 0),
        ({"noted": (read_on("t2", ""),)}, 0),
        ({"noted": (read_on("t2", "29C11111", False),)}, 0),
        ({"noted": (FIRST, read_on("t4", "31C33333"))}, 1),
        ({"tracks": {}}, 0),
        ({"tracks": {"t3": read_on("t3", "30C22222", False)}}, 0),
        ({"tracks": {"t3": read_on("t3", "29C11112")}}, 0),
        ({"passage": None}, 1),
        ({"passage": Passage("p1", NOON, 6.0, track="t1", reads=(FIRST.plate,))}, 0),
    ],
)
def test_who_was_read_behind_and_is_lost_before_another_is_through(change, count):
    lane = a_lane(SECOND, stage=Stage.CROSSING_FOLLOWED, noted=(FIRST,), vanished=("t2",))
    assert passed_between(replace(lane, **change)) == count
