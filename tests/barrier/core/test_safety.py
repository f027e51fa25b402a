"""The guard's rules, one by one, on a small physical lane."""

import pytest

from edge.barrier.core.safety import Stalled, WireLost
from edge.barrier.core.sensing import obstructed
from edge.barrier.core.table import Phase
from tests.support.barrier.lane_play import LIMITS, Play, closed, opened


def test_nothing_moves_before_the_inputs_are_read():
    play = Play()
    play.authorise().order("open")
    assert play.writes == []
    assert play.reported("RequestHandled")[0].outcome == "refused"


def test_an_authorisation_given_before_the_first_look_opens_after_it():
    play = Play().authorise().run(0.5)
    assert play.pulses("open") == 1


def test_one_authorisation_is_one_pulse_however_often_it_is_given():
    play = closed().authorise().run(0.3).authorise().run(3).authorise().run(3)
    assert play.pulses("open") == 1


def test_a_vehicle_crosses_and_the_arm_comes_down_behind_it():
    play = opened().put(safety_loop=True, entry_loop=False).run(0.5)
    assert play.reported("VehicleEntered")[0].authorisation == "a1"
    play.put(photocell=True).run(0.5).put(safety_loop=False).run(0.5)
    assert play.pulses("close") == 0
    play.put(photocell=False).run(3)
    assert play.reported("VehicleCrossed")[0].authorisation == "a1"
    assert play.pulses("close") == 1
    assert play.barrier.phase is Phase.CLOSED


def test_a_long_vehicle_on_both_loops_still_ends_in_one_close():
    play = opened().put(safety_loop=True).run(2)
    play.put(entry_loop=False).run(0.5).put(safety_loop=False).run(3)
    assert play.pulses("close") == 1


def test_the_arm_is_never_closed_while_something_is_under_it():
    play = opened().put(safety_loop=True, entry_loop=False).run(60)
    assert play.pulses("close") == 0


def test_a_vehicle_under_the_closing_arm_turns_it_at_once():
    play = opened().put(safety_loop=True, entry_loop=False).run(0.5)
    play.put(safety_loop=False).run(1.2)
    assert play.barrier.phase is Phase.CLOSING
    before = play.pulses("open")
    play.put(photocell=True).run(0.4)
    assert play.pulses("open") == before + 1
    assert play.barrier.phase is Phase.OPENING


def test_readings_that_fail_while_closing_turn_the_arm():
    play = opened().put(safety_loop=True, entry_loop=False).run(0.5).put(safety_loop=False).run(1.2)
    assert play.barrier.phase is Phase.CLOSING
    play.run(0.3, missed=True)
    assert play.barrier.phase is Phase.OPENING


def test_a_failed_reading_is_no_vehicle():
    play = opened().run(0.5, missed=True)
    assert play.reported("VehicleEntered") == []


def test_a_second_vehicle_on_one_authorisation_is_a_tailgater():
    play = opened().put(safety_loop=True).run(0.5).put(entry_loop=False).run(0.3)
    play.put(safety_loop=False, entry_loop=True).run(0.6).put(safety_loop=True).run(0.5)
    assert len(play.reported("TailgateSeen")) == 1
    assert play.reported("VehicleEntered")[1].authorisation is None


def test_a_used_authorisation_opens_nothing_again():
    play = opened().put(safety_loop=True, entry_loop=False).run(0.5).put(safety_loop=False).run(4)
    before = play.pulses("open")
    play.authorise("a1").run(2)
    assert play.pulses("open") == before


def test_what_a_person_opened_stays_open_until_a_passage():
    play = closed().order("open").run(120)
    assert play.barrier.phase is Phase.OPEN
    assert play.pulses("close") == 0
    play.put(entry_loop=True).run(0.3).put(safety_loop=True, entry_loop=False).run(0.5)
    play.put(safety_loop=False).run(3)
    assert play.barrier.phase is Phase.CLOSED


def test_an_arm_lifted_by_hand_is_not_countered():
    play = closed()
    play.direction = 1
    play.run(60)
    assert play.barrier.phase is Phase.OPEN
    assert play.pulses("close") == 0


def test_held_open_stays_open_through_passages_and_refuses_a_close():
    play = closed().order("hold_open").run(2)
    for _ in range(3):
        play.put(safety_loop=True).run(0.5).put(safety_loop=False).run(5)
    assert play.pulses("close") == 0
    assert play.order("close").reported("RequestHandled")[-1].outcome == "refused"
    play.order("release").order("close").run(3)
    assert play.barrier.phase is Phase.CLOSED


def test_a_close_order_onto_a_vehicle_is_refused_and_not_kept():
    play = closed().order("open").run(2).put(safety_loop=True).run(0.5)
    play.order("close")
    handled = play.reported("RequestHandled")[-1]
    assert handled.outcome == "refused"
    assert "under the arm" in handled.why


def test_a_revoked_authorisation_closes_the_arm_again():
    play = opened().put(entry_loop=False).revoke().run(4)
    assert play.barrier.phase is Phase.CLOSED


def test_a_driver_who_started_on_the_green_that_was_taken_back_has_time_to_reach_the_loop():
    play = opened().put(entry_loop=False)
    assert play.barrier.green
    play.run(5).revoke()
    red_at = play.now
    while not play.pulses("close") and play.now < red_at + 10:
        assert not play.barrier.green
        play.run()
    assert play.now - red_at >= LIMITS.clear_before_close_s


