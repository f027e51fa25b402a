"""What arms, switches, vehicles and wires do that our own picture of the world did not have."""

from dataclasses import replace

import pytest
from lane_play import LIMIT_SWITCHES, LIMITS, Play, closed, opened, opened_by_order
from test_motion import alarms

from edge.barrier.safety import Stalled, WireLost
from edge.barrier.table import Phase

SLOW = replace(LIMITS, travel_s=2.0)


class SlowPlay(Play):
    """An arm that takes two seconds."""

    def run(self, seconds=0.1, missed=False):
        for _ in range(max(1, round(seconds / 0.1))):
            self.position -= self.direction * 0.05
            super().run(missed=missed)
        return self


def coming_down(**kwargs):
    """An arm of two seconds on its way down, by order, a quarter of the way."""
    play = SlowPlay(limits=SLOW, position=1.0, **kwargs).run(1.0).order("close").run(0.6)
    assert play.barrier.phase is Phase.CLOSING
    assert 0.6 < play.position < 0.9
    return play


def saved(play):
    """Whether the arm has not come down on what is under it."""
    return play.run(4).position > 0.2


# --- switches that lie ---


@pytest.mark.parametrize("samples", [1, 2])
def test_a_glitch_of_the_lower_switch_ends_no_watch_over_a_falling_arm(samples):
    play = coming_down()
    play.lies = {"limit_closed": True}
    play.run(0.1 * samples)
    play.lies = {}
    assert play.put(safety_loop=True, photocell=True).run(0.2).barrier.phase is not Phase.CLOSED
    assert saved(play)


def test_a_lower_switch_set_to_half_way_ends_no_watch_before_its_time():
    play = coming_down()
    play.until(lambda: play.position <= 0.5)
    play.lies = {"limit_closed": True}
    play.run(0.4)
    assert play.barrier.phase is Phase.CLOSING
    assert saved(play.put(safety_loop=True))


def test_a_lower_switch_that_lies_teaches_no_short_travel():
    play = Play().run(0.5)
    for n in range(6):
        play.authorise(f"a{n}").run(2).vehicle().until(lambda: play.barrier.phase is Phase.CLOSING)
        play.lies = {"limit_closed": True}
        play.run(1.5)
        play.lies = {}
        play.run(1.0)
        assert play.barrier.phase is Phase.CLOSED
    assert play.barrier.travel["close"].supervised_s(LIMITS.travel_s) >= LIMITS.travel_s / 2


def test_a_glitch_of_the_upper_switch_makes_no_green_and_ends_no_motion():
    play = closed().authorise().run(0.4)
    play.lies = {"limit_open": True}
    play.run()
    play.lies = {}
    assert not play.barrier.green
    assert play.barrier.phase is Phase.OPENING
    assert play.run(2).barrier.green


def test_a_glitch_of_the_lower_switch_is_no_fault_of_an_open_arm():
    play = opened()
    play.lies = {"limit_closed": True}
    play.run()
    play.lies = {}
    assert play.run(0.3).barrier.phase is Phase.OPEN
    assert play.barrier.authorisation == "a1"


# --- an arm that moves by itself ---


@pytest.mark.parametrize("outputs", [("open", "close", "stop"), ("open", "close")], ids=len)
def test_an_arm_that_comes_down_by_itself_on_a_vehicle_is_opened_and_told(outputs):
    play = opened()
    play.outputs = replace(play.outputs, wired=frozenset(outputs))
    play.put(safety_loop=True, photocell=True).run(0.5).falls()
    assert saved(play)
    assert play.barrier.phase is Phase.OPEN
    assert alarms(play, "moves_by_itself") == [True]
    play.put(safety_loop=False, photocell=False, entry_loop=False).run(1).order("close").run(3)
    assert alarms(play, "moves_by_itself") == [True, False]


def test_an_arm_that_comes_down_by_itself_before_a_vehicle_comes_is_opened_then():
    play = SlowPlay(limits=SLOW, position=1.0).run(1.0).falls().run(0.5)
    assert play.barrier.phase is Phase.STOPPED
    assert saved(play.put(safety_loop=True))


def test_an_arm_that_comes_down_by_itself_on_nothing_is_let_go():
    play = opened_by_order().falls().run(4)
    assert play.barrier.phase is Phase.CLOSED
    assert play.pulses("open") == 1


def test_an_arm_that_was_stopped_over_a_vehicle_is_not_opened_unasked():
    play = coming_down().order("stop").run(0.5).put(safety_loop=True).run(4)
    assert play.pulses("open") == 0


# --- a stop input that opens ---


@pytest.mark.parametrize("pressed_s", [0.1, 9.0], ids=["bounce", "torn wire"])
def test_a_stop_input_that_opens_does_not_leave_a_falling_arm_to_itself(pressed_s):
    play = coming_down_without_stop()
    play.put(stop=True).run(min(pressed_s, 0.2))
    if pressed_s < 1:
        play.put(stop=False)
    assert saved(play.put(safety_loop=True, photocell=True))


def coming_down_without_stop():
    """As coming_down, with a stop input but no stop output."""
    play = SlowPlay(limits=SLOW, position=1.0)
    play.outputs = replace(play.outputs, wired=frozenset({"open", "close"}))
    play.run(1.0).order("close").run(0.6)
    assert play.barrier.phase is Phase.CLOSING
    return play


