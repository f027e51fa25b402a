"""One contract for every board: the real driver on a real wire against the board's twin."""

import threading
import time
from types import SimpleNamespace

import pytest

from edge.barrier.boards.modbus import ModbusBoard
from edge.barrier.guard.wire_loop import WireGuards
from edge.barrier.wires.modbus import rtu
from edge.barrier.wires.port import NoAnswer, WireGone
from edge.barrier.wires.serial import SerialLine
from edge.barrier.wires.tcp import TcpLine
from edge.config import BarrierConfig
from edge.config.board import BoardError, InputsProfile, WatchdogProfile, profile
from edge.gate.alarm_texts import alarm_text
from edge.system.clock import SystemClock
from simulator.barrier import modbus_board as twin
from simulator.barrier.bad_wires import (
    EVERY,
    Clean,
    Doubled,
    Echo,
    Garbage,
    Late,
    Refusal,
    WrongAddress,
    name_of,
)
from simulator.barrier.tcp_gateway import TcpGateway
from tests.support.boards_play import Bench
from tests.support.waiting import wait_for

OUTPUTS = {"open": 1, "close": 2, "stop": 3}
INPUTS = {"entry_loop": 1, "safety_loop": 2, "stop": 6}


IN_REGISTERS = {
    "registers": InputsProfile(function=3, count=20),
    "each": InputsProfile(function=4, count=8, packing="each"),
}


def described(make):
    """The profile of a board; those whose inputs lie in registers are else plain."""
    if make in IN_REGISTERS:
        return profile("generic").model_copy(update={"inputs": IN_REGISTERS[make]})
    return profile(make)


@pytest.fixture(
    params=[
        "waveshare",
        "lctech",
        "laskakit",
        "r421a",
        "waveshare-tcp",
        "generic",
        "registers",
        "each",
    ]
)
def rig(request):
    make = request.param.removesuffix("-tcp")
    bench = Bench()
    kind = "waveshare" if make == "generic" else make
    board = twin.Board(bench, OUTPUTS, INPUTS, ("stop",), kind)
    if request.param.endswith("-tcp"):
        server = TcpGateway({5: board})
        server.start()
        line = TcpLine("127.0.0.1", server.port, answer_s=3.0)
    else:
        server = twin.SerialBoards({5: board})
        server.start()
        line = SerialLine(server.port, 9600, 0.1, answer_s=3.0)
    line.open()
    driver = ModbusBoard(line, 5, described(make), OUTPUTS, INPUTS, ("stop",))
    yield SimpleNamespace(bench=bench, driver=driver, line=line, server=server, make=make)
    line.close()
    server.stop()


def test_inputs_come_with_their_names_and_senses(rig):
    assert rig.driver.read_inputs() == {"entry_loop": False, "safety_loop": False, "stop": False}
    rig.bench.inputs["safety_loop"] = True
    assert rig.driver.read_inputs()["safety_loop"] is True


def test_a_normally_closed_stop_reads_pressed_when_its_wire_breaks(rig):
    rig.bench.inputs["stop"] = True
    assert rig.driver.read_inputs()["stop"] is True


def test_a_pulse_energises_one_relay_once_and_ends(rig):
    rig.driver.pulse("close", 0.3)

    def ended():
        rig.driver.tend(time.monotonic())
        return len(rig.bench.log) == 2

    wait_for(ended)
    assert [(o, on) for o, on, _ in rig.bench.log] == [("close", True), ("close", False)]


def test_a_flash_on_board_ends_the_pulse_although_its_controller_is_gone(rig):
    if not described(rig.make).board_ends_pulses:
        pytest.skip("this board has no pulse of its own, and its profile says so")
    rig.driver.pulse("open", 0.3)
    rig.line.close()
    wait_for(lambda: len(rig.bench.log) == 2)


def test_outputs_are_switched_on_and_off(rig):
    rig.driver.set("stop", True)
    rig.driver.set("stop", False)
    assert [(o, on) for o, on, _ in rig.bench.log] == [("stop", True), ("stop", False)]


