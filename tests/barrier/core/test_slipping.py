"""Who goes on over the entry loop although the arm is down, or is said to be."""

import pytest

from edge.barrier.core.safety import LineCrossed, Sampled, WireLost
from edge.barrier.core.table import Phase
from edge.domain.facts import VehicleArrived, VehicleBackedOff, VehicleCrossed, VehicleEntered
from tests.support.barrier.lane_play import (
    ALL,
    EXIT,
    IN,
    LIMIT_SWITCHES,
    Play,
    closed,
    drive,
    loops,
    opened,
    opened_by_order,
)

ENTRY, UNDER, OUT = {"entry_loop"}, {"safety_loop"}, set()
BOTH = ENTRY | UNDER
CROSSED = VehicleCrossed("out1", None)
ENTERED, ARRIVED = VehicleEntered("out1", None), VehicleArrived("out1")


def slipping(play=None):
    """One under a closed arm, off the entry loop."""
    return loops(closed() if play is None else play, ENTRY, BOTH, UNDER)


def told(play):
    return [f.code for f in play.reported("GuardAlarm")]


def ways(play):
    """The facts of vehicles, in order."""
    kinds = (VehicleArrived, VehicleEntered, VehicleCrossed, VehicleBackedOff)
    return [type(f).__name__.removeprefix("Vehicle") for f in play.facts if isinstance(f, kinds)]


# --- the next one behind ---


def test_who_slips_under_a_closed_arm_is_told_although_the_next_one_waits_before_it():
    play = loops(slipping(), BOTH, ENTRY)
    assert told(play) == []
    play.run(20)
    assert ways(play) == ["Arrived", "Entered", "Arrived", "Crossed"]
    assert told(play) == ["passed_closed"]
    play.put(entry_loop=False).run(5)
    assert ways(play)[4:] == ["BackedOff"]
    assert told(play) == ["passed_closed"]


def test_a_long_one_who_is_on_the_exit_loop_before_he_has_left_the_entry_loop_is_told_at_once():
    front = (ENTRY, BOTH, BOTH | {"exit_loop"}, UNDER | {"exit_loop"})
    play = drive(closed(wired=EXIT), *front, BOTH | {"exit_loop"}, ENTRY | {"exit_loop"})
    assert ways(play) == ["Arrived", "Entered", "Arrived", "Crossed"]
    drive(play, BOTH | {"exit_loop"}, UNDER | {"exit_loop"}, {"exit_loop"}, OUT)
    assert ways(play)[4:] == ["Entered", "Crossed"]


def test_an_exit_loop_that_another_one_was_on_before_tells_nothing_of_who_slips():
    play = drive(closed(wired=EXIT), *(on | {"exit_loop"} for on in (ENTRY, BOTH, UNDER, BOTH)))
    drive(play, ENTRY | {"exit_loop"})
    assert ways(play) == ["Arrived", "Entered", "Arrived"]


def test_a_glitch_of_the_exit_loop_tells_nothing_of_who_slips():
    play = drive(closed(wired=EXIT), ENTRY, BOTH)
    drive(play, UNDER, UNDER | {"exit_loop"}, UNDER, each=0.1)
    drive(play, BOTH, ENTRY)
    assert ways(play) == ["Arrived", "Entered", "Arrived"]


def test_the_exit_loop_that_the_one_before_is_on_tells_nothing_of_the_second_who_slips():
    out = {"exit_loop"}
    play = drive(closed(wired=EXIT), ENTRY, BOTH, BOTH | out, UNDER | out, BOTH | out, UNDER | out)
    assert ways(play) == ["Arrived", "Entered", "Arrived", "Crossed"]
    drive(play, UNDER, BOTH, ENTRY)
    assert ways(play)[4:] == ["Entered", "Arrived"]


def test_two_who_slip_under_a_closed_arm_bumper_to_bumper_are_two():
    play = loops(slipping(), BOTH, UNDER, OUT).run(5)
    assert ways(play) == ["Arrived", "Entered", "Arrived", "Crossed", "Entered", "Crossed"]
    assert told(play) == ["passed_closed"] * 2


def test_two_who_slip_with_a_moment_between_that_is_clear_are_two():
    play = loops(slipping(), BOTH, ENTRY, BOTH, UNDER, OUT).run(5)
    assert ways(play) == ["Arrived", "Entered", "Arrived", "Crossed", "Entered", "Crossed"]


def test_two_who_slip_where_the_loops_lie_far_apart_are_two():
    play = loops(slipping(), BOTH, ENTRY, OUT, UNDER, OUT).run(5)
    assert ways(play) == ["Arrived", "Entered", "Arrived", "Crossed", "Entered", "Crossed"]
    assert told(play) == ["passed_closed"] * 2


