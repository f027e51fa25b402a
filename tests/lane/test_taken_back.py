"""An admission that is taken back as its vehicle drives under the arm."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    Arm,
    ArmMoved,
    AssignmentsChanged,
    TailgateSeen,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
)
from edge.domain.mode import LaneMode
from edge.lane.effects import Authorise, RaiseAlarm, Revoke, Spend
from edge.lane.vocabulary import Stage
from tests.support.builders import NOON, a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.lane_play import Play

JUMPS = {"an hour back": -timedelta(hours=1), "a day ahead": timedelta(days=1)}
ENDS = (NOON - timedelta(minutes=30), NOON + timedelta(minutes=30))


def admitted(over_the_loop=True, arm=Arm.OPEN, item=None):
    play = Play(book=a_book(item or an_assignment()))
    play.entry_loop, play.safety_loop = True, False
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(ArmMoved("out1", arm, "authorisation"), after=3)
    assert play.lane.stage is Stage.ADMITTED
    play.safety_loop = over_the_loop
    return play


def jump(play, by):
    """The wall clock alone."""
    play.clock.jump_wall(by.total_seconds())


def revoked(play):
    return Revoke("p1") in play.effects


def through(play, by):
    facts = [VehicleEntered("out1", by), *([] if by else [TailgateSeen("out1")])]
    play(*facts, after=0.1)
    play.safety_loop = play.entry_loop = False
    play(VehicleCrossed("out1", by), after=6)
    return play.recorded("passage.completed")[-1]["outcome"]


LISTS = {
    "the list is too old": an_assignment(),
    "its validity": an_assignment(valid_from=ENDS[0], valid_to=ENDS[1]),
}


@pytest.mark.parametrize("by", JUMPS.values(), ids=JUMPS)
@pytest.mark.parametrize("of", LISTS)
def test_a_clock_that_jumps_takes_nothing_back_of_who_is_over_the_safety_loop(by, of):
    play = admitted(item=LISTS[of])
    if of == "its validity":
        play.book = replace(play.book, as_of=NOON + by)
    jump(play, by)
    play(Ticked(), AssignmentsChanged(), a_vehicle_seen(a_plate_view()), after=0.1)
    assert not revoked(play)
    assert through(play, "p1") == "admitted"
    assert [e for e in play.effects if isinstance(e, RaiseAlarm)] == []
    assert Spend("A1") in play.effects


@pytest.mark.parametrize(
    ("over_the_loop", "arm"), [(False, Arm.OPEN), (None, Arm.OPEN), (True, Arm.CLOSED)]
)
def test_the_clock_counts_as_long_as_he_has_not_entered(over_the_loop, arm):
    play = admitted(over_the_loop, arm)
    jump(play, JUMPS["an hour back"])
    play(Ticked(), after=0.1)
    assert revoked(play)


def test_the_clock_counts_again_when_whoever_was_over_the_loop_was_another():
    play = admitted()
    jump(play, JUMPS["an hour back"])
    play(Ticked(), after=0.1)
    assert not revoked(play)
    play.safety_loop = False
    play(Ticked(), after=0.1)
    assert revoked(play)


def test_what_the_list_says_counts_although_somebody_is_over_the_safety_loop():
    play = admitted()
    play.book = a_book(an_assignment(state="cancelled"))
    play(AssignmentsChanged(), after=0.1)
    assert revoked(play)


def test_who_drives_on_when_it_is_taken_back_is_no_tailgater_and_passes_unadmitted():
    play = admitted(over_the_loop=False)
    play.book = a_book(an_assignment(state="cancelled"))
    play(AssignmentsChanged(), after=0.1)
    assert through(play, None) == "passed_unadmitted"
    codes = [e.code for e in play.effects if isinstance(e, RaiseAlarm)]
    assert codes == [AlarmCode.PASSED_UNADMITTED]


def test_who_is_admitted_again_and_follows_another_is_a_tailgater():
    play = admitted(over_the_loop=False)
    book = play.book
    play.book = a_book(an_assignment(state="held"))
    play(AssignmentsChanged(), after=0.1)
    play.book = book
    assert Authorise("p1") in play(AssignmentsChanged(), after=0.1)
    assert through(play, None) == "tailgated"


def test_who_is_not_admitted_is_decided_on_although_another_is_over_the_safety_loop():
    play = Play()
    play.entry_loop = play.safety_loop = True
    jump(play, JUMPS["a day ahead"])
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    assert play.recorded("passage.decided")[-1]["reason"] == "assignments_stale"
    assert play.lane.stage is Stage.REFERRED


# --- while the entry loop feels nobody ---


@pytest.mark.parametrize(
    ("free_s", "mode", "reason"),
    [(2.0, "automatic", "held"), (4.0, "automatic", "not_felt"), (4.0, "shadow", "held")],
)
def test_the_list_lets_in_nobody_who_drives_off(free_s, mode, reason):
    play = Play(book=a_book(an_assignment(state="held")))
    play.entry_loop, play.safety_loop = True, False
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play.entry_loop = False
    play(VehicleBackedOff("out1"), a_vehicle_seen(a_plate_view()))
    play.book, play.mode = a_book(), LaneMode(mode)
    play(a_vehicle_seen(a_plate_view()), after=free_s)
    assert play.recorded("passage.decided")[-1]["reason"] == reason
    assert not [e for e in play.effects if isinstance(e, Authorise)]
