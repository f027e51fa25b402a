"""The physics that everything is judged by."""

import random

from edge.system.clock import ManualClock
from simulator.bodywork import look_for
from simulator.world import LaneWorld, Vehicle


def a_world():
    clock = ManualClock()
    return LaneWorld("out1", lambda: clock.now().mono), clock


def a_vehicle(text="24C12345", assigned=True, length=9.0):
    look = look_for("truck", random.Random(1), (text, "VN", "yellow", 1))
    return Vehicle(look, length, assigned)


def play(world, clock, seconds):
    for _ in range(int(seconds / 0.05)):
        clock.advance(0.05)
        world.step()


def test_a_vehicle_drives_up_and_stops_on_the_entry_loop():
    world, clock = a_world()
    world.add(a_vehicle())
    play(world, clock, 15)
    sensed = world.sense()
    assert sensed["entry_loop"]
    assert not sensed["safety_loop"]
    assert sensed["limit_closed"]


def test_it_crosses_when_the_arm_is_open_and_the_light_green():
    world, clock = a_world()
    world.add(a_vehicle())
    play(world, clock, 15)
    world.drive("open", True)
    play(world, clock, 5)
    assert world.truth.crossed == []
    world.drive("green", True)
    play(world, clock, 12)
    assert world.truth.crossed == ["24C12345"]
    assert world.truth.violations == []


def test_an_arm_closed_onto_a_vehicle_is_a_violation():
    world, clock = a_world()
    world.add(a_vehicle())
    world.drive("open", True)
    world.drive("green", True)
    play(world, clock, 11.5)
    assert world.sense()["safety_loop"]
    world.drive("close", True)
    play(world, clock, 2)
    assert len(world.truth.violations) == 1


def test_an_undeclared_vehicle_that_crosses_is_counted():
    world, clock = a_world()
    world.add(a_vehicle(assigned=False))
    world.drive("open", True)
    world.drive("green", True)
    play(world, clock, 30)
    assert world.truth.crossed_unassigned == ["24C12345"]


def test_a_vehicle_loses_patience_and_turns_back():
    world, clock = a_world()
    world.add(a_vehicle())
    play(world, clock, 60)
    assert world.truth.turned_away == ["24C12345"]
    assert world.truth.crossed == []
