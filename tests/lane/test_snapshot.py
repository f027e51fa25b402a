"""What survives a crash."""

from edge.domain.facts import VehicleArrived
from edge.lane import snapshot
from edge.lane.rules import react
from edge.lane.state import Context, Lane, LaneState
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
