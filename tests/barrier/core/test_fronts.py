"""Fronts, not moments in which nothing is seen: who went which way, how many, and how sure."""

import pytest

from edge.barrier.core.safety import LineCrossed
from edge.barrier.core.table import Phase
from edge.domain.facts import VehicleCrossed, VehicleEntered
from tests.support.barrier.lane_play import EXIT, closed, opened, opened_by_order
from tests.support.barrier.motion_facts import alarms

UNDER = {"safety_loop", "photocell"}


def drive(play, *steps, each=0.5):
    """Each step: the sensors that are on, for so long."""
    for on in steps:
        wired = ("entry_loop", "safety_loop", "photocell", "exit_loop")
        play.put(**{n: n in on for n in wired if n in play.inputs}).run(each)
    return play


def moment(play, on, seconds=0.1):
    """Both sensors miss a moment of the vehicle that is under the arm."""
    return drive(drive(play, on, each=seconds), UNDER | on)


ONE = ({"entry_loop"}, {"entry_loop", *UNDER}, UNDER, set(), set())
"""A vehicle from the entry side, through and away."""


def counted(play):
    return len(play.reported("VehicleEntered")), len(play.reported("VehicleCrossed"))


# --- gaps and tailgaters ---


@pytest.mark.parametrize("waits", [set(), {"entry_loop"}])
def test_a_moment_that_both_sensors_miss_is_one_vehicle_whoever_waits_behind_it(waits):
    play = drive(opened(), {"entry_loop", *UNDER}, UNDER, UNDER | waits)
    moment(play, waits)
    drive(play, waits, waits)
    assert counted(play) == (1, 1)
    assert play.reported("TailgateSeen") == []


def test_without_an_entry_loop_a_moment_is_no_tailgater_either():
    play = closed(unwired=("entry_loop",)).authorise().run(2)
    moment(drive(play, UNDER), set())
    drive(play, set(), set())
    assert counted(play) == (1, 1)
    assert play.reported("TailgateSeen") == []


def test_who_follows_bumper_to_bumper_is_told_where_the_entry_loop_told_two():
    play = drive(opened(), {"entry_loop", *UNDER}, UNDER, {"entry_loop", *UNDER})
    assert play.reported("TailgateSeen") == []
    drive(play, UNDER)
    assert len(play.reported("TailgateSeen")) == 1
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]
    drive(play, set(), set()).run(3)
    assert counted(play) == (2, 2)
    assert play.reported("VehicleEntered")[1] == VehicleEntered("out1", None)
    assert play.barrier.phase is Phase.CLOSED


def test_who_follows_bumper_to_bumper_on_its_own_authorisation_is_no_tailgater():
    play = drive(opened(), {"entry_loop", *UNDER}, UNDER, {"entry_loop", *UNDER}).authorise("a2")
    drive(play, UNDER, set(), set())
    assert [f.authorisation for f in play.reported("VehicleCrossed")] == ["a1", "a2"]
    assert play.reported("TailgateSeen") == []


def test_who_waits_behind_and_goes_away_after_the_first_has_passed_is_no_tailgater():
    play = drive(opened(), {"entry_loop", *UNDER}, UNDER, {"entry_loop", *UNDER}, {"entry_loop"})
    drive(play, {"entry_loop"}, set()).run(5)
    assert counted(play) == (1, 1)
    assert len(play.reported("VehicleBackedOff")) == 1
    assert play.reported("TailgateSeen") == []


def test_who_comes_close_behind_just_as_the_first_has_left_is_counted_for_itself():
    play = drive(opened(), {"entry_loop", *UNDER}, UNDER, {"entry_loop", *UNDER})
    play.put(safety_loop=False, photocell=False).run(0.2).put(entry_loop=False).run(0.3)
    drive(play, UNDER, set(), set())
    assert counted(play) == (2, 2)
    assert len(play.reported("TailgateSeen")) == 1


def test_two_under_an_arm_that_a_person_opened_are_two_and_no_tailgater():
    play = drive(opened_by_order(), *ONE[:3], {"entry_loop", *UNDER}, UNDER, set(), set())
    assert counted(play) == (2, 2)
    assert play.reported("TailgateSeen") == []


# --- sensors that tell of nobody ---


def test_a_vehicle_that_a_dead_safety_loop_does_not_see_uses_its_authorisation():
    play = drive(opened(), {"entry_loop", "photocell"}, {"photocell"}, set(), set()).run(3)
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]
    assert play.reported("VehicleBackedOff") == []
    assert play.barrier.phase is Phase.CLOSED


