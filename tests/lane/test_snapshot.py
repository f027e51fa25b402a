"""What survives a crash."""

import json
from dataclasses import replace

import pytest

from edge.domain.facts import VehicleArrived
from edge.lane import snapshot
from edge.lane.rules import react
from edge.lane.state import RESUMING, SHOWN, Context, Lane, LaneState
from edge.lane.vehicle import Passage
from edge.lane.vocabulary import Stage
from edge.system.clock import ManualClock
from tests.support.builders import NOON, Ids, a_book, a_plate_view, a_policy, a_vehicle_seen


def test_an_admitted_turn_survives_as_it_was():
    clock = ManualClock(NOON)
    context = Context(clock.now(), a_book(), a_policy(), Ids())
    lane, _ = react(Lane("out1"), VehicleArrived("out1"), context)
    lane, _ = react(lane, a_vehicle_seen(a_plate_view()), context)
    again = snapshot.revive("out1", snapshot.dump(lane), clock.now(), 6.0)
    assert again.state is LaneState.ADMITTED
    assert again.restored
    assert again.passage is not None
    assert lane.passage is not None
    assert (again.passage.id, again.passage.view, again.passage.decision) == (
        lane.passage.id,
        lane.passage.view,
        lane.passage.decision,
    )


def test_what_cannot_be_understood_is_an_empty_lane():
    again = snapshot.revive("out1", {"state": "flying"}, ManualClock().now(), 6.0)
    assert again.state is LaneState.EMPTY


def test_a_first_start_has_an_empty_lane():
    assert snapshot.revive("out1", None, ManualClock().now(), 6.0).state is LaneState.EMPTY


RESUMED = {
    Stage.EMPTY: Stage.RESUMING_EMPTY,
    Stage.READING: Stage.RESUMING_STANDING,
    Stage.REREADING: Stage.RESUMING_STANDING,
    Stage.REFERRED: Stage.RESUMING_STANDING,
    Stage.REFUSED: Stage.RESUMING_STANDING,
    Stage.BEHIND: Stage.RESUMING_STANDING,
    Stage.DOUBTED: Stage.RESUMING_REJECTED,
    Stage.REJECTED: Stage.RESUMING_REJECTED,
    Stage.ADMITTED: Stage.RESUMING_ADMITTED,
    Stage.LET_IN: Stage.RESUMING_ADMITTED,
    **{stage: Stage.RESUMING_CROSSING for stage in Stage if SHOWN[stage] is LaneState.CROSSING},
    Stage.CROSSING_UNADMITTED: Stage.RESUMING_UNADMITTED,
    Stage.TAILGATING: Stage.RESUMING_UNADMITTED,
    **{stage: stage for stage in RESUMING},
}


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_goes_on_after_a_start_before_anything_is_decided(stage):
    now = ManualClock(NOON).now()
    passage = Passage("p1", NOON, 1.0, track="t1")
    kept = json.loads(json.dumps(snapshot.dump(Lane("out1", stage, passage, since=NOON))))
    lane = snapshot.revive("out1", kept, now, 6.0)
    assert (lane.stage, lane.since) == (RESUMED[stage], NOON)
    assert lane.passage == replace(passage, track="", read_by=now.mono + 6.0)


@pytest.mark.parametrize(
    ("state", "by", "stage"),
    [
        ("waiting", "gate", Stage.RESUMING_STANDING),
        ("waiting", "operator:lan", Stage.RESUMING_REJECTED),
        ("admitted", "operator:lan", Stage.RESUMING_ADMITTED),
        ("reading", "gate", Stage.RESUMING_STANDING),
        ("crossing", "operator:lan", Stage.RESUMING_CROSSING),
    ],
)
def test_a_state_of_before_there_were_stages_goes_on(state, by, stage):
    passage = Passage("p1", NOON, 1.0, by=by)
    kept = {**snapshot.dump(Lane("out1", Stage.READING, passage)), "state": state}
    del kept["stage"]
    assert snapshot.revive("out1", kept, ManualClock(NOON).now(), 6.0).stage is stage


def test_an_empty_lane_is_empty_since_it_was():
    kept = snapshot.dump(Lane("out1", since=NOON))
    lane = snapshot.revive("out1", kept, ManualClock().now(), 6.0)
    assert (lane.stage, lane.passage, lane.since) == (Stage.RESUMING_EMPTY, None, NOON)
