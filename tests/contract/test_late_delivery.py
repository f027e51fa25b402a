"""A command that was not answered is never delivered later, on any kind of wire (invariant 32)."""

import time
from types import SimpleNamespace

import pytest

from edge.barrier.boards import controlbyweb, onvif, shelly
from edge.barrier.boards.gpio import GpioBoard, GpioLine
from edge.barrier.boards.isapi import IsapiBarrier
from edge.barrier.boards.lane_part import LanePart
from edge.barrier.boards.lcus import LcusBoard
from edge.barrier.boards.modbus import ModbusBoard
from edge.barrier.boards.mqtt_cover import MqttCover
from edge.barrier.boards.tasmota import TasmotaBoard
from edge.barrier.wires.isapi import IsapiLine
from edge.barrier.wires.mqtt import MqttLine
from edge.barrier.wires.port import NoAnswer, Pulse, WireGone
from edge.barrier.wires.raw import TAKES_S, RawLine
from edge.barrier.wires.serial import SerialLine
from edge.barrier.wires.tcp import TcpLine
from edge.config import BarrierConfig, TasmotaConfig
from edge.config.board import profile
from edge.config.wires import ControlByWebWire, OnvifWire, ShellyWire
from simulator.barrier import isapi as isapi_twin
from simulator.barrier import modbus_board as twin
from simulator.barrier import mqtt_cover as cover_twin
from simulator.barrier import tasmota as tasmota_twin
from simulator.barrier.controlbyweb import ControlByWeb
from simulator.barrier.gpio import GpioChip
from simulator.barrier.onvif import Onvif
from simulator.barrier.shelly import Shelly
from simulator.barrier.tcp_gateway import TcpGateway
from tests.support.boards_play import Bench
from tests.support.dead_line import DeadLine
from tests.support.drivers_play import COVER, answers
from tests.support.waiting import wait_for

OUTPUTS = {"open": 1, "close": 2, "stop": 3}
INPUTS = {"entry_loop": 1, "safety_loop": 2, "stop": 6}


class Arm(Bench):
    """A Bench whose arm is up."""

    def __init__(self):
        super().__init__()
        self.inputs = {**self.inputs, "limit_open": True, "limit_closed": False}

    def energised(self, output):
        return [entry[0] for entry in self.log if entry[:2] == (output, True)]


def over(kind, line, bench, broker, folder):
    """(driver, wire, twin) with the dead line between gate and broker or device."""
    near = ("127.0.0.1", line.port)
    if kind == "tcp":
        wire = TcpLine(*near)
        board = ModbusBoard(wire, 1, profile("waveshare"), OUTPUTS, INPUTS, ("stop",))
        return board, wire
    if kind == "isapi":
        secret = folder / "secret"
        secret.write_text("12345abc\n")
        wire = IsapiLine(f"http://{near[0]}:{near[1]}", "admin", secret, 0.5, None)
        return IsapiBarrier(wire, 1), wire
    wire = MqttLine(*near)
    if kind == "cover":
        return MqttCover(wire, COVER), wire
    return TasmotaBoard(wire, TasmotaConfig(topic="relay"), OUTPUTS), wire


@pytest.fixture(params=["tcp", "cover", "tasmota"])
def dying(request, broker, tmp_path):
    bench, kind = Arm(), request.param
    if kind == "tcp":
        far = TcpGateway({1: twin.Board(bench, OUTPUTS, INPUTS, ("stop",))})
        target = ("127.0.0.1", far.port)
    else:
        target = (broker.host, broker.port)
        made = cover_twin.MqttCover if kind == "cover" else tasmota_twin.Tasmota
        more = ("arm",) if kind == "cover" else ("relay", OUTPUTS)
        far = made(bench, target, *more)
    far.start()
    line = DeadLine(target)
    driver, wire = over(kind, line, bench, broker, tmp_path)
    wire.open()
    wait_for(lambda: answers(driver))
    yield SimpleNamespace(driver=driver, wire=wire, line=line, bench=bench, far=far, kind=kind)
    wire.close()
    line.stop()
    far.stop()


def polled(driver, wire):
    """As a guard does; whether inputs came."""
    try:
        driver.tend(time.monotonic())
        driver.read_inputs()
    except NoAnswer:
        return False
    except WireGone:
        try:
            wire.open()
        except WireGone:
            time.sleep(0.05)
        return False
    return True


def said(driver, output):
    """Whether it went out, as far as anybody can know."""
    try:
        driver.pulse(output, 0.3)
    except (NoAnswer, WireGone):
        return False
    return True


def test_a_closing_written_as_the_line_dies_never_comes(dying):
    dying.line.alive.clear()
    said(dying.driver, "close")
    wait_for(lambda: not polled(dying.driver, dying.wire))
    # What is to revoke it is said again and again, and does not go out either.
    end = time.monotonic() + 3.0
    while time.monotonic() < end:
        polled(dying.driver, dying.wire)
        said(dying.driver, "open")
        time.sleep(0.05)
    dying.line.alive.set()
    wait_for(lambda: polled(dying.driver, dying.wire) and said(dying.driver, "stop"))
    wait_for(lambda: dying.bench.energised("stop"))
    assert dying.bench.energised("close") == []


