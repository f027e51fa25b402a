"""Who may have passed while another took his place is told, and his assignment is used."""

import pytest

from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    Arm,
    BarrierFirstSeen,
    CodeShown,
    OperatorDecided,
    TailgateSeen,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.domain.policy import KeyWeight
from edge.lane import snapshot
from edge.lane.effects import Authorise, RaiseAlarm, Revoke, Spend
from edge.lane.vocabulary import Stage
from tests.support.builders import a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.lane_play import Play

T1, T2, T3 = "24C12345", "29C11111", "29C22222"


def restarted(arm, read=True):
    """One was admitted, or has not been read; after a restart somebody stands on the loop."""
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view() if read else None))
    lane = snapshot.revive("out1", snapshot.dump(play.lane), play.clock.now(), 6.0)
    again = Play(book=play.book, lane=lane)
    again.entry_loop, again.safety_loop = True, False
    again(BarrierFirstSeen("out1", arm, True, False))
    return again


def unobserved(play):
    return RaiseAlarm(AlarmCode.PASSAGE_UNOBSERVED) in play.effects


@pytest.mark.parametrize(("arm", "passed"), [(Arm.OPEN, True), (Arm.CLOSED, False)])
def test_another_in_his_place_after_a_restart_means_that_he_has_passed_where_the_arm_was_up(
    arm, passed
):
    play = restarted(arm)
    play(a_vehicle_seen(a_plate_view(T2), track="t9"), after=1)
    records = play.recorded("passage.completed" if passed else "passage.abandoned")
    (one,) = [d for d in records if d["plate"] == T1]
    assert one["outcome"] == ("resumed" if passed else "swapped")
    assert (unobserved(play), Spend("A1") in play.effects) == (passed, passed)
    if passed:
        assert (one["observed"], one["assignment"]) == (False, "A1")
    assert play.lane.passage.plate == T2


def test_he_who_is_read_again_after_the_restart_stands_there():
    play = restarted(Arm.OPEN)
    assert Authorise("p1") in play(a_vehicle_seen(a_plate_view(), track="t9"), after=1)
    play(VehicleLost("out1", "t9"), VehicleBackedOff("out1"), after=3)
    assert play.recorded("passage.abandoned")[-1]["outcome"] == "turned_back"
    assert not unobserved(play)


def test_who_leaves_unread_after_a_restart_may_have_been_another():
    play = restarted(Arm.OPEN)
    play.entry_loop = False
    play(VehicleBackedOff("out1"), after=3)
    (one,) = play.recorded("passage.completed")
    assert (one["plate"], one["outcome"], unobserved(play)) == (T1, "resumed", True)


def followed(play):
    """A second one is read behind the first, which is under the arm."""
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(VehicleEntered("out1", "p1"), VehicleLost("out1", "t1"), after=3)
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view(T2), track="t2"), after=2)
    assert play.lane.stage is Stage.CROSSING_FOLLOWED


def test_one_close_behind_is_recorded_once_where_the_guard_tells_of_him_with_the_first():
    play = Play()
    followed(play)
    play.entry_loop = False
    play(VehicleLost("out1", "t2"), VehicleCrossed("out1", "p1"), after=2)
    play(VehicleEntered("out1", None), TailgateSeen("out1"))
    play(VehicleCrossed("out1", None), after=2)
    play(Ticked(), after=2)
    ended = [(d["plate"], d["outcome"]) for d in play.recorded("passage.completed")]
    assert ended == [(T1, "admitted"), (T2, "tailgated")]


def test_one_close_behind_who_is_lost_at_the_line_has_gone_with_the_first():
    play = Play()
    followed(play)
    play.entry_loop = True
    play(VehicleLost("out1", "t2"), VehicleCrossed("out1", "p1"), after=2)
    play(a_vehicle_seen(a_plate_view(T3), track="t3"), after=1)
    ended = [(d["plate"], d["outcome"]) for d in play.recorded("passage.completed")]
    assert ended == [(T1, "admitted"), (T2, "tailgated")]
    assert unobserved(play)
    assert play.lane.passage.plate == T3


def test_an_unsure_reading_after_the_restart_tells_that_the_first_may_have_passed():
    play = restarted(Arm.OPEN)
    play(Ticked(), a_vehicle_seen(a_plate_view(T2, 0.7, False), track="t9"), after=7)
    assert play.recorded("passage.decided")[-1]["reason"] == "unsure_reading"
    assert unobserved(play)
    assert play.recorded("passage.completed") == []


# --- who was not admitted, with the arm up after the start: bent up, or raised meanwhile ---


