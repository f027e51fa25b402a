"""Each fault by its name: it can happen, it ends, and all is as before."""

import pytest

from simulator.fast.day import Day
from simulator.faults import fast, real
from simulator.faults.catalogue import FAULTS, Choice, value_of
from simulator.faults.on_lane import BEGIN
from simulator.faults.switches import Switches
from simulator.scenario.library import library
from simulator.world import LaneWorld


def test_every_fault_can_be_played_somewhere_and_nothing_else_can():
    assert FAULTS.keys() == fast.NAMES | real.NAMES


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_a_fault_is_told_in_whole_words_and_takes_its_usual_value(fault):
    assert fault.happens.endswith(".")
    assert not fault.good.endswith(".")
    assert len(fault.good) > 20
    usual = value_of(fault, None)
    if fault.takes is not None:
        assert value_of(fault, usual) == usual
        with pytest.raises(ValueError, match="is no"):
            value_of(fault, "nonsense" if isinstance(fault.takes, Choice) else fault.takes.most + 1)
    else:
        with pytest.raises(ValueError, match="takes no value"):
            value_of(fault, 3.0)


def state(world, day):
    return {
        "inputs": (world.inputs(), dict(world.overrides)),
        "distorted": set(world.distortions),
        "drops": dict(world.drops_s),
        "outputs": set(world.stuck_outputs),
        "arm": (world.arm.slow, world.arm.stuck, world.arm.auto_closes_s, world.arm.direction),
        "torn": world.arm.torn_off,
        "computer": (list(day.house.disk), day.wall(day.now) - day.true_wall()),
        "losses": day.customs.losses,
        "whole lists": day.house.declared.restarts,
        "passages": day.house.declared.takes,
        "deaf": day.customs.deaf,
        "still": set(day.eyes.still),
        "line": (repr(day.house.line.fault), set(day.house.line.silent)),
        "away": (day.customs.away, day.platform_away, set(day.eyes.blind), day.house.running),
    }


@pytest.fixture
def day(tmp_path):
    day = Day(tmp_path, 1, {}, {"lane": "export"})
    day.house.start()
    yield day
    day.close()


@pytest.mark.parametrize("name", sorted(fast.NAMES))
def test_a_fault_changes_something_in_virtual_time_and_nothing_after_its_end(day, name):
    world, fault = day.worlds["lane"], FAULTS[name]
    before = state(world, day)
    end = fast.begin(day, name, "lane", value_of(fault, None))
    during = state(world, day)
    assert during != before
    end()
    if not fault.instant and name != "relay_welded":
        # A welded contact has sent the arm up.
        assert state(world, day) == before


@pytest.mark.parametrize("first_to_end", [0, 1])
@pytest.mark.parametrize("name", sorted(name for name in fast.NAMES if not FAULTS[name].instant))
def test_of_two_of_the_same_that_overlap_one_goes_on_when_the_other_ends(day, name, first_to_end):
    world, value = day.worlds["lane"], value_of(FAULTS[name], None)
    before = state(world, day)
    ends = [fast.begin(day, name, "lane", value) for _ in range(2)]
    during = state(world, day)
    ends.pop(first_to_end)()
    if name.startswith("disk"):
        assert len(day.house.disk) == 1
    else:
        assert state(world, day) == during
    ends.pop()()
    if name != "relay_welded":
        assert state(world, day) == before


@pytest.mark.parametrize(
    ("names", "place"),
    [
        (("input_stuck_on", "loop_dead"), lambda day: day.worlds["lane"].overrides["safety_loop"]),
        (("wire_noise", "wire_loss"), lambda day: type(day.house.line.fault)),
        (("broker_down", "broker_refusing"), lambda day: day.customs.away),
        (("platform_down", "platform_long_away"), lambda day: day.platform_away),
        (("wire_silent", "board_power_cut"), lambda day: set(day.house.line.silent)),
        (("relay_stuck", "relay_welded"), lambda day: "open" in day.worlds["lane"].stuck_outputs),
    ],
)
def test_of_two_faults_of_one_place_the_first_is_back_when_the_second_ends(day, names, place):
    takes = {"input_stuck_on": "safety_loop", "loop_dead": "safety_loop", "relay_stuck": "open"}
    first, second = (value_of(FAULTS[name], takes.get(name)) for name in names)
    over = fast.begin(day, names[0], "lane", first)
    alone = place(day)
    fast.begin(day, names[1], "lane", second)()
    assert place(day) == alone
    over()


def moved(world, seconds):
    for _ in range(int(seconds / 0.05)):
        world.advance(world.at + 0.05)


def a_world():
    return LaneWorld("lane", lambda: 0.0, 1.0)


def test_what_each_fault_of_a_lane_does_to_its_sensors_and_its_arm():
    world = a_world()
    BEGIN["input_inverted"](Switches(), world, "safety_loop")
    assert world.inputs()["safety_loop"]
    world = a_world()
    BEGIN["input_glitches"](Switches(), world, "safety_loop")
    seen = set()
    for _ in range(40):
        moved(world, 0.05)
        seen.add(world.inputs()["safety_loop"])
    assert seen == {True, False}
    world = a_world()
    BEGIN["relay_stuck"](Switches(), world, "open")
    world.contact("open", True)
    moved(world, 2)
    assert world.arm.position == 0
    world = a_world()
    BEGIN["relay_welded"](Switches(), world, "")
    moved(world, 2)
    world.contact("close", True)
    moved(world, 2)
    assert world.arm.position == 1


def test_the_library_plays_most_faults_of_the_virtual_clock():
    used = {fault.name for entry in library() for fault in entry.scenario.faults}
    assert len(used & fast.NAMES) >= 25
