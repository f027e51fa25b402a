"""Fronts, not moments in which nothing is seen: who went which way, how many, and how sure."""

from dataclasses import replace

import pytest

from edge.barrier.core.safety import LineCrossed, WireLost
from edge.barrier.core.table import Phase
from edge.domain.facts import VehicleCrossed, VehicleEntered
from tests.support.barrier.lane_play import (
    ALL,
    EXIT,
    LIMITS,
    closed,
    closing,
    drive,
    opened,
    opened_by_order,
)
from tests.support.barrier.motion_facts import alarms

UNDER = {"safety_loop", "photocell"}


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


def follows_with_a_gap(**kwargs):
    """The next one follows the first, in whose break the loops are clear for a moment, and has its
    gap under the arm while its rear is on the entry loop."""
    play = drive(opened(limits=PATIENT, **kwargs), {"entry_loop", *UNDER}, UNDER)
    drive(play, {"entry_loop", *UNDER})
    drive(play, {"entry_loop"}, each=0.2)
    return drive(play, {"entry_loop", *UNDER}).run(0.5)


def test_who_follows_close_behind_and_stands_with_its_gap_under_the_arm_gets_no_arm():
    play = drive(follows_with_a_gap(), {"entry_loop"}, each=60)
    assert play.pulses("close") == 0
    assert alarms(play, "passage_unfinished") == [True]
    drive(play, {"entry_loop", *UNDER}, UNDER, set()).run(5)
    assert counted(play) == (2, 2)
    assert len(play.reported("TailgateSeen")) == 1
    assert play.barrier.phase is Phase.CLOSED


def test_nor_where_the_beam_alone_had_a_break_before_it():
    play = drive(opened(limits=PATIENT), {"entry_loop", *UNDER}, UNDER, {"entry_loop", *UNDER})
    drive(play, {"entry_loop", "safety_loop"}, {"entry_loop", *UNDER})
    drive(play, {"entry_loop"}, each=60)
    assert play.pulses("close") == 0
    drive(play, {"entry_loop", *UNDER}, UNDER, set()).run(5)
    assert counted(play) == (2, 2)


@pytest.mark.parametrize("rear", [{"safety_loop", "photocell"}, set()])
def test_who_may_have_followed_and_leaves_the_entry_loop_keeps_no_arm_up(rear):
    """Its rear comes to the safety loop, or it was not there and has gone back."""
    play = drive(follows_with_a_gap(), {"entry_loop"}, set(), each=0.6)
    assert play.pulses("close") == 0
    assert counted(play) == (1, 0)
    drive(play, rear, set()).run(6)
    assert play.barrier.phase is Phase.CLOSED
    assert counted(play) == ((2, 2) if rear else (1, 1))
    assert len(play.reported("VehicleBackedOff")) == (not rear)


def test_a_glitch_of_the_beam_is_nobody_who_follows():
    play = drive(opened(), {"entry_loop", *UNDER}, UNDER, {"entry_loop", *UNDER})
    loop = {"entry_loop", "safety_loop"}
    drive(drive(play, loop), loop | {"photocell"}, each=0.1)
    drive(play, loop, {"entry_loop"}, {"entry_loop"})
    assert counted(play) == (1, 1)


def test_nor_gets_who_may_have_followed_an_arm_where_the_entry_loop_misses_a_moment():
    play = drive(drive(follows_with_a_gap(), {"entry_loop"}), set(), each=0.2)
    drive(play, {"entry_loop"}, each=60)
    assert play.pulses("close") == 0


def test_who_may_have_followed_and_backs_off_is_asked_of_the_exit_loop():
    play = drive(follows_with_a_gap(wired=EXIT), {"entry_loop"}, set()).run(8)
    assert play.barrier.phase is Phase.CLOSED


def test_the_exit_loop_knows_that_who_may_have_followed_has_not():
    play = drive(opened(wired=EXIT), {"entry_loop", *UNDER}, {*UNDER, "exit_loop"})
    drive(play, {"entry_loop", *UNDER, "exit_loop"})
    drive(play, {"entry_loop", "exit_loop"}, each=0.2)
    drive(play, {"entry_loop", *UNDER, "exit_loop"}, {"entry_loop", "exit_loop"}, {"entry_loop"})
    assert counted(play) == (1, 1)
    assert play.run(3).barrier.phase is Phase.CLOSED


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


# --- a safety loop that is dead ---