def test_a_moment_that_the_entry_loop_misses_is_nobody_behind():
    play = loops(closed(), ENTRY, BOTH)
    for entry in (False, False, True, True):
        play.now += 0.04
        play.give(Sampled({**play.inputs, "entry_loop": entry}))
    loops(play, BOTH, ENTRY, OUT).run(5)
    assert ways(play) == ["Arrived", "BackedOff"]
    assert told(play) == []


def test_the_next_one_waits_behind_also_when_the_entry_loop_misses_a_moment():
    play = loops(slipping(), BOTH, ENTRY)
    for entry in (False, False, True, True):
        play.now += 0.04
        play.give(Sampled({**play.inputs, "entry_loop": entry}))
    play.run(20)
    assert ways(play) == ["Arrived", "Entered", "Arrived", "Crossed"]


def test_who_comes_back_over_the_entry_loop_has_turned_back_and_that_is_told():
    play = loops(slipping(), BOTH, ENTRY, OUT).run(5)
    assert ways(play) == ["Arrived", "Entered", "Arrived", "BackedOff"]
    assert told(play) == ["turned_back"]


def test_who_has_come_back_is_forgotten_when_the_next_one_arrives():
    play = loops(slipping(), BOTH, ENTRY, OUT, ENTRY).run(20)
    assert ways(play) == ["Arrived", "Entered", "Arrived", "BackedOff", "Arrived"]
    assert told(play) == ["turned_back"]


def test_the_exit_loop_tells_at_once_that_it_was_the_next_one():
    play = slipping(closed(wired=EXIT)).put(exit_loop=True).run(0.5)
    loops(play, BOTH, ENTRY).put(exit_loop=False).run(0.5)
    assert told(play) == ["passed_closed"]
    assert play.reported("VehicleCrossed")[0].sure > 0.99


def test_another_one_on_the_exit_loop_says_nothing():
    play = slipping(closed(wired=EXIT).put(exit_loop=True).run(0.5))
    loops(play, BOTH, ENTRY)
    assert told(play) == []


def test_the_next_one_that_is_admitted_is_not_the_one_under_the_arm():
    play = loops(slipping(), BOTH).authorise().run(2)
    play.put(safety_loop=False).run(3)
    assert play.barrier.claim.authorisation == "a1"
    assert ways(play) == ["Arrived", "Entered", "Arrived", "Crossed"]
    loops(play, BOTH, UNDER, OUT, OUT)
    assert play.reported("VehicleCrossed") == [CROSSED, VehicleCrossed("out1", "a1")]
    assert play.reported("TailgateSeen") == []


def test_the_one_before_has_passed_where_the_next_one_is_admitted():
    play = loops(slipping(), BOTH, ENTRY).authorise().run(1)
    assert ways(play) == ["Arrived", "Entered", "Arrived", "Crossed"]
    assert told(play) == ["passed_closed"]
    assert play.barrier.claim.authorisation == "a1"


def half_seen():
    """Closed, with one on the entry loop, who was missed there for a moment."""
    play = closed().put(entry_loop=True).run(0.5)
    for entry in (False, False, True, True):
        play.now += 0.04
        play.give(Sampled({**play.inputs, "entry_loop": entry}))
    return play


def test_who_is_under_the_arm_as_a_person_opens_it_has_passed_although_the_next_one_waits():
    play = loops(slipping(half_seen()), BOTH).order("open").run(2)
    assert play.barrier.crossing.inside
    loops(play, ENTRY).run(3)
    assert play.reported("VehicleCrossed") == [CROSSED]


def test_who_is_under_the_arm_as_it_goes_up_for_the_next_one_keeps_it_up():
    play = loops(slipping(half_seen()), BOTH).authorise().run(2)
    assert play.barrier.crossing.inside
    play.revoke().run(3)
    assert play.barrier.phase is Phase.OPEN
    loops(play, ENTRY).run(3)
    assert play.reported("VehicleCrossed") == [CROSSED]
    assert play.barrier.phase is Phase.CLOSED


def test_who_was_admitted_while_it_slipped_is_admitted_although_the_next_one_comes():
    play = slipping().authorise().put(safety_loop=False, entry_loop=True).run(3)
    assert play.reported("VehicleEntered") == [VehicleEntered("out1", "a1")]
    assert ways(play) == ["Arrived", "Arrived", "Entered"]
    play.authorise("a2").run(3)
    assert play.reported("VehicleCrossed") == [VehicleCrossed("out1", "a1")]


