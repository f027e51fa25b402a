"""What a second world, written by somebody who had not read ours, found in the guard."""

from dataclasses import replace
from math import inf

import pytest

from edge.barrier.core.safety import Elapsed, Missed, Revoked, WireLost
from edge.barrier.core.state import CloseWish
from edge.barrier.core.table import Phase
from tests.support.barrier.lane_play import (
    LIMIT_SWITCHES,
    LIMITS,
    Play,
    closed,
    closing,
    opened,
    opened_by_order,
)
from tests.support.barrier.motion_facts import alarms

START = replace(LIMITS, start_s=0.5)

# --- an arm that is turned, or falls again ---


def test_an_authorisation_that_comes_as_the_arm_arrives_at_its_lower_end_is_kept():
    """The switch proves where the arm was before it went up, not that somebody pushed it down."""
    play = opened(limits=START).vehicle()
    play.until(lambda: play.barrier.phase is Phase.CLOSING and play.position <= 0.15)
    play.authorise("a2").lifted(0.0).run(0.3)
    assert play.barrier.phase is Phase.OPENING
    play.direction = 1
    play.run(2)
    assert play.barrier.phase is Phase.OPEN
    assert play.barrier.claim.authorisation == "a2"
    assert [f for f in play.reported("RequestHandled") if f.outcome == "refused"] == []


def test_an_arm_that_falls_again_as_soon_as_it_is_up_is_opened_again():
    """A welded relay: it was turned, touched its upper end and comes down once more."""
    play = opened_by_order(limits=START).put(safety_loop=True).run(0.3).falls().run(0.4)
    assert play.pulses("open") == 2
    play.until(lambda: play.position >= 0.99).falls()
    play.until(lambda: play.pulses("open") == 3, seconds=1)
    assert play.position > 0.3
    assert alarms(play, "moves_by_itself") == [True]


def test_an_arm_that_is_turned_before_it_left_its_upper_switch_gets_one_pulse():
    play = opened_by_order(limits=START).order("close").run()
    play.put(safety_loop=True).run(3)
    assert play.pulses("open") == 2
    assert play.barrier.phase is Phase.OPEN


STANDS = replace(LIMITS, start_s=1.0, stands_s=0.3)
UNSTOPPED = replace(STANDS, stands_s=inf)


def turned_at_its_upper_end(limits, stood_s):
    """It was sent down and turned before it moved; so long afterwards it comes down."""
    play = opened_by_order(limits=limits).order("close")
    play.stuck = True
    play.run(0.1).order("open").run(stood_s)
    play.stuck = False
    return play.falls().put(safety_loop=True).run(0.4)


def test_an_arm_that_was_stopped_at_its_upper_end_and_leaves_it_later_comes_down_by_itself():
    """A relay welded closed takes it down again as soon as the stop and the opening are over."""
    play = turned_at_its_upper_end(STANDS, stood_s=0.6)
    assert play.pulses("open") == 3
    assert alarms(play, "moves_by_itself") == [True]


@pytest.mark.parametrize(("limits", "stood_s"), [(STANDS, 0.1), (UNSTOPPED, 0.6)])
def test_one_that_may_still_run_out_gets_one_pulse(limits, stood_s):
    play = turned_at_its_upper_end(limits, stood_s)
    assert play.pulses("open") <= 2
    assert alarms(play, "moves_by_itself") == []


# --- a close that nothing follows ---


def test_an_arm_that_does_not_leave_its_upper_end_gets_no_second_close_and_is_told():
    play = opened_by_order()
    play.stuck = True
    play.order("close").run(20)
    assert play.pulses("close") == 1
    assert play.barrier.phase is Phase.OPEN
    assert [f.variant for f in play.reported("GuardAlarm") if f.code == "left_open"] == ["unmoved"]
    play.stuck = False
    play.order("close").run(3)
    assert play.barrier.phase is Phase.CLOSED
    assert alarms(play, "left_open") == [True, False]
    assert play.barrier.travel["close"].motions == 1


# --- an opening that was lost ---


def lost_opening(seconds, **kwargs):
    """A person's opening whose pulse never arrives, for the wire is gone for so long."""
    play = closed(**kwargs).order("open")
    play.position, play.direction = 0.0, 0
    play.give(WireLost("unplugged"))
    return play.silence(seconds).run(0.5)


def test_an_opening_that_was_lost_in_a_short_outage_is_done_when_the_wire_is_back():
    play = lost_opening(0.6).run(2)
    assert play.barrier.phase is Phase.OPEN
    assert play.pulses("open") == 2
    assert alarms(play, "opening_lost") == []


@pytest.mark.parametrize("seconds", [12, 600])
def test_an_opening_that_was_lost_in_a_long_outage_is_told_and_not_done_later(seconds):
    play = lost_opening(seconds).run(3)
    assert play.barrier.phase is Phase.CLOSED
    assert play.pulses("open") == 1
    assert alarms(play, "opening_lost") == [True]
    play.order("open").run(2)
    assert alarms(play, "opening_lost") == [True, False]


def test_an_opening_lost_again_and_again_is_tried_no_oftener_than_a_motion_that_is_late():
    play = lost_opening(0.6)
    for _ in range(3):
        play.position, play.direction = 0.0, 0
        play.give(WireLost("unplugged")).silence(0.6).run(0.5)
    assert play.pulses("open") == 2
    assert alarms(play, "opening_lost") == [True]


def test_an_arm_that_went_up_while_nothing_was_read_gets_no_second_pulse():
    play = closed().order("open").run(0.4).give(WireLost("unplugged"))
    play.position, play.direction = 1.0, 0
    play.silence(0.6).run(2)
    assert play.barrier.phase is Phase.OPEN
    assert play.pulses("open") == 1
    assert alarms(play, "opening_lost") == []


