"""Modbus TCP on a scripted connection, in a time of its own."""

import socket
import struct

import pytest

from edge.barrier.wires.modbus import read_bits, write_coil
from edge.barrier.wires.port import NoAnswer, WireGone
from edge.barrier.wires.tcp import ANSWER_S, CONNECT_S, TcpLine

READ, WRITE = read_bits(2, 0, 8), write_coil(0, 0xFF00)
INPUTS = bytes((2, 1, 0b101))
WRITTEN = WRITE.pdu


def frame(number, pdu, unit=1, length=None):
    return struct.pack(">HHHB", number, 0, len(pdu) + 1 if length is None else length, unit) + pdu


class Connection:
    """`answers`: (seconds it takes, bytes), one for each reading; with none left it stays silent.
    Implements what the line uses of a socket."""

    def __init__(self, clock, answers=()):
        self.clock, self.answers = clock, list(answers)
        self.sent, self.options = [], {}
        self.timeout, self.closed = None, False

    def settimeout(self, seconds):
        assert seconds > 0
        self.timeout = seconds

    def setsockopt(self, level, name, value):
        self.options[level, name] = value

    def sendall(self, data):
        self.sent.append(data)

    def recv(self, size):
        took, data = self.answers.pop(0) if self.answers else (1e9, b"")
        if took > self.timeout + 1e-9 and data is not STOOD:
            self.clock[0] += self.timeout
            raise TimeoutError
        self.clock[0] += took
        if data is STOOD:
            return frame(1, INPUTS)
        if isinstance(data, Exception):
            raise data
        assert len(data) <= size
        return data

    def close(self):
        self.closed = True


STOOD = object()
"""The answer was there; the computer stood still while it was fetched."""


def a_line(*answers):
    clock = [50.0]
    made = []

    def connect(address, seconds):
        assert (address, seconds) == (("10.0.0.5", 502), CONNECT_S)
        made.append(Connection(clock, answers))
        return made[-1]

    line = TcpLine("10.0.0.5", 502, connect=connect, now=lambda: clock[0])
    line.open()
    return line, made, clock


def test_an_answer_with_its_number_is_the_answer():
    line, (connection,), _ = a_line((0.02, frame(1, INPUTS)))
    assert line.ask(1, READ) == b"\x01\x05"
    assert connection.sent == [frame(1, READ.pdu)]
    assert line.asked_at == 50.0


def test_an_answer_may_come_in_pieces_and_two_at_once():
    whole = frame(1, INPUTS)
    line, _, _ = a_line(
        *((0.01, bytes([b])) for b in whole[:-1]), (0.01, whole[-1:] + frame(2, INPUTS))
    )
    assert line.ask(1, READ) == b"\x01\x05"
    assert line.ask(1, READ) == b"\x01\x05"


def test_a_piece_that_is_held_is_the_beginning_of_a_late_answer_and_not_of_the_next():
    late = frame(1, bytes((2, 1, 0xFF)))
    line, _, _ = a_line((0.1, late[:5]), (9.0, b""), (0.01, late[5:] + frame(2, INPUTS)))
    with pytest.raises(NoAnswer):
        line.ask(1, READ)
    assert line.ask(1, READ) == b"\x01\x05"


def test_a_late_answer_to_an_earlier_question_is_passed_over():
    line, _, _ = a_line((9.0, b""), (0.05, frame(1, bytes((2, 1, 0xFF)))), (0.05, frame(2, INPUTS)))
    with pytest.raises(NoAnswer, match="does not answer"):
        line.ask(1, READ)
    assert line.ask(1, READ) == b"\x01\x05"


def test_answers_to_others_do_not_prolong_the_wait():
    others = [(0.1, frame(77, INPUTS)) for _ in range(9)]
    line, _, clock = a_line(*others)
    with pytest.raises(NoAnswer):
        line.ask(1, READ)
    assert clock[0] <= 50.0 + ANSWER_S + 1e-6


def test_a_reading_that_lay_there_while_the_computer_stood_still_is_none():
    line, _, _ = a_line((3.0, STOOD))
    with pytest.raises(NoAnswer):
        line.ask(1, READ)


def test_a_little_late_is_not_lost():
    line, _, _ = a_line((ANSWER_S + 0.05, STOOD))
    assert line.ask(1, READ) == b"\x01\x05"


def test_a_reading_without_an_answer_keeps_the_connection():
    line, (connection,), _ = a_line()
    with pytest.raises(NoAnswer, match=r"10\.0\.0\.5:502"):
        line.ask(1, READ)
    assert not connection.closed


def test_a_write_without_an_answer_ends_the_connection_and_throws_away_what_waits():
    line, made, _ = a_line()
    with pytest.raises(WireGone):
        line.ask(1, WRITE)
    assert made[0].closed
    assert made[0].options[socket.SOL_SOCKET, socket.SO_LINGER] == struct.pack("ii", 1, 0)
    assert made[0].options[socket.IPPROTO_TCP, socket.TCP_NODELAY] == 1
    with pytest.raises(WireGone):
        line.ask(1, WRITE)
    assert len(made[0].sent) == 1


def test_an_answered_write_keeps_it():
    line, (connection,), _ = a_line((0.02, frame(1, WRITTEN)))
    line.ask(1, WRITE)
    assert not connection.closed


def test_a_write_whose_answer_was_fetched_late_is_answered():
    line, (connection,), _ = a_line((3.0, STOOD))
    with pytest.raises(NoAnswer):
        line.ask(1, WRITE)
    assert not connection.closed, "it is another function's answer; the connection is sound"


@pytest.mark.parametrize(
    "data",
    [b"", OSError("reset"), frame(1, INPUTS, length=1), frame(1, INPUTS, length=261)],
)
def test_an_end_of_the_connection_or_what_is_no_modbus_is_a_gone_wire(data):
    line, _, _ = a_line((0.01, data))
    with pytest.raises(WireGone):
        line.ask(1, READ)


def test_the_longest_frame_is_still_one():
    line, _, _ = a_line((0.01, frame(1, bytes((0x82, 2)))))
    with pytest.raises(NoAnswer):
        line.ask(1, READ)


def test_another_boards_answer_is_none():
    line, _, _ = a_line((0.01, frame(1, INPUTS, unit=2)))
    with pytest.raises(NoAnswer, match="2"):
        line.ask(1, READ)


def test_opened_anew_nothing_of_before_is_held_and_the_old_connection_is_closed():
    line, made, _ = a_line((0.1, frame(1, INPUTS)[:9]))
    with pytest.raises(NoAnswer):
        line.ask(1, READ)
    line.open()
    assert made[0].closed
    made[1].answers = [(0.01, frame(2, INPUTS))]
    assert line.ask(1, READ) == b"\x01\x05"


def test_a_place_that_cannot_be_reached_is_a_gone_wire():
    def connect(address, seconds):
        raise OSError("no route")

    line = TcpLine("10.0.0.5", 502, connect=connect)
    with pytest.raises(WireGone, match="no route"):
        line.open()
    assert "closed" in repr(line)


def test_an_open_line_says_so():
    assert "open" in repr(a_line()[0])


def test_a_closed_line_says_nothing_and_closing_twice_is_nothing():
    line, (connection,), _ = a_line()
    line.close()
    line.close()
    with pytest.raises(WireGone):
        line.ask(1, READ)
    assert connection.sent == []
