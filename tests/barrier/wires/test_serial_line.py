"""The serial line by itself, on a wire in memory: whose answer is believed, and when."""

import random

import pytest

from edge.barrier.wires import serial
from edge.barrier.wires.modbus import read_bits, rtu, write_coil
from edge.barrier.wires.port import NoAnswer, WireGone
from edge.barrier.wires.serial import KNOWN_AFTER, LEAST_WAIT_S, SerialLine, cure
from edge.system.causes import cause
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


def test_it_counts_although_the_computer_stood_still_meanwhile():
    """It repeats what was written, so it can belong to nothing else."""
    stand = Stand().opened()
    read = stand.port.read

    def stood_still(size):
        stand.clock.mono += 3.0
        return read(size)

    stand.port.read = stood_still
    assert stand.line.ask(1, write_coil(2, 0xFF00))


# --- what is told ---


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[Errno 2] could not open port x", "no_such_port"),
        ("could not open port x: No such file or directory", "no_such_port"),
        ("[Errno 13] Permission denied: 'x'", "no_permission"),
        ("[Errno 22] refused", "not_this_baud"),
        ("(22, 'refused')", "not_this_baud"),
        ("Invalid argument", "not_this_baud"),
        ("(25, 'refused')", "no_serial_port"),
        ("[Errno 25] Inappropriate ioctl for device", "no_serial_port"),
        ("Could not exclusively lock port x", "in_use"),
        ("[Errno 11] Resource temporarily unavailable", "in_use"),
        ("[Errno 16] Device or resource Busy", "in_use"),
        ("[Errno 5] refused", "adapter_gone"),
        ("(5, 'Input/output error')", "adapter_gone"),
        ("[Errno 6] refused", "adapter_gone"),
        ("device disconnected?", "adapter_gone"),
        ("[Errno 9] refused", "adapter_gone"),
    ],
)
def test_a_port_that_fails_is_told_with_what_to_do(text, code):
    more = {"group": "dialout"} if code == "no_permission" else {}
    more |= {"error": text} if code == "adapter_gone" else {}
    assert cure("x", OSError(text)) == cause(f"wire.{code}", place="x", **more)


@pytest.mark.parametrize("text", ["[Errno 71] Protocol error", "[Errno 59] x", "[Errno 28] x"])
def test_what_is_not_known_is_told_as_it_is(text):
    assert cure("x", OSError(text)) == cause("other", place="x", error=text)


def test_a_line_says_whether_it_is_open_and_is_gone_when_it_is_not():
    stand = Stand()
    assert "closed" in repr(stand.line)
    with pytest.raises(WireGone, match="not open"):
        stand.occupied()
    stand.opened()
    assert "open" in repr(stand.line)
    stand.line.close()
    stand.line.close()
    assert "closed" in repr(stand.line)
    with pytest.raises(WireGone):
        stand.occupied()


def test_the_port_is_opened_as_the_line_was_told(monkeypatch):
    opened = []
    monkeypatch.setattr(serial, "device", lambda *how: opened.append(how))
    SerialLine("/dev/x", 19200, GAP_S, 0.4, parity="even", stop_bits=2).open()
    assert opened == [("/dev/x", 19200, 0.4, "even", 2)]


def told(stand, answer):
    """Why an answer does not count."""
    stand.port.fault = lambda frame, rng: [] if answer is None else [(0.01, answer)]
    with pytest.raises(NoAnswer) as failed:
        stand.occupied()
    return str(failed.value)


def test_a_silent_board_an_echo_and_nonsense_are_told_apart():
    stand = Stand().opened()
    asked = rtu(1, INPUTS)
    assert "does not answer" in told(stand, None)
    assert "echo" in told(stand, asked[:6])
    assert "echo" not in told(stand, b"\x01\x03" + bytes(4))
    assert "echo" not in told(stand, checksum(b""))


def test_a_refusal_is_told():
    body = bytes((1, 0x82, 2))
    assert "exception 2" in told(Stand().opened(), body + checksum(body))


def test_a_line_that_is_never_silent_is_given_up_within_its_patience():
    stand = Stand().opened()
    for n in range(200):
        stand.arrives(0.1 * n, b"x")
    began = stand.clock.mono
    with pytest.raises(NoAnswer, match="silent"):
        stand.occupied()
    assert stand.clock.mono - began <= (serial.PATIENCE + 1) * GAP_S + 0.1
