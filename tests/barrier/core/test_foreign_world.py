"""What arms, switches, vehicles and wires do that our own picture of the world did not have."""

from dataclasses import replace

import pytest

from edge.barrier.core.safety import Sampled, Stalled, WireLost
from edge.barrier.core.signals import whereabouts
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

SLOW = replace(LIMITS, travel_s=2.0)


class SlowPlay(Play):
    """An arm that takes two seconds."""

    def run(self, seconds=0.1, missed=False):
        for _ in range(max(1, round(seconds / 0.1))):
            self.position -= 0 if self.stuck else self.direction * 0.05
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
    assert play.barrier.claim.authorisation == "a1"


# --- an arm that moves by itself ---


@pytest.mark.parametrize("outputs", [("open", "close", "stop"), ("open", "close")], ids=len)
def test_an_arm_that_comes_down_by_itself_on_a_vehicle_is_opened_and_told(outputs):
    play = opened()
    play.has(outputs)
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
    play.has({"open", "close"})
    play.run(1.0).order("close").run(0.6)
    assert play.barrier.phase is Phase.CLOSING
    return play


def test_a_turning_pulse_that_waits_is_not_lost_by_a_bounce_of_the_stop():
    play = SlowPlay(limits=SLOW, position=1.0)
    play.has({"open", "close"})
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


def test_a_reading_that_was_asked_for_long_ago_is_none():
    play = closed()
    old = play.now
    play.now += LIMITS.fresh_s
    play.give(Sampled({**play.inputs, "manual_open": True}, old))
    assert play.pulses("open") == 0
    assert play.run(2).barrier.phase is Phase.CLOSED


# --- inputs lost under a crossing vehicle ---


def test_a_vehicle_that_leaves_while_nothing_is_read_leaves_no_untold_open_arm():
    play = opened().put(entry_loop=False, safety_loop=True, photocell=True).run(0.5)
    play.give(WireLost("unplugged"))
    play.put(safety_loop=False, photocell=False).run(3)
    assert play.barrier.phase is Phase.OPEN
    assert alarms(play, "left_open") == [True]


def test_nor_does_one_who_is_still_there_when_the_inputs_return_for_he_may_be_the_next_one():
    play = opened().put(entry_loop=False, safety_loop=True).run(0.5).give(WireLost("unplugged"))
    play.run(1).put(safety_loop=False).run(4)
    assert play.barrier.phase is Phase.OPEN
    assert alarms(play, "left_open") == [True]
    assert play.vehicle().run(4).barrier.phase is Phase.CLOSED
    assert alarms(play, "left_open") == [True, False]


# --- the entry loop's word ---


def gap(play, seconds):
    """A long vehicle is under the arm, then a gap in it, while its rear is on the entry loop."""
    play.put(entry_loop=True, safety_loop=True, photocell=True).run(0.8)
    return play.put(safety_loop=False, photocell=False).run(seconds)


def test_a_gap_in_a_vehicle_that_is_still_on_the_entry_loop_brings_no_arm_down():
    play = gap(opened(), 4)
    assert play.pulses("close") == 0
    assert play.reported("VehicleCrossed") == []
    assert not play.barrier.green
    play.put(safety_loop=True, photocell=True, entry_loop=False).run(1)
    play.put(safety_loop=False, photocell=False).run(3)
    assert len(play.reported("VehicleCrossed")) == 1
    assert play.reported("TailgateSeen") == []
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
    assert len(play.reported("VehicleCrossed")) == 1


def test_a_vehicle_that_leaves_the_entry_loop_last_of_all_has_turned_back_and_that_is_told():
    """Who goes through leaves it first. It was in the beam: people look at the pictures."""
    play = gap(opened(), 5).put(entry_loop=False)
    assert play.run(1.5).pulses("close") == 0, "its rear may be between the loops"
    assert play.run(4).barrier.phase is Phase.CLOSED
    assert play.reported("VehicleCrossed") == []
    assert len(play.reported("VehicleBackedOff")) == 1
    assert alarms(play, "turned_back") == [True]


def test_a_rear_that_comes_over_the_safety_loop_after_the_entry_loop_was_left_is_the_same_vehicle():
    play = gap(opened(), 3).put(entry_loop=False).run(1.5).put(safety_loop=True).run(0.5)
    play.put(safety_loop=False).run(3)
    assert len(play.reported("VehicleCrossed")) == 1
    assert play.reported("TailgateSeen") == []
    assert play.barrier.phase is Phase.CLOSED