def test_the_next_one_that_comes_from_between_the_loops_as_the_arm_goes_up_uses_its_admission():
    for at_once in (True, False):
        play = loops(slipping(), BOTH, ENTRY, OUT).authorise()
        play.put(safety_loop=at_once).run(0.2)
        loops(play.put(safety_loop=True).run(2), OUT).run(3)
        assert play.reported("VehicleCrossed") == [CROSSED, VehicleCrossed("out1", "a1")]
        assert told(play) == ["passed_closed"]


def test_the_next_one_is_under_the_arm_as_soon_as_the_safety_loop_tells():
    play = loops(slipping(), BOTH, ENTRY, OUT).authorise().put(safety_loop=True)
    for _ in range(4):
        play.run()
        told_of = play.barrier.input_state.counts("safety_loop")
        assert play.barrier.crossing.inside == told_of
    assert told_of


def test_the_next_one_that_follows_while_the_arm_goes_up_uses_its_admission():
    play = loops(slipping(), BOTH).authorise().run(2)
    loops(play, UNDER, OUT, OUT)
    assert play.reported("VehicleCrossed") == [CROSSED, VehicleCrossed("out1", "a1")]


def test_what_was_seen_of_one_is_not_said_of_the_next():
    play = loops(slipping(), BOTH, ENTRY).authorise().run(2)
    assert play.barrier.green
    for step in (ENTRY, BOTH, UNDER):
        for _ in range(4):
            play.put(**{n: n in step for n in ENTRY | UNDER}).run()
            assert play.barrier.green
    play = loops(slipping(), BOTH).give(LineCrossed(True, 0.95))
    loops(play, ENTRY).authorise().run(2)
    loops(play, BOTH, ENTRY).run(2)
    assert play.reported("VehicleCrossed") == [CROSSED]


def test_how_sure_it_is_grows_with_what_has_seen_this_one():
    play = loops(closed(), *IN, OUT).run(3)
    assert play.reported("VehicleCrossed")[0].sure == 0.95
    loops(play, ENTRY, BOTH, UNDER, OUT).run(3)
    assert play.reported("VehicleCrossed")[1].sure == 0.9
    play = loops(Play(position=1.0).put(safety_loop=True).run(1), OUT).run(3).lifted(0.0).run(1)
    assert [f.sure for f in play.reported("VehicleCrossed")] == [0.0]
    loops(play, ENTRY, BOTH, UNDER, OUT).run(3)
    assert play.reported("VehicleCrossed")[1].sure == 0.9


@pytest.mark.parametrize("wired", [ALL, EXIT], ids=["loops", "exit loop"])
def test_who_comes_back_and_waits_has_passed_as_far_as_loops_know_and_not_where_an_exit_loop_does(
    wired,
):
    play = loops(slipping(closed(wired=wired)), BOTH, ENTRY).run(20)
    assert told(play) == ([] if "exit_loop" in wired else ["passed_closed"])
    loops(play, OUT).run(5)
    assert told(play) == (["turned_back"] if "exit_loop" in wired else ["passed_closed"])


def test_time_tells_where_another_one_stands_on_the_exit_loop():
    play = slipping(closed(wired=EXIT).put(exit_loop=True).run(0.5))
    loops(play, BOTH, ENTRY).run(20)
    assert told(play) == ["passed_closed"]


@pytest.mark.parametrize("wired", [ALL, EXIT], ids=["loops", "exit loop"])
def test_who_comes_back_after_a_while_has_turned_back_too(wired):
    play = loops(slipping(closed(wired=wired)).run(12), BOTH, ENTRY).run(8)
    loops(play, OUT).run(5)
    assert ways(play) == ["Arrived", "Entered", "Arrived", "BackedOff"]
    assert told(play) == ["turned_back"]


# --- nothing makes it forgotten ---


def test_who_slips_where_the_loops_lie_far_apart_has_not_backed_off():
    play = loops(closed(), ENTRY, OUT, UNDER, OUT).run(5)
    assert ways(play) == ["Arrived", "Entered", "Crossed"]
    assert told(play) == ["passed_closed"]


def test_who_is_admitted_just_as_it_has_slipped_is_told():
    play = slipping().authorise().run().put(safety_loop=False).run(3)
    assert ways(play) == ["Arrived", "Entered", "Crossed"]


def test_a_beam_alone_just_after_one_has_backed_off_is_nobody_who_slips():
    play = loops(closed(), ENTRY, OUT, {"photocell"}, OUT).run(5)
    assert ways(play) == ["Arrived", "BackedOff"]
    assert told(play) == []


@pytest.mark.parametrize("ends", ["stop", "lies"])
def test_who_goes_through_while_the_arm_may_not_move_is_told(ends):
    play = closed()
    if ends == "stop":
        play.put(stop=True)
    else:
        play.lies = dict.fromkeys(LIMIT_SWITCHES, True)
    loops(play.run(0.5), *IN, OUT).run(5)
    assert ways(play) == ["Arrived", "Entered", "Crossed"]
    assert "passed_closed" in told(play)


