"""What is recorded of those who pass beside, behind or against the vehicle of the passage."""

from dataclasses import replace

import pytest

from edge.domain.facts import Heading
from edge.lane.actions import carry_out
from edge.lane.cells import Cell
from edge.lane.effects import Record
from edge.lane.identity import candidates
from edge.lane.sign import Sign
from edge.lane.state import Lane
from edge.lane.vehicle import Passage, Track
from edge.lane.vocabulary import Cue, LaneAction, Outcome, Stage
from tests.support.builders import NOON, a_context, a_plate_view

T1, T2 = "24C12345", "29C11111"
FIRST = Passage("p1", NOON, 0.0, track="t1", view=a_plate_view(T1))


def a_track(name="t2", text=T2, **changes):
    plate = a_plate_view(text) if text else None
    return replace(Track(name, "truck", plate, 5, True, (), 0.0), **changes)


def passes(lane, cue=Cue.CROSSED_UNADMITTED, entry_loop=False, track=None):
    """The lane after another than the vehicle of the passage has passed, and what is recorded."""
    action = LaneAction.TAILGATERS if cue is Cue.TAILGATED else LaneAction.STRANGER
    cell, context = Cell(lane.stage, (action,)), replace(a_context(), entry_loop=entry_loop)
    lane, effects = carry_out(lane, cell, Sign(cue, track=track), context)
    return lane, [effect.data for effect in effects if isinstance(effect, Record)]


def behind(stage=Stage.REFUSED, **more):
    track = a_track()
    return Lane("out1", stage, FIRST, follower=track, tracks={"t2": track}, **more)


def test_a_stranger_is_recorded_as_who_was_read_behind_and_is_there_no_more():
    gone = replace(behind(vanished=("t2",)), tracks={})
    lane, (record,) = passes(gone)
    assert (record["plate"], record["outcome"]) == (T2, Outcome.PASSED_UNADMITTED)
    assert lane.passage == FIRST


@pytest.mark.parametrize("entry_loop", [False, None])
def test_a_stranger_who_is_seen_at_the_line_has_passed_where_no_loop_feels_him(entry_loop):
    _, (record,) = passes(behind(), entry_loop=entry_loop)
    assert record["plate"] == T2


def test_whom_the_loop_feels_before_the_arm_has_not_passed():
    _, (record,) = passes(behind(), entry_loop=True)
    assert record["plate"] == ""


def test_who_comes_under_the_arm_now_may_be_felt_by_the_entry_loop_still():
    _, (record,) = passes(behind(Stage.CROSSING), Cue.ENTERED_UNADMITTED, entry_loop=True)
    assert record["plate"] == T2


def test_who_is_recorded_as_a_stranger_stands_there_no_more_and_is_recorded_once():
    lane, _ = passes(behind())
    assert lane.follower is None
    assert candidates(lane) == []
    _, (again,) = passes(lane)
    assert again["plate"] == ""


def test_another_plate_on_the_track_of_who_has_passed_is_another_who_stands_there():
    lane, _ = passes(behind())
    other = a_track(text="30A12345")
    assert candidates(replace(lane, tracks={"t2": other})) == [other]


def test_who_has_passed_is_not_the_one_who_comes_from_the_other_side():
    track = a_track(headings=frozenset({Heading.WRONG_WAY}))
    there = Lane("out1", Stage.EMPTY, tracks={"t2": track})
    assert passes(there, Cue.WRONG_WAY)[1][0]["plate"] == T2
    assert passes(replace(there, served=(("t2", T2),)), Cue.WRONG_WAY)[1][0]["plate"] == ""
