"""Somebody is half way through as the service begins anew, or begins to see again: a gap in the
vehicle is over the loops, its front on the exit loop, and its rear comes as the next one would."""

from dataclasses import replace

import pytest

from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    Arm,
    BarrierFirstSeen,
    OperatorDecided,
    Ticked,
    VehicleArrived,
    VehicleCrossed,
    VehicleEntered,
)
from edge.lane import snapshot
from edge.lane.effects import RaiseAlarm, Spend
from edge.lane.presence import HALF_WAY_S
from edge.lane.vocabulary import Stage
from tests.support.builders import a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.lane_play import Play

FACTS = [VehicleArrived("out1"), a_vehicle_seen(a_plate_view())]
UNDER = VehicleEntered("out1", "p1")
UNADMITTED = VehicleEntered("out1", None)


def look(play, arm=Arm.OPEN):
    return BarrierFirstSeen("out1", arm, play.entry_loop, play.safety_loop, play.exit_loop)


def restarted(*facts, state="active", entry=False, exit=True):
    """After the start; the first look is still to come."""
    play = Play(book=a_book(an_assignment(state=state)))
    play(*FACTS, *facts)
    lane = snapshot.revive("out1", snapshot.dump(play.lane), play.clock.now(), 6.0)
    again = Play(book=play.book, lane=lane)
    again.entry_loop, again.safety_loop, again.exit_loop = entry, False, exit
    return again


def ends(play):
    completed = play.recorded("passage.completed")
    return [(d["passage"], d["outcome"]) for d in [*completed, *play.recorded("passage.abandoned")]]


BEFORE = {
    "admitted": ([], "active", "resumed"),
    "under the arm": ([UNDER], "active", "resumed"),
    "under the arm unadmitted": ([UNADMITTED], "held", "passed_unadmitted"),
}


@pytest.mark.parametrize("before", BEFORE)
def test_who_is_half_way_at_a_start_is_recorded_once_as_his_rear_passes(before):
    facts, state, outcome = BEFORE[before]
    play = restarted(*facts, state=state)
    play(look(play), Ticked())
    play.entry_loop = True
    play(VehicleArrived("out1"), look(play), after=8)
    assert ends(play) == []
    play.safety_loop, play.entry_loop = True, False
    play(UNADMITTED, look(play), after=2)
    play.safety_loop = play.exit_loop = False
    play(VehicleCrossed("out1", None), look(play), Ticked(), after=2)
    play(Ticked(), after=9)
    assert ends(play) == [("p1", outcome)]
    spent = [e.assignment for e in play.effects if isinstance(e, Spend)]
    assert spent == (["A1"] if state == "active" else [])
    assert play.lane.stage is Stage.EMPTY


def test_who_waited_and_went_half_way_while_nobody_saw_has_passed_unadmitted():
    play = restarted(state="held")
    play(look(play), look(play), after=5)
    assert ends(play) == []
    play(UNADMITTED, VehicleCrossed("out1", None), after=5)
    assert ends(play) == [("p1", "passed_unadmitted")]
    assert RaiseAlarm(AlarmCode.PASSED_UNADMITTED) in play.effects


def test_who_waits_before_the_arm_is_read_though_another_is_on_the_exit_loop():
    play = restarted(state="held", entry=True)
    play(look(play), a_vehicle_seen(a_plate_view(), track="n1"), after=1)
    assert play.lane.stage is Stage.REFUSED


@pytest.mark.parametrize("entry", [True, False])
def test_who_is_off_the_exit_loop_is_gone(entry):
    play = restarted(UNDER, entry=entry)
    play(look(play), after=5)
    play.exit_loop = False
    play(look(play), after=5)
    assert ends(play) == [("p1", "resumed")]
    assert RaiseAlarm(AlarmCode.PASSAGE_UNOBSERVED) in play.effects


def test_an_arm_that_is_down_has_nobody_half_way():
    play = restarted(UNDER)
    play(look(play, Arm.CLOSED), after=5)
    assert ends(play) == [("p1", "resumed")]


@pytest.mark.parametrize("facts", [[], [UNDER], [UNADMITTED]])
def test_an_exit_loop_that_is_stuck_keeps_nobody_for_ever(facts):
    play = restarted(*facts)
    play(look(play))
    play(look(play), after=HALF_WAY_S - 1)
    assert ends(play) == []
    play(look(play), after=1)
    assert [passage for passage, _ in ends(play)] == ["p1"]


def test_who_was_seen_under_the_arm_after_the_start_and_stops_with_his_gap_there_is_not_gone():
    play = restarted(UNDER)
    play.safety_loop = True
    play(look(play))
    assert play.lane.stage is Stage.CROSSING_RESUMED
    play.safety_loop = False
    play(Ticked())
    play(Ticked(), after=20)
    assert ends(play) == []
    play.exit_loop = False
    play(Ticked(), after=1)
    play(Ticked(), after=6)
    assert ends(play) == [("p1", "resumed")]


@pytest.mark.parametrize("facts", [[], [UNDER]])
def test_the_guard_tells_of_who_was_found_under_the_arm_and_he_is_no_tailgater(facts):
    play = restarted(*facts)
    play.safety_loop = True
    play(look(play), UNADMITTED)
    assert ends(play) == []
    play(UNADMITTED, VehicleCrossed("out1", None), after=5)
    assert [outcome for _, outcome in ends(play)] == ["tailgated", "resumed"]


# --- the service ran, and the loops were silent ---


def silent(*facts, state="active"):
    """One who stood there, or was free to go; the loops are silent, and speak again."""
    play = Play(book=a_book(an_assignment(state=state)))
    play.entry_loop = True
    play(*FACTS, *facts)
    play.lane = replace(play.lane, motions=())
    play.entry_loop = play.safety_loop = play.exit_loop = None
    play(Ticked(), after=4)
    play.entry_loop, play.safety_loop, play.exit_loop = False, False, True
    return play


WORD = OperatorDecided("out1", "p1", True, "", "papers", "lan")


@pytest.mark.parametrize(
    ("facts", "state", "by", "outcome"),
    [
        ([], "active", "p1", "admitted"),
        ([WORD], "held", "p1", "admitted"),
        ([], "held", None, "passed_unadmitted"),
    ],
)
def test_who_went_half_way_while_the_loops_were_silent_is_recorded_once(facts, state, by, outcome):
    play = silent(*facts, state=state)
    play(look(play), after=1)
    play(Ticked(), after=8)
    assert ends(play) == []
    play(VehicleArrived("out1"), VehicleEntered("out1", by), VehicleCrossed("out1", by), after=3)
    play.exit_loop = False
    play(Ticked(), after=9)
    assert ends(play) == [("p1", outcome)]
