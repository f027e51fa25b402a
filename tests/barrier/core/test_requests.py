"""Authorisations and orders: what each is answered."""

import pytest

from edge.barrier.core.crossing import asked_to_come
from edge.barrier.core.safety import Stalled, WireLost
from edge.barrier.core.table import Phase
from tests.support.barrier.lane_play import (
    LIMITS,
    Play,
    closed,
    closing,
    opened,
    opened_by_order,
)
from tests.support.barrier.motion_facts import alarms, both_limits


def answer(play, request=None):
    """(outcome, why) of the last answer, or the last to that request."""
    reported = [f for f in play.reported("RequestHandled") if request in (None, f.request)]
    return (reported[-1].outcome, reported[-1].why) if reported else None


# --- authorisations ---


def test_the_same_authorisation_again_is_not_even_answered():
    play = opened().authorise("a1")
    assert play.reported("RequestHandled") == []
    assert play.barrier.claim.authorisation == "a1"


def test_another_vehicle_takes_the_place_of_the_one_that_waits():
    play = opened().authorise("a2")
    assert answer(play, "a1") == ("refused", "another vehicle was authorised")
    assert play.barrier.claim.authorisation == "a2"
    assert play.pulses("open") == 1


def stuck_out_of_service():
    play = closed()
    play.stuck = True
    play.order("open").run(20)
    assert play.barrier.phase is Phase.OUT_OF_SERVICE
    return play


NOBODY_PASSES = {
    "locked": lambda: closed().order("lock"),
    "out of service": lambda: closed().order("out_of_service"),
    "the local stop is pressed": lambda: closed().put(stop=True).run(0.2),
    "both limit switches are active": lambda: both_limits(closed()),
}


@pytest.mark.parametrize("why", NOBODY_PASSES)
def test_while_nobody_passes_every_wish_to_open_is_refused_with_the_reason(why):
    play = NOBODY_PASSES[why]()
    assert answer(play.authorise("a1"), "a1") == ("refused", why)
    assert play.barrier.claim.authorisation is None
    assert answer(play.order("open", "o"), "o") == ("refused", why)
    assert answer(play.order("hold_open", "h"), "h") == ("refused", why)
    assert not play.barrier.modes.held_open
    assert play.pulses("open") == 0


def test_nothing_is_ordered_of_an_arm_whose_inputs_are_not_read():
    play = Play()
    for action in ("open", "hold_open", "close"):
        outcome, why = answer(play.order(action))
        assert outcome == "refused"
        assert "look at the barrier's wire" in why
    play.run(3)
    assert play.writes == []


def test_a_pressed_stop_withdraws_what_waited():
    play = opened().put(stop=True).run(0.2)
    assert answer(play, "a1") == ("refused", "the local stop")


# --- open, hold, release, lock ---


def test_an_order_to_open_does_not_end_a_hold():
    play = closed().order("hold_open").run(2).order("open")
    assert play.barrier.modes.held_open
    assert answer(play) == ("done", "")


def test_a_lock_takes_the_authorisation_and_the_arm_comes_down():
    play = opened().put(entry_loop=False).order("lock", "l")
    assert answer(play, "a1") == ("refused", "locked")
    assert answer(play, "l") == ("done", "")
    assert play.run(3).barrier.phase is Phase.CLOSED


def test_a_lock_alone_closes_nothing():
    play = opened_by_order().order("lock").run(5)
    assert play.barrier.phase is Phase.OPEN
    play = closed().order("hold_open").run(2).order("lock").run(5)
    assert play.barrier.phase is Phase.OPEN
    assert not play.barrier.modes.held_open


def test_a_lock_closes_nothing_that_was_left_open():
    play = closing().give(WireLost("unplugged")).run(1).order("lock").run(5)
    assert play.pulses("close") == 1


def test_a_stop_order_ends_the_motion_and_every_wish_and_no_later_order():
    play = closed().authorise().run(0.5).order("stop").run(5)
    assert play.barrier.phase is Phase.STOPPED
    assert play.barrier.claim.authorisation is None
    assert play.pulses("open") == 1
    play.order("open").run(2)
    assert play.barrier.phase is Phase.OPEN
    play = opened().vehicle().run(0.3).order("stop").run(5)
    assert play.pulses("close") == 0
    play = Play().authorise().order("stop").run(5)
    assert play.pulses("open") == 0


STOPS = {
    "local": lambda play: play.put(stop=True).run(0.3).put(stop=False),
    "ordered": lambda play: play.order("stop"),
    "out of service": lambda play: play.order("out_of_service").run(0.3).order("in_service"),
    "fault": both_limits,
}


@pytest.mark.parametrize("how", STOPS)
def test_after_a_stop_the_arm_does_not_come_down_behind_the_vehicle_that_was_under_it(how):
    play = opened().put(entry_loop=False, safety_loop=True).run(0.3)
    STOPS[how](play).run(0.5).put(safety_loop=False).run(5)
    assert len(play.reported("VehicleCrossed")) == 1
    assert play.pulses("close") == 0
    play.put(entry_loop=True).run(0.3).vehicle().run(3)
    assert play.barrier.phase is Phase.CLOSED


