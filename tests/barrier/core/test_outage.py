"""What becomes of an opening, or of a close that is due, when the inputs are lost."""

from dataclasses import replace

import pytest

from edge.barrier.core.outage import AGAIN_S
from edge.barrier.core.safety import WireLost
from edge.barrier.core.table import Phase
from tests.support.barrier.lane_play import LIMITS, TICK, closed, closing, opened, opened_by_order

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
    assert codes(play) == ["wire_lost", "left_open"]


ENDS = {
    "the admission is taken back": lambda play: play.revoke(),
    "nobody uses the admission": lambda play: play,
    "it had ended before": lambda play: play,
}


def admitted(ends, was):
    """Its arm open, opening, or open and due to close, as readings begin to fail; the admission
    ends meanwhile."""
    limits = replace(SOON, entry_timeout_s=6.0) if ends == "nobody uses the admission" else SOON
    play = closed(limits=limits).authorise().run(0.4 if was is Phase.OPENING else 2)
    if ends == "it had ended before":
        play.revoke().run(0.5)
    assert play.barrier.phase is was
    return play


DARK = {
    "readings fail": lambda play, seconds: play.run(seconds, missed=True),
    "nothing is read": lambda play, seconds: play.silence(seconds),
}


@pytest.mark.parametrize("dark", DARK.values(), ids=DARK)
@pytest.mark.parametrize("was", [Phase.OPENING, Phase.OPEN])
@pytest.mark.parametrize("ends", ENDS)
def test_an_arm_that_was_up_for_an_admission_while_nothing_was_known_for_long_stays_up(
    ends, was, dark
):
    play = ENDS[ends](dark(admitted(ends, was), 1))
    if was is Phase.OPENING:
        play.position, play.direction = 1.0, 0
    dark(play, LONG).run(6)
    assert play.barrier.phase is Phase.OPEN
    assert play.pulses("close") == 0
    assert codes(play) == ["wire_lost", "left_open"]


@pytest.mark.parametrize("was", [Phase.OPENING, Phase.OPEN])
def test_it_stays_up_where_the_admission_ends_only_afterwards(was):
    play = admitted("", was).run(LONG, missed=True).run(1).revoke()
    play.run(SOON.close_alarm_s + 6)
    assert play.barrier.phase is Phase.OPEN
    assert "left_open" in codes(play)


@pytest.mark.parametrize("was", [Phase.OPENING, Phase.OPEN])
@pytest.mark.parametrize("ends", ["the admission is taken back", "it had ended before"])
def test_it_comes_down_where_readings_failed_for_some_seconds(ends, was):
    play = ENDS[ends](admitted(ends, was).run(1, missed=True)).run(6, missed=True).run(6)
    assert play.barrier.phase is Phase.CLOSED
    assert codes(play) == []


def test_an_opening_that_is_taken_back_and_found_under_way_is_closed_once_it_is_up():
    play = admitted("the admission is taken back", Phase.OPENING).run(0.6, missed=True).revoke()
    play.position, play.stuck = 0.5, True
    assert play.run(0.3).barrier.phase is Phase.STOPPED
    play.stuck = False
    assert play.run(6).barrier.phase is Phase.CLOSED
    assert codes(play) == []


def test_it_is_not_closed_where_somebody_brings_it_up_long_afterwards():
    play = admitted("the admission is taken back", Phase.OPENING).run(0.6, missed=True).revoke()
    play.position, play.stuck = 0.5, True
    play.put(photocell=True).run(LONG).put(photocell=False).lifted(1.0).run(6)
    assert play.barrier.phase is Phase.OPEN
    assert play.pulses("close") == 0


def test_who_is_read_again_as_the_time_is_over_is_not_lost():
    play = admitted("", Phase.OPEN).run(LIMITS.fresh_s + AGAIN_S - TICK, missed=True).run(1)
    assert play.barrier.phase is Phase.OPEN
    assert codes(play) == []


def test_a_vehicle_that_has_left_while_readings_failed_for_long_leaves_the_arm_up():
    play = opened(limits=SOON).put(entry_loop=False, safety_loop=True).run(0.5)
    assert play.barrier.crossing.inside
    play.put(safety_loop=False).run(LONG, missed=True).run(6)
    assert play.pulses("close") == 0
    assert codes(play) == ["wire_lost", "left_open"]
    play.put(entry_loop=True).run(0.5).authorise("a2").vehicle().run(6)
    assert play.barrier.phase is Phase.CLOSED


@pytest.mark.parametrize("failing", [0.1, 0.9])
def test_readings_of_which_no_two_in_a_row_are_good_are_a_board_that_is_lost(failing):
    play = opened(limits=SOON).run(1, missed=True)
    for _ in range(round(LONG / (failing + TICK))):
        play.run().run(failing, missed=True)
    assert play.barrier.phase is Phase.UNREAD
    assert codes(play) == ["wire_lost"]
    play.run(2 * TICK).run(missed=True)
    assert [f for f in play.reported("GuardAlarm") if not f.active] == []
    assert play.run(1).barrier.phase is Phase.OPEN
    ended = [f.code for f in play.reported("GuardAlarm") if not f.active]
    assert ended == ["wire_lost"]
    assert len(play.reported("BarrierFirstSeen")) == 1


def test_a_reading_that_fails_long_after_others_did_loses_nothing():
    play = opened(limits=SOON).run(1, missed=True).run(LONG).run(missed=True).run(1)
    assert play.barrier.phase is Phase.OPEN
    assert codes(play) == []


def test_a_stop_that_is_seen_while_the_inputs_are_lost_takes_two_looks_to_end():
    play = opened(limits=SOON).give(WireLost("unplugged")).run(LONG, missed=True)
    play.put(stop=True).run().run(missed=True).put(stop=False).run()
    assert [f.active for f in play.reported("GuardAlarm") if f.code == "stop_pressed"] == [True]


def test_a_vehicle_that_comes_with_a_stop_while_nothing_is_known_closes_nothing_by_leaving():
    play = opened(limits=SOON, unwired=("entry_loop",)).run(1, missed=True)
    play.put(safety_loop=True).run().run(missed=True).put(stop=True).run()
    play.put(stop=False).give(WireLost("unplugged")).run(1).put(safety_loop=False).run(6)
    assert play.pulses("close") == 0


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
    assert codes(play.run(2)) == ["wire_lost", "left_open", "wire_lost"]


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
