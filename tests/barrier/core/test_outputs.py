"""From actions to writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.barrier.core.contacts import Contacts, Fall
from edge.barrier.core.outputs import Outputs, Pulse, Set
from edge.barrier.core.state import Drive, Light
from edge.barrier.core.table import ArmAction, Phase

WIRED = frozenset({"open", "close", "green", "red"})


STOPPABLE = WIRED | {"stop"}
OPEN, CLOSE, STOP = Pulse("open", 0.5), Pulse("close", 0.5), Pulse("stop", 0.5)
RELEASE = [Set("open", False), Set("close", False)]


def outputs(wired=WIRED, falls_until=0.0):
    return Outputs(Contacts(wired, 0.5, 0.5), fall=Fall(until=falls_until))


def driven(*actions, wired=WIRED):
    """After (action, when) one by one, each confirmed."""
    out = outputs(wired)
    for action, now in actions:
        out, writes = out.asked(Drive(action), now)
        out = confirmed(out, writes, now)
    return out


def confirmed(out, writes, now):
    for write in writes:
        out, _ = out.answered(write, True, now)
    return out


def test_the_other_way_waits_for_the_dead_time():
    out, writes = outputs().asked(Drive(ArmAction.OPEN), 10.0)
    assert writes == [Pulse("open", 0.5)]
    out, writes = out.asked(Drive(ArmAction.CLOSE), 10.2)
    assert writes == [Set("open", False)]
    out = confirmed(out, writes, 10.2)
    assert out.due(10.6, False)[1] == []
    assert out.due(10.7, False)[1] == [Pulse("close", 0.5)]


def test_a_release_that_nobody_confirms_is_repeated_and_the_other_way_waits_it_out():
    out, _ = outputs().asked(Drive(ArmAction.OPEN), 10.0)
    out, writes = out.asked(Drive(ArmAction.CLOSE), 10.1)
    out, _ = out.answered(writes[0], False, 10.1)
    assert out.due(10.7, False)[1] == [Set("open", False)]
    assert Pulse("close", 0.5) in out.due(11.0, False)[1]


def test_a_pulse_on_a_contact_that_is_still_closed_waits_until_the_barrier_sees_it_open():
    """The arm is up, and comes down by itself within the pulse that has opened it."""
    out = driven((ArmAction.OPEN, 10.0))
    out, writes = out.asked(Drive(ArmAction.OPEN), 10.3)
    assert writes == []
    assert out.due(10.55, False)[1] == []
    out, writes = out.due(10.6, False)
    assert writes == [OPEN]
    out, writes = driven((ArmAction.OPEN, 10.0)).asked(Drive(ArmAction.OPEN), 10.6)
    assert writes == [OPEN]


def test_a_newer_deed_replaces_the_one_that_waits():
    out, _ = outputs().asked(Drive(ArmAction.OPEN), 10.0)
    out, _ = out.asked(Drive(ArmAction.CLOSE), 10.1)
    out, writes = out.asked(Drive(ArmAction.STOP), 10.2)
    assert writes == [Set("open", False), Set("close", False)]
    assert out.due(20.0, False)[1] == []


def test_a_pressed_stop_ends_the_waiting():
    out, _ = outputs(STOPPABLE).asked(Drive(ArmAction.CLOSE), 10.0)
    out, _ = out.asked(Drive(ArmAction.OPEN), 10.1)
    out, writes = out.due(20.0, True)
    assert writes == []
    assert out.due(20.1, False)[1] == []


def test_an_opening_pulse_is_never_repeated():
    out, writes = outputs().asked(Drive(ArmAction.OPEN), 10.0)
    out, more = out.answered(writes[0], False, 10.1)
    assert more == []
    assert out.due(20.0, False)[1] == []


def test_a_turning_pulse_without_an_answer_stops_the_arm_and_opens_it_once_more():
    out, _ = outputs(WIRED | {"stop"}).asked(Drive(ArmAction.CLOSE), 10.0)
    out, writes = out.asked(Drive(ArmAction.OPEN), 12.0)
    out, more = out.answered(writes[0], False, 12.2)
    assert more[0] == Pulse("stop", 0.5)
    out = confirmed(out, more, 12.2)
    out, writes = out.due(13.0, False)
    assert writes == [Pulse("open", 0.5)]
    assert out.answered(writes[0], False, 13.2)[1] == []


def test_a_closing_arm_that_cannot_be_turned_yet_is_stopped_at_once():
    out, _ = outputs(WIRED | {"stop"}).asked(Drive(ArmAction.CLOSE), 10.0)
    out, writes = out.asked(Drive(ArmAction.OPEN), 10.1)
    assert writes == [Pulse("stop", 0.5), Set("close", False)]


def test_lamps_are_said_until_they_are_confirmed_and_now_and_then_anew():
    out = outputs()
    assert out.lamps_due(10.0) == [Set("green", False), Set("red", True)]
    out, _ = out.answered(Set("red", True), True, 10.0)
    out, _ = out.answered(Set("green", False), False, 10.0)
    assert out.lamps_due(10.1) == [Set("green", False)]
    out, _ = out.answered(Set("green", False), True, 10.1)
    assert out.lamps_due(11.0) == []
    assert out.lamps_due(16.0) == [Set("green", False), Set("red", True)]


def test_on_a_wire_just_opened_contacts_are_released_and_nothing_waits():
    out, _ = outputs().asked(Drive(ArmAction.OPEN), 10.0)
    out, _ = out.asked(Drive(ArmAction.CLOSE), 10.1)
    assert out.reopened().due(20.0, False)[1] == [Set("open", False), Set("close", False)]


# --- one decision, one pulse ---


def test_opening_again_before_the_close_that_waits_has_begun_needs_no_second_pulse():
    out, writes = driven((ArmAction.OPEN, 10.0), (ArmAction.CLOSE, 10.2)).asked(
        Drive(ArmAction.OPEN), 10.3
    )
    assert writes == []
    assert out.due(20.0, False)[1] == []


def test_a_close_after_a_stop_needs_its_pulse_although_an_opening_waited():
    out = driven(
        (ArmAction.CLOSE, 10.0), (ArmAction.STOP, 10.1), (ArmAction.OPEN, 10.2), wired=STOPPABLE
    )
    out, _ = out.asked(Drive(ArmAction.CLOSE), 10.3)
    assert out.due(20.0, False)[1] == [CLOSE]


def test_a_pulse_that_has_waited_goes_out_once():
    out, writes = driven((ArmAction.OPEN, 10.0), (ArmAction.CLOSE, 10.1)).due(12.0, False)
    assert writes == [CLOSE]
    assert out.due(13.0, False)[1] == []


def test_a_pulse_may_have_begun_as_late_as_its_answer():
    out, writes = outputs().asked(Drive(ArmAction.OPEN), 10.0)
    out, _ = out.answered(writes[0], True, 10.4)
    out, _ = out.asked(Drive(ArmAction.CLOSE), 11.0)
    out, _ = out.answered(Set("open", False), False, 11.0)
    assert out.due(11.3, False)[1] == [Set("open", False)]
    assert CLOSE in out.due(11.5, False)[1]


def test_what_the_lane_lacks_is_never_written():
    out = outputs(frozenset({"open", "red"}))
    out, writes = out.asked(Drive(ArmAction.CLOSE), 10.0)
    assert writes == []
    assert out.asked(Drive(ArmAction.STOP), 10.0)[1] == [Set("open", False)]
    assert out.reopened().due(10.0, False)[1] == [Set("open", False)]
    assert out.lamps_due(10.0) == [Set("red", True)]


# --- said again until it is confirmed ---


def test_a_release_is_said_again_until_it_is_confirmed_and_no_more_than_five_times():
    out, _ = outputs().asked(Drive(ArmAction.STOP), 10.0)
    out, _ = out.answered(RELEASE[0], False, 10.0)
    out, _ = out.answered(RELEASE[1], False, 10.0)
    assert out.due(10.1, False)[1] == RELEASE
    out, _ = out.answered(RELEASE[1], True, 10.1)
    for now in range(11, 15):
        assert out.due(now, False)[1] == RELEASE[:1]
        out, _ = out.answered(RELEASE[0], False, now)
    assert out.due(20.0, False)[1] == []


def test_a_stop_is_said_again():
    out, writes = outputs(STOPPABLE).asked(Drive(ArmAction.STOP), 10.0)
    assert writes == [STOP, *RELEASE]
    out, _ = out.answered(STOP, False, 10.0)
    assert out.due(10.1, False)[1] == [STOP]


def test_what_would_undo_a_pulse_is_not_said_after_it():
    out, _ = outputs(STOPPABLE).asked(Drive(ArmAction.STOP), 10.0)
    for write in (STOP, *RELEASE):
        out, _ = out.answered(write, False, 10.0)
    out, _ = out.asked(Drive(ArmAction.OPEN), 12.0)
    assert out.due(12.1, False)[1] == [Set("close", False)]


# --- turning a closing arm ---


def test_only_the_turning_pulse_itself_is_followed_by_a_stop():
    out, writes = driven((ArmAction.CLOSE, 10.0), wired=STOPPABLE).asked(
        Drive(ArmAction.OPEN), 12.0
    )
    assert writes == [OPEN]
    assert out.answered(Set("close", False), False, 12.0)[1] == []
    assert out.answered(OPEN, True, 12.0)[1] == []


def test_a_lost_opening_from_a_standstill_is_followed_by_nothing():
    out = driven((ArmAction.CLOSE, 10.0), (ArmAction.STOP, 11.0), wired=STOPPABLE)
    out, writes = out.asked(Drive(ArmAction.OPEN), 13.0)
    assert writes == [OPEN]
    assert out.answered(OPEN, False, 13.2)[1] == []


def turned_without_a_stop():
    """A closing arm has been told to turn, and the answer has not come."""
    out, writes = driven((ArmAction.CLOSE, 10.0)).asked(Drive(ArmAction.OPEN), 12.0)
    assert writes == [OPEN]
    return out


def test_a_lost_turning_pulse_where_no_stop_is_wired_is_said_again_while_it_lasts_if_it_came():
    """The contact is closed then, and the barrier sees one pulse."""
    out, more = turned_without_a_stop().answered(OPEN, False, 12.2)
    assert more == [OPEN]
    out, more = out.answered(OPEN, True, 12.41)
    assert more == []
    assert out.due(20.0, False)[1] == []
    assert out.unwatched(Phase.STOPPED, False, True, 14.0)[1] == []


def test_four_times_in_a_row_at_most_then_somebody_else_has_his_turn():
    out = turned_without_a_stop()
    for n in range(3):
        out, more = out.answered(OPEN, False, 12.01 + n / 100)
        assert more == [OPEN]
    out, more = out.answered(OPEN, False, 12.04)
    assert more == []
    out, more = out.due(12.3, False)
    assert more == [OPEN]
    out, more = out.answered(OPEN, False, 12.4)
    assert more == []
    assert out.due(12.7, False)[1] == [OPEN]


def test_what_could_be_a_second_pulse_waits_until_the_barrier_has_seen_the_contact_open():
    out, more = turned_without_a_stop().answered(OPEN, False, 12.5)
    assert more == []
    assert out.due(13.05, False)[1] == []
    out, more = out.due(13.1, False)
    assert more == [OPEN]
    for now in (13.2, 13.3, 13.4):
        out, more = out.answered(OPEN, False, now)
        assert more == [OPEN]
    assert out.answered(OPEN, False, 13.5)[1] == []


def test_a_contact_is_held_by_pulses_that_nobody_confirms_for_no_more_than_two_seconds():
    out, now, sent = turned_without_a_stop(), 12.0, [12.0]
    while now < 13.6:
        now += 0.1
        out, more = out.answered(OPEN, False, now)
        if not more:
            out, more = out.due(now, False)
        sent += [now] * len(more)
    assert 13.3 < max(sent) < 13.51
    assert out.due(now + 0.45, False)[1] == []
    assert out.due(now + 0.65, False)[1] == [OPEN]


@pytest.mark.parametrize("phase", [Phase.OPEN, Phase.CLOSED])
def test_an_arm_at_an_end_needs_no_turning_pulse_any_more(phase):
    out, _ = turned_without_a_stop().answered(OPEN, False, 12.5)
    out, more = out.unwatched(phase, False, True, 12.6)
    assert (more, out.lost) == ([], 0)
    assert out.due(20.0, False)[1] == []


@pytest.mark.parametrize("phase", [Phase.OPEN, Phase.CLOSED])
def test_one_that_waits_for_its_dead_time_is_not_dropped_at_an_end(phase):
    """The arm may not have left it yet."""
    out, _ = driven((ArmAction.CLOSE, 10.0)).asked(Drive(ArmAction.OPEN), 10.1)
    assert out.unwatched(phase, False, True, 10.2)[0].due(12.0, False)[1] == [OPEN]


def test_after_a_lost_turning_pulse_an_order_to_stop_takes_nothing_from_the_turn():
    out, _ = turned_without_a_stop().answered(OPEN, False, 12.5)
    assert out.asked(Drive(ArmAction.STOP), 12.6)[0].due(20.0, False)[1] == [OPEN]


def test_a_close_after_one_waits_for_the_dead_time():
    out, _ = turned_without_a_stop().answered(OPEN, False, 12.2)
    out, more = out.asked(Drive(ArmAction.CLOSE), 12.3)
    assert more == [Set("open", False)]
    assert out.due(13.1, False)[1] == []
    assert out.due(13.3, False)[1] == [CLOSE]


def test_once_it_is_confirmed_the_next_pulse_is_one_of_its_own():
    out, _ = turned_without_a_stop().answered(OPEN, False, 12.2)
    out, _ = out.answered(OPEN, True, 12.3)
    out, more = out.asked(Drive(ArmAction.OPEN), 12.35)
    assert more == []
    assert out.due(12.85, False)[1] == []
    assert out.due(12.9, False)[1] == [OPEN]


def test_how_long_an_arm_may_come_down_is_counted_from_its_own_closing():
    out = Outputs(Contacts(WIRED, 0.5, 0.5, fall_s=5.0))
    for action, now in ((ArmAction.CLOSE, 10.0), (ArmAction.OPEN, 12.0), (ArmAction.CLOSE, 20.0)):
        out, writes = out.asked(Drive(action), now)
        out = confirmed(out, writes, now)
    assert out.unwatched(Phase.STOPPED, False, True, 24.9)[1] == [OPEN]


def test_an_arm_found_on_its_way_is_not_turned_for_ever():
    out = Outputs(Contacts(WIRED, 0.5, 0.5, fall_s=5.0), fall=Fall(until=16.0))
    out, writes = out.unwatched(Phase.STOPPED, False, True, 14.0)
    assert writes == [OPEN]
    out, _ = out.answered(OPEN, False, 14.5)
    assert out.unwatched(Phase.STOPPED, False, True, 18.9)[0].due(18.9, False)[1] == [OPEN]
    assert out.unwatched(Phase.STOPPED, False, True, 19.0)[0].due(20.0, False)[1] == []


def test_nor_does_one_that_must_have_come_down():
    out = Outputs(Contacts(WIRED, 0.5, 0.5, fall_s=5.0))
    out, _ = out.asked(Drive(ArmAction.CLOSE), 10.0)
    out, _ = confirmed(out, [CLOSE], 10.0).asked(Drive(ArmAction.OPEN), 12.0)
    out, _ = out.answered(OPEN, False, 12.5)
    assert out.unwatched(Phase.OPENING, False, True, 14.9)[0].due(14.9, False)[1] == [OPEN]
    out, _ = out.unwatched(Phase.OPENING, False, True, 15.0)
    assert out.due(20.0, False)[1] == []


def test_a_turning_pulse_that_is_lost_with_the_wire_goes_out_at_once_on_the_next_one():
    out, more = turned_without_a_stop().answered(OPEN, False, 12.3)
    for write in more:
        out = out.unsent(write)
    assert out.reopened(12.31).unwatched(Phase.STOPPED, False, True, 12.4)[1] == [OPEN]
    assert out.reopened(12.31).unwatched(Phase.STOPPED, False, True, 12.85)[1] == []
    out = turned_without_a_stop().sent(OPEN, 12.0).reopened(13.0)
    assert out.unwatched(Phase.STOPPED, False, True, 14.0)[1] == [OPEN]
    assert driven((ArmAction.OPEN, 10.0)).reopened().last == "open"


def test_one_that_never_went_out_waits_for_no_pulse_of_its_own():
    out = turned_without_a_stop().unsent(OPEN)
    assert out.reopened(12.0).unwatched(Phase.STOPPED, False, True, 12.1)[1] == [OPEN]


def test_a_turning_pulse_whose_answer_is_to_come_is_not_cut():
    out = turned_without_a_stop().sent(OPEN, 12.0)
    assert out.unwatched(Phase.STOPPED, False, True, 12.1) == (out, [])


def test_another_pulse_that_did_not_go_out_says_nothing_of_the_turn():
    out = turned_without_a_stop()
    assert out.unsent(Pulse("siren", 0.5)) == out


def test_a_stop_that_never_went_out_is_said_as_soon_as_the_wire_is_there():
    out, writes = driven((ArmAction.CLOSE, 10.0), wired=STOPPABLE).asked(
        Drive(ArmAction.HALT), 12.0
    )
    for write in writes:
        out = out.unsent(write)
    assert STOP in out.reopened(12.1).unwatched(Phase.STOPPED, False, True, 12.1)[1]


def test_a_close_that_never_went_out_may_have_come_all_the_same():
    out, writes = outputs().asked(Drive(ArmAction.CLOSE), 10.0)
    assert out.unsent(writes[0]) == out


def test_a_lost_stop_of_an_arm_that_comes_down_is_said_again_at_once():
    out, _ = driven((ArmAction.CLOSE, 10.0), wired=STOPPABLE).asked(Drive(ArmAction.HALT), 12.0)
    for n in range(3):
        out, more = out.answered(STOP, False, 12.2 + n / 5)
        assert more == [STOP]
    out, more = out.answered(STOP, False, 12.8)
    assert more == []
    assert out.due(12.9, False)[1] == [STOP]
    out, _ = out.answered(STOP, True, 13.0)
    assert STOP not in out.due(20.0, False)[1]
    assert driven((ArmAction.STOP, 10.0), wired=STOPPABLE).answered(STOP, False, 10.2)[1] == []
    out, _ = driven((ArmAction.CLOSE, 10.0)).asked(Drive(ArmAction.RELEASE), 12.0)
    assert out.answered(Set("close", False), False, 12.2)[1] == []


def test_an_arm_whose_stop_was_never_confirmed_is_stopped_and_opened_until_one_of_both_is():
    out, _ = driven((ArmAction.CLOSE, 10.0), wired=STOPPABLE).asked(Drive(ArmAction.OPEN), 12.0)
    out, more = out.answered(OPEN, False, 12.2)
    for now in (12.4, 12.6, 12.8, 13.0, 13.2):
        out, _ = out.answered(STOP, False, now)
    out, more = out.due(14.0, False)
    assert more[-1] == OPEN
    out, more = out.answered(OPEN, False, 14.2)
    assert more[0] == STOP


def test_the_opening_after_a_stop_waits_for_the_stop_to_end():
    out = driven((ArmAction.CLOSE, 10.0), (ArmAction.STOP, 12.0), wired=STOPPABLE)
    out, writes = out.asked(Drive(ArmAction.OPEN), 12.1)
    assert writes == []
    assert out.due(12.4, False)[1] == []
    assert out.due(12.5, False)[1] == [OPEN]


def test_only_an_arm_on_its_way_down_is_stopped_while_its_opening_waits():
    out = driven((ArmAction.CLOSE, 10.0), (ArmAction.STOP, 10.1), wired=STOPPABLE)
    assert out.asked(Drive(ArmAction.OPEN), 10.2)[1] == []
    out = driven((ArmAction.CLOSE, 10.0)).asked(Drive(ArmAction.OPEN), 10.1)
    assert out[1] == [Set("close", False)]


def test_the_second_lost_answer_of_a_turned_arm_leaves_nothing_to_repeat():
    out, writes = driven((ArmAction.CLOSE, 10.0), wired=STOPPABLE).asked(
        Drive(ArmAction.OPEN), 12.0
    )
    out, more = out.answered(OPEN, False, 12.2)
    assert more == [STOP, *RELEASE]
    for write in more:
        out, _ = out.answered(write, False, 12.2)
    assert set(out.due(12.3, False)[1]) == set(more)
    out = confirmed(out, more, 12.3)
    out, writes = out.due(13.0, False)
    assert writes == [OPEN]
    out, more = out.answered(OPEN, False, 13.2)
    assert (more, out.due(20.0, False)[1]) == ([], [])


# --- halt, stop and release ---


def test_a_halt_opens_an_arm_on_its_way_down_where_no_stop_is_wired():
    assert driven((ArmAction.CLOSE, 10.0)).asked(Drive(ArmAction.HALT), 12.0)[1] == [OPEN]
    assert driven((ArmAction.OPEN, 10.0)).asked(Drive(ArmAction.HALT), 12.0)[1] == RELEASE
    stopped = driven((ArmAction.CLOSE, 10.0), wired=STOPPABLE).asked(Drive(ArmAction.HALT), 12.0)[1]
    assert stopped == [STOP, *RELEASE]


@pytest.mark.parametrize("action", [ArmAction.STOP, ArmAction.RELEASE])
def test_without_a_stop_a_release_ends_no_opening_that_is_to_turn_the_arm(action):
    out = driven((ArmAction.CLOSE, 10.0), (ArmAction.OPEN, 10.1), (action, 10.2))
    assert out.due(12.0, False)[1] == [OPEN]


@pytest.mark.parametrize("action", [ArmAction.STOP, ArmAction.RELEASE])
def test_a_release_ends_a_closing_that_waits(action):
    out = driven((ArmAction.OPEN, 10.0), (ArmAction.CLOSE, 10.1), (action, 10.2))
    assert out.due(12.0, False)[1] == []


def test_a_release_ends_an_opening_that_turns_nothing():
    out = driven(
        (ArmAction.CLOSE, 10.0),
        (ArmAction.STOP, 10.1),
        (ArmAction.OPEN, 10.2),
        (ArmAction.RELEASE, 10.3),
        wired=STOPPABLE,
    )
    assert out.due(12.0, False)[1] == []


def test_a_stop_ends_an_opening_that_waits():
    out = driven(
        (ArmAction.CLOSE, 10.0), (ArmAction.OPEN, 10.1), (ArmAction.STOP, 10.2), wired=STOPPABLE
    )
    assert out.due(12.0, False)[1] == []


# --- lamps ---


def test_lamps_that_are_to_change_or_may_have_lost_their_power_are_written_at_once():
    out = confirmed(outputs(), outputs().lamps_due(10.0), 10.0)
    assert out.lamps_due(10.1) == []
    assert len(out.reopened().lamps_due(10.1)) == 2
    assert out.asked(Light(True), 10.1)[1] == [Set("red", False), Set("green", True)]


@pytest.mark.parametrize("seconds", [0.1, 1.5, 3.0])
def test_a_pulse_out_of_its_bounds_is_refused(seconds):
    with pytest.raises(ValueError, match="allowed"):
        Contacts(WIRED, pulse_s=seconds, dead_time_s=0.5)


def test_the_lamp_that_goes_out_goes_first():
    assert outputs().asked(Light(True), 0.0)[1] == [Set("red", False), Set("green", True)]
    assert outputs().asked(Light(False), 0.0)[1] == [Set("green", False), Set("red", True)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([ArmAction.OPEN, ArmAction.CLOSE, ArmAction.STOP]), st.floats(0, 1)
        )
    )
)
def test_open_and_close_never_overlap_and_the_dead_time_is_kept(actions):
    out, now, energised = outputs(), 100.0, {}
    for action, wait in actions:
        now += wait
        for step in (lambda o, t: o.due(t, False), lambda o, t, d=action: o.asked(Drive(d), t)):
            out, writes = step(out, now)
            out = confirmed(out, writes, now)
            for write in writes:
                if isinstance(write, Pulse) and write.output in ("open", "close"):
                    other = "close" if write.output == "open" else "open"
                    assert energised.get(other, 0.0) + 0.5 <= now + 1e-9
                    energised[write.output] = now + write.seconds
                elif isinstance(write, Set):
                    energised[write.output] = min(energised.get(write.output, 0.0), now)


def test_a_write_whose_answer_is_to_come_is_not_said_again_meanwhile():
    out = outputs()
    for write in out.lamps_due(10.0):
        out = out.sent(write, 10.0)
    assert out.lamps_due(10.1) == []
    out, _ = out.answered(Set("green", False), False, 10.2)
    assert out.lamps_due(10.3) == [Set("green", False)]
    assert out.lamps_due(11.1) == [Set("green", False), Set("red", True)]


def test_a_newer_write_takes_the_place_of_one_that_is_not_answered():
    out = outputs().sent(Set("green", False), 10.0)
    out, _ = out.asked(Light(True), 10.1)
    out = out.sent(Set("green", True), 10.1)
    _, writes = out.asked(Light(False), 10.2)
    assert writes == [Set("green", False), Set("red", True)]


def test_a_pulse_that_is_not_answered_counts_as_beginning_as_late_as_it_can():
    out, writes = outputs().asked(Drive(ArmAction.CLOSE), 10.0)
    out = out.sent(writes[0], 10.0)
    out, writes = out.asked(Drive(ArmAction.OPEN), 10.6)
    assert writes == [Set("close", False)]
    out = out.sent(writes[0], 10.6)
    assert out.due(11.9, False)[1] == []
    assert Pulse("open", 0.5) in out.due(12.1, False)[1]
    out, _ = out.answered(Set("close", False), True, 10.7)
    assert out.due(11.1, False)[1] == []
    assert out.due(11.3, False)[1] == [Pulse("open", 0.5)]


def test_a_stop_that_is_answered_later_is_said_again_only_when_it_was_not_confirmed():
    out, writes = outputs(WIRED | {"stop"}).asked(Drive(ArmAction.STOP), 10.0)
    out = out.sent(writes[0], 10.0)
    assert Pulse("stop", 0.5) not in out.due(10.1, False)[1]
    out, _ = out.answered(writes[0], False, 10.4)
    assert Pulse("stop", 0.5) in out.due(10.5, False)[1]
    out = out.sent(writes[0], 10.5)
    assert Pulse("stop", 0.5) not in out.due(10.6, False)[1]
    assert Pulse("stop", 0.5) in out.due(11.6, False)[1]


def test_on_a_wire_just_opened_nothing_is_under_way():
    out = outputs()
    for write in out.lamps_due(10.0):
        out = out.sent(write, 10.0)
    assert out.reopened().lamps_due(10.1) == out.lamps_due(12.0)


def test_a_turning_pulse_whose_answer_is_lost_after_a_stop_moves_nothing():
    out, writes = driven((ArmAction.CLOSE, 10.0), wired=STOPPABLE).asked(
        Drive(ArmAction.OPEN), 12.0
    )
    out, _ = out.sent(writes[0], 12.0).asked(Drive(ArmAction.STOP), 12.1)
    out, more = out.answered(OPEN, False, 12.3)
    assert more == []
    assert OPEN not in out.due(20.0, False)[1]


def test_a_turning_pulse_whose_answer_is_lost_with_the_wire_moves_nothing_on_the_next_one():
    out, writes = driven((ArmAction.CLOSE, 10.0), wired=STOPPABLE).asked(
        Drive(ArmAction.OPEN), 12.0
    )
    out, more = out.sent(writes[0], 12.0).reopened().answered(OPEN, False, 12.3)
    assert more == []
    assert out.due(20.0, False)[1] == RELEASE


def sent_down(wired=WIRED, confirmed_halt=None):
    """A closing arm whose halt is confirmed, lost (False), or could not even go out (None)."""
    out = driven((ArmAction.CLOSE, 10.0), wired=wired)
    out, writes = out.asked(Drive(ArmAction.HALT), 12.0)
    for write in writes:
        if confirmed_halt is None:
            out = out.unsent(write)
        else:
            out, _ = out.answered(write, confirmed_halt, 12.0)
    return out


@pytest.mark.parametrize("phase", [Phase.STOPPED, Phase.FAULT, Phase.OUT_OF_SERVICE])
def test_an_arm_whose_halt_never_went_out_is_halted_when_the_inputs_are_known_again(phase):
    assert sent_down().reopened().unwatched(phase, False, False, 14.0)[1] == [OPEN]
    assert sent_down(STOPPABLE).reopened().unwatched(phase, False, False, 14.0)[1] == [
        STOP,
        *RELEASE,
    ]


@pytest.mark.parametrize(
    "phase", [Phase.UNREAD, Phase.CLOSED, Phase.OPENING, Phase.OPEN, Phase.CLOSING]
)
def test_an_arm_that_is_watched_or_not_known_is_not_halted(phase):
    assert sent_down(STOPPABLE).unwatched(phase, False, False, 14.0)[1] == []


@pytest.mark.parametrize("wired", [WIRED, STOPPABLE], ids=["opens", "stops"])
def test_a_confirmed_halt_is_not_said_again(wired):
    out = sent_down(wired, confirmed_halt=True)
    assert out.unwatched(Phase.STOPPED, False, False, 14.0)[1] == []


def test_a_lost_stop_is_said_until_it_is_confirmed_and_never_twice_at_once():
    out = sent_down(STOPPABLE, confirmed_halt=False)
    assert out.unwatched(Phase.STOPPED, False, False, 12.4)[1] == []
    out, writes = out.unwatched(Phase.STOPPED, False, False, 12.5)
    assert writes == [STOP, *RELEASE]
    assert confirmed(out, writes, 12.5).unwatched(Phase.STOPPED, False, False, 20.0)[1] == []


def test_a_lost_opening_is_said_again_where_no_stop_is_wired_and_the_inputs_were_lost_too():
    out, _ = turned_without_a_stop().answered(OPEN, False, 12.5)
    assert out.unwatched(Phase.STOPPED, False, False, 12.6)[1] == []
    assert out.reopened(12.6).unwatched(Phase.STOPPED, False, False, 14.0)[1] == [OPEN]


@pytest.mark.parametrize("phase", [Phase.CLOSED, Phase.OPEN])
def test_an_arm_that_has_ended_its_motion_is_never_halted_later(phase):
    out, writes = sent_down(STOPPABLE).unwatched(phase, False, False, 14.0)
    assert writes == []
    assert out.unwatched(Phase.STOPPED, False, False, 15.0)[1] == []


def test_a_local_stop_alone_proves_no_arm_stopped():
    _, writes = sent_down(STOPPABLE).unwatched(Phase.STOPPED, True, False, 14.0)
    assert writes == [STOP, *RELEASE]
    out, writes = sent_down().unwatched(Phase.STOPPED, True, False, 14.0)
    assert writes == []
    assert out.unwatched(Phase.STOPPED, True, True, 14.1)[1] == [OPEN]


def test_an_arm_that_must_have_landed_is_not_halted():
    out = Outputs(Contacts(WIRED, 0.5, 0.5, fall_s=5.0))
    out, writes = out.asked(Drive(ArmAction.CLOSE), 10.0)
    out = confirmed(out, writes, 10.0)
    assert out.unwatched(Phase.STOPPED, False, True, 14.9)[1] == [OPEN]
    out, writes = out.unwatched(Phase.STOPPED, False, True, 15.0)
    assert writes == []
    assert out.unwatched(Phase.STOPPED, False, True, 14.9)[1] == []


def test_a_turning_pulse_outlasts_a_local_stop_where_no_stop_is_wired():
    out = driven((ArmAction.CLOSE, 10.0), (ArmAction.OPEN, 10.1))
    assert out.due(10.3, True) == (out, [])
    assert out.due(12.0, True)[1] == [OPEN]
    out = driven((ArmAction.OPEN, 10.0), (ArmAction.CLOSE, 10.1))
    out, _ = out.due(10.3, True)
    assert out.due(12.0, False)[1] == []


def test_a_stall_releases_a_closing_and_cuts_no_opening():
    assert driven((ArmAction.OPEN, 10.0)).asked(Drive(ArmAction.RELEASE), 10.1)[1] == [
        Set("close", False)
    ]


def test_an_opening_pulse_that_still_lasts_is_not_cut_on_a_wire_just_opened():
    out = driven((ArmAction.OPEN, 10.0))
    assert out.reopened(10.4).due(10.4, False)[1] == [Set("close", False)]
    assert out.reopened(10.5).due(10.5, False)[1] == RELEASE


def test_a_turning_pulse_that_waits_is_not_asked_for_again():
    out = driven((ArmAction.CLOSE, 10.0))
    out, _ = out.asked(Drive(ArmAction.HALT), 10.1)
    assert out.unwatched(Phase.STOPPED, False, False, 10.2) == (out, [])


def test_a_halt_whose_answer_is_to_come_is_not_said_again_meanwhile():
    out = driven((ArmAction.CLOSE, 10.0), wired=STOPPABLE)
    out, _ = out.asked(Drive(ArmAction.HALT), 12.0)
    out = out.sent(STOP, 11.0)
    assert out.unwatched(Phase.STOPPED, False, False, 11.9)[1] == []
    assert STOP in out.unwatched(Phase.STOPPED, False, False, 12.6)[1]


def test_an_arm_that_was_opened_is_not_falling():
    out = driven((ArmAction.OPEN, 10.0))
    assert out.unwatched(Phase.STOPPED, False, False, 14.0) == (out, [])


def test_a_confirmed_closing_pulse_ends_no_fall():
    out, writes = outputs().asked(Drive(ArmAction.CLOSE), 10.0)
    out = confirmed(out, writes, 10.0)
    assert out.unwatched(Phase.STOPPED, False, False, 14.0)[1] == [OPEN]


def test_an_opening_that_turns_nothing_and_did_not_go_out_stays_as_it_was():
    out, writes = outputs().asked(Drive(ArmAction.OPEN), 10.0)
    assert out.unsent(writes[0]) == out
    out, _ = driven((ArmAction.CLOSE, 10.0)).asked(Drive(ArmAction.OPEN), 12.0)
    assert out.unsent(Set("open", False)) == out
    assert out.unsent(OPEN).last == "close"


def found_at_start(wired=WIRED):
    """Nothing is known but that an arm may come down until 16."""
    return outputs(wired, falls_until=16.0)


@pytest.mark.parametrize(
    ("wired", "halt"), [(WIRED, [OPEN]), (STOPPABLE, [STOP, *RELEASE])], ids=["opens", "stops"]
)
def test_an_arm_found_on_its_way_with_something_under_it_is_halted_once(wired, halt):
    out, writes = found_at_start(wired).unwatched(Phase.STOPPED, False, True, 14.0)
    assert writes == halt
    assert confirmed(out, writes, 14.0).unwatched(Phase.STOPPED, False, True, 15.0)[1] == []


@pytest.mark.parametrize("wired", [WIRED, STOPPABLE], ids=["opens", "stops"])
def test_an_arm_found_with_nothing_under_it_is_halted_when_something_comes(wired):
    out, writes = found_at_start(wired).unwatched(Phase.STOPPED, False, False, 14.0)
    assert writes == []
    assert out.unwatched(Phase.STOPPED, False, True, 15.0)[1] != []
    assert out.unwatched(Phase.STOPPED, False, True, 16.0)[1] == []


def test_a_lost_stop_of_an_arm_found_on_its_way_is_said_until_it_is_confirmed():
    out, writes = found_at_start(STOPPABLE).unwatched(Phase.STOPPED, False, True, 14.0)
    out, _ = out.answered(writes[0], False, 14.0)
    assert out.unwatched(Phase.STOPPED, False, True, 14.4)[1] == []
    assert out.unwatched(Phase.STOPPED, False, False, 20.0)[1] == [STOP, *RELEASE]


@pytest.mark.parametrize(
    "phase",
    [Phase.UNREAD, Phase.OPENING, Phase.CLOSING, Phase.FAULT, Phase.OUT_OF_SERVICE],
)
def test_an_arm_that_is_not_known_to_be_at_neither_end_is_not_halted(phase):
    assert found_at_start().unwatched(phase, False, True, 14.0)[1] == []


@pytest.mark.parametrize(
    ("phase", "stop"), [(Phase.CLOSED, False), (Phase.OPEN, False), (Phase.STOPPED, True)]
)
def test_an_arm_found_at_its_end_or_stopped_is_never_halted_later(phase, stop):
    out, writes = found_at_start().unwatched(phase, stop, True, 14.0)
    assert writes == []
    assert out.unwatched(Phase.STOPPED, False, True, 15.0)[1] == []


def test_after_a_motion_of_our_own_nothing_found_is_halted():
    out, writes = found_at_start().asked(Drive(ArmAction.OPEN), 12.0)
    assert confirmed(out, writes, 12.0).unwatched(Phase.STOPPED, False, True, 15.0)[1] == []
    out, _ = found_at_start().asked(Drive(ArmAction.OPEN), 12.0)
    assert out.unwatched(Phase.STOPPED, False, True, 15.0)[1] == []


# --- at the end of the service ---


def unconfirmed(*actions, wired=WIRED):
    """After (action, when) one by one, none answered."""
    out = outputs(wired)
    for action, now in actions:
        out, _ = out.asked(Drive(action), now)
    return out


@pytest.mark.parametrize(
    ("wired", "halt"), [(WIRED, [OPEN]), (STOPPABLE, [STOP, *RELEASE])], ids=["opens", "stops"]
)
def test_at_the_end_an_arm_that_was_sent_down_is_halted(wired, halt):
    assert driven((ArmAction.CLOSE, 10.0), wired=wired).leaving(False, False, 12.0)[1] == halt
    assert driven((ArmAction.OPEN, 10.0), wired=wired).leaving(False, False, 12.0)[1] == []


def test_at_the_end_no_closing_goes_out_and_no_turning_pulse_is_dropped():
    for out in (
        driven((ArmAction.OPEN, 10.0), (ArmAction.CLOSE, 10.1)),
        unconfirmed((ArmAction.CLOSE, 10.0), (ArmAction.OPEN, 12.0), (ArmAction.CLOSE, 12.1)),
    ):
        assert out.waiting == "close"
        assert out.leaving(False, False, 12.2)[0].due(20.0, False)[1] == []
    out, writes = unconfirmed((ArmAction.CLOSE, 10.0), (ArmAction.OPEN, 10.1)).leaving(
        False, False, 10.2
    )
    assert writes == []
    assert out.due(12.0, False)[1] == [OPEN]


def landed():
    """An arm that came down, and an opening that waits for the dead time."""
    out, _ = driven((ArmAction.CLOSE, 10.0)).unwatched(Phase.CLOSED, False, False, 10.1)
    out, _ = out.asked(Drive(ArmAction.OPEN), 10.2)
    assert out.waiting == "open"
    return out


def test_an_opening_that_turns_nothing_is_dropped_by_a_stop_and_at_the_end():
    assert landed().due(12.0, True)[1] == []
    assert landed().leaving(False, False, 10.3)[0].due(12.0, False)[1] == []


def test_a_closing_that_waits_is_dropped_by_a_stop_although_the_arm_may_fall():
    out = unconfirmed((ArmAction.CLOSE, 10.0), (ArmAction.OPEN, 12.0), (ArmAction.CLOSE, 12.1))
    assert out.due(14.0, True)[1] == []


def test_the_service_waits_at_its_end_for_pulses_and_stops_and_for_nothing_else():
    assert not outputs().busy(10.0)
    assert landed().busy(10.7)
    out = driven((ArmAction.OPEN, 10.0))
    assert out.busy(10.4)
    assert not out.busy(10.5)
    out, _ = driven((ArmAction.STOP, 10.0), wired=STOPPABLE).answered(STOP, False, 10.1)
    assert out.busy(12.0)
    out, _ = driven((ArmAction.STOP, 10.0)).answered(RELEASE[0], False, 10.1)
    assert not out.busy(12.0)
    assert outputs().sent(Set("red", True), 10.0).busy(20.0)
