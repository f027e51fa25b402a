"""What stands for too long is told, once, until it ends."""

from dataclasses import replace

from edge.barrier.core.safety import WireLost
from edge.barrier.core.standing import WIRE
from edge.barrier.core.table import Phase
from tests.support.barrier.lane_play import (
    EXIT,
    LIMITS,
    Play,
    closed,
    closing,
    opened,
    opened_by_order,
)
from tests.support.barrier.motion_facts import alarms

SOON = replace(LIMITS, close_alarm_s=5.0, hold_alarm_s=20.0, occupied_alarm_s=30.0)


def test_a_due_close_that_does_not_happen_is_told_with_what_is_in_the_way():
    play = opened(limits=SOON).vehicle().run(0.6).put(photocell=True).run(4)
    assert alarms(play, "close_overdue") == []
    play.run(2)
    assert alarms(play, "close_overdue") == [True]
    assert play.reported("GuardAlarm")[-1].params["sensors"] == ("photocell",)
    play.put(photocell=False).run(4)
    assert play.barrier.phase is Phase.CLOSED
    assert alarms(play, "close_overdue") == [True, False]


def test_a_wire_on_which_readings_fail_again_and_again_keeps_no_arm_up_untold():
    play = opened(limits=SOON).vehicle()
    for _ in range(80):
        play.run(0.2).run(0.3, missed=True)
    assert play.barrier.phase is not Phase.CLOSED
    assert alarms(play, "close_overdue") == [True]
    assert play.reported("GuardAlarm")[-1].variant == "unread"


def test_nor_does_it_keep_one_up_untold_where_a_persons_close_was_forgotten():
    play = opened(limits=SOON).vehicle()
    for n in range(80):
        play.run(0.4)
        if n == 20:
            play.order("close")
        play.run(0.6, missed=True)
    assert play.barrier.phase is not Phase.CLOSED
    assert alarms(play, "close_overdue") == [True, False]
    assert [f.variant for f in play.reported("GuardAlarm") if f.active][-1] == "nobody_here"


def flickers(play):
    for _ in range(30):
        play.run(0.4).run(0.6, missed=True)
    return alarms(play, "left_open")


def test_an_arm_that_is_down_or_out_of_service_or_lost_is_not_told_as_up_for_nobody():
    assert flickers(closed(limits=SOON)) == []
    assert alarms(closed(limits=SOON).run(8, missed=True), "left_open") == []
    assert alarms(opened(limits=SOON).order("out_of_service").run(20), "left_open") == []
    assert alarms(closed(limits=SOON).give(WireLost("gone")).silence(20), "left_open") == []


def test_a_hold_of_hours_is_told_until_it_ends():
    play = closed(limits=SOON).order("hold_open").run(19)
    assert alarms(play, "held_long") == []
    play.run(3)
    assert alarms(play, "held_long") == [True]
    assert play.reported("GuardAlarm")[-1].params["hours"] > 0
    play.order("release").run(1)
    assert alarms(play, "held_long") == [True, False]


def test_a_loop_or_beam_that_is_occupied_for_long_is_told_by_name():
    play = closed(limits=SOON).put(photocell=True).run(29)
    assert alarms(play, "occupied_long") == []
    play.run(2).put(entry_loop=True).run(31)
    assert alarms(play, "occupied_long") == [True]
    assert play.reported("GuardAlarm")[-1].params["sensors"] == ("photocell",)
    play.put(photocell=False).run(1)
    assert alarms(play, "occupied_long") == [True]
    play.put(entry_loop=False).run(1)
    assert alarms(play, "occupied_long") == [True, False]


def test_an_arm_found_up_for_nobody_is_told_after_a_while():
    play = Play(limits=SOON, position=1.0).run(4)
    assert alarms(play, "left_open") == []
    play.run(3)
    assert alarms(play, "left_open") == [True]


def test_an_arm_that_is_up_for_somebody_is_not_left_open():
    for play in (
        opened(limits=SOON),
        opened(limits=SOON).put(safety_loop=True, entry_loop=False),
        opened_by_order(limits=SOON),
        closed(limits=SOON).order("hold_open"),
        closed(limits=SOON)
        .order("hold_open")
        .run(2)
        .lifted(0.5)
        .run(0.5)
        .authorise()
        .run(2)
        .revoke(),
        closed(limits=SOON),
    ):
        assert alarms(play.run(8), "left_open") == []


def test_why_an_arm_stays_up_is_told_as_it_was_first():
    play = opened(limits=SOON).vehicle().run(0.8).put(fire=True).run(3).put(fire=False).run(8)
    assert alarms(play, "left_open") == [True]
    assert "fire" in play.barrier.reported.left_open


def test_an_arm_that_something_in_the_beam_keeps_up_is_not_kept_up_by_the_wire():
    play = opened(limits=SOON).vehicle().run(0.6).put(photocell=True).run(70)
    assert alarms(play, "left_open") == []
    play.put(photocell=False).run(4)
    assert play.barrier.phase is Phase.CLOSED


def test_the_exit_loop_is_named_where_it_is_occupied_and_is_in_no_closing_arms_way():
    play = closed(limits=SOON, wired=EXIT).put(exit_loop=True).run(31)
    assert play.reported("GuardAlarm")[-1].params["sensors"] == ("exit_loop",)
    play = opened(limits=SOON, wired=EXIT).vehicle().run(0.6)
    play.put(photocell=True, exit_loop=True).run(6)
    assert play.reported("GuardAlarm")[-1].params["sensors"] == ("photocell",)


def test_an_arm_that_comes_down_at_last_is_not_given_up_on_its_way():
    play = closing(limits=SOON)
    play.barrier = replace(play.barrier, standing={WIRE: play.now - 60})
    assert alarms(play.run(3), "left_open") == []
    assert play.barrier.phase is Phase.CLOSED