def test_a_turning_pulse_that_waits_is_not_lost_by_a_bounce_of_the_stop():
    play = SlowPlay(limits=SLOW, position=1.0)
    play.outputs = replace(play.outputs, wired=frozenset({"open", "close"}))
    play.run(1.0).order("close").until(lambda: play.pulses("close"))
    play.put(safety_loop=True).run().put(stop=True).run().put(stop=False)
    assert saved(play)


def test_nothing_is_opened_under_a_pressed_stop_when_nothing_is_seen():
    play = coming_down_without_stop().put(stop=True).run(4)
    assert play.pulses("open") == 0
    play.put(safety_loop=True).run(4)
    assert play.pulses("open") == 0


# --- no lower switch ---


def test_without_a_lower_switch_a_closing_arm_is_watched_for_its_margin_too():
    slow = replace(LIMITS, start_s=0.4, travel_margin_s=1.0)
    play = Play(limits=slow, position=1.0, unwired=LIMIT_SWITCHES).run(0.5)
    play.barrier = replace(play.barrier, phase=Phase.OPEN)
    play.order("close").until(lambda: play.pulses("close"))
    play.run(slow.travel_s + slow.start_s + 0.3)
    assert play.barrier.phase is Phase.CLOSING
    play.run(slow.travel_margin_s)
    assert play.barrier.phase is Phase.CLOSED


# --- a stall inside an exchange ---


def test_a_stall_cuts_no_opening_pulse():
    play = closed().authorise().run(0.1)
    before = len(play.writes)
    play.give(Stalled(3.0))
    assert [w for w in play.writes[before:] if getattr(w, "output", "") == "open"] == []


# --- inputs lost under a crossing vehicle ---


def test_a_vehicle_that_leaves_while_nothing_is_read_leaves_no_untold_open_arm():
    play = opened().put(entry_loop=False, safety_loop=True, photocell=True).run(0.5)
    play.give(WireLost("unplugged"))
    play.put(safety_loop=False, photocell=False).run(3)
    assert play.barrier.phase is Phase.OPEN
    assert alarms(play, "left_open") == [True]


def test_a_vehicle_still_there_when_the_inputs_return_closes_the_arm_by_leaving():
    play = opened().put(entry_loop=False, safety_loop=True).run(0.5).give(WireLost("unplugged"))
    play.run(1).put(safety_loop=False).run(4)
    assert play.barrier.phase is Phase.CLOSED
    assert alarms(play, "left_open") == []


# --- the entry loop's word ---


def gap(play, seconds):
    """A long vehicle is under the arm, then a gap in it, while its rear is on the entry loop."""
    play.put(entry_loop=True, safety_loop=True, photocell=True).run(0.8)
    return play.put(safety_loop=False, photocell=False).run(seconds)


def test_a_gap_in_a_vehicle_that_is_still_on_the_entry_loop_brings_no_arm_down():
    play = gap(opened(), 4)
    assert play.pulses("close") == 0
    assert play.told("VehicleCrossed") == []
    assert not play.barrier.green
    play.put(safety_loop=True, photocell=True, entry_loop=False).run(1)
    play.put(safety_loop=False, photocell=False).run(3)
    assert len(play.told("VehicleCrossed")) == 1
    assert play.told("TailgateSeen") == []
    assert play.barrier.phase is Phase.CLOSED


def test_a_passage_that_the_entry_loop_keeps_open_is_told_after_its_time_and_waits_for_a_person():
    play = gap(opened(), LIMITS.entry_held_s - 1)
    assert alarms(play, "passage_unfinished") == []
    play.run(2)
    assert alarms(play, "passage_unfinished") == [True]
    play.run(300)
    assert play.pulses("close") == 0
    play.order("close").run(3)
    assert play.barrier.phase is Phase.CLOSED
    assert alarms(play, "passage_unfinished") == [True, False]
    assert len(play.told("VehicleCrossed")) == 1


def test_a_vehicle_that_leaves_the_entry_loop_at_last_has_passed_and_the_arm_comes_down():
    play = gap(opened(), 5).put(entry_loop=False)
    assert play.run(1.5).pulses("close") == 0, "its rear may be between the loops"
    assert play.run(4).barrier.phase is Phase.CLOSED
    assert len(play.told("VehicleCrossed")) == 1


def test_a_rear_that_comes_over_the_safety_loop_after_the_entry_loop_was_left_is_the_same_vehicle():
    play = gap(opened(), 3).put(entry_loop=False).run(1.5).put(safety_loop=True).run(0.5)
    play.put(safety_loop=False).run(3)
    assert len(play.told("VehicleCrossed")) == 1
    assert play.told("TailgateSeen") == []
    assert play.barrier.phase is Phase.CLOSED


def test_a_vehicle_that_turns_back_on_the_safety_loop_has_not_crossed():
    """Its front was on the safety loop, and never in the beam."""
    play = opened().put(safety_loop=True).run(0.5).put(safety_loop=False).run(1)
    play.put(entry_loop=False).run(4)
    assert play.told("VehicleCrossed") == []
    assert len(play.told("VehicleBackedOff")) == 1
    assert play.barrier.phase is Phase.CLOSED