def test_a_board_that_is_not_there_is_no_answer(rig):
    other = ModbusBoard(rig.line, 9, described(rig.make), OUTPUTS, INPUTS, ())
    with pytest.raises(NoAnswer):
        other.read_inputs()


def test_a_port_that_is_not_there_names_place_and_cure():
    with pytest.raises(WireGone, match=r"ttyNONE.*adapter"):
        SerialLine("/dev/ttyNONE", 9600, 0.1).open()


def test_a_port_in_use_is_told(rig):
    if not isinstance(rig.line, SerialLine):
        pytest.skip("a network board serves several")
    with pytest.raises(WireGone, match="in use"):
        SerialLine(rig.server.port, 9600, 0.1).open()


@pytest.mark.parametrize(
    ("fault", "cure"),
    [
        (Garbage(1.0), "baud rate"),
        (Refusal(1.0), "right profile"),
        (WrongAddress(1.0), "board 4 answers for board 5; give each its own address"),
        (Echo(bytes.fromhex("05 02 00 00 00 08 78 48")), "echo"),
    ],
    ids=["wrong baud", "wrong profile", "another address", "echo"],
)
def test_what_is_wrong_with_the_answers_is_said_with_lane_port_and_cure(fault, cure):
    """Through the whole guard: the alarm that a technician reads."""
    server = twin.SerialBoards({5: twin.Board(Bench(), OUTPUTS, INPUTS, ("stop",))})
    server.fault = fault
    server.start()
    config = BarrierConfig(wire="bus", address=5, outputs=OUTPUTS, inputs=INPUTS)
    line = SerialLine(server.port, 9600, 0.1)
    driver = ModbusBoard(line, 5, profile("waveshare"), OUTPUTS, INPUTS, ("stop",))
    guards = WireGuards(line, [("out1", config, driver)], SystemClock())
    alarms = []
    guards.start(alarms.append)
    try:
        wait_for(lambda: any(getattr(f, "code", "") == "wire_lost" for f in alarms))
    finally:
        guards.stop()
        server.stop()
    lost = next(f for f in alarms if getattr(f, "code", "") == "wire_lost")
    text = alarm_text("en", lost.code, lost.variant, lost.params)
    assert "lane out1" in text
    assert server.port in text
    assert cure in text


def test_an_adapter_that_comes_back_as_another_device_is_found_by_its_name(tmp_path):
    """Unplugged under a running guard; the stable name then points to another device node."""
    link = tmp_path / "by-id"
    board = twin.Board(Bench(), OUTPUTS, INPUTS, ("stop",))
    first = twin.SerialBoards({5: board}, link)
    first.start()
    config = BarrierConfig(wire="bus", address=5, outputs=OUTPUTS, inputs=INPUTS)
    line = SerialLine(str(link), 9600, 0.1)
    driver = ModbusBoard(line, 5, profile("waveshare"), OUTPUTS, INPUTS, ("stop",))
    guards = WireGuards(line, [("out1", config, driver)], SystemClock())
    reported = []
    guards.start(reported.append)
    second = None
    try:
        wait_for(lambda: guards.guards["out1"].status().wire_ok)
        first.stop()
        wait_for(lambda: any(getattr(f, "code", "") == "wire_lost" and f.active for f in reported))
        second = twin.SerialBoards({5: board}, link)
        second.start()
        wait_for(lambda: guards.guards["out1"].status().wire_ok)
        moved = [pdu for _, _, pdu in second.seen if pdu[0] == 5 and pdu[1] == 2]
        assert moved == []
    finally:
        guards.stop()
        if second is not None:
            second.stop()


