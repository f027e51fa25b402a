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
