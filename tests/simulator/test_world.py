"""The physics that everything is judged by."""

import random

import pytest

from simulator.bodywork import look_for
from simulator.world import (
    Driver,
    Road,
    Vehicle,
    bare_semi_trailer,
    drawbar,
    pedestrian,
    semi_trailer,
)

STEP = 0.05


def a_road():
    return Road("out1", 100.0)


def a_vehicle(text="24C12345", assigned=True, length=9.0, kind="truck", **more):
    look = look_for(kind, random.Random(1), (text, "VN", "yellow", 1))
    return Vehicle(look, length, assigned, **more)


def play(road, seconds):
    for _ in range(int(seconds / STEP)):
        road.advance(road.at + STEP)


def until(road, true, seconds=60):
    end = road.at + seconds
    while not true():
        assert road.at < end
        play(road, STEP)


def opened(road):
    """The arm goes up and the light turns green, as a controller admits one."""
    road.contact("open", True)
    road.contact("open", False)
    play(road, 2)
    road.contact("green", True)


def at_the_line(road, *vehicles):
    for vehicle in vehicles:
        road.join(vehicle)
    until(road, lambda: vehicles[0].arrived_at is not None)
    return road


def history(road):
    """What the sensors showed and when, until all is over."""
    seen = []
    for _ in range(400):
        play(road, STEP)
        inputs = tuple(road.inputs().items())
        if not seen or seen[-1][1] != inputs:
            seen.append((road.at, inputs))
    return seen


def test_a_vehicle_drives_up_and_stops_on_the_entry_loop():
    road = at_the_line(a_road(), a_vehicle())
    inputs = road.inputs()
    assert inputs["entry_loop"]
    assert not inputs["safety_loop"]
    assert inputs["limit_closed"]


def test_it_crosses_when_the_arm_is_open_and_the_light_green():
    road = at_the_line(a_road(), a_vehicle())
    road.contact("open", True)
    play(road, 5)
    assert road.truth.crossed == []
    road.contact("green", True)
    play(road, 12)
    assert road.truth.crossed == ["24C12345"]
    assert road.truth.violations == []
    assert road.truth.touches == []


def test_an_arm_sent_down_onto_a_vehicle_is_a_violation_and_touches_it():
    road = at_the_line(a_road(), a_vehicle())
    opened(road)
    until(road, lambda: road.inputs()["photocell"])
    road.contact("close", True)
    play(road, 2)
    assert len(road.truth.violations) == 1
    assert [t.fell for t in road.truth.touches] == [True]


@pytest.mark.parametrize("shape", [drawbar(), semi_trailer(), bare_semi_trailer()])
def test_a_gap_in_a_vehicle_leaves_both_sensors_clear_and_an_arm_sent_down_there_is_a_violation(
    shape,
):
    length = shape[-1].rear
    road = at_the_line(a_road(), a_vehicle(length=length, shape=shape))
    opened(road)
    until(road, lambda: road.inputs()["photocell"])
    until(road, lambda: not (road.inputs()["photocell"] or road.inputs()["safety_loop"]))
    assert not road.vehicles[0].crossed
    road.contact("close", True)
    play(road, 2)
    assert len(road.truth.violations) == 1


def test_an_undeclared_vehicle_that_is_let_in_is_counted():
    road = at_the_line(a_road(), a_vehicle(assigned=False))
    opened(road)
    until(road, lambda: road.truth.crossed)
    assert road.truth.crossed_unassigned == ["24C12345"]


def test_a_vehicle_loses_patience_and_turns_back():
    road = a_road()
    road.join(a_vehicle())
    until(road, lambda: road.truth.turned_away)
    assert road.truth.turned_away == road.truth.left_assigned == ["24C12345"]
    assert road.truth.crossed == []


def test_who_turns_back_of_his_own_accord_was_refused_by_nobody():
    road = a_road()
    road.join(a_vehicle(driver=Driver(turns_back_s=2.0)))
    until(road, lambda: road.truth.turned_away)
    assert road.truth.left_assigned == []


def test_a_tailgater_at_a_metre_leaves_no_sensor_clear_between_and_uses_the_others_grant():
    close = Driver(follows_m=1.0, ignores_light=True)
    second = a_vehicle("TAILGATER", assigned=False, driver=close)
    road = at_the_line(a_road(), a_vehicle(), second)
    opened(road)
    until(road, lambda: road.inputs()["safety_loop"])
    road.contact("green", False)
    until(road, lambda: second.front > 1)
    until(road, lambda: not road.inputs()["safety_loop"])
    first, other = road.truth.crossings
    assert (first.opening, first.order, first.green) == (2, 1, True)
    assert (other.opening, other.order, other.green) == (2, 2, False)
    assert road.truth.tailgates == 1


def test_one_who_reverses_out_from_under_the_arm_has_not_crossed():
    road = at_the_line(a_road(), a_vehicle(driver=Driver(turns_back_at=0.1)))
    opened(road)
    until(road, lambda: road.inputs()["safety_loop"])
    until(road, lambda: not road.vehicles)
    assert road.truth.crossed == []
    assert road.truth.turned_away == ["24C12345"]


def test_one_who_reverses_takes_those_behind_him_back_too():
    behind = a_vehicle("BEHIND", driver=Driver(follows_m=1.0))
    road = at_the_line(a_road(), a_vehicle(driver=Driver(turns_back_s=3.0)), behind)
    until(road, lambda: road.vehicles[0].waited > 2.9)
    before = behind.front
    until(road, lambda: behind.front < before - 1)
    assert road.vehicles[0].back - behind.front >= 0.5 - 1e-6
    until(road, lambda: behind.arrived_at is not None)


