"""An arm that was up while nothing was read: nobody has seen who is under it, and a drawbar or a
high trailer leaves every sensor under it clear. Nothing but a passage or a person brings it down.
"""

import pytest

from edge.barrier.core.safety import LineCrossed, Stalled, WireLost
from edge.barrier.core.table import Phase
from edge.domain.facts import Arm
from tests.support.barrier.lane_play import (
    ALL,
    EXIT,
    LIMITS,
    Play,
    closed,
    drive,
    opened,
    opened_by_order,
)
from tests.support.barrier.motion_facts import alarms

LOST = {
    "the wire was torn": lambda play: play.give(WireLost("unplugged")),
    "the guard stood still": lambda play: play.give(Stalled(5.0)),
}
UNUSED = {
    "nobody uses the admission": lambda play: play.run(LIMITS.entry_timeout_s + 1),
    "the admission is taken back": lambda play: play.run(1).revoke(),
}


def stands(play):
    """For long enough that it would have come down, and is told."""
    play.run(LIMITS.close_alarm_s + 5)
    return play.barrier.phase is Phase.OPEN and alarms(play, "left_open") == [True]


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
@pytest.mark.parametrize("ends", UNUSED.values(), ids=UNUSED)
@pytest.mark.parametrize("rear", [True, False])
def test_an_arm_that_was_up_for_an_admission_while_nothing_was_read_stays_up(lost, ends, rear):
    play = lost(opened()).run(1).put(entry_loop=rear)
    assert stands(ends(play))


@pytest.mark.parametrize("lacking", [(), ("limit_open",)])
@pytest.mark.parametrize("ends", UNUSED.values(), ids=UNUSED)
def test_an_arm_that_is_found_up_after_a_start_stays_up_behind_an_admission(lacking, ends):
    play = Play(position=1.0, unwired=lacking).put(entry_loop=True).run(0.5).authorise().run(3)
    assert stands(ends(play))


@pytest.mark.parametrize("lacking", [(), ("limit_open",)])
def test_it_comes_down_behind_the_next_vehicle_that_is_seen_to_pass(lacking):
    play = Play(position=1.0, unwired=lacking).put(entry_loop=True).run(0.5).authorise().run(3)
    play.vehicle().run(4)
    assert play.barrier.phase is Phase.CLOSED


@pytest.mark.parametrize("seconds", [0.3, 1.5])
def test_an_arm_that_is_found_down_is_opened_anew_and_closes_where_nobody_uses_it(seconds):
    play = closed().put(entry_loop=True).run(0.3).give(WireLost("unplugged")).run(seconds)
    play.authorise().run(2).put(entry_loop=False).revoke().run(4)
    assert play.pulses("open") == 1
    assert play.barrier.phase is Phase.CLOSED


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
@pytest.mark.parametrize("entry", [True, False])
@pytest.mark.parametrize("safety", [True, False])
@pytest.mark.parametrize("beyond", [True, False])
def test_what_is_found_when_the_inputs_are_read_again_is_told_once(lost, entry, safety, beyond):
    play = opened(wired=EXIT)
    assert play.reported("BarrierFirstSeen") == []
    lost(play.put(entry_loop=entry, safety_loop=safety, exit_loop=beyond)).run(2)
    (look,) = play.reported("BarrierFirstSeen")
    assert (look.entry_loop, look.safety_loop, look.exit_loop) == (entry, safety, beyond)
    assert look.arm not in (Arm.CLOSED, Arm.UNKNOWN)


def test_an_arm_that_is_found_down_is_told_so():
    play = opened().give(WireLost("unplugged")).lifted(0.0).run(1)
    (look,) = play.reported("BarrierFirstSeen")
    assert look.arm is Arm.CLOSED


def test_readings_that_fail_for_a_moment_leave_nothing_to_tell():
    play = opened().run(0.8, missed=True).run(1)
    assert play.reported("BarrierFirstSeen") == []


def test_what_a_person_opened_is_that_persons_over_a_torn_wire_and_after_a_start():
    found = Play(position=1.0, unwired=("limit_open",)).run(0.5).order("open").run(3)
    for play in (opened_by_order().give(WireLost("unplugged")), found):
        play.run(LIMITS.close_alarm_s + 5)
        assert alarms(play, "left_open") == []


def test_an_arm_that_was_moved_by_hand_and_is_opened_for_an_admission_closes_behind_it():
    play = closed().lifted(0.5).run(1).authorise().run(2).revoke().run(4)
    assert play.barrier.phase is Phase.CLOSED


DARK = {
    "seen": {"entry_loop": True, "safety_loop": True, "photocell": True},
    "in his gap": {"entry_loop": True, "safety_loop": False, "photocell": False},
}


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
@pytest.mark.parametrize("waits", [True, False])
@pytest.mark.parametrize("found", DARK.values(), ids=DARK)
@pytest.mark.parametrize("wired", [ALL, EXIT, EXIT - {"limit_open"}])
def test_the_next_one_who_came_under_it_in_the_dark_may_stand_there_with_his_gap(
    lost, waits, found, wired
):
    """He is on the entry loop, or was found there; the first one had been on the exit loop."""
    play = opened(wired=wired) if "limit_open" in wired else opened_without_upper(wired)
    under = {"safety_loop", "photocell"}
    drive(play, {"entry_loop", *under}, {*under, "exit_loop"}, each=0.4)
    if waits:
        drive(play, {"entry_loop", *under, "exit_loop"}, each=0.4)
    at = {n: v for n, v in {**found, "exit_loop": False}.items() if n in wired}
    lost(play).put(**at).run(1)
    drive(play, {"entry_loop", *under}, {"entry_loop"}, each=1.0)
    play.run(3)
    assert play.pulses("close") == 0
    drive(play, {"entry_loop", *under}, under, {"exit_loop"}, set(), each=1.0)
    assert play.run(3).vehicle().run(4).barrier.phase is Phase.CLOSED


def test_nor_does_a_line_that_the_one_before_him_has_crossed_bring_it_down():
    play = opened()
    under = {"safety_loop", "photocell"}
    drive(play, {"entry_loop", *under}, under, {"entry_loop", *under}, each=0.4)
    play.give(LineCrossed(True, 1.0)).give(WireLost("unplugged")).run(1)
    drive(play, {"entry_loop"}, each=3.0)
    assert play.pulses("close") == 0


def opened_without_upper(wired):
    play = Play(wired=wired).run(0.5).put(entry_loop=True).run(0.2).authorise().run(3.0)
    assert play.barrier.phase is Phase.OPEN
    return play
