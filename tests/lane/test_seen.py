"""An order for the vehicle that was seen is void where another stands there."""

from dataclasses import replace

import pytest

from edge.domain.commands import Action, Seen
from edge.domain.facts import VehicleArrived
from edge.lane.seen import changed_meanwhile, stale_word
from tests.support.builders import a_plate_view, a_vehicle_seen
from tests.support.lane_play import Play


def a_lane():
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
    action, passage, ahead, changed
):
    lane = a_lane()
    version = None if ahead is None else lane.passage.version + ahead
    assert changed_meanwhile(lane, Seen(passage, version), action) is changed


@pytest.mark.parametrize(("passage", "changed"), [("", False), ("p1", True)])
def test_where_nobody_stands_it_is_for_nobody(passage, changed):
    assert changed_meanwhile(Play().lane, Seen(passage, 3), Action.OPEN) is changed


@pytest.mark.parametrize("action", sorted(set(Action) - {Action.OPEN, Action.HOLD_OPEN}))
def test_what_lets_nobody_pass_is_done_whoever_stands_there(action):
    assert not changed_meanwhile(a_lane(), Seen("p0", 0), action)


def test_an_order_that_does_not_say_what_was_seen_is_for_whoever_stands_there():
    assert not changed_meanwhile(a_lane(), None, Action.OPEN)


def test_a_word_without_a_version_is_stale_only_where_another_may_stand_there():
    passage = a_lane().passage
    assert not stale_word(passage, None)
    assert stale_word(replace(passage, before=()), None)
    assert not stale_word(replace(passage, before=()), passage.version)
    assert stale_word(passage, passage.version + 1)