def test_two_services_on_one_port_are_told_with_lane_port_and_cure(rig):
    if not isinstance(rig.line, SerialLine):
        pytest.skip("a network board serves several")
    config = BarrierConfig(wire="bus", address=5, outputs=OUTPUTS, inputs=INPUTS)
    line = SerialLine(rig.server.port, 9600, 0.1)
    driver = ModbusBoard(line, 5, profile("waveshare"), OUTPUTS, INPUTS, ("stop",))
    guards = WireGuards(line, [("out1", config, driver)], SystemClock())
    alarms = []
    guards.start(alarms.append)
    try:
        wait_for(lambda: alarms)
    finally:
        guards.stop()
    assert "lane out1" in str(alarms[0].params)
    assert rig.server.port in str(alarms[0].params)
    assert "one service owns a line" in str(alarms[0].params)


def test_a_board_with_a_pulse_of_its_own_length_is_waited_for():
    assert profile("laskakit").lasts_s(0.5) == 1.0
    assert profile("waveshare").lasts_s(0.45) == 0.4
    with pytest.raises(BoardError, match=r"lasts 0\.1 s"):
        profile("waveshare").lasts_s(0.1)


def test_an_unknown_profile_lists_the_known_ones():
    with pytest.raises(BoardError, match="waveshare"):
        profile("no-such-board")


def test_a_late_answer_is_never_taken_for_the_next_one():
    """After a timeout the line must be silent before an answer counts (invariant 4)."""
    bench = Bench()
    server = twin.SerialBoards({1: twin.Board(bench, OUTPUTS, INPUTS, ())})
    server.fault = Late(1.0, 0.3)
    server.start()
    line = SerialLine(server.port, 9600, quiet_gap_s=1.5, answer_s=0.15)
    line.open()
    driver = ModbusBoard(line, 1, profile("waveshare"), OUTPUTS, INPUTS, ())
    with pytest.raises(NoAnswer):
        driver.read_inputs()
    bench.inputs["safety_loop"] = True
    server.fault = Clean()
    answers = []

    def answered():
        try:
            answers.append(driver.read_inputs()["safety_loop"])
        except NoAnswer:
            return False
        return True

    wait_for(answered)
    assert answers == [True]
    line.close()
    server.stop()


# A copy that comes while the next question is under way cannot be told from that one's answer:
# it lies for one poll, which is why "clear" takes two. test_faulty_wires judges what follows.
TELLABLE = [wire for wire in EVERY if wire != Doubled(seconds=0.02)]


@pytest.mark.parametrize("fault", TELLABLE, ids=name_of)
def test_a_bad_wire_gives_the_truth_or_nothing(fault):
    bench = Bench()
    server = twin.SerialBoards({1: twin.Board(bench, OUTPUTS, INPUTS, ())}, seed=5)
    server.fault = fault
    server.start()
    line = SerialLine(server.port, 9600, quiet_gap_s=0.2, answer_s=0.2)
    line.open()
    driver = ModbusBoard(line, 1, profile("waveshare"), OUTPUTS, INPUTS, ())
    for n in range(10):
        bench.inputs["entry_loop"] = n % 2 == 0
        try:
            assert driver.read_inputs()["entry_loop"] is (n % 2 == 0)
        except NoAnswer:
            continue
    server.fault = Clean()
    wait_for(lambda: _answers(driver))
    line.close()
    server.stop()


def _answers(driver):
    try:
        return bool(driver.read_inputs())
    except NoAnswer:
        return False


def test_an_unplugged_wire_is_gone_and_can_be_opened_again(rig):
    if not isinstance(rig.line, SerialLine):
        pytest.skip("serial only")
    rig.line.close()
    with pytest.raises(WireGone):
        rig.driver.read_inputs()
    rig.line.open()
    assert rig.driver.read_inputs()["stop"] is False