def test_a_vehicle_that_rolls_in_after_the_green_was_taken_back_keeps_the_arm_up():
    play = opened().put(entry_loop=False).run(5).revoke().run(0.2)
    play.put(safety_loop=True).run(5)
    assert play.pulses("close") == 0


def test_an_unused_authorisation_ends_by_itself():
    play = opened().run(LIMITS.entry_timeout_s + 1)
    handled = play.reported("RequestHandled")[-1]
    assert (handled.request, handled.why) == ("a1", "entry_timeout")
    play.put(entry_loop=False).run(3)
    assert play.barrier.phase is Phase.CLOSED


def test_the_local_stop_beats_every_wish():
    play = closed().authorise().run(0.4).put(stop=True).run(0.2)
    assert play.barrier.phase is Phase.STOPPED
    before = play.pulses("open")
    play.authorise("a2").order("open").run(5)
    assert play.pulses("open") == before
    assert {f.outcome for f in play.reported("RequestHandled")} == {"refused"}
    play.put(stop=False).run(5)
    assert play.pulses("open") == before


def test_fire_opens_and_beats_a_close():
    play = opened().put(safety_loop=True, entry_loop=False).run(0.5).put(safety_loop=False).run(1.0)
    play.put(fire=True).run(4)
    assert play.barrier.phase is Phase.OPEN
    before = play.pulses("close")
    play.order("close").run(5)
    assert play.pulses("close") == before


def test_a_locked_barrier_opens_for_nobody():
    play = closed().order("lock").authorise().order("open").run(3)
    assert play.pulses("open") == 0
    play.order("unlock").authorise("a2").run(3)
    assert play.pulses("open") == 1


def test_both_limits_at_once_are_a_fault_without_motion():
    play = closed().authorise()
    play.run(0.3)
    play.position = 1.0
    play.inputs["limit_closed"] = True
    original = play.run

    def both():
        play.now += 0.1
        from edge.barrier.core.safety import Sampled

        sample = {**play.inputs, "limit_open": True, "limit_closed": True}
        return play.give(Sampled(sample))

    for _ in range(3):
        both()
    assert play.barrier.phase is Phase.FAULT
    assert play.reported("GuardAlarm")[-1].code == "both_limits"
    original(0.5)
    assert play.barrier.phase is Phase.OPEN


def test_a_stuck_arm_is_tried_once_more_and_then_out_of_service():
    play = closed()
    play.stuck = True
    play.authorise().run(20)
    assert play.pulses("open") == 2
    assert play.barrier.phase is Phase.OUT_OF_SERVICE
    assert play.reported("GuardAlarm")[-1].code == "travel_timeout"
    play.run(60)
    assert play.pulses("open") == 2


def test_silence_is_lost_and_the_return_moves_nothing():
    play = opened().put(safety_loop=True, entry_loop=False).run(0.5).put(safety_loop=False).run(1.2)
    assert play.barrier.phase is Phase.CLOSING
    play.silence(1.0)
    assert play.barrier.phase is Phase.UNREAD
    before = len(play.writes)
    play.run(0.2)
    assert obstructed(play.barrier.input_state) or play.barrier.phase is not Phase.CLOSING
    assert all(getattr(w, "on", None) is False for w in play.writes[before:])


def test_a_stalled_guard_releases_its_outputs_and_tells():
    play = closed().authorise().run(0.2)
    play.give(Stalled(5.0))
    assert play.reported("GuardAlarm")[-1].code == "stalled"
    assert play.barrier.phase is Phase.UNREAD


def test_a_lost_wire_is_told_once_and_its_return_too():
    play = closed().give(WireLost("unplugged")).give(WireLost("unplugged")).run(0.5)
    codes = [(f.code, f.active) for f in play.reported("GuardAlarm")]
    assert codes == [("wire_lost", True), ("wire_lost", False)]


def test_green_only_under_a_fully_open_arm():
    play = closed().authorise().run(0.5)
    assert not play.barrier.green
    play.run(1.5)
    assert play.barrier.green
    play.vehicle().run(1.0)
    assert not play.barrier.green


def test_a_vehicle_between_the_loops_has_not_backed_off():
    play = opened().put(entry_loop=False).run(1.5).put(safety_loop=True).run(0.3)
    assert play.reported("VehicleBackedOff") == []
    assert play.reported("VehicleEntered")[0].authorisation == "a1"


def test_a_vehicle_that_leaves_the_entry_loop_has_backed_off():
    play = opened().put(entry_loop=False).run(2.5)
    assert len(play.reported("VehicleBackedOff")) == 1


def test_travel_times_are_learned_and_a_slow_arm_is_told():
    play = Play()
    play.run(0.5)
    for n in range(7):
        play.authorise(f"t{n}").run(2).vehicle().run(3)
    assert play.barrier.travel["open"].usual_s == pytest.approx(1.0, abs=0.15)
    play.authorise("slow").run(0.1)
    play.stuck = True
    play.run(0.8)
    play.stuck = False
    play.run(2)
    assert play.reported("GuardAlarm")[-1].code == "travel_drift_open"
