"""One contract for the drivers that are not Modbus: each on its real wire against its twin."""

import threading
import time
from types import SimpleNamespace

import pytest

from edge.barrier.driver import NoAnswer, WireGone
from edge.barrier.gpio import GpioBoard, GpioLine
from edge.barrier.isapi import IsapiBarrier, IsapiLine
from edge.barrier.lcus import LcusBoard, frame
from edge.barrier.mqtt_cover import MqttCover
from edge.barrier.mqtt_line import MqttLine
from edge.barrier.raw_line import RawLine
from edge.barrier.tasmota import TasmotaBoard
from edge.config import CoverConfig, TasmotaConfig
from simulator.barrier import gpio as gpio_twin
from simulator.barrier import isapi as isapi_twin
from simulator.barrier import lcus as lcus_twin
from simulator.barrier import mqtt_cover as cover_twin
from simulator.barrier import tasmota as tasmota_twin
from simulator.broker import Embedded, Mosquitto

OUTPUTS = {"open": 1, "close": 2, "stop": 3}
INPUTS = {"entry_loop": 11, "safety_loop": 12, "stop": 13}
COVER = CoverConfig(command="arm/set", state="arm/state", availability="arm/availability")


class Bench:
    """Contacts on a table: remembers what was energised."""

    def __init__(self):
        self.inputs = {
            "entry_loop": False,
            "safety_loop": False,
            "stop": False,
            "limit_open": False,
            "limit_closed": True,
        }
        self.log = []

    def drive(self, output, on):
        self.log.append((output, on))

    def sense(self):
        return self.inputs

    def opened(self):
        self.inputs = {**self.inputs, "limit_open": True, "limit_closed": False}


def until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    kind = Mosquitto if Mosquitto.installed() else Embedded
    server = kind(tmp_path_factory.mktemp("broker"))
    server.start()
    yield server
    server.stop()


def made(kind, bench, broker, folder):
    """Driver, wire and twin of one kind."""
    if kind == "lcus":
        twin = lcus_twin.LcusRelays(bench, OUTPUTS)
        line = RawLine(twin.port, 9600)
        return LcusBoard(line, OUTPUTS), line, twin
    if kind == "cover":
        twin = cover_twin.MqttCover(bench, (broker.host, broker.port), "arm")
        line = MqttLine(broker.host, broker.port)
        return MqttCover(line, COVER), line, twin
    if kind == "tasmota":
        twin = tasmota_twin.Tasmota(bench, (broker.host, broker.port), "relay", OUTPUTS)
        line = MqttLine(broker.host, broker.port)
        return TasmotaBoard(line, TasmotaConfig(topic="relay"), OUTPUTS), line, twin
    if kind == "isapi":
        twin = isapi_twin.Isapi({1: bench})
        secret = folder / "secret"
        secret.write_text("12345abc\n")
        line = IsapiLine(twin.url, "admin", secret, 5.0, None)
        return IsapiBarrier(line, 1), line, twin
    twin = gpio_twin.GpioChip(bench, OUTPUTS, INPUTS, ("stop",))
    line = GpioLine("/dev/gpiochip0", twin.request)
    return GpioBoard(line, OUTPUTS, INPUTS, ("stop",)), line, twin


@pytest.fixture(params=["lcus", "cover", "tasmota", "isapi", "gpio"])
def rig(request, broker, tmp_path):
    bench = Bench()
    driver, line, twin = made(request.param, bench, broker, tmp_path)
    if request.param != "gpio":
        twin.start()
    line.open()
    until(lambda: answers(driver))
    yield SimpleNamespace(kind=request.param, bench=bench, driver=driver, line=line, twin=twin)
    line.close()
    if request.param != "gpio":
        twin.stop()


def answers(driver):
    try:
        driver.read_inputs()
    except NoAnswer:
        return False
    return True


def only(kinds, rig):
    if rig.kind not in kinds:
        pytest.skip("not of this kind")


def test_a_pulse_energises_one_contact_once_and_ends(rig):
    rig.driver.pulse("open", 0.3)

    def ended():
        rig.driver.tend(time.monotonic())
        return ("open", False) in rig.bench.log

    until(ended)
    assert rig.bench.log == [("open", True), ("open", False)]


def test_releasing_moves_nothing(rig):
    rig.driver.set("open", False)
    rig.driver.set("close", False)
    assert [entry for entry in rig.bench.log if entry[1]] == []


def test_a_wire_that_is_closed_is_gone_and_can_be_opened_again(rig):
    rig.line.close()
    with pytest.raises(WireGone):
        rig.driver.read_inputs()
    with pytest.raises(WireGone):
        rig.driver.pulse("open", 0.3)
    rig.line.open()
    until(lambda: answers(rig.driver))
    assert rig.bench.log == []


def test_lcus_frames_are_those_of_the_vendor():
    assert frame(1, True).hex(" ") == "a0 01 01 a2"
    assert frame(1, False).hex(" ") == "a0 01 00 a1"
    assert frame(2, True).hex(" ") == "a0 02 01 a3"
    assert frame(2, False).hex(" ") == "a0 02 00 a2"


def test_an_lcus_contact_stays_closed_when_its_controller_dies(rig):
    """Why it is for the bench only."""
    only(["lcus"], rig)
    rig.driver.pulse("open", 0.2)
    until(lambda: rig.bench.log)
    rig.line.close()
    time.sleep(0.4)
    assert rig.twin.relays == {1: True}


def test_a_tasmota_device_ends_the_pulse_although_its_controller_is_gone(rig):
    only(["tasmota"], rig)
    rig.driver.pulse("close", 0.4)
    rig.line.close()
    until(lambda: rig.bench.log == [("close", True), ("close", False)])