def test_who_goes_through_an_arm_that_is_out_of_service_is_told():
    play = loops(closed().order("out_of_service").run(0.5), *IN, OUT).run(5)
    assert ways(play) == ["Arrived", "Entered", "Crossed"]
    assert told(play) == ["passed_closed"]
    play = loops(opened_by_order().order("out_of_service").run(0.5), *IN, OUT).run(5)
    assert ways(play) == ["Arrived", "Entered", "Crossed"]
    assert told(play) == []
    play.order("in_service").run(10)
    assert play.pulses("close") == 0


def test_who_passes_an_arm_that_was_put_out_of_service_while_it_was_up_is_no_tailgater():
    play = loops(opened().order("out_of_service").run(0.5), *IN, OUT).run(5)
    loops(play, *IN, OUT).run(5)
    assert ways(play).count("Crossed") == 2
    assert play.reported("TailgateSeen") == []
    loops(play.order("in_service").run(0.5), *IN, OUT)
    assert len(play.reported("TailgateSeen")) == 1


@pytest.mark.parametrize("how", ["missed", "lost", "stop"])
def test_who_slips_while_nothing_is_read_or_a_stop_is_pressed_is_not_forgotten(how):
    play = slipping()
    if how == "lost":
        play.give(WireLost("unplugged"))
    else:
        play.put(stop=how == "stop").run(2, missed=how == "missed")
    play.put(safety_loop=False).run(5)
    assert ways(play) == ["Arrived", "Entered", "Crossed"]
    assert "passed_closed" in told(play)


# --- vision's line ---


def test_the_line_tells_at_once_who_has_gone_on():
    play = loops(slipping(), BOTH).give(LineCrossed(True, 0.95))
    assert ways(play) == ["Arrived", "Entered", "Arrived", "Crossed"]
    assert play.reported("VehicleCrossed")[0].sure > 0.99
    loops(play, ENTRY).run(20)
    assert told(play) == ["passed_closed"]


def test_the_line_tells_of_one_whom_nothing_under_the_arm_has_seen():
    play = loops(closed(), ENTRY, OUT).give(LineCrossed(True, 0.95)).run(5)
    assert ways(play) == ["Arrived", "Entered", "Crossed"]
    assert told(play) == ["passed_closed"]


def test_the_line_tells_of_one_with_the_next_so_close_that_the_entry_loop_has_no_break():
    play = loops(closed(), ENTRY, BOTH).give(LineCrossed(True, 0.95))
    assert ways(play) == ["Arrived", "Entered", "Arrived", "Crossed"]
    assert play.reported("VehicleCrossed")[0].sure > 0.99
    loops(play, ENTRY).run(20)
    assert told(play) == ["passed_closed"]
    loops(play, BOTH, UNDER, OUT).run(5)
    assert ways(play)[4:] == ["Entered", "Crossed"]


@pytest.mark.parametrize("forward", [False, True])
def test_the_line_says_nothing_of_one_who_has_not_been_under_the_arm(forward):
    play = loops(closed(), ENTRY).give(LineCrossed(forward, 0.95)).run(5)
    assert ways(play) == ["Arrived"]
    play = loops(closed(), ENTRY, BOTH).give(LineCrossed(False, 0.95)).run(5)
    assert ways(play) == ["Arrived"]
    assert ways(loops(closed(), UNDER).give(LineCrossed(forward, 0.95)).run(2)) == []
    play = opened().put(photocell=True).run(0.3).give(LineCrossed(forward, 0.95))
    assert ways(play) == ["Arrived"]


@pytest.mark.parametrize("forward", [False, True])
def test_the_line_says_nothing_of_one_who_never_came(forward):
    play = loops(closed(), OUT).give(LineCrossed(forward, 0.95)).run(5)
    assert ways(play) == []
    assert told(play) == []


def test_whom_the_line_saw_go_back_has_turned_back():
    play = slipping().give(LineCrossed(False, 0.95)).run(0.5)
    loops(play, OUT).run(5)
    assert ways(play) == ["Arrived", "BackedOff"]
    assert told(play) == ["turned_back"]
    play = loops(slipping(), BOTH).give(LineCrossed(False, 0.95)).run(0.5)
    loops(play, ENTRY).run(20)
    assert ways(play) == ["Arrived", "Entered", "Arrived"]
    assert told(play) == ["turned_back"]
    loops(play, OUT).run(5)
    assert ways(play)[3:] == ["BackedOff"]


def test_where_no_entry_loop_is_wired_nobody_slips():
    play = loops(closed(unwired=("entry_loop",)), UNDER, OUT).run(5)
    assert ways(play) == []
