"""What becomes of an opening, or of a close that is due, when the inputs are lost."""

from dataclasses import replace

from edge.barrier.core.outage import AGAIN_S
from edge.barrier.core.safety import WireLost
from edge.barrier.core.table import Phase
from tests.support.barrier.lane_play import LIMITS, closed, closing, opened, opened_by_order

SLOW = replace(LIMITS, clear_before_close_s=3.0, entry_timeout_s=60.0)
SOON = replace(SLOW, close_alarm_s=300.0)
SLOW_CLOSE = replace(LIMITS, entry_timeout_s=60.0)
LONG = AGAIN_S + 1


def codes(play):
    return [f.code for f in play.reported("GuardAlarm") if f.active]


def due():
    """Up, its vehicle gone, waiting for the way to be clear for long enough."""
    play = opened(limits=SOON).vehicle().run(1)
    assert play.barrier.phase is Phase.OPEN
    return play


def test_a_due_close_waits_for_readings_that_fail_for_a_moment():
    play = due().run(0.8, missed=True).run(6)
    assert play.barrier.phase is Phase.CLOSED
    assert codes(play) == []


def test_a_due_close_is_given_up_and_told_when_readings_have_failed_for_long():
    play = due().run(LONG, missed=True).run(6)
    assert play.pulses("close") == 0
    assert codes(play) == ["left_open"]


def test_an_ordered_close_that_is_lost_on_its_way_is_told_at_once():
    play = opened_by_order().order("close").run(0.4)
    assert play.barrier.phase is Phase.CLOSING
    assert codes(play.silence(0.7)) == ["left_open"]


def test_a_due_close_that_was_lost_with_the_wire_is_no_lost_opening():
    play = due().give(WireLost("unplugged"))
    play.position = 0.5
    assert codes(play.run(2)) == ["wire_lost", "left_open"]
    play = due().run(LONG, missed=True).run(2).give(WireLost("unplugged"))
    play.position = 0.5
    assert codes(play.run(2)) == ["left_open", "wire_lost"]


def lost_at_the_lower_end(play):
    play.stuck, play.direction, play.position = True, 0, 0.0
    return play.give(WireLost("unplugged"))


def test_a_lost_opening_is_said_once_more_where_the_arm_is_found_down_soon():
    play = lost_at_the_lower_end(closed(limits=SLOW).authorise().run(0.1)).silence(1)
    play.stuck = False
    assert play.run(3).barrier.phase is Phase.OPEN
    assert play.pulses("open") == 2


def test_a_lost_opening_is_told_and_not_done_long_afterwards():
    play = lost_at_the_lower_end(closed(limits=SLOW).authorise().run(0.1)).silence(LONG).run(3)
    assert "opening_lost" in codes(play)
    assert play.pulses("open") == 1


def test_a_turned_arm_that_is_lost_for_long_is_not_opened_later():
    play = closing(limits=SLOW_CLOSE).put(photocell=True).run(0.2).put(photocell=False)
    assert play.barrier.phase is Phase.OPENING
    before = play.pulses("open")
    lost_at_the_lower_end(play).silence(LONG).run(3)
    assert "opening_lost" in codes(play)
    assert play.pulses("open") == before


SLOW_CLOSE = replace(LIMITS, entry_timeout_s=60.0)