def not_admitted(entry_loop, rejected=False, arm=Arm.STOPPED):
    """One waited for a person, or had been rejected; after a restart the arm is up."""
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    if rejected:
        version = play.lane.passage.version
        play(OperatorDecided("out1", "p1", False, "", "no", "lan", version))
    lane = snapshot.revive("out1", snapshot.dump(play.lane), play.clock.now(), 6.0)
    again = Play(book=play.book, lane=lane)
    again.entry_loop = entry_loop
    again(BarrierFirstSeen("out1", arm, entry_loop, False))
    return again


@pytest.mark.parametrize("rejected", [True, False])
def test_who_waited_before_a_start_and_is_gone_may_have_passed_where_the_arm_is_up(rejected):
    play = not_admitted(False, rejected)
    (done,) = play.recorded("passage.completed")
    assert (done["outcome"], done["observed"]) == ("resumed", False)
    assert unobserved(play)
    assert not [e for e in play.effects if isinstance(e, Spend)]


@pytest.mark.parametrize("rejected", [True, False])
def test_another_in_the_place_of_who_waited_may_mean_that_he_passed(rejected):
    play = not_admitted(True, rejected)
    play(a_vehicle_seen(a_plate_view(T2), track="n1"), after=1)
    (done,) = play.recorded("passage.completed")
    assert (done["plate"], done["outcome"], done["observed"]) == (T1, "resumed", False)
    assert unobserved(play)
    assert play.lane.passage.plate == T2


def test_who_waited_before_a_start_and_waits_still_is_told_to_nobody():
    play = not_admitted(True)
    play(a_vehicle_seen(a_plate_view(), track="n1"), after=1)
    assert play.recorded("passage.completed") == []
    assert not unobserved(play)


def test_who_waited_before_a_start_and_is_gone_has_left_where_the_arm_is_down():
    play = not_admitted(False, arm=Arm.CLOSED)
    assert [d["outcome"] for d in play.recorded("passage.abandoned")] == ["resumed"]
    assert not unobserved(play)


# --- a person has seen who stands there ---


def waits_unread():
    """One whom the service found unread as it began again."""
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(None))
    lane = snapshot.revive("out1", snapshot.dump(play.lane), play.clock.now(), 6.0)
    play = Play(book=play.book, lane=lane)
    play.entry_loop = True
    play(BarrierFirstSeen("out1", Arm.CLOSED, True, False), a_vehicle_seen(None, track="n1"))
    play(Ticked(), a_vehicle_seen(None, track="n1"), after=7)
    assert play.lane.stage is Stage.REFERRED
    return play


@pytest.mark.parametrize("read", [T1, T2])
def test_what_is_read_late_of_whom_a_person_let_in_is_no_other_vehicle(read):
    play = waits_unread()
    version = play.lane.passage.version
    play(OperatorDecided("out1", "p1", True, T1, "papers", "lan", version))
    play(a_vehicle_seen(a_plate_view(read), track="n1"), after=1)
    assert (play.lane.stage, play.lane.passage.id) == (Stage.LET_IN, "p1")


def test_what_is_read_late_of_whom_a_person_rejected_lets_nobody_in():
    play = waits_unread()
    version = play.lane.passage.version
    play(OperatorDecided("out1", "p1", False, "", "no", "lan", version))
    play(a_vehicle_seen(a_plate_view(T1), track="n1"), after=1)
    assert (play.lane.stage, play.lane.passage.id) == (Stage.REJECTED, "p1")


# --- one close behind another, while the loop is not heard ---


def test_a_loop_that_is_not_heard_does_not_say_that_the_one_behind_stands_there():
    """He has passed with the first; a poll that failed in that moment says nothing."""
    play = Play()
    play.entry_loop = True
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(VehicleEntered("out1", "p1"), VehicleLost("out1", "t1"), after=3)
    play(a_vehicle_seen(a_plate_view(T2), track="t2"), after=1)
    play(VehicleLost("out1", "t2"), after=1)
    play.entry_loop = None
    play(VehicleCrossed("out1", "p1"), after=4)
    play(Ticked(), after=2)
    last = play.recorded("passage.completed")[-1]
    assert (last["plate"], last["outcome"]) == (T2, "tailgated")


def test_the_one_behind_whom_the_loop_has_felt_waits_until_it_is_heard_again():
    play = Play()
    play.entry_loop = True
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(VehicleEntered("out1", "p1"), VehicleLost("out1", "t1"), after=3)
    play(VehicleArrived("out1"), after=1)
    play.entry_loop = None
    play(VehicleCrossed("out1", "p1"), Ticked(), after=1)
    play(Ticked(), after=5)
    assert play.lane.stage is Stage.BEHIND
    play.entry_loop = True
    play(Ticked(), after=1)
    assert play.lane.stage is Stage.REFERRED
    assert [d["outcome"] for d in play.recorded("passage.completed")] == ["admitted"]


# --- the arm was up as the service went, and came down behind somebody or by itself ---