SINCE = {
    "nothing": lambda play: play,
    "readings that fail": lambda play: play.run(1, missed=True),
    "an outage": lambda play: play.give(WireLost("unplugged")).run(0.3),
    "a standstill": lambda play: play.give(Stalled(5.0)).run(0.3),
}


def just_come(play):
    """Seen on the loop under the arm once."""
    return play.put(entry_loop=False, safety_loop=True).run()


@pytest.mark.parametrize("since", SINCE)
@pytest.mark.parametrize("how", STOPS)
def test_who_had_just_come_under_it_closes_nothing_either(how, since):
    """The stop is faster than what tells a vehicle from a glitch."""
    play = just_come(opened_by_order().put(entry_loop=True).run(0.3))
    SINCE[since](STOPS[how](play)).run(0.5).put(safety_loop=False).run(5)
    assert len(play.reported("VehicleCrossed")) == 1
    assert play.pulses("close") == 0
    play.vehicle().run(3)
    assert play.barrier.phase is Phase.CLOSED


def test_nor_does_who_had_come_there_since_the_last_reading():
    play = opened_by_order().put(entry_loop=True).run(0.3).order("stop")
    just_come(play).run(0.5).put(safety_loop=False).run(5)
    assert play.pulses("close") == 0


@pytest.mark.parametrize("counted", [True, False])
def test_the_next_one_close_behind_who_was_stopped_over_closes(counted):
    play = just_come(opened_by_order().put(entry_loop=True).run(0.3))
    (play.run(0.3) if counted else play).order("stop").run(0.5)
    play.put(entry_loop=True).run(0.3).put(entry_loop=False).run(0.3)
    play.put(safety_loop=False).run(3)
    assert play.barrier.phase is Phase.CLOSED


def test_who_comes_after_the_stop_closes():
    play = opened_by_order().order("stop").run(0.2).vehicle().run(3)
    assert play.barrier.phase is Phase.CLOSED


def test_who_stands_before_a_closed_arm_on_the_loop_under_it_at_a_stop_closes_behind_himself():
    play = closed().put(entry_loop=True, safety_loop=True).run(0.5).order("stop").run(0.3)
    play.order("open").run(2.5).put(entry_loop=False).run(1).put(safety_loop=False).run(4)
    assert play.barrier.phase is Phase.CLOSED


def test_nor_does_who_is_seen_as_an_arm_that_is_stopped_has_left_its_lower_end():
    """The guard takes it for closed until the switch has been off twice."""
    play = closed().put(entry_loop=True).run(0.3).put(safety_loop=True).lifted(0.3)
    assert play.barrier.phase is Phase.CLOSED
    play.order("stop").put(safety_loop=False).run().put(safety_loop=True).run(0.5)
    play.put(entry_loop=False).run(0.5).put(safety_loop=False).run(5)
    assert len(play.reported("VehicleCrossed")) == 1
    assert play.pulses("close") == 0


@pytest.mark.parametrize("position", [0.5, 1.0])
def test_who_is_found_under_the_arm_after_a_start_closes_nothing(position):
    """It may have been stopped over him before."""
    play = Play(position=position).put(safety_loop=True).run(3).put(safety_loop=False)
    play.run(LIMITS.close_alarm_s + 5)
    assert play.pulses("close") == 0
    assert alarms(play, "left_open") == [True]
    play.vehicle().run(4)
    assert play.barrier.phase is Phase.CLOSED


def test_a_vehicle_that_passes_while_the_stop_is_pressed_makes_nothing_due():
    play = closed().authorise().run(0.5).put(stop=True).run(0.3)
    play.vehicle().run(1).put(stop=False).run(5)
    assert len(play.reported("VehicleCrossed")) == 1
    assert play.pulses("close") == 0


def test_a_stop_order_says_who_loses_by_it():
    play = opened().order("stop", "s")
    assert answer(play, "a1") == ("refused", "stopped by a person")
    assert answer(play, "s") == ("done", "")


NO_SWITCHES = ("limit_open", "limit_closed")


@pytest.mark.parametrize("how", ["order", "button"])
def test_where_no_switch_tells_that_it_is_up_a_person_opens_an_arm_that_came_down_by_itself(how):
    play = Play(unwired=NO_SWITCHES).run(0.5).order("open").run(3)
    assert play.barrier.phase is Phase.OPEN
    play.lifted(0.0)
    if how == "order":
        play.order("open", "again")
        assert answer(play, "again") == ("done", "")
    else:
        play.put(manual_open=True).run(0.3).put(manual_open=False)
    play.run(3)
    assert play.pulses("open") == 2
    assert play.position == 1.0
    assert play.barrier.phase is Phase.OPEN


