"""Who comes, goes through and leaves, and whose authorisation it was."""

from dataclasses import replace

import pytest

from edge.barrier.core.safety import Elapsed, Sampled, WireLost
from edge.barrier.core.table import Phase
from edge.domain.facts import VehicleCrossed, VehicleEntered
from tests.support.barrier.lane_play import (
    IN,
    LIMIT_SWITCHES,
    LIMITS,
    Play,
    closed,
    closing,
    loops,
    opened,
    opened_by_order,
)

# --- before the arm ---


def test_a_vehicle_on_the_entry_loop_arrives_once():
    play = closed().put(entry_loop=True).run(2)
    assert len(play.reported("VehicleArrived")) == 1


def test_the_next_on_the_entry_loop_means_the_one_before_has_backed_off():
    play = opened().put(entry_loop=False).run(0.5).put(entry_loop=True).run(0.2)
    assert len(play.reported("VehicleBackedOff")) == 1
    assert len(play.reported("VehicleArrived")) == 2
    play.run(5)
    assert len(play.reported("VehicleBackedOff")) == 1


def test_a_vehicle_under_the_arm_has_not_backed_off():
    play = opened().put(safety_loop=True).run(0.3).put(entry_loop=False).run(5)
    assert play.reported("VehicleBackedOff") == []
    play = opened().put(entry_loop=False).run(0.5).put(safety_loop=True).run(5)
    assert play.reported("VehicleBackedOff") == []


# --- under the arm ---


@pytest.mark.parametrize("position", [0.5, 1.0])
def test_a_vehicle_enters_under_an_arm_that_is_up_or_halfway_stopped(position):
    play = closed().lifted(position).run(0.5)
    assert play.barrier.phase is (Phase.OPEN if position == 1.0 else Phase.STOPPED)
    loops(play, *IN, set())
    assert play.reported("VehicleEntered") == [VehicleEntered("out1", None)]
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", None)]


def test_a_vehicle_enters_under_an_arm_that_opens_and_under_one_that_comes_down():
    play = closed().put(entry_loop=True).run(0.3).authorise().run(0.3)
    assert play.barrier.phase is Phase.OPENING
    play.put(safety_loop=True).run(0.3)
    assert play.reported("VehicleEntered") == [VehicleEntered("out1", "a1")]
    play = closing().put(entry_loop=True).run(0.2)
    assert play.barrier.phase is Phase.CLOSING
    play.put(safety_loop=True).run(0.3)
    assert play.reported("VehicleEntered")[-1] == VehicleEntered("out1", None)


def closed_without_switches():
    play = opened_by_order(unwired=LIMIT_SWITCHES).order("close").run(3)
    assert play.barrier.phase is Phase.CLOSED
    return play


@pytest.mark.parametrize("down", [closed, closed_without_switches])
def test_who_passes_an_arm_that_is_said_to_be_down_is_told_and_has_not_backed_off(down):
    play = loops(down(), *IN, set()).run(5)
    assert play.reported("VehicleEntered") == [VehicleEntered("out1", None)]
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", None)]
    assert play.reported("VehicleBackedOff") == []
    assert [f.code for f in play.reported("GuardAlarm")] == ["passed_closed"]
    assert play.pulses("close") == (0 if down is closed else 1)


def test_whose_nose_was_on_the_safety_loop_of_a_closed_arm_has_backed_off():
    play = loops(closed(), {"entry_loop"}, {"entry_loop", "safety_loop"}, {"entry_loop"}, set())
    play.run(5)
    assert play.reported("VehicleEntered") == []
    assert len(play.reported("VehicleBackedOff")) == 1
    assert play.reported("GuardAlarm") == []


def test_who_is_admitted_while_it_slips_under_a_closed_arm_enters_as_any_other():
    play = loops(closed(), {"entry_loop"}, {"entry_loop", "safety_loop"}, {"safety_loop"})
    play.authorise().run(2).put(safety_loop=False).run(4)
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]
    assert play.reported("GuardAlarm") == []


def test_who_comes_back_from_a_closed_arm_over_the_entry_loop_has_not_passed():
    on_both = {"entry_loop", "safety_loop"}
    play = loops(closed(), {"entry_loop"}, on_both, {"safety_loop"})
    assert play.barrier.crossing.slipping
    loops(play, on_both, {"entry_loop"}, set()).run(5)
    assert play.reported("VehicleCrossed") == []
    assert [f.code for f in play.reported("GuardAlarm")] == ["turned_back"]


def test_the_photocell_tells_of_a_vehicle_where_no_safety_loop_is_wired():
    play = opened(unwired=("safety_loop",))
    play.put(photocell=True).run(0.3).put(entry_loop=False).run(0.3).put(photocell=False).run(0.8)
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]