def came_down(entry_loop, before):
    """One was admitted; after the restart the arm is down, and stood so before."""
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    lane = snapshot.revive("out1", snapshot.dump(play.lane), play.clock.now(), 6.0)
    again = Play(book=play.book, lane=lane)
    again.entry_loop = entry_loop
    look = BarrierFirstSeen("out1", Arm.CLOSED, entry_loop, False, None, before)
    again(look, Ticked())
    return again


UP_BEFORE = [Arm.OPENING, Arm.OPEN, Arm.CLOSING, Arm.STOPPED]


@pytest.mark.parametrize("before", [*UP_BEFORE, Arm.CLOSED, Arm.UNKNOWN, None])
def test_who_was_admitted_and_is_gone_has_passed_where_the_arm_was_up_as_the_service_went(before):
    play = came_down(False, before)
    passed = before in UP_BEFORE
    record = play.recorded("passage.completed" if passed else "passage.abandoned")[0]
    assert (record["plate"], record["outcome"]) == (T1, "resumed")
    assert (Spend("A1") in play.effects, unobserved(play)) == (passed, passed)


@pytest.mark.parametrize(("before", "passed"), [(Arm.OPEN, True), (Arm.CLOSED, False)])
def test_another_in_his_place_says_so_too(before, passed):
    play = came_down(True, before)
    play(a_vehicle_seen(a_plate_view(T2), track="n1"), after=1)
    assert (Spend("A1") in play.effects) is passed
    assert [d["plate"] for d in play.recorded("passage.completed")] == [T1] * passed


def test_who_stands_there_still_is_let_in_anew():
    play = came_down(True, Arm.OPEN)
    assert Authorise("p1") in play(a_vehicle_seen(a_plate_view(), track="n1"), after=1)
    assert not unobserved(play)


# --- after a start another stands in the place of who was admitted, and is not surely read ---


def unsurely_read(text=T2, arm=Arm.OPEN, read=True):
    """After a restart a person is asked about whoever stands there."""
    play = restarted(arm, read)
    seen = a_vehicle_seen(a_plate_view(text, 0.9, False) if text else None, track="t9")
    play(seen)
    play(Ticked(), after=7)
    assert play.lane.stage is Stage.REFERRED
    return play


def says_yes(play, plate=""):
    passage = play.lane.passage
    play(OperatorDecided("out1", passage.id, True, plate, "papers", "lan", passage.version))


def passes(play):
    passage = play.lane.passage.id
    play(VehicleEntered("out1", passage), VehicleCrossed("out1", passage), after=3)


@pytest.mark.parametrize("typed", ["", T2])
def test_a_person_who_says_that_it_is_another_says_that_the_first_has_passed(typed):
    play = unsurely_read("" if typed else T2)
    says_yes(play, typed)
    (first,) = play.recorded("passage.completed")
    assert (first["passage"], first["plate"], first["outcome"]) == ("p1", T1, "resumed")
    assert (first["observed"], first["assignment"]) == (False, "A1")
    assert Spend("A1") in play.effects
    # His word was for the passage of the first: of the other he is asked.
    assert not [e for e in play.effects if isinstance(e, Authorise)]
    play(Ticked(), after=7)
    assert play.lane.stage is Stage.REFERRED
    says_yes(play, T2)
    passes(play)
    assert [d["plate"] for d in play.recorded("passage.completed")] == [T1, T2]


@pytest.mark.parametrize(("seen", "typed"), [("24C12346", ""), (T2, T1), ("", T1)])
def test_a_person_who_says_that_it_is_he_lets_him_in(seen, typed):
    play = unsurely_read(seen)
    says_yes(play, typed)
    assert Authorise("p1") in play.effects
    passes(play)
    assert len(play.recorded("passage.completed")) == 1
    assert play.effects.count(Spend("A1")) == 1


@pytest.mark.parametrize("admitted", [True, False])
def test_whoever_of_the_two_passes_then_the_assignment_of_the_first_is_used(admitted):
    """He stands there and passes now, or he has passed and another stands there."""
    play = unsurely_read("")
    if admitted:
        says_yes(play)
        passes(play)
    else:
        play(VehicleEntered("out1", None), VehicleCrossed("out1", None), after=3)
    assert play.effects.count(Spend("A1")) == 1
    assert [d["passage"] for d in play.recorded("passage.completed")] == ["p1"]


@pytest.mark.parametrize("admitted", [True, False])
def test_who_is_let_in_unknown_and_turns_back_may_have_been_the_second(admitted):
    """As where he leaves before a person has decided."""
    play = unsurely_read("")
    if admitted:
        says_yes(play)
    play.entry_loop = False
    play(VehicleLost("out1", "t9"), VehicleBackedOff("out1"), after=3)
    (done,) = play.recorded("passage.completed")
    assert (done["plate"], done["outcome"], done["observed"]) == (T1, "resumed", False)
    assert Spend("A1") in play.effects
    assert (Revoke("p1") in play.effects) is admitted