def half_in():
    """The arm comes down behind a vehicle; the next one drives on from the entry loop, and only the
    beam sees it: the safety loop is dead."""
    play = closing().put(entry_loop=True).run(0.3)
    return drive(play, {"entry_loop", "photocell"}, {"entry_loop", "photocell"})


def test_a_gap_in_one_that_only_the_beam_saw_brings_no_arm_down_while_the_entry_loop_is_occupied():
    play = drive(half_in(), {"entry_loop"}, each=60)
    assert play.barrier.phase is Phase.OPEN
    assert alarms(play, "close_overdue") == [True]
    drive(play, {"photocell"}, set(), set()).run(3)
    assert play.barrier.phase is Phase.CLOSED


def test_nor_where_its_admission_ends_unused():
    play = opened()
    drive(play, {"entry_loop"}, {"entry_loop", "photocell"}, {"entry_loop"}, each=1).run(30)
    assert play.barrier.phase is Phase.OPEN
    drive(play, set()).run(5)
    assert play.barrier.phase is Phase.CLOSED


def test_a_person_closes_it_all_the_same():
    play = drive(half_in(), {"entry_loop"}, each=3).order("close").run(5)
    assert play.barrier.phase is Phase.CLOSED


def test_whom_the_safety_loop_sees_after_all_keeps_no_arm_up_once_it_is_over_the_line():
    play = drive(half_in(), {"entry_loop", *UNDER}, {"entry_loop", "safety_loop"})
    line(play).run(1)
    drive(play, {"entry_loop"}).run(6)
    assert counted(play) == (2, 2)
    assert play.barrier.phase is Phase.CLOSED


@pytest.mark.parametrize("seen", [{"photocell"}, {"safety_loop", "photocell"}])
def test_whom_the_beam_saw_with_nobody_on_the_entry_loop_keeps_no_arm_up(seen):
    play = drive(closing(), seen, {"entry_loop"}).run(5)
    assert play.barrier.phase is Phase.CLOSED


def test_a_glitch_of_the_beam_keeps_no_arm_up_before_one_that_waits():
    play = closing().put(entry_loop=True).run(0.3).put(photocell=True).run(0.1)
    assert drive(play, {"entry_loop"}).run(5).barrier.phase is Phase.CLOSED


def test_a_beam_that_was_broken_while_the_arm_was_down_keeps_no_arm_up():
    play = drive(closed(), {"entry_loop", "photocell"}, {"entry_loop"}).authorise().run(2)
    assert play.revoke().run(5).barrier.phase is Phase.CLOSED


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
    assert play.barrier.crossing.inside
    assert play.reported("VehicleCrossed") == []
    drive(play, set()).run(4)
    assert len(play.reported("VehicleBackedOff")) == 1
    assert play.reported("VehicleCrossed") == []
    play = drive(opened(wired=EXIT), *way, set()).run(4)
    assert play.reported("VehicleCrossed") == []


LONG_BED = ({"entry_loop", *UNDER}, UNDER, {"entry_loop", *UNDER}, {"entry_loop"})
"""Its rear comes to the entry loop as the next vehicle would, and the bed is seen by nothing."""


@pytest.mark.parametrize("front", [set(), {"exit_loop"}])
def test_a_bed_longer_than_the_entry_loop_may_stand_under_the_arm_until_the_exit_loop_is_left(
    front,
):
    play = drive(opened(wired=EXIT), *LONG_BED)
    drive(play, {"entry_loop", *front}, each=60)
    assert play.barrier.phase is Phase.OPEN
    assert alarms(play, "passage_unfinished") == [True]
    drive(play, {"entry_loop", "exit_loop"}, {"exit_loop", *UNDER}, {"exit_loop"}, set(), set())
    play.run(4)
    assert play.barrier.phase is Phase.CLOSED


def test_a_bed_that_no_loop_sees_may_be_under_the_arm_while_its_front_is_on_the_exit_loop():
    front = ({"entry_loop"}, {"entry_loop", *UNDER}, UNDER, {*UNDER, "exit_loop"}, {"exit_loop"})
    play = drive(opened(wired=EXIT), *front).run(5)
    assert play.reported("VehicleCrossed") == []
    assert play.barrier.phase is Phase.OPEN
    drive(play, {"exit_loop", "entry_loop"}, {"exit_loop", *UNDER}, {"exit_loop"}, set()).run(4)
    assert play.barrier.phase is Phase.CLOSED


PATIENT = replace(LIMITS, clear_before_close_s=2.0)


