"""One of several wires: opened beside its owner, and again when it was lost."""

import threading
import time

import pytest

from edge.barrier.wires.port import NoAnswer, WireGone
from edge.barrier.wires.reconnecting import ReconnectingBoard, ReconnectingWire
from tests.support.waiting import wait_for


class Wire:
    """A wire whose opening takes until it is let go, and may fail."""

    place = "there"

    def __init__(self):
        self.let = threading.Event()
        self.fails = ""
        self.gone = ""
        self.opened = self.closed = 0

    def open(self):
        assert self.let.wait(30)
        self.opened += 1
        if self.fails:
            raise WireGone(self.fails)

    def close(self):
        self.closed += 1

    asked_at = None

    def read_inputs(self):
        if self.gone:
            raise WireGone(self.gone)
        return {"entry_loop": True}

    def tend(self, now):
        return ()


def reads(board):
    try:
        return board.read_inputs()
    except NoAnswer:
        return None


def test_an_opening_that_takes_long_is_waited_for_by_nobody():
    wire = Wire()
    reconnecting = ReconnectingWire(wire)
    board = ReconnectingBoard(wire, reconnecting)
    began = time.monotonic()
    reconnecting.open()
    with pytest.raises(NoAnswer, match="not open yet"):
        board.read_inputs()
    assert board.tend(0.0) == ()
    assert time.monotonic() - began < 5
    wire.let.set()
    wait_for(lambda: reads(board))


def test_a_lost_wire_is_told_by_its_cure_and_opened_again():
    wire = Wire()
    wire.let.set()
    reconnecting = ReconnectingWire(wire)
    board = ReconnectingBoard(wire, reconnecting)
    reconnecting.open()
    wait_for(lambda: reads(board))
    wire.gone = "there: plug it in"
    with pytest.raises(NoAnswer, match="plug it in"):
        board.read_inputs()
    assert wire.closed == 1
    wire.gone, wire.fails = "", "there: still not"
    wait_for(lambda: not reads(board) and wire.opened >= 2)
    wait_for(lambda: not reconnecting.ready())
    with pytest.raises(NoAnswer, match="still not"):
        board.read_inputs()
    wire.fails = ""
    wait_for(lambda: reads(board))


def test_a_wire_closed_while_it_opens_is_shut_when_it_has_opened():
    wire = Wire()
    reconnecting = ReconnectingWire(wire)
    reconnecting.open()
    reconnecting.close()
    wire.let.set()
    wait_for(lambda: wire.opened)
    wait_for(lambda: not reconnecting.ready() and wire.closed == 1)


def test_it_says_whether_it_is_open_and_else_why_not():
    wire = Wire()
    reconnecting = ReconnectingWire(wire)
    assert "closed" in repr(reconnecting)
    reconnecting.open()
    assert "not open yet" in repr(reconnecting)
    wire.let.set()
    wait_for(reconnecting.ready)
    assert repr(reconnecting).endswith("open>")


def test_closing_shuts_an_open_wire_once_and_one_that_is_not_open_never():
    wire = Wire()
    reconnecting = ReconnectingWire(wire)
    reconnecting.close()
    assert wire.closed == 0
    wire.let.set()
    reconnecting.open()
    wait_for(reconnecting.ready)
    reconnecting.close()
    reconnecting.close()
    assert wire.closed == 1
    assert not reconnecting.ready()
    assert wire.opened == 1


def test_a_wire_that_is_opening_is_left_to_the_thread_that_opens_it():
    wire = Wire()
    reconnecting = ReconnectingWire(wire)
    reconnecting._up = True
    reconnecting._opening = threading.Thread(target=wire.let.wait, daemon=True)
    reconnecting._opening.start()
    reconnecting.close()
    assert wire.closed == 0
    wire.let.set()
    wait_for(lambda: not reconnecting.ready() and wire.closed == 1)


def test_a_wire_that_could_not_be_opened_is_not_tried_again_at_once():
    wire = Wire()
    wire.let.set()
    wire.fails = "there: no"
    reconnecting = ReconnectingWire(wire)
    reconnecting.open()
    wait_for(lambda: wire.opened)
    reconnecting._again_at = time.monotonic() + 60
    wait_for(lambda: not reconnecting._opening.is_alive())
    reconnecting._again_at = time.monotonic() + 60
    assert not reconnecting.ready()
    assert reconnecting._opening is None
    assert wire.opened == 1
    reconnecting._again_at = 0.0
    reconnecting.ready()
    wait_for(lambda: wire.opened == 2)