def test_an_arm_that_stands_half_way_after_an_outage_is_told_and_not_moved_unasked():
    play = closed().order("open").run(0.4).give(WireLost("unplugged"))
    play.position, play.direction = 0.5, 0
    play.silence(0.6).run(2)
    assert play.barrier.phase is Phase.STOPPED
    assert play.pulses("open") == 1
    assert alarms(play, "opening_lost") == [True]


def test_a_stop_after_an_opening_was_lost_ends_it():
    play = closed().order("open")
    play.position, play.direction = 0.0, 0
    play.give(WireLost("unplugged")).order("stop").silence(0.6).run(3)
    assert play.pulses("open") == 1


# --- open, then lock ---


def test_an_arm_that_is_locked_while_it_is_up_for_nobody_stays_up_and_is_told():
    play = opened_by_order().order("lock").run(1)
    assert play.barrier.phase is Phase.OPEN
    assert [f.variant for f in play.reported("GuardAlarm") if f.code == "left_open"] == ["locked"]


def test_an_arm_that_is_locked_while_it_is_closed_or_for_a_vehicle_that_passes_is_no_alarm():
    assert alarms(closed().order("lock").run(1), "left_open") == []
    play = opened().put(safety_loop=True, entry_loop=False).run(0.5).order("lock").run(0.5)
    play.put(safety_loop=False).run(4)
    assert play.barrier.phase is Phase.CLOSED
    assert alarms(play, "left_open") == []


# --- bad answers ---


def misses(play, seconds, every):
    """So long, with every so many readings a failed one."""
    for n in range(round(seconds / 0.1)):
        play.run(missed=n % every == 0)
    return play


def test_one_failed_reading_does_not_keep_an_arm_up_or_turn_it():
    play = opened().vehicle()
    misses(play, 4, every=4)
    assert play.barrier.phase is Phase.CLOSED
    assert play.pulses("close") == 1
    assert play.pulses("open") == 1
    assert len(play.reported("VehicleCrossed")) == 1


def test_an_ordered_close_outlives_one_failed_reading():
    play = opened_by_order().run(missed=True).order("close")
    misses(play, 3, every=4)
    assert play.barrier.phase is Phase.CLOSED


def test_failed_readings_for_longer_than_the_guard_may_be_blind_turn_a_closing_arm():
    play = closing().run(LIMITS.blind_s, missed=True)
    assert play.barrier.phase is Phase.CLOSING or play.pulses("open") == 2
    play.run(0.1, missed=True)
    assert play.barrier.phase is Phase.OPENING


def test_nothing_is_turned_for_the_fourth_time_because_of_the_wire_alone():
    play = opened().vehicle().run(1.2)
    for _ in range(6):
        play.until(lambda: play.barrier.phase is Phase.CLOSING)
        play.run(0.3, missed=True)
        assert play.barrier.phase is Phase.OPENING
    play.run(5)
    assert play.barrier.phase is Phase.CLOSED
    assert alarms(play, "left_open") == []


def test_an_arm_that_the_wire_keeps_up_for_too_long_stays_up_and_says_why():
    play = opened(limits=replace(LIMITS, close_alarm_s=3.0)).vehicle().run(0.8)
    end = play.now + 40
    while play.now < end:
        play.until(lambda: play.barrier.phase is not Phase.OPENING)
        play.run(0.3, missed=True).run(0.3)
    assert alarms(play, "close_overdue") == [True, False]
    assert [f.variant for f in play.reported("GuardAlarm") if f.code == "left_open"] == ["wire"]
    closes = play.pulses("close")
    play.run(20)
    assert play.pulses("close") == closes


def test_without_limit_switches_an_opening_that_was_lost_is_told_for_nobody_knows_where_it_is():
    play = Play(unwired=LIMIT_SWITCHES).run(0.5).order("open").give(WireLost("unplugged"))
    play.silence(0.6).run(2)
    assert play.pulses("open") == 1
    assert alarms(play, "opening_lost") == [True]


# --- a close goes by a reading, not by the clock ---


def due_soon():
    """A vehicle has passed; all has been clear for nearly long enough."""
    slow = replace(LIMITS, clear_before_close_s=0.75)
    play = opened(limits=slow).vehicle()
    play.until(lambda: play.barrier.claim.close_wish is CloseWish.PASSAGE)
    return play.until(lambda: play.now - play.barrier.clear_since > 0.65)


@pytest.mark.parametrize("given", [Elapsed(), Missed(), Revoked("another")])
def test_an_arm_is_not_sent_down_by_the_clock_while_its_board_is_not_read(given):
    """Beside a closing arm a board is read every 0.25 s; in between somebody came."""
    play = due_soon()
    play.now += 0.2
    play.give(given)
    assert (play.barrier.phase, play.pulses("close")) == (Phase.OPEN, 0)
    play.put(safety_loop=True).run(1)
    assert play.pulses("close") == 0


def test_an_arm_that_is_due_goes_down_with_the_next_good_reading():
    play = due_soon()
    play.now += 0.1
    play.give(Elapsed()).run()
    assert (play.barrier.phase, play.pulses("close")) == (Phase.CLOSING, 1)


def test_an_ordered_close_goes_with_the_next_reading_too():
    play = opened_by_order().order("close")
    assert play.pulses("close") == 0
    assert play.run().pulses("close") == 1


def test_a_close_is_said_again_by_a_reading_only():
    """The arm has left its upper end and does not arrive."""
    play = closing()
    play.stuck = True
    play.position = 0.5
    play.until(lambda: play.now - play.barrier.motion.moved_at > 1.85)
    play.now += 0.2
    play.give(Elapsed())
    assert play.pulses("close") == 1
    assert play.run().pulses("close") == 2
