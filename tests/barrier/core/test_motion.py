"""From the signal to actions, and what is remembered at each change of phase."""

from dataclasses import replace

import pytest

from edge.barrier.core.safety import Elapsed, Stalled, WireLost
from edge.barrier.core.table import Phase
from edge.barrier.core.travel import LEARN_MOTIONS
from tests.support.barrier.lane_play import (
    LIMIT_SWITCHES,
    LIMITS,
    Play,
    closed,
    closing,
    opened,
    opened_by_order,
)
from tests.support.barrier.motion_facts import alarms, both_limits


def causes(play, arm):
    return [f.cause for f in play.reported("ArmMoved") if f.arm == arm]


# --- moved by hand ---


def test_a_closing_arm_that_is_turned_by_hand_is_let_go():
    play = closing().run(0.3).lifted(1.0).run(5)
    assert play.barrier.phase is Phase.OPEN
    assert play.pulses("close") == 1
    assert play.pulses("stop") == 1
    play.put(entry_loop=True).run(0.3).vehicle().run(3)
    assert play.barrier.phase is Phase.CLOSED


def test_an_opening_arm_that_is_turned_by_hand_is_let_go_and_whoever_waits_is_told():
    play = closed().authorise().run(0.5).lifted(0.0).run(5)
    assert play.barrier.phase is Phase.CLOSED
    assert play.pulses("open") == 1
    (handled,) = play.reported("RequestHandled")
    assert (handled.request, handled.outcome) == ("a1", "refused")
    assert "by hand" in handled.why


def test_an_opening_that_nobody_was_authorised_for_is_let_go_without_a_word():
    play = closed().order("hold_open").run(0.5).lifted(0.0).run(5)
    assert play.barrier.phase is Phase.CLOSED
    assert not play.barrier.modes.held_open
    assert len(play.reported("RequestHandled")) == 1


def test_an_arm_that_has_only_just_begun_is_not_taken_for_turned():
    play = closed().authorise().run()
    assert play.barrier.phase is Phase.OPENING
    play = closing(unwired=("limit_open",))
    assert play.run(0.2).barrier.phase is Phase.CLOSING


def test_an_open_arm_pushed_down_by_hand_keeps_its_authorisation():
    play = opened().lifted(0.5).run(0.5)
    assert play.barrier.phase is Phase.STOPPED
    assert play.barrier.claim.authorisation == "a1"


def test_what_was_due_is_not_done_after_the_arm_was_moved_by_hand():
    slow = replace(LIMITS, clear_before_close_s=2.0)
    for position in (0.5, 1.0):
        play = opened(limits=slow).vehicle().run(0.7)
        assert play.barrier.claim.close_wish == "passage"
        play.lifted(0.5).run(0.3).lifted(position).run(5)
        assert play.pulses("close") == 0
        assert alarms(play, "left_open") == [True]


def test_the_local_button_that_lifts_the_arm_itself_needs_no_pulse_of_ours():
    play = closed().lifted(0.2).put(manual_open=True).run(0.5)
    assert play.barrier.phase is Phase.STOPPED
    assert play.pulses("open") == 0


def test_an_arm_lifted_by_hand_after_a_passage_was_not_opened_by_us():
    play = opened().vehicle().run(4).lifted(1.0).run(0.5)
    assert play.barrier.phase is Phase.OPEN
    play.vehicle()
    assert play.reported("TailgateSeen") == []


def test_an_arm_that_leaves_its_end_by_hand_was_not_opened_by_us():
    play = opened().put(entry_loop=False).lifted(0.5).run(0.5).revoke().run(3)
    assert play.pulses("close") == 0


# --- fire, and an arm that is turned again and again ---


def test_an_arm_opened_for_a_fire_stays_up_and_that_is_told_until_it_is_closed():
    play = closing().put(fire=True).run(3)
    assert play.barrier.phase is Phase.OPEN
    assert alarms(play, "left_open") == [True]
    play.put(fire=False).run(5)
    assert play.barrier.phase is Phase.OPEN
    play.order("close").run(3)
    assert alarms(play, "left_open") == [True, False]
    assert play.barrier.phase is Phase.CLOSED


def test_a_fire_at_a_closed_gate_opens_it_and_nothing_was_due():
    play = closed().put(fire=True).run(2)
    assert causes(play, "opening") == ["fire"]
    assert alarms(play, "left_open") == []


def turned(play, times):
    """Something that is no vehicle turns the closing arm so often."""
    for _ in range(times):
        until = play.now + 10
        while play.barrier.phase is not Phase.CLOSING:
            assert play.now < until, "it stays up"
            play.run()
        play.put(photocell=True).run(0.3).put(photocell=False)
    return play


def test_an_arm_turned_three_times_closes_a_fourth_time():
    play = turned(opened().vehicle(), 3).run(4)
    assert alarms(play, "left_open") == []
    assert play.barrier.phase is Phase.CLOSED
    assert causes(play, "opening") == ["authorisation"] + 3 * ["safety"]


