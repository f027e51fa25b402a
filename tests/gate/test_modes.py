"""The modes of a lane: each an event with who and why, each as it was after a restart."""

import pytest

from edge.barrier.port import Stance
from edge.domain.commands import Action
from edge.domain.facts import Arm, ArmMoved, VehicleArrived, VehicleBackedOff
from edge.gate.port import Unanswered
from edge.gate.shadowed import read_shadowed


@pytest.mark.parametrize("mode", ["attended", "closed", "free_flow", "shadow"])
def test_a_change_is_an_event_with_who_and_why_and_holds_after_a_restart(place, mode):
    place.set(mode, "flood on the road")
    (event,) = place.events("operator.acted")
    assert (event["user"], event["reason"]) == ("lan", "flood on the road")
    assert (event["action"], event["data"]) == ("set_mode", {"mode": mode, "before": "automatic"})
    place.again()
    assert place.lane.mode == mode
    place.set("automatic")
    place.again()
    assert place.lane.mode == "automatic"
    assert [e["data"]["mode"] for e in place.events("operator.acted")] == [mode, "automatic"]


@pytest.mark.parametrize(
    ("mode", "reason", "told"),
    [
        ("attended", "  ", "a reason is needed"),
        ("no_such", "drill", "there is no mode"),
        ("automatic", "drill", "already"),
    ],
)
def test_what_is_no_change_is_refused_and_not_recorded(place, mode, reason, told):
    with pytest.raises(Unanswered, match=told):
        place.set(mode, reason)
    assert place.events("operator.acted") == []


def test_in_an_attended_lane_a_person_confirms_each_opening_before_and_after_a_restart(place):
    place.set("attended")
    place.comes()
    assert (place.lane.verdict, place.lane.reason) == ("refer", "attended")
    assert place.lane.detail == "assigned"
    place.again()
    place.comes()
    lane = place.lane
    assert (lane.waiting, lane.choices, place.authorised) == (True, ("A1",), [])
    place.operations.decide("out1", lane.passage, True, "", "seen", "an", lane.version)
    place.shell.gate.round()
    assert place.authorised == ["authorise"]
    place.passes(lane.passage)
    (done,) = place.events("passage.completed")
    assert (done["by"], done["mode"], done["assignment"]) == ("operator:an", "attended", "A1")


def test_a_closed_lane_admits_nobody_and_nobody_may_open_before_and_after_a_restart(place):
    place.set("closed")
    for _ in range(2):
        place.comes()
        lane = place.lane
        assert (lane.verdict, lane.reason, lane.detail) == ("refuse", "lane_closed", "assigned")
        with pytest.raises(Unanswered, match="the lane is closed"):
            place.admit("an")
        for action in ("open", "hold_open"):
            with pytest.raises(Unanswered, match="the lane is closed"):
                place.operations.order("out1", action, "friend", "an")
        place.operations.order("out1", "close", "storm", "an")
        assert place.authorised == []
        place.again()
    place.set("automatic")
    place.comes()
    assert place.authorised == ["authorise"]


def test_in_free_flow_the_arm_is_held_and_everybody_is_recorded_before_and_after_a_restart(place):
    place.set("free_flow", "evacuation")
    assert place.guard.stance is Stance.HOLDS_OPEN
    assert ("free_flow", "mode") in place.alarms()
    place.comes("29C99999")
    assert (place.lane.verdict, place.lane.reason) == ("allow", "free_flow")
    place.passes(place.lane.passage)
    place.again()
    assert place.guard.stance is Stance.HOLDS_OPEN
    assert ("free_flow", "mode") in place.alarms()
    place.comes()
    place.passes(place.lane.passage)
    stranger, declared = place.events("passage.completed")
    assert (stranger["plate"], stranger["assignment"]) == ("29C99999", "")
    assert (stranger["detail"], stranger["outcome"]) == ("not_declared", "admitted")
    assert (declared["detail"], declared["assignment"]) == ("assigned", "A1")
    place.set("automatic", "over")
    assert place.guard.stance is Stance.KEEPS
    assert place.alarms() == set()


def test_who_passes_unread_in_free_flow_is_recorded_and_sounds_no_alarm(place):
    place.set("free_flow")
    place.guard.loop = True
    place.report(VehicleArrived("out1"))
    place.passes(None)
    (done,) = place.events("passage.completed")
    assert done["mode"] == "free_flow"
    # Everybody is admitted: no figure says later that somebody was not.
    said = (done["outcome"], done["verdict"], done["reason"], done["detail"], done["by"])
    assert said == ("admitted", "allow", "free_flow", "unread", "gate")
    place.passes(None)
    done = place.events("passage.completed")[-1]
    said = (done["outcome"], done["verdict"], done["reason"], done["detail"], done["by"])
    assert said == ("admitted", "allow", "free_flow", "undecided", "gate")
    assert {code for code, _ in place.alarms()} == {"free_flow"}


def test_in_shadow_nothing_is_asked_of_the_arm_before_and_after_a_restart(place):
    place.set("shadow", "beside the old system")
    for plate in ("24C12345", "29C99999"):
        assert place.guard.stance is Stance.LISTENS
        place.comes(plate)
        # The other controller opens, and the vehicle goes under.
        place.report(ArmMoved("out1", Arm.OPEN, "moved_by_hand"))
        place.passes(None)
        with pytest.raises(Unanswered, match="another controller moves this arm"):
            place.operations.order("out1", Action.STOP, "", "an")
        assert [what for what, _ in place.guard.asked if what != "revoke"] == []
        place.again()
    ours, theirs = place.events("passage.completed")
    assert (ours["verdict"], ours["outcome"], ours["mode"]) == ("allow", "admitted", "shadow")
    assert (theirs["verdict"], theirs["reason"]) == ("refuse", "not_declared")
    assert place.alarms() == set()


def test_a_vehicle_that_the_other_controller_sends_back_keeps_our_word(place):
    place.set("shadow")
    place.comes()
    place.guard.loop = False
    place.report(VehicleBackedOff("out1"))
    (gone,) = place.events("passage.abandoned")
    assert (gone["verdict"], gone["outcome"], gone["mode"]) == ("allow", "turned_back", "shadow")


@pytest.mark.parametrize("lost", ["once", "twice", "once, and started again"])
def test_where_the_journal_is_lost_an_arm_of_another_controller_is_still_not_written_to(
    place, lost
):
    place.set("shadow", "beside the old system")
    for _ in range(lost.count("twice") + 1):
        place.journal.close()
        for part in place.folder.glob("journal.db*"):
            part.unlink()
        place.open()
    if "again" in lost:
        place.again()
    assert (place.lane.mode, place.guard.stance) == ("shadow", Stance.LISTENS)
    (set_anew,) = place.events("operator.acted")
    assert (set_anew["user"], set_anew["data"]) == ("gate", {"mode": "shadow", "before": ""})
    place.comes()
    assert place.guard.asked == []
    with pytest.raises(Unanswered):
        place.operations.order("out1", Action.OPEN, "lan", "an")
    place.leaves()
    place.set("automatic", "the old system is gone")
    place.again()
    assert (place.lane.mode, place.guard.stance) == ("automatic", Stance.KEEPS)


def test_the_guards_of_the_next_start_know_what_is_in_shadow(place, tmp_path):
    place.set("shadow")
    assert read_shadowed(tmp_path) == {"out1"}
    place.set("attended")
    assert read_shadowed(tmp_path) == set()


def test_a_mode_of_a_newer_version_is_attended(place):
    place.journal.record([], {"mode:out1": {"mode": "by_moonlight"}})
    place.again()
    assert place.lane.mode == "attended"