def test_an_admission_opens_no_arm_twice_nor_does_a_person_where_its_switch_says_so():
    play = Play(unwired=NO_SWITCHES).run(0.5).order("open").run(3).authorise().run(1)
    assert play.pulses("open") == 1
    play = opened_by_order().order("open").run(1)
    assert play.pulses("open") == 1


def test_what_a_switch_says_is_not_doubted_for_a_persons_order():
    barrier = opened_by_order().barrier
    assert asked_to_come(barrier, Phase.OPEN, "limit_open") is barrier


def test_where_no_switch_tells_that_it_is_down_a_person_closes_one_that_was_opened_otherwise():
    play = Play(unwired=NO_SWITCHES).run(0.5).order("open").run(3).order("close").run(4)
    assert play.barrier.phase is Phase.CLOSED
    play.lifted(1.0).order("close", "again").run(4)
    assert answer(play, "again") == ("done", "")
    assert play.pulses("close") == 2
    assert play.position == 0.0


def test_nor_is_one_closed_once_more_where_its_switch_says_that_it_is_down():
    assert closed(unwired=("limit_open",)).order("close").run(2).pulses("close") == 0


# --- close ---


NO_CLOSE = {
    "held open": lambda: closed().order("hold_open").run(2),
    "under the arm": lambda: opened_by_order().put(photocell=True).run(0.2),
    "fire contact": lambda: opened_by_order().put(fire=True).run(0.2),
    "local button": lambda: opened_by_order().put(manual_open=True).run(0.2),
    "local stop": lambda: opened_by_order().put(stop=True).run(0.2),
    "is opening": lambda: closed().order("open").run(0.5),
    "out of service": lambda: opened_by_order().order("out_of_service"),
    "both limit switches": lambda: both_limits(opened_by_order()),
}


@pytest.mark.parametrize("why", NO_CLOSE)
def test_a_close_that_cannot_be_done_now_is_refused_and_not_kept(why):
    play = NO_CLOSE[why]()
    outcome, reported = answer(play.order("close"))
    assert outcome == "refused"
    assert why in reported
    play.put(photocell=False, fire=False, manual_open=False, stop=False).run(0.5)
    play.order("release").order("in_service").run(5)
    assert play.pulses("close") == 0


def test_a_close_order_takes_the_authorisation_that_waits():
    play = opened().put(entry_loop=False).order("close", "c")
    assert answer(play, "a1") == ("refused", "closed by a person")
    assert answer(play, "c") == ("done", "")
    assert play.run(3).barrier.phase is Phase.CLOSED


def test_a_close_order_for_an_arm_that_is_down_is_done_and_leaves_no_wish():
    play = closed().order("close", "c")
    assert answer(play, "c") == ("done", "")
    play.give(WireLost("unplugged"))
    assert alarms(play, "left_open") == []
    assert play.pulses("close") == 0


def test_a_close_order_for_an_arm_on_its_way_down_takes_nothing_from_the_passage():
    play = closing().order("close").put(photocell=True).run(0.3).put(photocell=False).run(4)
    assert play.pulses("close") == 2
    assert play.barrier.phase is Phase.CLOSED


# --- out of service ---


def test_back_in_service_ends_the_alarm_of_the_motion_that_failed():
    play = stuck_out_of_service().order("in_service", "i")
    assert alarms(play, "travel_timeout") == [True, False]
    assert answer(play, "i") == ("done", "")
    play.order("out_of_service").order("in_service")
    assert alarms(play, "travel_timeout") == [True, False]


def test_out_of_service_is_a_person_s_and_ends_no_alarm():
    play = closed().order("out_of_service").order("in_service")
    assert play.reported("GuardAlarm") == []
    play.order("open").run(2)
    assert play.barrier.phase is Phase.OPEN


UNREAD_STOPS = {
    "out of service": lambda play: play.order("out_of_service").run().order("in_service"),
    "the local stop": lambda play: play.put(stop=True).run().put(stop=False),
}


@pytest.mark.parametrize("stop", UNREAD_STOPS)
def test_whoever_was_under_the_arm_at_a_stop_while_nothing_was_read_closes_nothing(stop):
    play = opened().put(entry_loop=True).run(0.3).put(safety_loop=True, entry_loop=False).run(0.4)
    play.give(WireLost("unplugged"))
    UNREAD_STOPS[stop](play)
    play.run(1).put(safety_loop=False).run(5)
    assert play.pulses("close") == 0


def test_the_time_to_drive_in_counts_from_the_open_arm_not_from_the_authorisation():
    play = opened().run(8.5)
    assert play.barrier.claim.authorisation == "a1"
    assert play.run(1).barrier.claim.authorisation is None


def test_an_arm_that_was_turned_as_a_person_closed_it_is_up_for_nobody_and_that_is_told():
    play = opened_by_order().run(1).order("close").run(0.5)
    play.put(safety_loop=True).run(2).put(safety_loop=False).run(LIMITS.close_alarm_s + 5)
    assert play.barrier.phase is Phase.OPEN
    assert alarms(play, "left_open") == [True]
