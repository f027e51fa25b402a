"""From deeds to writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.barrier.outputs import Outputs, Pulse, Set
from edge.barrier.state import Drive, Light
from edge.barrier.table import Deed

WIRED = frozenset({"open", "close", "green", "red"})


def outputs(wired=WIRED):
    return Outputs(wired, pulse_s=0.5, dead_time_s=0.5)


def confirmed(out, writes, now):
    for write in writes:
        out, _ = out.answered(write, True, now)
    return out


def test_the_other_way_waits_for_the_dead_time():
    out, writes = outputs().asked(Drive(Deed.OPEN), 10.0)
    assert writes == [Pulse("open", 0.5)]
    out, writes = out.asked(Drive(Deed.CLOSE), 10.2)
    assert writes == [Set("open", False)]
    out = confirmed(out, writes, 10.2)
    assert out.due(10.6, False)[1] == []
    assert out.due(10.7, False)[1] == [Pulse("close", 0.5)]


def test_a_release_that_nobody_confirms_is_repeated_and_the_other_way_waits_it_out():
    out, _ = outputs().asked(Drive(Deed.OPEN), 10.0)
    out, writes = out.asked(Drive(Deed.CLOSE), 10.1)
    out, _ = out.answered(writes[0], False, 10.1)
    assert out.due(10.7, False)[1] == [Set("open", False)]
    assert Pulse("close", 0.5) in out.due(11.0, False)[1]


def test_a_newer_deed_replaces_the_one_that_waits():
    out, _ = outputs().asked(Drive(Deed.OPEN), 10.0)
    out, _ = out.asked(Drive(Deed.CLOSE), 10.1)
    out, writes = out.asked(Drive(Deed.STOP), 10.2)
    assert writes == [Set("open", False), Set("close", False)]
    assert out.due(20.0, False)[1] == []


def test_a_pressed_stop_ends_the_waiting():
    out, _ = outputs().asked(Drive(Deed.CLOSE), 10.0)
    out, _ = out.asked(Drive(Deed.OPEN), 10.1)
    out, writes = out.due(20.0, True)
    assert writes == []
    assert out.due(20.1, False)[1] == []


def test_an_opening_pulse_is_never_repeated():
    out, writes = outputs().asked(Drive(Deed.OPEN), 10.0)
    out, more = out.answered(writes[0], False, 10.1)
    assert more == []
    assert out.due(20.0, False)[1] == []


def test_a_turning_pulse_without_an_answer_stops_the_arm_and_opens_it_once_more():
    out, _ = outputs(WIRED | {"stop"}).asked(Drive(Deed.CLOSE), 10.0)
    out, writes = out.asked(Drive(Deed.OPEN), 12.0)
    out, more = out.answered(writes[0], False, 12.2)
    assert more[0] == Pulse("stop", 0.5)
    out = confirmed(out, more, 12.2)
    out, writes = out.due(13.0, False)
    assert writes == [Pulse("open", 0.5)]
    assert out.answered(writes[0], False, 13.2)[1] == []


def test_a_closing_arm_that_cannot_be_turned_yet_is_stopped_at_once():
    out, _ = outputs(WIRED | {"stop"}).asked(Drive(Deed.CLOSE), 10.0)
    out, writes = out.asked(Drive(Deed.OPEN), 10.1)
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
    out, _ = outputs().asked(Drive(Deed.OPEN), 10.0)
    out, _ = out.asked(Drive(Deed.CLOSE), 10.1)
    assert out.reopened().due(20.0, False)[1] == [Set("open", False), Set("close", False)]


@pytest.mark.parametrize("seconds", [0.1, 1.5, 3.0])
def test_a_pulse_out_of_its_bounds_is_refused(seconds):
    with pytest.raises(ValueError, match="allowed"):
        Outputs(WIRED, pulse_s=seconds, dead_time_s=0.5)


def test_the_lamp_that_goes_out_goes_first():
    assert outputs().asked(Light(True), 0.0)[1] == [Set("red", False), Set("green", True)]
    assert outputs().asked(Light(False), 0.0)[1] == [Set("green", False), Set("red", True)]


@given(st.lists(st.tuples(st.sampled_from([Deed.OPEN, Deed.CLOSE, Deed.STOP]), st.floats(0, 1))))
def test_open_and_close_never_overlap_and_the_dead_time_is_kept(deeds):
    out, now, energised = outputs(), 100.0, {}
    for deed, wait in deeds:
        now += wait
        for step in (lambda o, t: o.due(t, False), lambda o, t, d=deed: o.asked(Drive(d), t)):
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
    out, writes = outputs().asked(Drive(Deed.CLOSE), 10.0)
    out = out.sent(writes[0], 10.0)
    out, writes = out.asked(Drive(Deed.OPEN), 10.6)
    assert writes == [Set("close", False)]
    out = out.sent(writes[0], 10.6)
    assert out.due(11.9, False)[1] == []
    assert Pulse("open", 0.5) in out.due(12.1, False)[1]
    out, _ = out.answered(Set("close", False), True, 10.7)
    assert out.due(11.1, False)[1] == []
    assert out.due(11.3, False)[1] == [Pulse("open", 0.5)]


def test_a_stop_that_is_answered_later_is_said_again_only_when_it_was_not_confirmed():
    out, writes = outputs(WIRED | {"stop"}).asked(Drive(Deed.STOP), 10.0)
    out = out.sent(writes[0], 10.0)
    assert Pulse("stop", 0.5) not in out.due(10.1, False)[1]
    out, _ = out.answered(writes[0], False, 10.4)
    assert Pulse("stop", 0.5) in out.due(10.5, False)[1]