def test_a_vehicle_that_turns_back_on_the_safety_loop_has_not_crossed():
    """Its front was on the safety loop, and never in the beam."""
    play = opened().put(safety_loop=True).run(0.5).put(safety_loop=False).run(1)
    play.put(entry_loop=False).run(4)
    assert play.reported("VehicleCrossed") == []
    assert len(play.reported("VehicleBackedOff")) == 1
    assert alarms(play, "turned_back") == []
    assert play.barrier.phase is Phase.CLOSED


# --- one condition each ---


def turns_back(play):
    """A vehicle on the safety loop that goes back over the entry loop."""
    return play.put(safety_loop=False, photocell=False).run(1).put(entry_loop=False).run(4)


def test_a_vehicle_seen_again_after_it_left_the_entry_loop_goes_forward():
    play = opened().put(safety_loop=True).run(0.5).put(safety_loop=False).run(1)
    play.put(entry_loop=False).run(0.5).put(safety_loop=True).run(0.5).put(safety_loop=False)
    assert len(play.run(3).reported("VehicleCrossed")) == 1
    assert play.reported("VehicleBackedOff") == []


def test_the_vehicle_after_one_that_turned_back_is_judged_by_itself():
    play = turns_back(opened().put(safety_loop=True).run(0.5))
    play.authorise("a2").run(3).put(entry_loop=True).run(0.3).put(safety_loop=True).run(0.3)
    play.put(entry_loop=False).run(0.5).put(safety_loop=False).run(1)
    assert [f.authorisation for f in play.reported("VehicleCrossed")] == ["a2"]


def test_the_beam_is_asked_for_each_vehicle_anew():
    play = opened().put(safety_loop=True, photocell=True).run(0.5).put(entry_loop=False).run(0.3)
    play.put(safety_loop=False, photocell=False).run(4)
    play.authorise("a2").run(2).put(entry_loop=True).run(0.3).put(safety_loop=True).run(0.3)
    assert len(turns_back(play).reported("VehicleBackedOff")) == 1
    assert alarms(play, "turned_back") == []


def test_after_a_gap_the_light_is_green_again_and_the_next_gap_is_told_again():
    play = gap(opened(), 11)
    assert not play.barrier.green
    play.put(safety_loop=True).run(0.3)
    assert play.barrier.green
    assert alarms(play, "passage_unfinished") == [True, False]
    play.put(safety_loop=False).run(11)
    assert alarms(play, "passage_unfinished") == [True, False, True]


def test_a_vehicle_that_leaves_a_held_arm_unseen_leaves_nothing_to_tell():
    play = closed().order("hold_open").run(2).put(entry_loop=True).run(0.3)
    play.put(safety_loop=True, entry_loop=False).run(0.5).give(WireLost("unplugged"))
    play.put(safety_loop=False).run(3)
    assert alarms(play, "left_open") == []


def test_who_turns_back_under_what_a_person_opened_closes_nothing():
    play = opened_by_order().put(entry_loop=True).run(0.3).put(safety_loop=True).run(0.5)
    assert turns_back(play).pulses("close") == 0


def test_who_turns_back_after_a_stop_closes_nothing():
    play = opened().put(safety_loop=True).run(0.5).order("stop").run(0.5)
    assert turns_back(play).pulses("close") == 0


def test_who_turns_back_takes_nobody_elses_authorisation():
    play = opened().put(safety_loop=True).run(0.5).put(safety_loop=False).run(1)
    play.put(entry_loop=False).run(0.5).authorise("a2").run(4)
    assert len(play.reported("VehicleBackedOff")) == 1
    assert play.barrier.claim.authorisation == "a2"


def test_a_second_try_begins_the_time_anew_before_which_no_arm_is_down():
    play = coming_down()
    play.stuck = True
    play.until(lambda: play.pulses("close") == 2)
    play.lies = {"limit_closed": True}
    assert play.run(0.5).barrier.phase is Phase.CLOSING


def test_an_arm_of_ours_that_is_turned_on_something_does_not_move_by_itself():
    play = closing().put(safety_loop=True).run(2)
    assert alarms(play, "moves_by_itself") == []


def test_an_arm_lost_from_sight_while_it_came_down_is_stopped_and_not_opened_unasked():
    play = coming_down().give(WireLost("unplugged")).put(safety_loop=True).run(4)
    assert play.pulses("stop") >= 1
    assert play.pulses("open") == 0


