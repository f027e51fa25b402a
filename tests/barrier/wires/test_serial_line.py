"""The serial line by itself, on a wire in memory: whose answer is believed, and when."""

import random

import pytest

from edge.barrier.wires.modbus import read_bits, write_coil
from edge.barrier.wires.port import NoAnswer
from edge.barrier.wires.serial import KNOWN_AFTER, LEAST_WAIT_S, SerialLine
from simulator.barrier.bad_wires import Clean, Doubled, Late, Loss, checksum
from simulator.barrier.modbus_board import Board
from tests.support.barrier.lane_truth import CONFIG, Lane
from tests.support.barrier.memory_wire import Clock, MemoryPort

GAP_S = 0.3
INPUTS = read_bits(2, 0, 8)


class Stand:
    """A line with one board on whose safety loop a vehicle stands."""

    def __init__(self):
        self.clock = Clock()
        lane = Lane(self.clock, CONFIG.dead_time_s)
        lane.put(safety_loop=True)
        board = Board(lane, CONFIG.outputs, CONFIG.inputs, CONFIG.inverted)
        board.clock = lambda: self.clock.mono
        self.port = MemoryPort(self.clock, {1: board}, random.Random(1))
        self.line = SerialLine(
            "memory", 9600, GAP_S, connect=lambda: self.port, now=lambda: self.clock.mono
        )

    def opened(self):
        self.line.open()
        return self

    def arrives(self, after_s, data):
        self.port.coming.append((self.clock.mono + after_s, data))

    def occupied(self):
        """What the line says of the safety loop."""
        return bool(self.line.ask(1, INPUTS)[1] >> (CONFIG.inputs["safety_loop"] - 1) & 1)

    def asked_at(self):
        return [at for at, _, pdu in self.port.seen if pdu[0] == 2]


def free():
    """An answer of before: nothing is on."""
    body = bytes((1, 2, 1, 0))
    return body + checksum(body)


@pytest.mark.parametrize("after_s", [0.05, 0.25])
def test_an_answer_to_a_question_of_before_the_line_was_opened_is_not_believed(after_s):
    stand = Stand().opened()
    stand.arrives(after_s, free())
    assert stand.occupied()
    assert stand.clock.mono >= 1000 + after_s + GAP_S


def test_after_more_bytes_than_an_answer_the_line_is_silent_before_the_next_question():
    stand = Stand().opened()
    assert stand.occupied()
    stand.port.fault = Doubled(1.0)
    with pytest.raises(NoAnswer, match="more bytes"):
        stand.occupied()
    stand.port.fault, failed_at = Clean(), stand.clock.mono
    assert stand.occupied()
    assert stand.asked_at()[-1] >= failed_at + GAP_S


def test_a_copy_of_an_answer_costs_one_quiet_gap():
    stand = Stand().opened()
    assert stand.occupied()
    stand.port.fault = Doubled(1.0)
    with pytest.raises(NoAnswer):
        stand.occupied()
    stand.port.fault, failed_at = Clean(), stand.clock.mono
    stand.occupied()
    assert stand.clock.mono - failed_at < GAP_S + 0.05


def test_bytes_that_nobody_asked_for_make_the_line_dirty():
    stand = Stand().opened()
    assert stand.occupied()
    stand.arrives(0.0, free())
    with pytest.raises(NoAnswer, match="nobody asked"):
        stand.occupied()
    failed_at = stand.clock.mono
    assert stand.occupied()
    assert stand.asked_at()[-1] >= failed_at + GAP_S


def test_a_late_answer_is_not_taken_for_the_next_one():
    stand = Stand().opened()
    stand.occupied()
    stand.port.fault = Late(1.0, seconds=0.25)
    with pytest.raises(NoAnswer):
        stand.occupied()
    stand.port.fault = Clean()
    stand.port.boards[1].inputs = {}
    assert stand.asked_at()[-1] < stand.clock.mono
    stand.line.ask(1, INPUTS)
    assert stand.asked_at()[-1] >= stand.asked_at()[-2] + 0.25 + GAP_S


def waited(stand):
    began = stand.clock.mono
    with pytest.raises(NoAnswer):
        stand.occupied()
    return stand.clock.mono - began


def test_a_lost_answer_of_a_board_that_is_known_to_be_quick_is_given_up_soon():
    stand = Stand().opened()
    stand.port.fault = Loss(1.0)
    assert waited(stand) == pytest.approx(GAP_S + 0.2, abs=0.02)
    stand.port.fault = Clean()
    for _ in range(KNOWN_AFTER):
        stand.occupied()
    stand.port.fault = Loss(1.0)
    assert waited(stand) == pytest.approx(LEAST_WAIT_S + 0.01, abs=0.02)


def test_the_answer_to_what_was_written_gets_all_its_time():
    stand = Stand().opened()
    for _ in range(KNOWN_AFTER):
        stand.occupied()
    stand.port.fault = Late(1.0, seconds=0.15)
    assert stand.line.ask(1, write_coil(2, 0xFF00))