@pytest.mark.parametrize("stands_s", [0.5, 60])
def test_a_rear_that_is_on_the_entry_loop_as_the_exit_loop_is_left_gets_no_arm_on_its_bed(stands_s):
    play = drive(opened(wired=EXIT, limits=PATIENT), *LONG_BED[:2], {*UNDER, "exit_loop"})
    drive(play, {"exit_loop"})
    drive(play, {"entry_loop", "exit_loop"}, each=stands_s)
    drive(play, {"entry_loop"}, each=1.5)
    assert play.pulses("close") == 0
    drive(play, {"entry_loop", *UNDER}, UNDER, {*UNDER, "exit_loop"}, {"exit_loop"}, set()).run(5)
    assert play.pulses("close") == 1
    assert play.barrier.phase is Phase.CLOSED


def test_without_an_exit_loop_a_rear_that_comes_to_the_entry_loop_gets_no_arm_on_its_bed():
    play = drive(opened(limits=PATIENT), *LONG_BED[:2], UNDER)
    drive(play, set(), each=1.5)
    drive(play, {"entry_loop"}, each=1.5)
    assert play.pulses("close") == 0
    drive(play, {"entry_loop", *UNDER}, UNDER, set()).run(5)
    assert play.pulses("close") == 1
    assert play.barrier.phase is Phase.CLOSED


@pytest.mark.parametrize("wired", [ALL, EXIT])
def test_behind_the_last_one_the_arm_waits_no_longer_than_until_the_way_has_been_clear(wired):
    play = drive(opened(wired=wired, limits=PATIENT), *ONE[:3]).put(
        safety_loop=False, photocell=False
    )
    assert play.run(1.9).pulses("close") == 0
    assert play.run(0.5).pulses("close") == 1


def test_the_arm_comes_down_before_the_next_one_that_waits_at_the_line():
    play = drive(queued(opened(wired=EXIT, limits=PATIENT)), {"entry_loop", "exit_loop"})
    assert drive(play, {"entry_loop"}, each=3).pulses("close") == 1


def test_a_bed_whose_rear_comes_to_the_entry_loop_after_a_gap_there_may_stand_under_the_arm_too():
    play = drive(opened(wired=EXIT), {"entry_loop", *UNDER}, {"entry_loop"}, set())
    drive(play, {"entry_loop", "exit_loop"}, each=60)
    assert play.reported("VehicleCrossed") == []
    assert play.barrier.phase is Phase.OPEN
    drive(play, set()).run(3)
    assert counted(play) == (1, 1)


def test_who_has_left_over_the_exit_loop_has_crossed_though_the_entry_loop_was_left_last():
    play = drive(queued(opened(wired=EXIT)), {"entry_loop", "exit_loop"}, {"exit_loop"}).run(3)
    drive(play, set()).run(3)
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]
    assert play.reported("VehicleBackedOff") == []


def test_an_exit_loop_that_tells_of_nobody_is_not_asked_which_way_a_vehicle_went():
    play = closed(wired=EXIT)
    for n in range(3):
        one_more(play, n, *ONE)
    assert alarms(play, "sensor_silent") == [True]
    drive(play.authorise("z").run(2), *ONE[:3], {"entry_loop", *UNDER}, {"entry_loop"}).run(4)
    assert counted(play) == (4, 4)


def test_an_exit_loop_that_the_one_before_leaves_says_nothing_of_this_one_until_it_is_there():
    before = ({"entry_loop", "exit_loop"}, {"entry_loop", "exit_loop", *UNDER})
    play = drive(opened(wired=EXIT), *before, {"entry_loop", *UNDER}, {"entry_loop"}).run(3)
    assert play.reported("VehicleCrossed") == []
    drive(play, {"entry_loop", *UNDER, "exit_loop"}, {"entry_loop", "exit_loop"}, {"entry_loop"})
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]


def test_what_the_exit_loop_said_of_one_vehicle_says_nothing_of_the_next():
    play = drive(queued(opened(wired=EXIT)), {"entry_loop", "exit_loop"}, {"entry_loop"}).run(3)
    drive(play.authorise("a2").run(2), {"entry_loop", *UNDER}, {"entry_loop"}).run(3)
    assert counted(play) == (2, 1)


def test_who_has_left_the_entry_loop_in_its_gap_and_is_on_the_exit_loop_goes_forward():
    play = drive(queued(opened(wired=EXIT)), {"entry_loop", "exit_loop"}, {"exit_loop"}, each=0.6)
    assert play.run(5).reported("VehicleCrossed") == []
    assert len(drive(play, set()).run(0.5).reported("VehicleCrossed")) == 1


