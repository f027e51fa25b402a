"""Vehicles with gaps that nothing sees, and drivers who stop anywhere: where an exit loop is wired
the arm comes down on none of them, but for what docs/barrier.md says that no controller can see."""

import random

import pytest

from simulator.world import Driver, bare_semi_trailer, drawbar, semi_trailer
from simulator.world.places import EXIT_LOOP, SAFETY_LOOP
from simulator.world.shapes import block
from tests.support.barrier.lane_play import ALL, EXIT
from tests.support.barrier.road_play import Arm, RoadPlay, Wire, halts

SHAPES = {
    "drawbar of 2.4 m": drawbar(),
    "drawbar of 3 m": drawbar(bar=3.0),
    "drawbar of 4 m": drawbar(bar=4.0),
    "high semi-trailer": semi_trailer(),
    "bare semi-trailer": bare_semi_trailer(),
}
TRUCK = block("truck", 8.0)
ARMS = (Arm(), Arm(stop=False), Arm(stop=False, travel_s=1.2))
WIRES = (
    Wire(0.025),
    Wire(0.1),
    Wire(0.1, late=0.1, lost=0.05),
    Wire(0.2, late=0.3),
    Wire(0.05, late=0.3, lost=0.2),
)
LEADS_BY = (None, 0.5, 1.0, 1.5, 2.5, 6.0)
"""Metres behind another truck that he follows unadmitted; None: he comes alone."""


def beyond(shape, front):
    """Whether he stands with a gap from before the safety loop to beyond the exit loop."""
    return any(
        front - part.rear >= EXIT_LOOP[1] and front - after.front <= SAFETY_LOOP[0]
        for part, after in zip(low(shape), low(shape)[1:], strict=False)
    )


def low(shape):
    return sorted((p for p in shape if p.on_loops), key=lambda p: p.front)


def one(rng, shape, front, seconds, follows=None, wired=EXIT):
    """He stops with his front there; `follows`: so close behind one who stops too, somewhere."""
    play = RoadPlay(rng, wired, rng.choice(WIRES), rng.choice(ARMS), rng.choice((1, 1, 9)))
    if follows is not None:
        play.joins(TRUCK, halts(rng.uniform(1, 22), rng.choice((1.0, 5.0, 20.0))), "ahead")
        play.joins(shape, halts(front, seconds, follows_m=follows, ignores_light=True), "he")
    else:
        play.joins(shape, halts(front, seconds), "he")
    if rng.random() < 0.5:
        follower = Driver(follows_m=rng.choice((1.0, 2.0, 6.0)), patience_s=1e9)
        play.joins(TRUCK, follower, "behind")
    return play.play()


def searched(seed, times):
    """Of so many, whom the arm came down on."""
    found = []
    for n in range(times):
        rng = random.Random(f"{seed}-{n}")
        name = rng.choice(sorted(SHAPES))
        front, seconds = round(rng.uniform(0.5, 18), 2), rng.choice((0.5, 2.0, 4.0, 15.0))
        follows = rng.choice(LEADS_BY)
        hit = one(rng, SHAPES[name], front, seconds, follows).came_down_on
        found += [
            (n, name, front, seconds, follows, plate, at)
            for plate, at in hit.items()
            if plate != "he" or not beyond(SHAPES[name], at)
        ]
    return found


def test_where_an_exit_loop_is_wired_no_arm_comes_down_on_a_long_vehicle_that_stops_anywhere():
    assert searched(1, 100) == []


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_nor_in_thousands_of_them():
    assert searched(2, 6000) == []


@pytest.mark.parametrize("follows", [0.5, 1.0, 6.0])
def test_who_follows_unadmitted_and_stops_half_way_gets_no_arm_on_his_bed(follows):
    for n in range(12):
        play = one(random.Random(n), SHAPES["bare semi-trailer"], 6.5 + n / 3, 15.0, follows)
        assert play.came_down_on == {}


@pytest.mark.parametrize(
    ("name", "front", "wired"),
    [("bare semi-trailer", 10.8, EXIT), ("drawbar of 3 m", 8.6, ALL)],
)
def test_what_stands_on_the_list_of_what_no_controller_can_see_is_so(name, front, wired):
    play = RoadPlay(random.Random(1), wired, Wire(0.025))
    play.joins(SHAPES[name], halts(front, 15.0), "he").play()
    assert play.came_down_on == pytest.approx({"he": front})