def test_a_person_in_the_beam_is_no_vehicle_where_a_safety_loop_is_wired():
    play = loops(opened(), {"entry_loop", "photocell"}, {"entry_loop"})
    assert play.reported("VehicleEntered") == []


def test_a_vehicle_has_crossed_once_everything_under_the_arm_is_clear():
    play = loops(opened(), {"safety_loop"}, {"photocell"})
    assert play.reported("VehicleCrossed") == []
    assert play.put(photocell=False).run(0.6).reported("VehicleCrossed")


def test_a_vehicle_has_not_crossed_while_an_input_is_not_known():
    play = loops(opened(), {"safety_loop"})
    play.put(safety_loop=False)
    for _ in range(8):
        play.now += 0.1
        play.give(Sampled({n: on for n, on in play.inputs.items() if n != "limit_open"}))
    assert play.reported("VehicleCrossed") == []
    assert play.run(0.6).reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]


def test_a_vehicle_that_leaves_an_arm_pushed_down_meanwhile_leaves_nothing_due():
    play = loops(opened(unwired=("limit_open",)), {"safety_loop"})
    play.lifted(0.0).run(1.5)
    assert play.barrier.phase is Phase.CLOSED
    loops(play, set(), set()).give(WireLost("unplugged"))
    assert play.reported("VehicleCrossed")
    assert [f.code for f in play.reported("GuardAlarm")] == ["moves_by_itself", "wire_lost"]


# --- from the other side ---


def test_a_vehicle_from_the_other_side_completes_nobodys_passage():
    play = opened().put(entry_loop=False).run(3)
    loops(play, {"safety_loop"}, set())
    assert play.reported("VehicleEntered") == []
    assert play.barrier.claim.authorisation == "a1"
    assert play.pulses("close") == 0


def test_a_vehicle_from_the_other_side_makes_no_arm_come_down():
    play = opened_by_order()
    loops(play, {"safety_loop"}, set())
    play.run(5)
    assert play.barrier.phase is Phase.OPEN
    loops(play, *IN)
    assert play.run(3).barrier.phase is Phase.CLOSED


def test_the_order_of_a_vehicle_that_was_there_at_the_first_look_is_not_asked_for():
    play = Play(position=1.0).put(safety_loop=True).run(0.5)
    assert play.reported("VehicleEntered") == [VehicleEntered("out1", None)]
    play.put(safety_loop=False).run(0.5)
    loops(play, {"safety_loop"}, set())
    assert len(play.reported("VehicleEntered")) == 1


def test_where_no_entry_loop_is_wired_the_order_is_not_asked_for():
    play = closed(unwired=("entry_loop",)).authorise().run(2)
    loops(play, {"safety_loop"}, set()).run(3)
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]
    assert play.barrier.phase is Phase.CLOSED


# --- one authorisation, one vehicle ---


def test_under_an_arm_that_a_person_opened_nobody_is_a_tailgater():
    play = loops(opened_by_order(), *IN[:-1])
    assert play.reported("VehicleEntered") == [VehicleEntered("out1", None)]
    assert play.reported("TailgateSeen") == []


def test_whoever_drives_under_an_arm_that_was_raised_while_nothing_was_read_follows_nobody():
    play = closing().run(3)
    assert play.barrier.phase is Phase.CLOSED
    play.give(WireLost("unplugged")).lifted(1.0).run(0.5)
    assert play.barrier.phase is Phase.OPEN
    play.vehicle().run(1)
    assert play.reported("TailgateSeen") == []


def test_an_admitted_vehicle_is_no_tailgater_and_its_authorisation_is_spent():
    play = loops(opened(), *IN[1:3])
    assert play.reported("TailgateSeen") == []
    assert play.barrier.claim.authorisation is None
    assert play.barrier.claim.used == ("a1",)
    loops(play, set(), *IN)
    assert play.barrier.claim.used == ("a1",)


def test_a_vehicle_that_turns_the_closing_arm_is_a_tailgater():
    play = closing().put(entry_loop=True).run(0.2).put(safety_loop=True).run(0.3)
    assert play.barrier.phase is Phase.OPENING
    assert len(play.reported("TailgateSeen")) == 1


def test_a_vehicle_authorised_while_the_one_before_is_under_the_arm_is_waited_for():
    play = loops(opened(), {"entry_loop", "safety_loop"}).authorise("a2")
    loops(play, {"entry_loop"}).run(3)
    assert play.pulses("close") == 0
    loops(play, {"entry_loop", "safety_loop"}, {"safety_loop"}, set()).run(3)
    assert [f.authorisation for f in play.reported("VehicleEntered")] == ["a1", "a2"]
    assert play.barrier.phase is Phase.CLOSED