def test_who_follows_bumper_to_bumper_is_told_before_the_first_is_at_the_exit_loop():
    way = ({"entry_loop", *UNDER}, UNDER, {"entry_loop", *UNDER}, UNDER)
    play = drive(opened(wired=EXIT), *way)
    assert len(play.reported("TailgateSeen")) == 1


def test_who_follows_in_the_gap_of_one_that_is_on_the_exit_loop_is_told():
    way = ({"entry_loop", *UNDER}, UNDER, {"entry_loop", "exit_loop", *UNDER})
    play = drive(drive(opened(wired=EXIT), *way), {"exit_loop"}, each=0.2)
    drive(play, {"exit_loop", *UNDER})
    assert len(play.reported("TailgateSeen")) == 1


@pytest.mark.parametrize("rear", [set(), {"entry_loop"}])
def test_who_follows_so_close_that_the_exit_loop_is_never_left_may_stand_with_its_gap_under_the_arm(
    rear,
):
    way = ({"entry_loop", *UNDER}, UNDER, {"entry_loop", *UNDER, "exit_loop"})
    play = drive(opened(wired=EXIT, limits=PATIENT), *way, {*UNDER, "exit_loop"})
    assert counted(play) == (2, 1)
    drive(play, {*rear, "exit_loop"}, each=60)
    assert play.pulses("close") == 0
    assert alarms(play, "passage_unfinished") == [True]
    drive(play, {"entry_loop", *UNDER, "exit_loop"}, {*UNDER, "exit_loop"}, {"exit_loop"}, set())
    play.run(5)
    assert play.reported("VehicleCrossed")[-1] == VehicleCrossed("out1", None, sure=0.995)
    assert play.barrier.phase is Phase.CLOSED


def test_who_leaves_the_exit_loop_with_the_one_before_him_has_passed_before_the_next_one():
    play = drive(opened(wired=EXIT), *({"exit_loop", *on} for on in ONE[:3]))
    drive(play, {"exit_loop", "entry_loop"}).run(3)
    assert counted(play) == (1, 0)
    drive(play, {"entry_loop"}).run(3)
    assert counted(play) == (1, 1)
    assert play.barrier.phase is Phase.CLOSED


def test_an_exit_loop_that_is_stuck_on_is_told_and_not_asked_any_more():
    play = closed(wired=EXIT).put(exit_loop=True)
    passes = [{"exit_loop", *on} for on in ONE]
    for n in range(3):
        one_more(play, n, *passes).run(10)
        assert play.pulses("close") == n
        assert alarms(play, "sensor_silent") == []
        play.order("close").run(3)
        assert play.barrier.phase is Phase.CLOSED
    told = [f for f in play.reported("GuardAlarm") if f.code == "sensor_silent"]
    assert [f.params["sensors"] for f in told] == [("exit_loop",)]
    one_more(play, 3, *passes)
    assert counted(play) == (4, 4)
    assert play.barrier.phase is Phase.CLOSED


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


def test_each_further_crossing_of_the_line_is_one_more_vehicle_where_nothing_was_ever_clear():
    play = line(line(line(drive(opened(), {"entry_loop", *UNDER}))))
    assert len(play.reported("TailgateSeen")) == 2
    assert counted(drive(play, set()).run(3)) == (3, 3)


def test_who_followed_over_the_line_has_gone_although_the_next_one_is_on_the_entry_loop():
    play = line(line(drive(opened(), {"entry_loop", *UNDER})))
    assert counted(drive(play, {"entry_loop"}).run(1)) == (2, 2)


def test_a_vehicle_that_vision_alone_has_seen_under_the_arm_uses_its_authorisation():
    play = line(drive(opened(), set())).run(4)
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]
    assert play.reported("VehicleBackedOff") == []
    assert play.barrier.phase is Phase.CLOSED


@pytest.mark.parametrize("forward", [True, False])
def test_a_line_crossed_with_nobody_on_the_way_is_nothing(forward):
    assert counted(line(closed(), forward).run(1)) == (0, 0)
    assert counted(line(opened(), forward).run(1)) == (0, 0)
    assert counted(line(drive(closed(), {"entry_loop"}), forward).run(1)) == (0, 0)


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


