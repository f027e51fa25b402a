"""What one reading does to a guard besides a motion: the local button and stop, answers that are
old, the end of a loss."""

import pytest

from edge.barrier.core.outputs import Set
from edge.barrier.core.safety import Sampled, Stalled, WireLost
from edge.barrier.core.table import Phase
from tests.support.barrier.lane_play import Play, closed, closing, opened, opened_by_order
from tests.support.barrier.motion_facts import alarms

# --- the local button ---


def test_the_button_opens_once_however_long_it_is_held_and_once_more_when_it_is_pressed_again():
    play = closed().put(manual_open=True).run(3)
    assert play.barrier.phase is Phase.OPEN
    assert play.pulses("open") == 1
    play.put(manual_open=False).run(1).order("close").run(3)
    assert play.barrier.phase is Phase.CLOSED
    play.put(manual_open=True).run(0.3)
    assert play.pulses("open") == 2


def test_the_button_turns_a_closing_arm_even_where_it_is_locked():
    play = closing()
    play.order("lock").put(manual_open=True).run(0.3)
    assert play.barrier.phase is Phase.OPENING


def test_the_button_opens_no_locked_arm_and_keeps_one_up_that_was_due_to_close():
    play = closed().order("lock").put(manual_open=True).run(2)
    assert play.barrier.phase is Phase.CLOSED
    play = opened().vehicle()
    while not play.reported("VehicleCrossed"):
        play.run()
    assert play.barrier.phase is Phase.OPEN
    play.order("lock").put(manual_open=True).run(0.2).put(manual_open=False).run(5)
    assert play.barrier.phase is Phase.OPEN


def test_the_button_opens_nothing_while_the_stop_is_pressed_nor_afterwards():
    play = closed().put(stop=True).run(0.5).put(manual_open=True).run(0.5)
    play.put(stop=False, manual_open=False).run(2)
    assert play.barrier.phase is Phase.CLOSED
    assert play.pulses("open") == 0


# --- the local stop ---


def test_the_stop_is_told_when_it_is_pressed_and_when_it_is_released():
    play = closed().put(stop=True).run(1)
    assert alarms(play, "stop_pressed") == [True]
    play.put(stop=False).run(1)
    assert alarms(play, "stop_pressed") == [True, False]


def test_a_stop_that_is_over_before_the_first_look_ends_what_was_wished():
    play = Play().authorise()
    play.put(stop=True).run().put(stop=False).run(3)
    assert play.barrier.phase is Phase.CLOSED
    assert play.pulses("open") == 0


# --- answers that are old ---


def test_an_old_answer_turns_a_closing_arm():
    play = closing()
    play.give(Sampled(dict(play.inputs), play.now - play.barrier.limits.fresh_s))
    assert play.barrier.phase is Phase.OPENING


def test_an_answer_that_is_nearly_old_does_not():
    play = closing()
    play.now += 0.1
    play.give(Sampled(dict(play.inputs), play.now - 0.05))
    assert play.barrier.phase is Phase.CLOSING


def test_the_first_answer_after_a_silence_turns_a_closing_arm_for_nobody_looked():
    play = closing()
    play.now += play.barrier.limits.fresh_s + 0.1
    play.give(Sampled(dict(play.inputs)))
    assert play.barrier.phase is Phase.OPENING


def test_two_clear_answers_with_a_silence_between_them_are_not_two_in_a_row():
    play = opened_by_order().put(safety_loop=True).run(1).put(safety_loop=False).run()
    assert play.barrier.input_state.clear_runs["safety_loop"] == 1
    play.now += play.barrier.limits.fresh_s + 0.1
    play.give(Sampled(dict(play.inputs)))
    assert play.barrier.input_state.clear_runs["safety_loop"] == 1


# --- losses ---


def test_a_loss_is_over_when_every_input_is_known_again():
    play = opened().give(WireLost("gone")).run()
    assert alarms(play, "wire_lost") == [True]
    play.run(0.2)
    assert alarms(play, "wire_lost") == [True, False]


def test_a_gap_that_began_before_a_loss_is_measured_anew_after_it():
    under = {"safety_loop": True, "photocell": True}
    play = opened().put(entry_loop=False, **under).run(0.5)
    play.put(**dict.fromkeys(under, False)).run(0.2).give(WireLost("gone"))
    play.now += 5
    assert play.run(0.3).reported("VehicleCrossed") == []
    assert len(play.run(0.6).reported("VehicleCrossed")) == 1


@pytest.mark.parametrize("play", [closed, opened, closing])
def test_after_a_standstill_no_closing_contact_stays_closed(play):
    play = play()
    play.writes.clear()
    play.give(Stalled(9.0))
    assert Set("close", False) in play.writes