def test_the_product_reads_what_an_independent_master_writes():
    """pymodbus as oracle: the twin and our frames agree with a library neither knows."""
    from pymodbus.client import ModbusSerialClient

    bench = Bench()
    server = twin.SerialBoards({1: twin.Board(bench, OUTPUTS, INPUTS, ())})
    server.start()
    bench.inputs["safety_loop"] = True
    client = ModbusSerialClient(port=server.port, baudrate=9600, timeout=2)
    try:
        assert client.connect()
        answer = client.read_discrete_inputs(0, count=8, device_id=1)
        assert answer.bits[:2] == [False, True]
        client.write_coil(0, True, device_id=1)
        assert bench.log[0][:2] == ("open", True)
    finally:
        client.close()
        server.stop()
        assert threading.active_count() >= 1


class Paper:
    """A line that only writes down what is asked."""

    place = "paper"

    def __init__(self):
        self.frames = []

    def ask(self, address, request):
        self.frames.append(rtu(address, request).hex(" "))
        return bytes(1)


@pytest.mark.parametrize(
    ("make", "address", "pulse", "on", "off"),
    [
        (
            "waveshare",
            1,
            "01 05 02 00 00 05 0c 71",
            "01 05 00 00 ff 00 8c 3a",
            "01 05 00 00 00 00 cd ca",
        ),
        ("lctech", 255, "ff 10 00 03 00 02 04 00 04 00 05", "ff 05 00 00 ff 00", "ff 05 00 00"),
        ("laskakit", 1, "01 06 00 00 00 05", "01 05 00 00 ff 00", "01 05 00 00 00 00"),
        ("r421a", 1, "01 06 00 01 05 00", "01 06 00 01 01 00", "01 06 00 01 02 00"),
        ("generic", 1, "01 05 00 00 ff 00 8c 3a", "01 05 00 00 ff 00", "01 05 00 00 00 00"),
    ],
)
def test_each_profile_sends_its_boards_bytes(make, address, pulse, on, off):
    paper = Paper()
    board = ModbusBoard(paper, address, profile(make), OUTPUTS, {}, ())
    board.pulse("open", 0.5)
    board.set("open", True)
    board.set("open", False)
    for frame, start in zip(paper.frames, (pulse, on, off), strict=True):
        assert frame.startswith(start)


def test_a_board_with_a_fixed_pulse_keeps_the_dead_time_after_it():
    from edge.config import Settings
    from edge.config.channels import effective

    settings = Settings.model_validate(
        {
            "site": "s",
            "gate": "g",
            "wires": {"bus": {"kind": "serial", "port": "x"}},
            "lanes": {
                "a": {
                    "direction": "export",
                    "camera": {"source": "http://h/"},
                    "barrier": {"wire": "bus", "board": "r421a", "pulse_s": 0.3},
                }
            },
        }
    )
    assert effective(settings.lanes["a"].barrier, settings.wires).pulse_s == 1.0


def test_a_boards_watchdog_is_set_before_the_first_reading_and_after_a_failed_one():
    """A board that was without power has forgotten it."""
    watched = profile("generic").model_copy(
        update={"watchdog": WatchdogProfile(after_ms=1000, writes=((0x1120, 1000), (0x1122, 1)))}
    )
    asked = []

    class Wire:
        place = "paper"
        asked_at = 0.0
        silent = False

        def ask(self, address, request):
            asked.append(request.pdu.hex())
            if self.silent:
                raise NoAnswer("silent")
            return b"\x01\x00"

    wire = Wire()
    board = ModbusBoard(wire, 1, watched, OUTPUTS, {"stop": 1}, ())
    sets = ["06112003e8", "0611220001"]
    read = "0200000008"
    board.read_inputs()
    board.read_inputs()
    assert asked == [*sets, read, read]
    wire.silent = True
    with pytest.raises(NoAnswer):
        board.read_inputs()
    wire.silent = False
    asked.clear()
    board.read_inputs()
    assert asked == [*sets, read]


def test_a_board_with_a_watchdog_lets_no_contact_outlive_the_gate():
    assert not profile("generic").ends_pulses
    watched = profile("generic").model_copy(
        update={"watchdog": WatchdogProfile(after_ms=1000, writes=((1, 1),))}
    )
    assert watched.ends_pulses