def test_a_short_vehicle_that_leaves_the_entry_loop_and_the_arm_at_once_has_crossed():
    play = drive(opened(), {"entry_loop", *UNDER}, set(), set()).run(3)
    assert len(play.reported("VehicleCrossed")) == 1
    assert play.reported("VehicleBackedOff") == []


def test_who_follows_in_the_gap_while_the_wire_is_lost_has_not_backed_off():
    way = ({"entry_loop", *UNDER}, UNDER, {"entry_loop", *UNDER})
    play = drive(drive(opened(), *way), set(), each=0.2).give(WireLost("unplugged")).silence(3)
    drive(play, UNDER)
    assert play.reported("VehicleBackedOff") == []


def test_who_waited_behind_one_and_goes_through_after_it_is_one_vehicle():
    way = (*ONE[:3], {"entry_loop", *UNDER}, {"entry_loop"}, {"entry_loop", *UNDER}, UNDER)
    play = drive(opened_by_order(), *way, set(), set())
    assert counted(play) == (2, 2)


@pytest.mark.parametrize(("sure", "joined"), [(0.9, 0.995), (0.95, 0.9975)])
def test_how_sure_the_line_is_counts(sure, joined):
    play = line(gap_kept_open(), sure=sure).run(1)
    assert [f.sure for f in play.reported("VehicleCrossed")] == [joined]


def test_the_order_of_the_loops_makes_nobody_sure_who_came_otherwise():
    other_side = drive(opened_by_order(), UNDER, set(), set())
    after_a_loss = opened_by_order().give(WireLost("unplugged"))
    drive(after_a_loss, UNDER).put(safety_loop=False, photocell=False).give(WireLost("again"))
    drive(after_a_loss, UNDER)
    for play in (other_side, drive(after_a_loss, set(), set())):
        assert {f.sure for f in play.reported("VehicleCrossed")} == {0.5}


def test_whom_the_sensors_saw_only_in_part_is_no_sign_of_a_silent_one():
    play = opened_by_order()
    for _ in range(3):
        play.give(WireLost("unplugged"))
        drive(play, {"safety_loop"}).give(WireLost("unplugged"))
        drive(play, {"safety_loop"}, set(), set())
    assert alarms(play, "sensor_silent") == []


def test_the_end_of_a_silent_sensor_names_none():
    play = opened_by_order()
    for way in (ONE[2:], ONE[2:], ONE[2:], ONE):
        drive(play, *way)
    assert [f.params for f in play.reported("GuardAlarm")][-1] == {}
    assert alarms(play, "sensor_silent") == [True, False]


# --- glitches ---


def glitch(play, *names):
    """One sample: a contact that bounces, a disturbance of 5 to 60 ms."""
    play.put(**dict.fromkeys(names, True)).run().put(**dict.fromkeys(names, False))
    return play.run()


GLITCHES = [
    ("entry_loop", ()),
    ("safety_loop", ()),
    ("photocell", ()),
    ("safety_loop", ("entry_loop",)),
    ("photocell", ("entry_loop",)),
    ("photocell", ("entry_loop", "safety_loop")),
]


@pytest.mark.parametrize(("name", "unwired"), GLITCHES)
def test_one_glitch_of_a_sensor_is_no_vehicle(name, unwired):
    play = closed(unwired=unwired).authorise().run(2).revoke()
    glitch(play.run(0.5), name).run(8)
    kinds = ("VehicleArrived", "VehicleBackedOff", "VehicleEntered", "TailgateSeen")
    assert [f for kind in kinds for f in play.reported(kind)] == []
    assert play.barrier.phase is Phase.CLOSED


def test_one_sample_turns_the_arm_and_counts_nobody():
    play = glitch(closing(), "photocell", "safety_loop")
    assert play.barrier.phase is Phase.OPENING
    assert play.run(5).barrier.phase is Phase.CLOSED
    assert counted(play) == (1, 1)
    assert play.reported("TailgateSeen") == []


def test_a_glitch_of_the_exit_loop_ends_no_passage():
    play = drive(opened(wired=EXIT), {"entry_loop", *UNDER}, {"entry_loop"})
    assert glitch(play, "exit_loop").run(5).reported("VehicleCrossed") == []
    assert play.pulses("close") == 0


def test_a_glitch_under_the_arm_makes_nobody_who_turned_back_go_forward():
    play = drive(opened(), {"entry_loop", *UNDER}, {"entry_loop"}, set())
    glitch(play, "safety_loop").run(5)
    assert play.reported("VehicleCrossed") == []
    assert len(play.reported("VehicleBackedOff")) == 1