def test_a_tasmota_device_that_does_not_confirm_is_no_answer_and_nothing_is_repeated(rig):
    only(["tasmota"], rig)
    rig.twin.deaf = True
    with pytest.raises(NoAnswer, match="confirmed"):
        rig.driver.pulse("open", 0.4)
    rig.twin.deaf = False
    time.sleep(0.5)
    assert rig.bench.log == []


def test_a_cover_and_an_isapi_device_tell_the_ends_of_the_arm(rig):
    only(["cover", "isapi"], rig)
    until(
        lambda: (
            rig.driver.read_inputs() == {"limit_open": False, "limit_closed": True}
            or rig.driver.pulse("stop", 0.3)
        )
    )
    rig.bench.opened()
    until(lambda: rig.driver.read_inputs() == {"limit_open": True, "limit_closed": False})


def test_a_state_retained_before_the_gate_came_does_not_count(rig):
    only(["cover"], rig)
    rig.bench.opened()
    until(lambda: rig.driver.read_inputs()["limit_open"])
    rig.line.close()
    rig.line.open()
    until(lambda: answers(rig.driver))
    time.sleep(0.3)
    assert rig.driver.read_inputs() == {"limit_open": False, "limit_closed": False}


def test_a_cover_that_is_not_available_is_no_answer(rig):
    only(["cover"], rig)
    rig.twin.vanish()
    until(lambda: not answers(rig.driver))
    with pytest.raises(NoAnswer, match=r"arm/availability.*offline"):
        rig.driver.pulse("open", 0.3)
    assert rig.bench.log == []


def test_a_broker_that_dies_is_a_gone_wire(tmp_path):
    own = (Mosquitto if Mosquitto.installed() else Embedded)(tmp_path)
    own.start()
    line = MqttLine(own.host, own.port)
    driver = MqttCover(line, COVER)
    line.open()
    own.kill()

    def gone():
        try:
            driver.read_inputs()
        except WireGone:
            return True
        except NoAnswer:
            return False
        return False

    until(gone)
    with pytest.raises(WireGone, match="broker"):
        line.open()


def test_a_locked_isapi_barrier_refuses_to_open_and_is_not_unlocked(rig):
    only(["isapi"], rig)
    rig.line.ask(
        "PUT",
        "/ISAPI/Parking/channels/1/barrierGate",
        "<BarrierGate><ctrlMode>lock</ctrlMode></BarrierGate>",
    )
    with pytest.raises(NoAnswer, match="Locked"):
        rig.driver.pulse("open", 0.3)
    assert rig.bench.log == []
    assert [mode for _, mode in rig.twin.log] == ["lock", "open"]


def test_a_channel_that_the_device_lacks_is_told_with_its_cure(rig):
    only(["isapi"], rig)
    with pytest.raises(NoAnswer, match="does not support"):
        IsapiBarrier(rig.line, 7).read_inputs()


def test_a_wrong_password_is_told_and_not_tried_again_at_once(tmp_path):
    twin = isapi_twin.Isapi({1: Bench()})
    twin.start()
    secret = tmp_path / "secret"
    secret.write_text("wrong")
    line = IsapiLine(twin.url, "admin", secret, 5.0, None)
    with pytest.raises(WireGone, match="401"):
        line.open()
    asked = len(twin._nonces)
    with pytest.raises(WireGone, match="401"):
        line.open()
    assert len(twin._nonces) == asked
    twin.stop()


def test_an_isapi_device_that_is_away_is_a_gone_wire(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("12345abc")
    with pytest.raises(WireGone, match="no connection"):
        IsapiLine("http://127.0.0.1:9", "admin", secret, 1.0, None).open()
    with pytest.raises(WireGone, match="cannot read"):
        IsapiLine("http://127.0.0.1:9", "admin", tmp_path / "none", 1.0, None).open()


def test_an_isapi_answer_that_is_late_is_no_answer_and_never_comes_up_again(tmp_path):
    bench = Bench()
    twin = isapi_twin.Isapi({1: bench})
    twin.start()
    secret = tmp_path / "secret"
    secret.write_text("12345abc")
    line = IsapiLine(twin.url, "admin", secret, 0.5, None)
    line.open()
    driver = IsapiBarrier(line, 1)
    twin.slow_s = 1.5
    with pytest.raises(NoAnswer):
        driver.read_inputs()
    bench.opened()
    twin.slow_s = 0.0
    assert driver.read_inputs() == {"limit_open": True, "limit_closed": False}
    line.close()
    twin.stop()


def test_gpio_inputs_come_with_their_names_and_senses(rig):
    only(["gpio"], rig)
    assert rig.driver.read_inputs() == {"entry_loop": False, "safety_loop": False, "stop": False}
    rig.bench.inputs["stop"] = True
    assert rig.driver.read_inputs()["stop"] is True


def test_gpio_faults_name_the_chip_and_the_cure(rig):
    only(["gpio"], rig)
    with pytest.raises(WireGone, match=r"gpiochip9.*gpiodetect"):
        GpioLine("/dev/gpiochip9", rig.twin.request).open()
    other = GpioLine("/dev/gpiochip0", rig.twin.request)
    other.uses([11], [])
    with pytest.raises(WireGone, match="in use"):
        other.open()
    rig.twin.gone = True
    with pytest.raises(WireGone):
        rig.driver.read_inputs()


def test_the_kernels_missing_gpio_chip_is_told():
    pytest.importorskip("gpiod")
    line = GpioLine("/dev/gpiochip-none")
    line.uses([1], [2])
    with pytest.raises(WireGone, match="no such chip"):
        line.open()


def test_no_thread_of_a_wire_is_left_behind(rig):
    only(["cover", "tasmota"], rig)
    before = threading.active_count()
    rig.line.close()
    rig.line.open()
    assert threading.active_count() <= before