def test_an_arm_turned_four_times_stays_up_and_a_person_is_told():
    play = turned(opened().vehicle(), 4).run(4)
    assert play.barrier.phase is Phase.OPEN
    assert alarms(play, "left_open") == [True]
    alarm = play.reported("GuardAlarm")[-1]
    assert (alarm.variant, alarm.params) == ("turned", {"times": 4})


def test_the_turns_are_counted_from_the_last_time_it_was_closed():
    play = turned(opened().vehicle(), 3).run(4)
    play.authorise("a2").run(2).revoke("a2")
    assert turned(play, 3).run(4).barrier.phase is Phase.CLOSED


def test_each_vehicle_under_the_arm_begins_the_count_anew():
    play = turned(opened().vehicle(), 3).run(0.5).vehicle()
    assert turned(play, 3).run(4).barrier.phase is Phase.CLOSED


def test_an_arm_that_something_turned_is_still_ours():
    play = turned(opened().vehicle(), 1).run(0.5).vehicle()
    assert len(play.reported("TailgateSeen")) == 1


def test_what_stays_up_is_told_once_and_anew_after_it_was_closed():
    play = closing().put(fire=True).run(2).put(fire=False).run(0.5).vehicle().run(0.8)
    assert play.barrier.phase is Phase.CLOSING
    play.put(fire=True).run(2)
    assert alarms(play, "left_open") == [True]
    play.put(fire=False).run(0.5).order("close").run(3)
    play.authorise("a2").run(2).vehicle().run(0.8).put(fire=True).run(2)
    assert alarms(play, "left_open") == [True, False, True]


def test_a_fire_after_a_passage_finds_nothing_due():
    play = opened().vehicle().run(4)
    assert play.barrier.phase is Phase.CLOSED
    play.put(fire=True).run(2)
    assert alarms(play, "left_open") == []


# --- a close that was ordered ---


def test_an_ordered_close_that_is_turned_is_not_tried_again():
    play = opened_by_order().order("close").run(0.3).put(photocell=True).run(0.3)
    assert play.barrier.phase is Phase.OPENING
    play.put(photocell=False).run(5)
    assert play.barrier.phase is Phase.OPEN
    assert play.pulses("close") == 1
    assert alarms(play, "left_open") == []


def test_an_ordered_close_that_waits_is_forgotten_at_a_disturbance():
    slow = replace(LIMITS, clear_before_close_s=3.0)
    play = opened_by_order(limits=slow)
    play.put(photocell=True).run(0.3).put(photocell=False).run(0.3).order("close").run(0.5)
    assert play.pulses("close") == 0
    play.put(photocell=True).run(0.3).put(photocell=False).run(5)
    assert play.pulses("close") == 0


def test_an_ordered_close_under_way_when_the_inputs_are_lost_is_told():
    play = opened_by_order().order("close").run(0.3).give(WireLost("unplugged"))
    assert alarms(play, "left_open") == [True]


def test_what_was_due_when_the_inputs_were_lost_is_told_once_and_not_done():
    play = closing().give(WireLost("unplugged")).give(WireLost("unplugged"))
    assert alarms(play, "left_open") == [True]
    assert play.reported("GuardAlarm")[-1].variant == "unread"
    play.run(5)
    assert play.pulses("close") == 1


def test_a_loss_while_nothing_was_due_tells_of_nothing_left_open():
    play = opened_by_order().give(WireLost("unplugged")).run(1)
    assert alarms(play, "left_open") == []
    assert play.barrier.phase is Phase.OPEN


def test_what_is_due_after_a_passage_outlives_a_disturbance():
    play = opened().vehicle().run(0.3).put(photocell=True).run(1).put(photocell=False).run(3)
    assert play.barrier.phase is Phase.CLOSED


def test_after_a_loss_one_clear_look_closes_nothing():
    play = opened_by_order()
    play.now += LIMITS.fresh_s
    play.give(Elapsed())
    play.run().order("close")
    assert play.reported("RequestHandled")[-1].outcome == "refused"
    assert play.run(5).pulses("close") == 0


def test_after_a_loss_the_order_of_the_loops_is_not_asked_for_until_one_clear_look():
    play = closed().order("open").run(2).give(WireLost("unplugged"))
    play.put(safety_loop=True).run(0.5).put(safety_loop=False).run(3)
    assert len(play.reported("VehicleCrossed")) == 1
    assert play.barrier.phase is Phase.OPEN


# --- clear for how long ---


def test_the_way_counts_as_clear_from_when_it_became_clear():
    slow = replace(LIMITS, clear_before_close_s=2.0)
    play = opened(limits=slow).put(safety_loop=True, entry_loop=False).run(3)
    play.put(safety_loop=False).run(2.0)
    assert play.pulses("close") == 0
    play.run(0.3)
    assert play.pulses("close") == 1


def test_readings_that_fail_for_too_long_begin_the_wait_anew():
    slow = replace(LIMITS, clear_before_close_s=2.0)
    play = opened(limits=slow).put(safety_loop=True, entry_loop=False).run(1)
    play.put(safety_loop=False).run(1.5).run(0.3, missed=True).run(1.5)
    assert play.pulses("close") == 0


