"""How a passage begins: whose it is, and what is known of him from before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.lane.actions import AT_ONCE, carry_out
from edge.lane.cells import Cell
from edge.lane.sign import BACKED_OFF, Sign
from edge.lane.state import Changing, Lane
from edge.lane.vehicle import Passage, Track
from edge.lane.vocabulary import Cue, LaneAction, Stage
from tests.support.builders import NOON, a_context, a_plate_view

FOLLOWER = Track("t9", "truck", a_plate_view("29C11111"), 5, True, (), 0.0)
AWAY = replace(FOLLOWER, at_barrier=False)
LATER = NOON + AT_ONCE + timedelta(seconds=1)
NOTICED = Lane("out1", Stage.EMPTY, follower=FOLLOWER, followed_at=NOON, noted=(FOLLOWER,))
"""The camera has read somebody behind the one who has passed now."""


def begun(lane, cue=Cue.ARRIVED, why="", stage=Stage.READING):
    cell = Cell(stage, (LaneAction.BEGIN,))
    lane, effects = carry_out(lane, cell, Sign(cue, why=why), a_context())
    assert effects == []
    return lane


@pytest.mark.parametrize(
    ("changes", "is_he"),
    [
        ({}, True),
        ({"present": True, "present_at": NOON + AT_ONCE}, True),
        ({"present": True, "present_at": LATER}, False),
        ({"present": True, "present_at": LATER, "tracks": {"t9": FOLLOWER}}, True),
        ({"present": True, "present_at": LATER, "tracks": {"t9": AWAY}}, False),
        ({"present_at": LATER, "tracks": {"t9": AWAY}}, True),
        ({"present": True}, True),
        ({"present": True, "present_at": LATER, "followed_at": None}, True),
    ],
)
def test_he_is_the_one_read_behind_unless_the_loop_felt_somebody_long_after_that_one_was_lost(
    changes, is_he
):
    passage = begun(replace(NOTICED, **changes)).passage
    assert passage.track == ("t9" if is_he else "")
    assert passage.view == (FOLLOWER.plate if is_he else None)


def test_who_was_noticed_behind_is_noticed_no_more_once_somebody_begins():
    lane = begun(NOTICED)
    assert (lane.follower, lane.noted) == (None, ())


@pytest.mark.parametrize(
    ("cue", "present", "why", "changing"),
    [
        (Cue.SWAPPED, True, "swapped", Changing.BEGUN),
        (Cue.SWAPPED_UNSEEN, True, "swapped", Changing.BEGUN),
        (Cue.SWAPPED, False, "swapped", Changing.NO),
        (Cue.SWAPPED, True, BACKED_OFF, Changing.NO),
        (Cue.ARRIVED, True, "", Changing.TAKEN),
    ],
)
def test_the_break_of_the_loop_that_is_yet_to_come_is_of_the_one_whose_place_is_taken(
    cue, present, why, changing
):
    lane = Lane("out1", Stage.READING, present=present, changing=Changing.TAKEN)
    assert begun(lane, cue, why).changing is changing


@pytest.mark.parametrize(("stage", "kept"), [(Stage.EMPTY, False), (Stage.BEHIND, True)])
def test_who_was_noted_behind_is_forgotten_when_the_lane_is_empty(stage, kept):
    lane = replace(NOTICED, stage=Stage.CROSSING, passage=Passage("p1", NOON, 0.0))
    after, _ = carry_out(lane, Cell(stage), Sign(Cue.LEFT), a_context())
    assert after.noted == ((FOLLOWER,) if kept else ())