def test_who_turns_back_and_was_known_by_a_person_to_be_the_first_has_used_nothing():
    play = unsurely_read("")
    says_yes(play, T1)
    play.entry_loop = False
    play(VehicleLost("out1", "t9"), VehicleBackedOff("out1"), after=3)
    assert [d["outcome"] for d in play.recorded("passage.abandoned")] == ["turned_back"]
    assert not [e for e in play.effects if isinstance(e, Spend)]


@pytest.mark.parametrize("typed", ["", T2])
def test_where_the_arm_was_down_he_has_not_passed_and_his_assignment_stays_his(typed):
    play = unsurely_read(arm=Arm.CLOSED)
    says_yes(play, typed)
    assert Authorise("p1") in play.effects
    passes(play)
    assert not [e for e in play.effects if isinstance(e, Spend)]


@pytest.mark.parametrize(("seen", "typed"), [(T2, ""), ("", T2)])
def test_of_one_who_was_not_read_before_the_start_nobody_can_say_that_it_is_another(seen, typed):
    play = unsurely_read(seen, read=False)
    says_yes(play, typed)
    assert Authorise("p1") in play.effects


def shows_a_code(play, assignment):
    play.key = KeyWeight.ADMITS
    play.book = a_book(an_assignment(), an_assignment(T2, id="A2"))
    play(CodeShown("out1", "c1", assignment, "scanner", "", ""), after=1)


def test_who_shows_a_code_for_another_assignment_is_another():
    play = unsurely_read("")
    shows_a_code(play, "A2")
    (first,) = play.recorded("passage.completed")
    assert (first["plate"], first["outcome"]) == (T1, "resumed")
    assert not [e for e in play.effects if isinstance(e, Authorise)]


@pytest.mark.parametrize(("read", "code"), [(True, "A1"), (False, "A2")])
def test_who_shows_the_code_of_the_first_or_of_one_of_whom_nothing_was_known_is_he(read, code):
    play = unsurely_read("", read=read)
    shows_a_code(play, code)
    assert Authorise("p1") in play.effects
    assert play.recorded("passage.completed") == []


# --- one close behind another, who stands there once the first is through ---


STANDS = a_vehicle_seen(a_plate_view(T2), track="t2")
BACKS_AWAY = a_vehicle_seen(a_plate_view(T2), track="t2", at_barrier=False)


@pytest.mark.parametrize(
    ("seen", "after", "under_arm", "stood"),
    [
        (STANDS, 2, False, True),
        (STANDS, 1, False, True),
        (STANDS, 0.5, False, False),
        (STANDS, 2, True, False),
        (STANDS, 2, None, False),
        (Ticked(), 2, False, False),
    ],
)
def test_one_close_behind_who_is_seen_to_stand_when_the_first_is_through_has_not_gone_with_him(
    seen, after, under_arm, stood
):
    play = Play()
    followed(play)
    play.entry_loop, play.safety_loop = True, False
    play(STANDS, VehicleCrossed("out1", "p1"), after=2)
    play.safety_loop = under_arm
    play(seen, after=after)
    play.safety_loop = False
    play(VehicleLost("out1", "t2"), a_vehicle_seen(a_plate_view(T3), track="t3"))
    assert [d["outcome"] for d in play.recorded("passage.abandoned")] == ["swapped"] * stood
    passed = [d["plate"] for d in play.recorded("passage.completed")]
    assert passed == [T1] + ([] if stood else [T2])
    assert unobserved(play) is not stood


def test_nor_does_it_help_that_he_is_seen_behind_the_line():
    play = Play()
    followed(play)
    play.entry_loop, play.safety_loop = True, False
    play(STANDS, VehicleCrossed("out1", "p1"), after=2)
    play(BACKS_AWAY, after=2)
    assert play.lane.passage.perhaps is not None


def test_one_close_behind_whom_the_camera_lost_and_the_loop_lets_go_has_passed_perhaps():
    play = Play()
    followed(play)
    play.entry_loop = True
    play(VehicleLost("out1", "t2"), VehicleCrossed("out1", "p1"), after=2)
    play.entry_loop = False
    play(VehicleBackedOff("out1"), after=2)
    last = play.recorded("passage.completed")[-1]
    assert (last["plate"], last["observed"], unobserved(play)) == (T2, False, True)


def test_that_somebody_is_seen_before_the_arm_after_a_start_does_not_say_that_it_is_the_first():
    play = restarted(Arm.OPEN)
    unread = a_vehicle_seen(None, track="t9")
    play(unread, after=2)
    play(unread, after=2)
    play(a_vehicle_seen(a_plate_view(T2), track="t9"), after=1)
    assert [d["plate"] for d in play.recorded("passage.completed")] == [T1]