def test_a_vehicle_before_the_arm_at_the_first_look_is_no_alarm():
    assert alarms(Play().put(safety_loop=True).run(1), "moves_by_itself") == []


def test_an_arm_that_comes_down_on_nothing_is_no_alarm():
    play = opened_by_order(unwired=("limit_open",)).lifted(0.0).run(2)
    assert play.barrier.phase is Phase.CLOSED
    assert alarms(play, "moves_by_itself") == []


def test_an_arm_that_came_down_on_something_is_told_once_until_it_is_down_on_nothing():
    play = opened(unwired=("limit_open",)).put(entry_loop=False, safety_loop=True).run(0.5)
    for _ in range(2):
        play.lifted(0.0).run(2).lifted(1.0).run(1)
    assert alarms(play, "moves_by_itself") == [True]
    play.put(safety_loop=False).run(1).lifted(0.0).run(2)
    assert alarms(play, "moves_by_itself") == [True, False]
    play.lifted(1.0).run(1).put(safety_loop=True).run(0.5).lifted(0.0).run(2)
    assert alarms(play, "moves_by_itself") == [True, False, True]


def test_a_falling_arm_is_not_down_before_its_time_whoever_sent_it():
    play = SlowPlay(limits=SLOW, position=1.0).run(1.0).falls().run(0.5)
    play.lies = {"limit_closed": True}
    assert play.run(0.5).barrier.phase is Phase.STOPPED


def test_an_arm_that_was_moved_by_hand_is_left_open_only_where_it_was_due():
    assert alarms(opened_by_order().lifted(0.5).run(1), "left_open") == []
    assert alarms(closing().run(0.3).lifted(1.0).run(3), "left_open") == []


def test_a_closing_that_was_given_up_is_not_taken_up_when_it_is_back_in_service():
    play = opened().vehicle().run(0.8)
    play.stuck = True
    play.run(20)
    assert play.barrier.phase is Phase.OUT_OF_SERVICE
    before, play.stuck = play.pulses("close"), False
    play.order("in_service").run(5)
    assert play.pulses("close") == before


def test_an_arm_stopped_on_its_own_way_down_is_not_opened_unasked():
    play = SlowPlay(limits=SLOW, position=1.0).run(1.0).falls().run(0.5).order("stop").run(0.3)
    play.put(safety_loop=True).run(3)
    assert play.pulses("open") == 0


def test_an_arm_that_falls_after_a_stop_at_its_upper_end_is_opened():
    play = SlowPlay(limits=SLOW, position=1.0).run(1.0).order("stop").run(0.5)
    assert saved(play.put(safety_loop=True).run(0.5).falls())


def test_an_arm_that_a_glitch_alone_said_up_before_a_stop_is_not_opened_unasked():
    play = SlowPlay(limits=SLOW, position=0.3).put(stop=True).run()
    play.lies = {"limit_open": True}
    play.run().run(missed=True)
    play.lies = {}
    play.put(stop=False, safety_loop=True).run(3)
    assert play.pulses("open") == 0


def test_an_arm_that_fell_while_nothing_was_read_is_opened_when_it_is_seen_on_something():
    play = SlowPlay(limits=SLOW, position=1.0).run(1.0).give(WireLost("unplugged"))
    play.position = 0.6
    assert saved(play.put(safety_loop=True).falls())


@pytest.mark.parametrize(("position", "arm"), [(1.0, "open"), (0.0, "closed")])
def test_the_first_look_waits_for_a_switch_to_prove_its_end(position, arm):
    play = Play(position=position).run(1)
    assert [f.arm for f in play.reported("ArmMoved")] == [arm]


def test_an_arm_is_down_only_as_long_as_that_is_fresh():
    play = closed()
    stopped = replace(play.barrier, phase=Phase.STOPPED)
    assert whereabouts(stopped, play.now) is Phase.CLOSED
    assert whereabouts(stopped, play.now + LIMITS.fresh_s) is Phase.STOPPED


def test_an_arm_that_never_leaves_its_upper_end_is_not_down_by_time():
    play = opened_by_order(unwired=("limit_closed",))
    play.stuck = True
    play.order("close").run(20)
    assert play.pulses("close") == 1
    assert play.barrier.phase is Phase.OPEN


def test_an_arm_that_sticks_half_way_is_not_down_by_time_where_a_switch_would_say_so():
    play = closing()
    play.stuck = True
    assert play.run(20).barrier.phase is Phase.OUT_OF_SERVICE