def test_a_glitch_under_a_closed_arm_makes_nobody_who_backs_off_pass():
    play = drive(closed(), {"entry_loop"}).put(entry_loop=False).run()
    glitch(play, "safety_loop").run(5)
    assert play.reported("VehicleCrossed") == []
    assert len(play.reported("VehicleBackedOff")) == 1


def dropout(play, *names):
    """Two samples off: a loop that misses a moment of what stands on it."""
    on = dict.fromkeys(names, True)
    return play.put(**dict.fromkeys(names, False)).run(0.2).put(**on).run(0.3)


def test_a_moment_that_the_entry_loop_misses_is_no_other_vehicle_before_the_arm():
    play = dropout(drive(closed(), {"entry_loop"}), "entry_loop").run(3)
    assert len(play.reported("VehicleArrived")) == 1
    assert play.reported("VehicleBackedOff") == []


def test_a_moment_that_the_entry_loop_misses_is_nobody_close_behind():
    play = dropout(drive(opened(), {"entry_loop", *UNDER}), "entry_loop")
    drive(play, UNDER, set(), set()).run(3)
    assert counted(play) == (1, 1)
    assert play.reported("TailgateSeen") == []


def test_a_moment_that_the_entry_loop_misses_ends_no_gap():
    play = dropout(drive(opened(), {"entry_loop", *UNDER}, {"entry_loop"}, each=0.6), "entry_loop")
    assert play.run(4).reported("VehicleCrossed") == []
    assert play.reported("VehicleBackedOff") == []
    assert play.pulses("close") == 0
    play = dropout(drive(opened(), {"entry_loop", *UNDER}), "entry_loop")
    assert drive(play, {"entry_loop"}).run(3).reported("VehicleCrossed") == []


def test_who_is_close_behind_stays_so_when_the_entry_loop_misses_a_moment():
    play = drive(opened(), {"entry_loop", *UNDER}, UNDER, {"entry_loop", *UNDER})
    drive(play, set(), each=0.2)
    drive(play, {"entry_loop"}).run(1)
    assert counted(play) == (1, 1)
    drive(play, {"entry_loop", *UNDER}, UNDER, set(), set())
    assert counted(play) == (2, 2)


def test_readings_that_fail_in_between_end_no_front():
    play = closed(unwired=("entry_loop",)).authorise().run(2).put(**dict.fromkeys(UNDER, True))
    for _ in range(3):
        play.run(0.1).run(0.1, missed=True)
    assert counted(play) == (1, 0)


def test_a_sensor_that_misses_a_moment_is_still_on_the_same_vehicle():
    play = drive(queued(opened(wired=EXIT)), {"entry_loop", "exit_loop"})
    for _ in range(5):
        play.put(exit_loop=False).run().put(exit_loop=True).run(0.2)
    assert play.reported("VehicleCrossed") == []


def test_a_second_crossing_of_the_line_with_nobody_on_the_entry_loop_is_a_tailgater_too():
    play = line(line(drive(opened(), {"entry_loop", *UNDER}, UNDER)))
    assert len(play.reported("TailgateSeen")) == 1
    drive(play, set(), set())
    assert counted(play) == (2, 2)


def test_a_glitch_of_the_safety_loop_that_two_polls_see_uses_nobodys_authorisation():
    play = drive(opened(), {"entry_loop"})
    for _ in range(5):
        drive(play, {"entry_loop", "safety_loop"}, each=0.2)
        drive(play, {"entry_loop"}, each=0.8)
    assert counted(play) == (0, 0)
    drive(play, *ONE[1:])
    assert counted(play) == (1, 1)


@pytest.mark.parametrize("unknown_s", [0.2, 0.6, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("how", ["missed", "lost"])
def test_an_exit_loop_that_is_not_known_for_a_while_is_not_left(how, unknown_s):
    """A long bed stands under the arm, seen by the exit loop alone."""
    play = drive(opened(wired=EXIT, limits=PATIENT), *LONG_BED[:2], {*UNDER, "exit_loop"})
    drive(play, {"exit_loop"}, each=2)
    if how == "lost":
        play.give(WireLost("torn"))
        play.silence(unknown_s)
    else:
        play.run(unknown_s, missed=True)
    play.run(8)
    assert counted(play) == (1, 0)
    assert play.position > 0.95
    drive(play, {"exit_loop", *UNDER}, {"exit_loop"}, set()).run(3)
    assert counted(play) == (1, 1)