def test_one_who_breaks_through_bends_the_arm_up_and_that_is_no_fault_of_the_controller():
    road = at_the_line(a_road(), a_vehicle(driver=Driver(breaks_through_s=3.0)))
    until(road, lambda: road.truth.crossed)
    assert [(t.fell, t.own) for t in road.truth.touches] == [(False, False)]
    assert road.truth.violations == []
    assert not any(road.arm.limits().values())


def test_an_arm_of_its_own_will_that_falls_on_a_vehicle_touches_it_by_nobodys_order():
    road = at_the_line(a_road(), a_vehicle())
    opened(road)
    until(road, lambda: road.inputs()["photocell"])
    road.arm.push(-1, road.at)
    play(road, 2)
    assert [(t.fell, t.own) for t in road.truth.touches] == [(True, True)]
    assert road.truth.violations == []


def test_an_arm_of_its_own_will_comes_down_after_its_time_unless_somebody_opens_it():
    road = a_road()
    road.arm.auto_closes_s = 3.0
    road.contact("open", True)
    until(road, lambda: road.arm.limits()["limit_open"])
    until(road, lambda: road.arm.closing, 4)
    road.contact("open", False)
    road.contact("open", True)
    play(road, 2)
    assert road.arm.limits()["limit_open"]


def test_an_arm_turned_on_its_way_goes_on_a_little_before_it_comes_back():
    road = a_road()
    road.contact("open", True)
    until(road, lambda: road.arm.limits()["limit_open"])
    road.contact("close", True)
    play(road, 0.6)
    before = road.arm.position
    road.contact("open", True)
    play(road, 0.1)
    assert road.arm.position < before
    play(road, 2)
    assert road.arm.limits()["limit_open"]


def test_the_arm_takes_its_travel_time_with_inertia_too():
    road = a_road()
    road.contact("open", True)
    began = road.at
    until(road, lambda: road.arm.position >= 1.0)
    assert 1.1 <= road.at - began <= 1.35


def test_a_pedestrian_breaks_the_beam_and_crosses_as_no_vehicle():
    road = a_road()
    road.join(
        a_vehicle("", kind="pedestrian", length=0.4, shape=pedestrian(), under_arm=False)
    )  # fmt: skip
    until(road, lambda: road.inputs()["photocell"])
    assert not road.inputs()["safety_loop"]
    until(road, lambda: not road.vehicles)
    assert (road.truth.walked, road.truth.crossed) == (1, [])


def test_a_motorcycle_that_passes_beside_the_beam_is_on_the_loops_alone():
    road = a_road()
    rider = a_vehicle("59X112345", kind="motorcycle", length=2.0, in_beam=False, under_arm=False)
    road.join(rider)
    until(road, lambda: road.inputs()["safety_loop"])
    beam = []
    until(road, lambda: beam.append(road.inputs()["photocell"]) or not road.vehicles)
    assert not any(beam)


def test_a_loop_that_drops_a_standing_vehicle_notices_it_again_when_it_moves():
    road = at_the_line(a_road(), a_vehicle(driver=Driver(patience_s=600)))
    road.drops_s["entry_loop"] = 10.0
    play(road, 5)
    assert road.inputs()["entry_loop"]
    until(road, lambda: not road.inputs()["entry_loop"], 15)
    opened(road)
    until(road, lambda: road.inputs()["entry_loop"], 5)


def test_one_stops_on_the_safety_loop_and_goes_on():
    road = at_the_line(a_road(), a_vehicle(driver=Driver(stops=(0.5, 20.0))))
    opened(road)
    until(road, lambda: road.vehicles[0].front >= 0.45)
    play(road, 15)
    assert road.inputs()["safety_loop"]
    until(road, lambda: road.truth.crossed)


def test_one_comes_from_the_other_side_when_the_arm_is_up_and_nobody_in_his_way():
    road = at_the_line(a_road(), a_vehicle())
    against = a_vehicle("AGAINST", kind="car", length=4.4, driver=Driver(against=True))
    road.join(against)
    play(road, 5)
    assert against.entered_at is None
    opened(road)
    until(road, lambda: road.truth.crossed == ["24C12345"])
    road.contact("green", False)
    loops = []
    until(
        road,
        lambda: (
            loops.append((road.inputs()["safety_loop"], road.inputs()["entry_loop"]))
            or len(road.truth.crossed) == 2
        ),
    )
    assert loops.index((True, False)) < loops.index((True, True))
    first, other = road.truth.crossings
    assert (other.plate, other.green, other.opening) == ("AGAINST", False, first.opening)
    assert road.truth.touches == []


def test_another_vehicle_stands_in_the_place_of_the_first():
    road = at_the_line(a_road(), a_vehicle())
    road.exchange(road.vehicles[0], a_vehicle("OTHER", assigned=False))
    assert road.inputs()["entry_loop"]
    assert road.truth.turned_away == ["24C12345"]
    opened(road)
    until(road, lambda: road.truth.crossed)
    assert road.truth.crossed == ["OTHER"]


def test_the_same_vehicles_at_the_same_moments_give_the_same_history():
    def once():
        road = at_the_line(a_road(), a_vehicle(), a_vehicle("B", driver=Driver(follows_m=1.2)))
        opened(road)
        return history(road)

    assert once() == once()
