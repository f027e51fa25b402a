"""A wire as its owner thread holds it, on a clock that is moved by hand."""

import pytest

from edge.barrier.guard.link import START_S, STOOD_S, WireLink
from edge.barrier.wires.port import REOPEN, NoAnswer, WireGone
from edge.system.clock import ManualClock


class Wire:
    place = "there"

    def __init__(self):
        self.opened = self.closed = 0
        self.fails = False

    def open(self):
        self.opened += 1
        if self.fails:
            raise WireGone("there: plug it in")

    def close(self):
        self.closed += 1


class Stand:
    def __init__(self):
        self.clock, self.wire, self.lost = ManualClock(), Wire(), []
        self.link = WireLink(self.wire, self.clock)

    def connect(self, after_s=0.0):
        self.clock.advance(after_s)
        return self.link.connect(self.lost.append)


def gone():
    raise WireGone("there: hung up")


def test_it_is_opened_once_and_says_so_once():
    stand = Stand()
    assert stand.connect()
    assert stand.link.open
    assert not stand.connect()
    assert stand.wire.opened == 1
    assert stand.lost == []
    assert repr(stand.link).endswith("open>")


def test_a_wire_that_cannot_be_opened_is_told_and_tried_again_after_its_pause():
    stand = Stand()
    stand.wire.fails = True
    assert not stand.connect()
    assert stand.lost == ["there: plug it in"]
    assert not stand.link.open
    assert "closed" in repr(stand.link)
    assert not stand.connect(0.9 * REOPEN.first_s)
    assert stand.wire.opened == 1
    stand.connect(REOPEN.first_s)
    assert stand.wire.opened == 2
    for _ in range(20):
        stand.connect(REOPEN.pause_s(20) + 1)
    stand.wire.fails = False
    assert stand.connect(REOPEN.pause_s(20) + 1)


def test_after_it_was_open_the_pauses_begin_anew():
    stand = Stand()
    stand.wire.fails = True
    for _ in range(6):
        stand.connect(REOPEN.pause_s(20) + 1)
    stand.wire.fails = False
    assert stand.connect(REOPEN.pause_s(20) + 1)
    stand.clock.advance(STOOD_S)
    stand.link.over(gone)
    stand.wire.fails = True
    assert not stand.connect()
    tried = stand.wire.opened
    stand.connect(1.5 * REOPEN.first_s)
    assert stand.wire.opened == tried + 1


def test_a_loss_is_told_at_the_next_connect_once_with_its_cause():
    stand = Stand()
    stand.connect()
    stand.clock.advance(STOOD_S)
    assert stand.link.over(gone) is None
    assert not stand.link.open
    assert stand.wire.closed == 1
    assert "hung up" in repr(stand.link)
    assert stand.connect()
    assert stand.lost == ["there: hung up"]
    stand.connect()
    assert stand.lost == ["there: hung up"]


@pytest.mark.parametrize(("stood", "at_once"), [(STOOD_S + 0.01, True), (STOOD_S - 0.01, False)])
def test_a_wire_that_has_worked_is_opened_again_at_once_and_one_that_flickers_is_not(
    stood, at_once
):
    stand = Stand()
    stand.connect()
    stand.clock.advance(stood)
    stand.link.over(gone)
    assert stand.connect() is at_once
    assert stand.connect(REOPEN.first_s) is not at_once


def test_an_answer_that_does_not_come_leaves_it_open():
    def silent():
        raise NoAnswer("nothing")

    stand = Stand()
    stand.connect()
    assert stand.link.over(silent) is None
    assert stand.link.open
    assert stand.link.over(lambda: 7) == 7


def test_a_silent_board_is_excused_for_a_moment_after_the_opening():
    stand = Stand()
    stand.connect()
    stand.clock.advance(START_S - 0.01)
    assert stand.link.starts()
    stand.clock.advance(0.02)
    assert not stand.link.starts()


def test_a_wire_that_was_lost_with_an_arm_on_its_way_down_is_opened_again_without_a_pause():
    stand = Stand()
    stand.connect()
    stand.link.over(gone)
    assert not stand.connect()
    stand.link.hurry()
    assert stand.connect()
