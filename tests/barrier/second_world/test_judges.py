"""What the second world's judges hold against a guard, and what not."""

from random import Random
from types import SimpleNamespace

import pytest

from edge.domain.facts import RequestHandled, TailgateSeen, VehicleCrossed
from tests.barrier.second_world.counting import count, uncounted
from tests.barrier.second_world.drivers import Vehicle
from tests.barrier.second_world.monitor import Crossing, Descent
from tests.barrier.second_world.shapes import car
from tests.barrier.second_world.site import Site
from tests.barrier.second_world.traffic import Traffic
from tests.barrier.second_world.verdict import ORDERED, PRESSED, judge


def vehicle(name):
    return Vehicle(name, car(Random(1)), x=20.0)


def site_of(crossed, facts, admitted=()):
    """Who crossed, each (name, when, told apart, or by what), what was told, who was admitted."""
    how = {True: "a break of 1.00 s", False: ""}
    crossings = [
        Crossing(vehicle(n), t, None, bool(told), how.get(told, told), t - 2)
        for n, t, told in crossed
    ]
    of = {c.vehicle.name: c.vehicle for c in crossings}
    every = [SimpleNamespace(id=f"a{n}", vehicle=of[n]) for n in admitted]
    return SimpleNamespace(
        monitor=SimpleNamespace(facts=facts, crossings=crossings),
        lane=SimpleNamespace(every=every, helped=set()),
        entry=SimpleNamespace(end=-1.5),
    )


def crossed(t, authorisation=None):
    return (t, VehicleCrossed("1", authorisation))


@pytest.mark.parametrize(
    ("behind", "wrong"), [(False, 0), (True, 1), ("the exit loop was left before it came", 0)]
)
def test_a_stranger_who_is_told_from_nobody_behind_him_is_counted_with_that_one(behind, wrong):
    site = site_of([("v1", 10.0, True), ("v2", 15.0, behind)], [crossed(16.0, "av2")], ("v2",))
    assert len(count(site).wrong) == wrong


def test_a_row_of_strangers_of_which_nobody_is_told_is_missed():
    site = site_of([("v1", 10.0, True), ("v2", 15.0, False)], [])
    assert len(count(site).wrong) == 1


@pytest.mark.parametrize("apart", [False, True])
def test_who_uses_the_admission_of_one_that_was_counted_with_another_is_told(apart):
    """The one in front could not be told from who was before him."""
    crossings = [("v1", 10.0, True), ("v2", 12.0, apart), ("v3", 20.0, True)]
    told = [crossed(13.0, "av1"), crossed(21.0, "av2")]
    got = count(site_of(crossings, told, ("v1", "v2"))).wrong
    assert len(got) == (1 if apart else 0)


def test_one_that_dawdles_beyond_the_beam_is_told_as_soon_as_that_is_clear():
    site = site_of([("v1", 30.0, True)], [crossed(11.0)])
    site.monitor.crossings[0].first_under = 10.0
    assert count(site).wrong == []


@pytest.mark.parametrize(("refused_at", "wrong"), [(7.0, 0), (9.0, 1)])
def test_whose_admission_was_taken_back_before_he_came_is_a_tailgater(refused_at, wrong):
    told = [(refused_at, RequestHandled("1", "av1", "refused", "")), (9.5, TailgateSeen("1", 1.0))]
    assert len(count(site_of([("v1", 10.0, False)], told, ("v1",))).wrong) == wrong


@pytest.mark.parametrize(("told_at", "missing"), [(45.0, 0), (56.0, 1)])
def test_who_may_be_back_on_the_entry_loop_is_counted_when_the_next_one_has_gone_on(
    told_at, missing
):
    site = site_of([("v1", 10.0, True), ("v2", 40.0, True)], [crossed(told_at), crossed(46.0)])
    assert len(uncounted(site)) == missing


def test_an_arm_that_comes_down_by_itself_under_a_pressed_stop_is_listed():
    site = Site(7, traffic_rules=Traffic(count=0))
    fell = Descent(1000.0, "welded", touched="v1", touched_at=1005.0, left_at=1000.5, from_p=1.0)
    fell.seen_at_touch = {"safety_loop": 999.0}
    assert judge(site, fell)[0] == "guard"
    fell.pressed = True
    assert judge(site, fell) == ("excused", PRESSED)


@pytest.mark.parametrize(("ordered_at", "excused"), [(1009.0, True), (990.0, False)])
def test_a_closing_on_a_gap_is_a_persons_where_he_has_ordered_it(ordered_at, excused):
    site = Site(7, traffic_rules=Traffic(count=0))
    site.lane.closings = [ordered_at, 1020.0]
    fell = Descent(1010.0, "guard", under="v1", entry_since=990.0, under_since=1000.0, entered=True)
    assert judge(site, fell)[0] == ("excused" if excused else "guard")
    assert not excused or judge(site, fell)[1] == ORDERED
