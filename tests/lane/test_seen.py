"""An order for the vehicle that was seen is void where another stands there."""

import pytest

from edge.domain.commands import Action, Seen
from edge.domain.facts import VehicleArrived
from edge.lane.seen import changed_meanwhile
from tests.support.builders import a_plate_view, a_vehicle_seen
from tests.support.lane_play import Play


@pytest.fixture
def lane():
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    return play.lane


@pytest.mark.parametrize(
    ("passage", "ahead", "changed"),
    [
        ("p1", 0, False),
        ("p1", None, False),
        ("p1", -1, True),
        ("p1", 1, True),
        ("p0", 0, True),
        ("p0", None, True),
        ("", None, True),
    ],
)
@pytest.mark.parametrize("action", [Action.OPEN, Action.HOLD_OPEN])
def test_an_opening_is_for_the_vehicle_and_the_version_that_were_seen(
    lane, action, passage, ahead, changed
):
    version = None if ahead is None else lane.passage.version + ahead
    assert changed_meanwhile(lane, Seen(passage, version), action) is changed


@pytest.mark.parametrize(("passage", "changed"), [("", False), ("p1", True)])
def test_where_nobody_stands_it_is_for_nobody(passage, changed):
    assert changed_meanwhile(Play().lane, Seen(passage, 3), Action.OPEN) is changed


@pytest.mark.parametrize("action", sorted(set(Action) - {Action.OPEN, Action.HOLD_OPEN}))
def test_what_lets_nobody_pass_is_done_whoever_stands_there(lane, action):
    assert not changed_meanwhile(lane, Seen("p0", 0), action)


def test_an_order_that_does_not_say_what_was_seen_is_for_whoever_stands_there(lane):
    assert not changed_meanwhile(lane, None, Action.OPEN)