def one_more(play, n, *steps):
    return drive(play.authorise(f"b{n}").run(2), *steps).run(4)


@pytest.mark.parametrize("name", ["safety_loop", "photocell", "exit_loop"])
def test_a_sensor_that_does_not_change_with_the_others_is_told_until_it_does(name):
    play = closed(wired=EXIT)
    way = (
        {"entry_loop"},
        {"entry_loop", *UNDER},
        UNDER,
        {*UNDER, "exit_loop"},
        {"exit_loop"},
        set(),
    )
    for n in range(2):
        one_more(play, n, *[on - {name} for on in way])
    assert alarms(play, "sensor_silent") == []
    one_more(play, 2, *[on - {name} for on in way])
    assert alarms(play, "sensor_silent") == [True]
    assert play.reported("GuardAlarm")[-1].params["sensors"] == (name,)
    one_more(play, 3, *[on - {name} for on in way])
    assert alarms(play, "sensor_silent") == [True]
    one_more(play, 4, *way)
    assert alarms(play, "sensor_silent") == [True, False]
    assert counted(play) == (5, 5)


def test_an_entry_loop_that_tells_of_nobody_is_told():
    play = opened_by_order()
    for _ in range(3):
        drive(play, UNDER, set(), set())
    assert alarms(play, "sensor_silent") == [True]
    assert play.reported("GuardAlarm")[-1].params["sensors"] == ("entry_loop",)


# --- the exit loop ---


def queued(play):
    """A vehicle goes through while the next one keeps the entry loop without a break."""
    return drive(play, *({"entry_loop", *on} for on in ((), UNDER, UNDER, {*UNDER, "exit_loop"})))


def test_the_exit_loop_ends_a_passage_that_the_next_vehicle_keeps_open():
    play = drive(queued(opened(wired=EXIT)), {"entry_loop", "exit_loop"}, {"entry_loop"})
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]
    assert play.run(3).barrier.phase is Phase.CLOSED


def test_a_vehicle_that_is_still_on_the_exit_loop_may_have_its_gap_under_the_arm():
    play = drive(queued(opened(wired=EXIT)), {"entry_loop", "exit_loop"}).run(5)
    assert play.reported("VehicleCrossed") == []
    assert play.pulses("close") == 0


def test_the_next_one_that_follows_through_is_told_where_an_exit_loop_counts():
    play = drive(queued(opened(wired=EXIT)), {"entry_loop", "exit_loop"}, {"entry_loop"}, each=0.6)
    drive(play, {"entry_loop", *UNDER}, UNDER, set(), set())
    assert counted(play) == (2, 2)
    assert len(play.reported("TailgateSeen")) == 1


def test_who_reverses_out_over_the_entry_loop_and_never_came_to_the_exit_loop_has_turned_back():
    way = ({"entry_loop"}, {"entry_loop", *UNDER}, UNDER, {"entry_loop", *UNDER}, {"entry_loop"})
    play = drive(opened(wired=EXIT), *way).run(2.5)
    assert play.reported("VehicleCrossed") == []
    drive(play, set()).run(4)
    assert len(play.reported("VehicleBackedOff")) == 1
    assert play.reported("VehicleCrossed") == []
    play = drive(opened(wired=EXIT), *way, set()).run(4)
    assert play.reported("VehicleCrossed") == []


def test_who_has_left_over_the_exit_loop_has_crossed_though_the_entry_loop_was_left_last():
    play = drive(queued(opened(wired=EXIT)), {"entry_loop", "exit_loop"}, {"exit_loop"}).run(3)
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]
    assert play.reported("VehicleBackedOff") == []


def test_an_exit_loop_that_tells_of_nobody_is_not_asked_which_way_a_vehicle_went():
    play = closed(wired=EXIT)
    for n in range(3):
        one_more(play, n, *ONE)
    assert alarms(play, "sensor_silent") == [True]
    drive(play.authorise("z").run(2), *ONE[:3], {"entry_loop", *UNDER}, {"entry_loop"}).run(4)
    assert counted(play) == (4, 4)


def test_an_exit_loop_that_is_occupied_by_the_one_before_says_nothing_of_this_one():
    play = drive(opened(wired=EXIT), *({"exit_loop", *on} for on in ONE[:3]))
    drive(play, {"exit_loop", "entry_loop"}).run(3)
    assert counted(play) == (1, 1)


# --- vision's line ---


