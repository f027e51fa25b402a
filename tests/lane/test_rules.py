"""A vehicle's passage, from its arrival to its end."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    Arm,
    AssignmentsChanged,
    BarrierFirstSeen,
    OperatorDecided,
    RequestHandled,
    TailgateSeen,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.lane.effects import Authorise, RaiseAlarm, Record, Revoke, Spend
from edge.lane.state import LaneState
from edge.lane.vocabulary import Stage
from tests.support.builders import (
    a_book,
    a_context,
    a_plate_view,
    a_vehicle_seen,
    an_assignment,
)
from tests.support.lane_play import Play, admitted


def test_a_declared_vehicle_is_recorded_before_it_is_admitted():
    play = Play()
    effects = play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    kinds = [e.type if isinstance(e, Record) else type(e).__name__ for e in effects]
    assert kinds == ["plate.read", "passage.decided", "Authorise"]


def test_no_vehicle_is_admitted_before_the_entry_loop_feels_it():
    play = Play()
    assert play(a_vehicle_seen(a_plate_view())) == []
    assert Authorise("p1") in play(VehicleArrived("out1"))


def test_where_no_loop_is_wired_vision_tells_the_arrival():
    play = Play(needs_loop=False)
    assert Authorise("p1") in play(a_vehicle_seen(a_plate_view()))


def test_a_vehicle_away_from_the_barrier_is_not_read_for_the_turn():
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view(), at_barrier=False))
    assert play.lane.state is LaneState.READING


def test_a_crossing_completes_the_passage_and_spends_its_assignment():
    play = admitted()
    effects = play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"))
    assert Spend("A1") in effects
    assert play.lane.state is LaneState.EMPTY
    (done,) = play.recorded("passage.completed")
    assert (done["plate"], done["verdict"], done["observed"]) == ("24C12345", "allow", True)


def test_one_turn_is_authorised_once_however_often_it_is_seen():
    play = admitted()
    for _ in range(20):
        play(a_vehicle_seen(a_plate_view()), Ticked(), AssignmentsChanged(), after=0.1)
    assert [e for e in play.effects if isinstance(e, Authorise)] == [Authorise("p1")]


def test_an_unread_vehicle_is_referred_to_a_person_after_the_wait():
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(None))
    assert play(Ticked(), after=5.9) == []
    play(Ticked(), after=0.2)
    assert play.lane.state is LaneState.WAITING
    assert play.recorded("passage.decided")[-1]["reason"] == "unread"


def test_a_better_reading_admits_a_vehicle_that_waits():
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view(confidence=0.5, accepted=False)))
    play(Ticked(), after=7)
    assert play.lane.state is LaneState.WAITING
    assert Authorise("p1") in play(a_vehicle_seen(a_plate_view()))


def test_a_vehicle_refused_by_the_list_passes_when_the_list_changes():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    assert play.lane.state is LaneState.WAITING
    play.book = a_book()
    assert Authorise("p1") in play(AssignmentsChanged(), a_vehicle_seen(a_plate_view()))


def test_a_changed_reading_takes_the_authorisation_back():
    play = admitted()
    effects = play(a_vehicle_seen(a_plate_view("29C11111")))
    assert Revoke("p1") in effects
    assert play.lane.state is LaneState.WAITING
    assert play.recorded("passage.decided")[-1]["reason"] == "reading_changed"


def test_two_sure_plates_at_the_barrier_are_a_case_for_a_person():
    play = Play()
    play(
        a_vehicle_seen(a_plate_view("29C11111"), track="t2"),
        a_vehicle_seen(a_plate_view()),
        VehicleArrived("out1"),
    )
    assert play.recorded("passage.decided")[-1]["reason"] == "several_vehicles"


def test_a_vehicle_that_backs_off_loses_its_authorisation():
    play = admitted()
    effects = play(VehicleBackedOff("out1"))
    assert Revoke("p1") in effects
    assert play.recorded("passage.abandoned")[-1]["why"] == "backed_off"
    assert play.lane.state is LaneState.EMPTY


def test_a_vehicle_that_turns_back_on_the_safety_loop_has_not_passed():
    play = admitted()
    play(VehicleEntered("out1", "p1"), VehicleBackedOff("out1"))
    assert play.recorded("passage.abandoned")[-1]["why"] == "backed_off"
    assert play.recorded("passage.completed") == []
    assert play.lane.state is LaneState.EMPTY


def test_the_next_vehicle_needs_its_own_decision_though_it_follows_closely():
    play = admitted()
    play.entry_loop = True
    play(VehicleEntered("out1", "p1"), VehicleArrived("out1"))
    play(a_vehicle_seen(a_plate_view("29C11111"), track="t2"), VehicleCrossed("out1", "p1"))
    assert play.lane.passage.id == "p2"
    assert play.recorded("passage.decided")[-1]["reason"] == "not_declared"


def test_the_vehicle_that_crossed_is_not_taken_for_the_next_one():
    play = admitted()
    play(VehicleEntered("out1", "p1"), VehicleArrived("out1"), VehicleCrossed("out1", "p1"))
    play(a_vehicle_seen(a_plate_view()))
    assert play.lane.state is LaneState.READING
    play(VehicleLost("out1", "t1"), a_vehicle_seen(a_plate_view(), track="t9"))
    assert play.recorded("passage.decided")[-1]["plate"] == "24C12345"


def test_a_person_admits_with_a_corrected_plate_and_both_are_kept():
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view("24C1234S", 0.6, False)))
    play(Ticked(), after=7)
    effects = play(OperatorDecided("out1", "p1", True, "24C12345", "seen", "lan"))
    assert Authorise("p1") in effects
    decided = play.recorded("passage.decided")[-1]
    assert (decided["plate"], decided["read_plate"]) == ("24C12345", "24C1234S")
    assert (decided["by"], decided["assignment"]) == ("operator:lan", "A1")


def test_a_person_cannot_settle_a_turn_that_is_over():
    play = admitted()
    assert play(OperatorDecided("out1", "p1", True, "", "late", "lan")) == []
    assert play(OperatorDecided("out1", "p0", True, "", "late", "lan")) == []


def test_a_rejected_vehicle_stays_refused_until_it_leaves():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(OperatorDecided("out1", "p1", False, "", "papers", "lan"))
    play.book = a_book()
    play(AssignmentsChanged(), Ticked(), after=60)
    assert not [e for e in play.effects if isinstance(e, Authorise)]


def test_an_authorisation_the_guard_refuses_goes_to_a_person():
    play = admitted()
    play(RequestHandled("out1", "p1", "refused", "the barrier is locked"))
    assert play.recorded("passage.decided")[-1]["reason"] == "barrier_refused"


def test_an_authorisation_that_nobody_used_ends():
    play = admitted()
    play(RequestHandled("out1", "p1", "refused", "entry_timeout"))
    assert play.recorded("passage.decided")[-1]["reason"] == "entry_timeout"


def test_somebody_crossing_unread_is_recorded_and_told():
    play = Play()
    effects = play(VehicleEntered("out1", None), VehicleCrossed("out1", None))
    assert any(isinstance(e, RaiseAlarm) for e in effects)
    assert play.recorded("passage.completed")[-1]["plate"] == ""


def test_a_tailgater_raises_an_alarm():
    (alarm,) = Play()(TailgateSeen("out1"))
    assert alarm.code == "tailgate"


# --- after a restart ---


def restored(stage=Stage.RESUMING_ADMITTED):
    play = admitted()
    lane = replace(play.lane, stage=stage, tracks={}, present=False)
    return Play(lane=lane)


def first_look(arm, entry, safety=False):
    return BarrierFirstSeen("out1", arm, entry, safety)


def test_nothing_is_decided_before_the_barrier_has_been_looked_at():
    assert restored()(Ticked(), a_vehicle_seen(a_plate_view())) == []


def test_a_vehicle_still_there_is_read_and_authorised_again_under_the_same_id():
    play = restored()
    assert play(first_look(Arm.CLOSED, True)) == []
    assert Authorise("p1") in play(a_vehicle_seen(a_plate_view(), track="t9"))


def test_a_vehicle_under_the_arm_goes_on_crossing():
    play = restored()
    play(first_look(Arm.OPEN, False, True), VehicleCrossed("out1", None))
    done = play.recorded("passage.completed")[-1]
    assert (done["passage"], done["outcome"], done["observed"]) == ("p1", "resumed", False)


def test_a_vehicle_gone_through_the_open_arm_is_completed_as_not_observed():
    play = restored()
    effects = play(first_look(Arm.OPEN, False))
    assert play.recorded("passage.completed")[-1]["observed"] is False
    assert Spend("A1") in effects
    assert RaiseAlarm(AlarmCode.PASSAGE_UNOBSERVED) in effects


def test_a_vehicle_gone_from_the_closed_arm_has_left():
    play = restored()
    play(first_look(Arm.CLOSED, False))
    assert play.recorded("passage.abandoned")[-1]["why"] == "left_during_restart"


def test_a_vehicle_that_had_entered_has_crossed():
    play = restored(Stage.RESUMING_CROSSING)
    play(first_look(Arm.OPEN, False))
    assert len(play.recorded("passage.completed")) == 1


FACTS = st.sampled_from(
    [
        VehicleArrived("out1"),
        VehicleBackedOff("out1"),
        VehicleEntered("out1", "p1"),
        VehicleEntered("out1", None),
        VehicleCrossed("out1", "p1"),
        VehicleCrossed("out1", None),
        VehicleLost("out1", "t1"),
        TailgateSeen("out1"),
        RequestHandled("out1", "p1", "refused", "entry_timeout"),
        RequestHandled("out1", "p1", "done", ""),
        OperatorDecided("out1", "p1", True, "", "r", "u"),
        OperatorDecided("out1", "p1", False, "", "r", "u"),
        AssignmentsChanged(),
        Ticked(),
        a_vehicle_seen(None),
        a_vehicle_seen(a_plate_view()),
        a_vehicle_seen(a_plate_view("29C11111")),
        a_vehicle_seen(a_plate_view(accepted=False), track="t2"),
        first_look(Arm.OPEN, False),
        first_look(Arm.CLOSED, True),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(FACTS, max_size=40), st.booleans())
def test_whatever_happens_in_whatever_order_no_turn_is_authorised_or_ended_twice(facts, loop):
    play = Play(needs_loop=loop)
    for fact in facts:
        play(fact, after=0.7)
    given_back = [e.passage for e in play.effects if isinstance(e, Revoke)]
    for passage in {e.passage for e in play.effects if isinstance(e, Authorise)}:
        times = [e.passage for e in play.effects if isinstance(e, Authorise)].count(passage)
        assert times <= 1 + given_back.count(passage)
    ends = [
        d["passage"] for t in ("passage.completed", "passage.abandoned") for d in play.recorded(t)
    ]
    assert len(ends) == len(set(ends))
    for e in play.effects:
        if isinstance(e, Authorise):
            decided = [d for d in play.recorded("passage.decided") if d["passage"] == e.passage]
            assert any(d["verdict"] == "allow" for d in decided)


def test_the_context_of_the_builders_is_usable():
    assert a_context().policy.lane == "out1"


# --- what is sensed ---


def test_a_loop_that_is_free_for_three_seconds_on_end_has_nobody_on_it():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    for free, after in ((False, 0), (False, 2.9), (True, 0.2), (False, 0.2), (False, 2.9)):
        play.entry_loop = free
        play(Ticked(), after=after)
        assert play.lane.state is LaneState.WAITING
    play(Ticked(), after=0.2)
    assert play.lane.state is LaneState.EMPTY
    assert play.recorded("passage.abandoned")[-1]["why"] == "left"


def test_a_vehicle_that_has_just_come_is_there_although_the_loop_was_free_until_now():
    play = Play()
    play.entry_loop = False
    play(Ticked(), Ticked(), after=60)
    play(VehicleArrived("out1"), after=1)
    assert play.lane.state is LaneState.READING


def test_who_came_while_another_was_under_the_arm_came_then():
    play = admitted()
    play.entry_loop = True
    play(VehicleEntered("out1", "p1"), after=1)
    came = play.clock.now().wall
    play(VehicleArrived("out1"), after=0)
    play(VehicleCrossed("out1", "p1"), after=9)
    assert play.lane.passage.arrived_at == came
    play(VehicleBackedOff("out1"), after=1)
    assert play.lane.state is LaneState.EMPTY


def test_a_track_that_is_lost_is_of_no_served_vehicle_any_more():
    play = admitted()
    play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"))
    assert play.lane.served == (("t1", "24C12345"),)
    play(VehicleLost("out1", "t2"))
    assert play.lane.served == (("t1", "24C12345"),)
    play(VehicleLost("out1", "t1"))
    assert play.lane.served == ()


def test_a_version_rises_with_what_a_person_sees_and_with_nothing_else():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"))
    first = play.lane.passage.version
    play(Ticked(), a_vehicle_seen(None), after=1)
    seen = play.lane.passage.version
    play(Ticked(), a_vehicle_seen(None), after=1)
    assert play.lane.passage.version == seen > first
    play(a_vehicle_seen(a_plate_view()))
    assert play.lane.passage.version == seen + 1
    play(VehicleLost("out1", "t1"), VehicleBackedOff("out1"), VehicleArrived("out1"))
    assert play.lane.passage.version <= 1