def test_what_becomes_clear_as_the_green_ends_counts_from_then():
    slow = replace(LIMITS, clear_before_close_s=1.95)
    play = opened(limits=slow).put(entry_loop=False, photocell=True).run(1)
    play.put(photocell=False).run(0.1).revoke().run(2.0)
    assert play.pulses("close") == 0
    assert play.run(0.3).pulses("close") == 1


# --- the light ---


def test_the_light_is_green_for_whom_may_go_and_red_for_all_others():
    assert opened().barrier.green
    assert opened().put(safety_loop=True).run(1).barrier.green, "the admitted one is under it"
    assert closed().order("hold_open").run(2).barrier.green
    assert not opened_by_order().barrier.green
    assert not opened().vehicle().run(0.3).barrier.green


def test_the_light_is_red_at_the_first_look_that_misses_the_open_switch():
    play = opened().lifted(0.9)
    assert play.barrier.phase is Phase.OPEN
    assert not play.barrier.green


def test_the_light_is_red_while_nothing_is_read():
    play = opened()
    play.now += LIMITS.fresh_s
    assert not play.give(Elapsed()).barrier.green


def test_the_light_is_red_at_an_arm_that_is_at_its_open_end_but_stopped():
    play = closed().order("hold_open").run(2).order("stop").run()
    assert not play.barrier.green
    play = closed().order("hold_open").run(2).put(stop=True).run()
    assert play.barrier.phase is Phase.STOPPED
    assert not play.barrier.green


# --- motions that are late ---


def stopped_half_way():
    return opened_by_order().lifted(0.5).run(1)


@pytest.mark.parametrize(
    ("start", "action", "motion"),
    [(closed, "open", "opening"), (stopped_half_way, "close", "closing")],
)
def test_an_arm_that_never_arrives_is_tried_again_and_then_given_up(start, action, motion):
    play = start()
    before = play.pulses(action)
    play.stuck = True
    play.order(action).run(20)
    assert play.pulses(action) == before + 2
    assert play.barrier.phase is Phase.OUT_OF_SERVICE
    alarm = play.reported("GuardAlarm")[-1]
    assert (alarm.variant, alarm.params) == (motion, {"times": 2})


def test_out_of_service_takes_the_authorisation_and_says_so():
    play = opened().order("out_of_service")
    handled = play.reported("RequestHandled")[-1]
    assert (handled.request, handled.why) == ("a1", "out of service")


def test_a_fault_of_the_switches_is_told_and_its_end_too():
    play = both_limits(opened())
    assert play.barrier.phase is Phase.FAULT
    assert play.reported("RequestHandled")[-1].why == "both limit switches"
    assert alarms(play, "both_limits") == [True]
    play.run(0.5)
    assert alarms(play, "both_limits") == [True, False]
    play.run(3)
    assert alarms(play, "both_limits") == [True, False]


def test_a_fault_from_any_state_is_left_to_any_state():
    play = both_limits(closed())
    play.give(WireLost("unplugged"))
    assert alarms(play, "both_limits") == [True, False]


# --- the time a motion takes ---


def learned(play, motion="open"):
    travel = play.barrier.travel.get(motion)
    return travel.motions if travel else 0


def test_only_motions_from_end_to_end_are_learned():
    play = opened()
    assert learned(play) == 1
    play = closed().lifted(0.5).run(0.5).authorise().run(2)
    assert play.barrier.phase is Phase.OPEN
    assert learned(play) == 0


def test_a_motion_that_needed_a_second_try_is_not_learned():
    play = closed()
    play.stuck = True
    play.authorise().run(2.5)
    play.stuck = False
    play.run(2)
    assert play.barrier.phase is Phase.OPEN
    assert learned(play) == 0


def test_a_motion_that_was_stopped_is_not_learned():
    play = closed().authorise().run(0.5).put(stop=True).run(1).put(stop=False).lifted(1.0).run(0.5)
    assert play.barrier.phase is Phase.OPEN
    assert learned(play) == 0


def test_both_ways_are_learned_apart():
    play = opened().vehicle().run(3)
    assert learned(play, "open") == learned(play, "close") == 1
    assert play.barrier.travel["close"].usual_s == pytest.approx(1.0, abs=0.15)


def test_without_switches_nothing_is_learned_and_no_drive_is_called_slow():
    slow = replace(LIMITS, start_s=0.4)
    play = Play(limits=slow, unwired=LIMIT_SWITCHES).run(0.5)
    for n in range(LEARN_MOTIONS + 1):
        play.authorise(f"a{n}").run(3).vehicle().run(4)
    assert play.barrier.phase is Phase.CLOSED
    assert play.barrier.travel == {}
    assert play.reported("GuardAlarm") == []


# --- stalls ---


def test_a_stall_is_told_once_however_long_it_lasts():
    play = closed().give(Stalled(5.0)).give(Stalled(6.0))
    assert alarms(play, "stalled") == [True]