def line(play, forward=True, sure=0.95):
    return play.give(LineCrossed(forward, sure))


def gap_kept_open():
    return drive(opened(), {"entry_loop", *UNDER}, {"entry_loop"})


def test_visions_line_ends_a_passage_that_the_entry_loop_keeps_open():
    play = line(gap_kept_open()).run(3)
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]
    assert play.barrier.phase is Phase.CLOSED


def test_a_line_that_is_not_sure_enough_ends_nothing():
    play = line(gap_kept_open(), sure=0.8).run(5)
    assert play.reported("VehicleCrossed") == []


def test_a_line_crossed_backwards_is_a_vehicle_that_has_turned_back():
    play = drive(line(gap_kept_open(), forward=False).run(3), set()).run(3)
    assert play.reported("VehicleCrossed") == []
    assert len(play.reported("VehicleBackedOff")) == 1
    assert alarms(play, "turned_back") == []


def test_a_second_crossing_of_the_line_is_a_tailgater_where_nothing_was_ever_clear():
    play = line(line(drive(opened(), {"entry_loop", *UNDER})))
    assert len(play.reported("TailgateSeen")) == 1
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]


def test_a_vehicle_that_vision_alone_has_seen_under_the_arm_uses_its_authorisation():
    play = line(drive(opened(), set())).run(4)
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]
    assert play.reported("VehicleBackedOff") == []
    assert play.barrier.phase is Phase.CLOSED


@pytest.mark.parametrize("forward", [True, False])
def test_a_line_crossed_with_nobody_on_the_way_is_nothing(forward):
    assert counted(line(closed(), forward).run(1)) == (0, 0)
    assert counted(line(opened(), forward).run(1)) == (0, 0)
    assert counted(line(drive(closed(), {"entry_loop"}, set()), forward).run(1)) == (0, 0)


# --- how sure ---


def test_how_sure_a_direction_is_grows_with_each_sensor_that_tells_of_it():
    alone = closed(unwired=("entry_loop", "photocell")).authorise().run(2)
    drive(alone, {"safety_loop"}, set(), set())
    loops = drive(opened(unwired=("photocell",)), *ONE)
    beam = drive(opened(), *ONE)
    way = (*ONE[:3], {*UNDER, "exit_loop"}, {"exit_loop"}, set())
    exit_loop = drive(opened(wired=EXIT), *way)
    seen = line(drive(opened(wired=EXIT), *way[:-1])).run(1)
    sure = [p.reported("VehicleCrossed")[0].sure for p in (alone, loops, beam, exit_loop, seen)]
    assert sure == sorted(sure)
    assert sure[0] == 0.0
    assert sure[1:3] == [0.9, 0.95]
    assert sure[3] > 0.99


# --- one condition each ---


def test_who_comes_from_the_other_side_and_leaves_over_the_entry_loop_came_backwards():
    play = drive(opened_by_order(), UNDER, {*UNDER, "entry_loop"}, {"entry_loop"}, {"entry_loop"})
    assert [f.backwards for f in play.reported("VehicleCrossed")] == [True]
    drive(play, set()).run(3)
    drive(play, *ONE)
    assert [f.backwards for f in play.reported("VehicleCrossed")] == [True, False]


def test_whom_no_entry_loop_saw_at_either_end_is_not_said_to_come_backwards():
    play = drive(opened_by_order(), UNDER, set(), set())
    assert [f.backwards for f in play.reported("VehicleCrossed")] == [False]


def test_without_an_entry_loop_vision_alone_may_see_a_vehicle_go_forward_only():
    play = closed(unwired=("entry_loop",)).authorise().run(2)
    assert counted(line(play, forward=False).run(1)) == (0, 0)
    assert counted(line(play).run(1)) == (1, 1)
    assert play.reported("VehicleCrossed")[0].sure == 0.95


def test_a_line_crossed_back_and_then_forward_is_no_tailgater():
    play = line(line(drive(opened(), {"entry_loop", *UNDER}), forward=False))
    assert play.reported("TailgateSeen") == []
    play = line(line(drive(opened(), {"entry_loop", *UNDER})), forward=False)
    assert play.reported("TailgateSeen") == []


def test_what_vision_said_of_one_vehicle_says_nothing_of_the_next():
    play = line(gap_kept_open()).run(1).authorise("a2")
    drive(play.run(2), {"entry_loop", *UNDER}, {"entry_loop"}, {"entry_loop"})
    assert counted(play) == (2, 1)