def test_a_closing_that_an_isapi_device_did_not_get_in_time_never_comes(tmp_path, monkeypatch):
    monkeypatch.setattr("edge.barrier.wires.isapi.LATE_S", 1.0)
    bench = Arm()
    far = isapi_twin.Isapi({1: bench})
    far.start()
    port = int(far.url.rsplit(":", 1)[1].strip("/"))
    line = DeadLine(("127.0.0.1", port))
    driver, wire = over("isapi", line, bench, None, tmp_path)
    wire.open()
    try:
        wait_for(lambda: answers(driver))
        line.alive.clear()
        driver.pulse("close", 0.3)
        wait_for(lambda: not answers(driver))
        # The closing is given up; only then may the line come back.
        wait_for(lambda: not wire._session.channels[1].unsettled)
        line.alive.set()
        wait_for(lambda: answers(driver))
        driver.pulse("open", 0.3)
        wait_for(lambda: bench.energised("open"))
        assert bench.energised("close") == []
    finally:
        wire.close()
        line.stop()
        far.stop()


RELAYS = {
    "shelly": (shelly, ShellyWire, Shelly),
    "controlbyweb": (controlbyweb, ControlByWebWire, ControlByWeb),
    "onvif": (onvif, OnvifWire, Onvif),
}


@pytest.mark.parametrize("kind", RELAYS)
def test_a_closing_that_a_relay_behind_http_did_not_get_in_time_never_comes(kind, tmp_path):
    module, section, device = RELAYS[kind]
    bench = Arm()
    far = device(bench, OUTPUTS, password="12345abc")
    far.start()
    (tmp_path / "secret").write_text("12345abc\n")
    dead = DeadLine(("127.0.0.1", int(far.url.rsplit(":", 1)[1])))
    url = f"http://127.0.0.1:{dead.port}"
    keys = section(kind=kind, url=url, password_file=tmp_path / "secret", answer_s=0.9)
    wire = module.line(keys, [])
    driver = module.board(wire, LanePart(BarrierConfig(wire="w"), keys, OUTPUTS, {}))
    wire.open()
    try:
        wait_for(lambda: answers(driver))
        dead.alive.clear()
        driver.pulse("close", 0.3)
        told = []
        wait_for(lambda: told.extend(driver.tend(time.monotonic())) or told)
        assert told == [(Pulse("close", 0.3), False)]
        wait_for(lambda: not answers(driver))
        dead.alive.set()
        wait_for(lambda: answers(driver))
        driver.pulse("open", 0.3)
        wait_for(lambda: bench.energised("open"))
        assert bench.energised("close") == []
    finally:
        wire.close()
        dead.stop()
        far.stop()


class Blocked:
    """A serial adapter that takes nothing. Implements serial.Port."""

    timeout = 0.0
    in_waiting = 0

    def __init__(self):
        self.held = b""

    @property
    def out_waiting(self):
        return len(self.held)

    def read(self, size):
        return b""

    def write(self, data):
        self.held += data
        return len(data)

    def reset_input_buffer(self):
        pass

    def reset_output_buffer(self):
        self.held = b""

    def close(self):
        pass


def test_what_a_serial_adapter_still_holds_of_an_unanswered_command_is_thrown_away():
    port = Blocked()
    line = SerialLine("port", 9600, 0.05, answer_s=0.05, connect=lambda: port)
    line.open()
    board = ModbusBoard(line, 1, profile("waveshare"), OUTPUTS, INPUTS, ())
    with pytest.raises(NoAnswer):
        board.pulse("close", 0.3)
    assert port.held == b""


def test_what_an_lcus_adapter_does_not_take_is_thrown_away_and_told(monkeypatch):
    port = Blocked()
    monkeypatch.setattr("edge.barrier.wires.raw.device", lambda *given: port)
    line = RawLine("port", 9600)
    line.open()
    board = LcusBoard(line, OUTPUTS)
    board.pulse("close", 0.3)
    board.read_inputs()
    time.sleep(TAKES_S + 0.05)
    with pytest.raises(WireGone, match="takes nothing"):
        board.pulse("open", 0.3)
    assert port.held == b""


def test_a_closing_that_a_pin_did_not_take_never_comes():
    bench = Arm()
    chip = GpioChip(bench, OUTPUTS, INPUTS, ("stop",))
    line = GpioLine(chip.path, chip.request)
    board = GpioBoard(line, OUTPUTS, INPUTS, ("stop",))
    line.open()
    chip.gone = True
    with pytest.raises(WireGone):
        board.pulse("close", 0.3)
    chip.gone = False
    line.open()
    board.tend(time.monotonic() + 10)
    board.read_inputs()
    board.pulse("open", 0.3)
    assert bench.energised("open")
    assert bench.energised("close") == []


def test_an_answer_that_lay_in_the_buffer_while_the_computer_stood_still_is_none():
    """The answer is there; whoever reads it was stopped in between."""
    from edge.barrier.wires.modbus import crc16, read_bits

    now = [100.0]

    class Paused(Blocked):
        answer = b""

        def write(self, data):
            body = bytes([1, 2, 1, 0])
            self.answer = body + crc16(body)
            return len(data)

        def read(self, size):
            if self.answer:
                now[0] += 3.0
            got, self.answer = self.answer[:size], self.answer[size:]
            if not got:
                now[0] += max(self.timeout, 0.001)
            return got

    line = SerialLine("port", 9600, 0.05, connect=Paused, now=lambda: now[0])
    line.open()
    with pytest.raises(NoAnswer, match=r"only after 3\.0 s"):
        line.ask(1, read_bits(2, 0, 8))
