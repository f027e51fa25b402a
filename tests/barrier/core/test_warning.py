"""The warning before the arm comes down: nothing comes down unwarned, and nothing else warns."""

from dataclasses import replace

from edge.barrier.core.table import Phase
from edge.barrier.wires.port import Pulse, Set
from tests.support.barrier.lane_play import LIMITS, closed, opened, opened_by_order

WARN_S = 2.0
LIMITS_OF = replace(LIMITS, warn_s=WARN_S)
ON, OFF = Set("warning", True), Set("warning", False)


def with_lamp(play):
    play.has({"open", "close", "stop", "warning"})
    return play


def said(play):
    """What was written of the warning and the close, in order."""
    return [
        w for w in play.writes if w in (ON, OFF) or (isinstance(w, Pulse) and w.output == "close")
    ]


def test_it_burns_for_its_time_before_the_close_and_until_the_arm_is_down():
    play = with_lamp(opened_by_order(limits=LIMITS_OF))
    play.order("close").run(WARN_S - 0.3)
    assert said(play) == [ON]
    assert play.barrier.phase is Phase.OPEN
    play.run(0.6)
    assert play.barrier.phase is Phase.CLOSING
    assert len(said(play)) == 2
    play.run(3)
    assert play.barrier.phase is Phase.CLOSED
    assert said(play)[-1] == OFF


def test_it_runs_beside_the_time_that_the_way_must_be_clear():
    play = with_lamp(opened(limits=replace(LIMITS_OF, clear_before_close_s=WARN_S))).vehicle()
    play.run(WARN_S + 0.8)
    assert play.barrier.phase is Phase.CLOSING


def test_what_comes_in_the_way_ends_it_and_the_next_begins_anew():
    play = with_lamp(opened(limits=LIMITS_OF)).vehicle().run(1.5)
    assert said(play) == [ON]
    play.put(photocell=True).run(0.3)
    assert said(play) == [ON, OFF]
    play.put(photocell=False).run(WARN_S - 0.5)
    assert said(play) == [ON, OFF, ON]
    assert play.barrier.phase is Phase.OPEN
    play.run(1.5)
    assert play.barrier.phase is Phase.CLOSING


def test_it_ends_when_the_arm_is_turned():
    play = with_lamp(opened(limits=LIMITS_OF)).vehicle().run(WARN_S + 0.8)
    assert play.barrier.phase is Phase.CLOSING
    play.put(safety_loop=True).run(0.3)
    assert play.barrier.phase is Phase.OPENING
    assert said(play)[-1] == OFF


def test_nobody_is_warned_while_it_is_green_or_nothing_is_due():
    play = with_lamp(opened(limits=LIMITS_OF)).run(5)
    assert play.barrier.green
    assert said(play) == []
    play = with_lamp(closed(limits=LIMITS_OF)).order("open").run(5)
    assert said(play) == []


def test_a_stopped_arm_warns_before_it_comes_down_too():
    play = with_lamp(opened(limits=LIMITS_OF)).order("stop").run(0.5)
    play.put(entry_loop=False).run(0.5)
    play.position, play.direction = 0.5, 0
    play.run(0.5)
    assert play.barrier.phase is Phase.STOPPED
    play.writes.clear()
    play.order("close").run(WARN_S - 0.4)
    assert said(play) == [ON]
    play.run(1)
    assert play.barrier.phase is Phase.CLOSING


def test_without_a_time_there_is_no_warning_and_no_wait():
    play = with_lamp(opened_by_order())
    play.order("close").run(1.0)
    assert play.barrier.phase is Phase.CLOSING
    assert len(said(play)) == 1


def test_without_a_lamp_the_time_is_waited_all_the_same():
    play = opened_by_order(limits=LIMITS_OF)
    play.order("close").run(WARN_S - 0.3)
    assert play.barrier.phase is Phase.OPEN
    assert said(play) == []
    play.run(0.6)
    assert play.barrier.phase is Phase.CLOSING


def test_an_arm_that_still_goes_up_warns_nobody():
    play = with_lamp(opened(limits=LIMITS_OF)).vehicle().run(WARN_S + 0.8)
    play.run(0.3).put(photocell=True).run(0.2).put(photocell=False).run(0.3)
    assert play.barrier.phase is Phase.OPENING
    assert said(play)[-1] == OFF