def test_a_vehicle_that_enters_while_a_close_is_due_leaves_nothing_undone():
    play = loops(opened(), *IN[1:-1]).put(entry_loop=True, photocell=False).run(0.3)
    play.put(safety_loop=True, entry_loop=False).run(0.3).order("stop")
    assert play.reported("GuardAlarm") == []


# --- an authorisation that nobody uses ---


def test_an_authorisation_does_not_end_while_the_arm_opens():
    play = closed(limits=replace(LIMITS, entry_timeout_s=0.5)).authorise().run(0.8)
    assert play.barrier.phase is Phase.OPENING
    assert play.barrier.claim.authorisation == "a1"
    play.run(0.4)
    assert play.barrier.phase is Phase.OPEN
    assert play.barrier.claim.authorisation == "a1"
    play.run(0.6)
    assert play.barrier.claim.authorisation is None
    assert play.reported("RequestHandled")[-1].why == "entry_timeout"


def test_an_authorisation_taken_back_before_the_first_look_opens_nothing():
    play = Play().authorise().revoke().run(2)
    assert play.pulses("open") == 0


def test_an_order_given_besides_an_authorisation_keeps_the_arm_up_when_that_ends():
    play = opened().put(entry_loop=False).order("open").revoke().run(10)
    assert play.barrier.phase is Phase.OPEN


def test_an_authorisation_that_ends_lets_what_a_person_opened_stay_up():
    play = opened_by_order().authorise().run(1).revoke().run(10)
    assert play.barrier.phase is Phase.OPEN
    play = closed().lifted(1.0).run(1).authorise().run(1).revoke().run(10)
    assert play.barrier.phase is Phase.OPEN


def test_an_authorisation_taken_back_for_another_vehicle_changes_nothing():
    play = opened().revoke("a9").run(3)
    assert play.barrier.claim.authorisation == "a1"


def test_a_hold_outlives_the_authorisation_that_opened_the_arm_again():
    play = closed().order("hold_open").run(2).lifted(0.5).run(0.5)
    play.authorise().run(2)
    assert play.barrier.phase is Phase.OPEN
    play.revoke().run(1).order("release").run(5)
    assert play.barrier.phase is Phase.OPEN


def test_a_passage_under_a_held_arm_closes_nothing_when_it_is_released():
    play = loops(closed().order("hold_open").run(2), *IN, set())
    play.order("release").run(5)
    assert play.barrier.phase is Phase.OPEN
    assert play.pulses("close") == 0


def test_an_authorisation_that_ends_before_the_inputs_are_read_again_closes_nothing():
    play = opened().put(entry_loop=False).give(WireLost("unplugged"))
    play.revoke().run(5)
    assert play.barrier.phase is Phase.OPEN
    play = closed().authorise().run(0.5)
    play.stuck = True
    play.give(WireLost("unplugged")).revoke().run(5)
    assert play.barrier.phase is Phase.STOPPED
    assert play.pulses("close") == 0


def test_an_order_to_open_ends_what_was_due():
    slow = replace(LIMITS, clear_before_close_s=2.0)
    play = loops(opened(limits=slow), *IN[1:], set()).order("open").run(5)
    assert play.barrier.phase is Phase.OPEN
    assert play.pulses("close") == 0


def test_the_local_button_pressed_while_nothing_was_read_keeps_the_arm_up():
    play = opened().put(entry_loop=False)
    play.now += LIMITS.fresh_s
    play.give(Elapsed())
    assert play.barrier.phase is Phase.UNREAD
    play.put(manual_open=True).run(0.5).put(manual_open=False).run(0.5)
    play.revoke().run(5)
    assert play.barrier.phase is Phase.OPEN


# --- one condition each ---


def test_who_slips_and_is_beyond_the_loop_as_the_arm_goes_up_enters_as_any_other():
    play = loops(closed(), {"entry_loop"}, {"entry_loop", "safety_loop"}, {"safety_loop"})
    play.put(safety_loop=False, photocell=True).run(0.5).authorise().run(2)
    play.put(photocell=False).run(1)
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1", sure=0.95)]
    assert play.reported("GuardAlarm") == []


def test_who_has_slipped_as_the_arm_goes_up_uses_nobodys_authorisation():
    play = loops(closed(), {"entry_loop"}, {"entry_loop", "safety_loop"}, {"safety_loop"})
    play.put(safety_loop=False).authorise().run(2)
    assert play.barrier.claim.authorisation == "a1"
    assert play.revoke().run(5).barrier.phase is Phase.CLOSED
    assert play.reported("VehicleEntered") == [VehicleEntered("out1", None)]


