"""How a passage begins and how it counts at its end, of whichever vehicle it is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.domain.mode import LaneMode
from edge.domain.reason import Decision, Reason, Verdict
from edge.lane.passages import came_at, came_behind, flowed, read_on
from edge.lane.state import Lane
from edge.lane.vehicle import Passage, Track
from edge.lane.vocabulary import Outcome
from tests.support.builders import NOON, a_context, a_plate_view, a_policy

EARLIER = NOON - timedelta(seconds=9)
TRACK = Track("t9", "truck", a_plate_view("29C11111"), 5, True, ("9.jpg",), 0.0, camera="side")
PASSAGE = Passage("p1", NOON, 0.0, by="operator:lan")
NOT_DECLARED = Decision(Verdict.REFUSE, Reason.NOT_DECLARED)
FLOWS = Decision(Verdict.ALLOW, Reason.FREE_FLOW)


@pytest.mark.parametrize(
    ("lane", "at"),
    [
        (Lane("out1", present=True, present_at=EARLIER), EARLIER),
        (Lane("out1", present_at=EARLIER), NOON),
        (Lane("out1", present=True), NOON),
        (Lane("out1", follower=TRACK, followed_at=EARLIER), EARLIER),
        (Lane("out1", follower=TRACK), NOON),
    ],
)
def test_who_begins_came_when_the_loop_or_the_camera_first_told_of_him(lane, at):
    assert came_at(lane, a_context().now) == at


@pytest.mark.parametrize(
    ("follower", "entry_loop", "at"),
    [(None, False, EARLIER), (TRACK, False, NOON), (None, True, NOON)],
)
def test_the_loop_tells_when_one_more_came_where_nobody_else_can_have_been_meant(
    follower, entry_loop, at
):
    lane = Lane("out1", present=True, present_at=EARLIER, follower=follower)
    assert came_behind(lane, None, replace(a_context(), entry_loop=entry_loop)) == at


def test_what_was_read_on_his_own_track_is_all_his():
    assert read_on(Passage("p1", NOON, 0.0), TRACK) == Passage(
        "p1",
        NOON,
        0.0,
        track="t9",
        camera="side",
        kind="truck",
        view=TRACK.plate,
        reads=(TRACK.plate,),
        frames=5,
        evidence=("9.jpg",),
    )
    assert read_on(Passage("p1", NOON, 0.0), replace(TRACK, plate=None)).reads == ()


def ended(outcome, decision=None, mode=LaneMode.FREE_FLOW):
    context = replace(a_context(), policy=replace(a_policy(), mode=mode))
    return flowed(replace(PASSAGE, decision=decision), outcome, context)


@pytest.mark.parametrize(
    "outcome", [Outcome.PASSED_UNADMITTED, Outcome.TAILGATED, Outcome.ARM_BY_HAND]
)
@pytest.mark.parametrize(
    ("decision", "why"), [(None, "undecided"), (NOT_DECLARED, "not_declared"), (FLOWS, "")]
)
def test_in_free_flow_whoever_passes_was_admitted_and_it_is_said_what_else_would_have_been(
    outcome, decision, why
):
    passage, ended_as = ended(outcome, decision)
    assert ended_as is Outcome.ADMITTED
    assert passage.by == "gate"
    assert passage.decision == replace(FLOWS, detail=why)


def test_what_has_a_name_of_its_own_keeps_it_in_free_flow():
    assert ended(Outcome.WRONG_WAY, NOT_DECLARED) == (
        replace(PASSAGE, decision=NOT_DECLARED),
        Outcome.WRONG_WAY,
    )


def test_elsewhere_nobody_is_admitted_afterwards():
    assert ended(Outcome.TAILGATED, mode=LaneMode.AUTOMATIC) == (PASSAGE, Outcome.TAILGATED)