def test_who_was_admitted_while_it_slipped_has_passed_once_though_the_arm_was_pushed_down():
    play = loops(closed(), {"entry_loop"}, {"entry_loop", "safety_loop"}, {"safety_loop"})
    play.authorise().run(0.5).lifted(0.0).run(2).put(safety_loop=False).run(4)
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]
    assert "passed_closed" not in [f.code for f in play.reported("GuardAlarm")]


def test_without_any_loop_the_beam_tells_of_a_vehicle():
    play = closed(unwired=("entry_loop", "safety_loop")).authorise().run(2)
    play.put(photocell=True).run(0.5).put(photocell=False).run(4)
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]
    assert play.barrier.phase is Phase.CLOSED


def codes(play):
    return [f.code for f in play.reported("GuardAlarm") if f.active]


def unread(play):
    """Readings fail until nothing is known; the board is not lost."""
    play.run(0.7, missed=True)
    assert play.barrier.phase is Phase.UNREAD
    return play


def test_a_vehicle_that_leaves_while_readings_fail_is_followed_by_the_arm():
    play = loops(opened(), *IN[1:3])
    unread(play.put(safety_loop=False)).run(4)
    assert play.barrier.phase is Phase.CLOSED
    assert codes(play) == []


def test_who_is_found_under_it_after_readings_that_failed_came_in_no_order_that_was_seen():
    play = unread(opened().put(entry_loop=False).run(0.5)).put(safety_loop=True).run(0.5)
    play.put(safety_loop=False).run(2)
    (crossed,) = play.reported("VehicleCrossed")
    assert crossed.sure == 0.0


def test_who_was_under_it_as_the_wire_was_lost_closes_nothing_and_that_is_told():
    play = loops(opened(), *IN[1:3]).give(WireLost("unplugged")).put(safety_loop=False).run(0.4)
    play.put(safety_loop=True).run(0.4).put(safety_loop=False).run(4)
    assert play.barrier.phase is Phase.OPEN
    assert codes(play) == ["wire_lost", "left_open"]


def test_an_authorisation_that_ends_while_readings_fail_brings_the_arm_down():
    play = unread(opened().put(entry_loop=False).run(3)).revoke().run(4)
    assert play.barrier.phase is Phase.CLOSED


@pytest.mark.parametrize(("unread_s", "closes"), [(3, 1), (12, 0)])
def test_an_opening_taken_back_while_readings_fail_closes_soon_after_it_was_lost_or_not_at_all(
    unread_s, closes
):
    play = unread(closed().authorise().run(0.5)).revoke()
    play.run(unread_s, missed=True).run(5)
    assert play.pulses("close") == closes
    assert codes(play) == ([] if closes else ["wire_lost", "left_open"])


def test_an_authorisation_that_ends_as_the_wire_is_lost_leaves_no_arm_up_untold():
    play = opened().put(entry_loop=False).run(3)
    play.now += LIMITS.entry_timeout_s
    assert codes(play.give(WireLost("unplugged"))) == ["wire_lost", "left_open"]


def lost_in_the_opening():
    play = closed(limits=replace(LIMITS, entry_timeout_s=60.0)).authorise().run(0.1)
    play.stuck = True
    return play.give(WireLost("unplugged")).silence(1)


def test_an_opening_that_was_lost_and_taken_back_is_not_told():
    assert "opening_lost" in codes(lost_in_the_opening().silence(11).run(2))
    assert "opening_lost" not in codes(lost_in_the_opening().revoke().silence(11).run(2))


def test_whoever_is_wanted_open_long_after_an_opening_was_lost_is_opened_for():
    play = lost_in_the_opening().silence(11).authorise("a2")
    play.stuck, play.direction = False, 0
    assert play.run(3).barrier.phase is Phase.OPEN


@pytest.mark.parametrize(("gone", "entered"), [(False, 1), (True, 0)])
def test_a_vehicle_enters_while_readings_fail_again_and_again_and_not_after_a_lost_wire(
    gone, entered
):
    play = unread(opened())
    if gone:
        play.give(WireLost("unplugged"))
    play.put(entry_loop=False, safety_loop=True)
    for _ in range(6):
        play.run(0.1).run(0.4, missed=True)
        assert play.barrier.phase is Phase.UNREAD
    assert len(play.reported("VehicleEntered")) == entered


def test_who_leaves_the_entry_loop_under_an_arm_that_is_stopped_down_has_not_backed_off():
    play = loops(closed().put(stop=True).run(0.3), {"entry_loop"}, {"entry_loop", "safety_loop"})
    loops(play, {"safety_loop"}).run(3)
    assert play.reported("VehicleBackedOff") == []
