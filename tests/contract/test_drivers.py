"""One contract for the drivers that are not Modbus: each on its real wire against its twin."""

import threading
import time
from functools import partial
from types import SimpleNamespace

import pytest

from edge.barrier.boards import controlbyweb, onvif, shelly
from edge.barrier.boards.gpio import GpioBoard, GpioLine
from edge.barrier.boards.isapi import IsapiBarrier
from edge.barrier.boards.lane_part import LanePart
from edge.barrier.boards.lcus import LcusBoard, frame
from edge.barrier.boards.mqtt_cover import MqttCover
from edge.barrier.boards.tasmota import TasmotaBoard
from edge.barrier.wires.isapi import IsapiLine
from edge.barrier.wires.mqtt import MqttLine
from edge.barrier.wires.port import NoAnswer, Pulse, Set, WireGone
from edge.barrier.wires.raw import RawLine
from edge.config import BarrierConfig, TasmotaConfig
from edge.config.wires import ControlByWebWire, OnvifWire, ShellyWire
from simulator.barrier import controlbyweb as cbw_twin
from simulator.barrier import gpio as gpio_twin
from simulator.barrier import isapi as isapi_twin
from simulator.barrier import lcus as lcus_twin
from simulator.barrier import mqtt_cover as cover_twin
from simulator.barrier import onvif as onvif_twin
from simulator.barrier import shelly as shelly_twin
from simulator.barrier import tasmota as tasmota_twin
from simulator.broker import Embedded, Mosquitto
from tests.support.drivers_play import COVER, answers
from tests.support.waiting import stays, wait_for

OUTPUTS = {"open": 1, "close": 2, "stop": 3}
INPUTS = {"entry_loop": 11, "safety_loop": 12, "stop": 13}


RELAYS = {
    "shelly": (shelly_twin.Shelly, ShellyWire, shelly),
    "shelly-1": (
        partial(shelly_twin.Shelly, generation=1), partial(ShellyWire, generation=1), shelly,
    ),
    "controlbyweb": (cbw_twin.ControlByWeb, ControlByWebWire, controlbyweb),
    "onvif": (onvif_twin.Onvif, OnvifWire, onvif),
}  # fmt: skip
"""Relays behind HTTP: their twins, their sections and their drivers."""


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
    if kind in RELAYS:
        make, wire, module = RELAYS[kind]
        twin = make(bench, OUTPUTS, password="12345abc")
        secret = folder / "secret"
        secret.write_text("12345abc\n")
        section = wire(kind=kind.removesuffix("-1"), url=twin.url, password_file=secret)
        line = module.line(section.model_copy(update={"answer_s": 5.0}), [])
        part = LanePart(BarrierConfig(wire="w"), section, OUTPUTS, {})
        return module.board(line, part), line, twin
    twin = gpio_twin.GpioChip(bench, OUTPUTS, INPUTS, ("stop",))
    line = GpioLine("/dev/gpiochip0", twin.request)
    return GpioBoard(line, OUTPUTS, INPUTS, ("stop",)), line, twin


@pytest.fixture(params=["lcus", "cover", "tasmota", "isapi", "gpio", *RELAYS])
def rig(request, broker, tmp_path):
    bench = Bench()
    driver, line, twin = made(request.param, bench, broker, tmp_path)
    if request.param != "gpio":
        twin.start()
    line.open()
    wait_for(lambda: answers(driver))
    yield SimpleNamespace(kind=request.param, bench=bench, driver=driver, line=line, twin=twin)
    line.close()
    if request.param != "gpio":
        twin.stop()


def answered(driver, output):
    """The answer to the last write of that output, when it has come."""
    found = []

    def came():
        found.extend(
            good for write, good in driver.tend(time.monotonic()) if write.output == output
        )
        return found

    wait_for(came)
    return found[0]


def taken(write, *given):
    """Whether the wire takes it; on a crowded computer a broker's proof may be late, and nothing
    is said then."""
    try:
        write(*given)
    except NoAnswer:
        return False
    return True


def why(driver):
    """Why it does not answer."""
    with pytest.raises(NoAnswer) as caught:
        driver.read_inputs()
    return str(caught.value)


def only(kinds, rig):
    if rig.kind not in kinds:
        pytest.skip("not of this kind")


def test_a_pulse_energises_one_contact_once_and_ends(rig):
    wait_for(lambda: taken(rig.driver.pulse, "open", 0.3))
    assert rig.bench.log in ([], [("open", True)])

    def ended():
        rig.driver.tend(time.monotonic())
        return ("open", False) in rig.bench.log

    wait_for(ended)
    assert rig.bench.log == [("open", True), ("open", False)]


def test_releasing_moves_nothing(rig):
    for output in ("open", "close"):
        wait_for(lambda output=output: taken(rig.driver.set, output, False))
    assert [entry for entry in rig.bench.log if entry[1]] == []


def test_a_wire_that_is_closed_is_gone_and_can_be_opened_again(rig):
    rig.line.close()
    with pytest.raises(WireGone):
        rig.driver.read_inputs()
    with pytest.raises(WireGone):
        rig.driver.pulse("open", 0.3)
    rig.line.open()
    wait_for(lambda: answers(rig.driver))
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
    wait_for(lambda: rig.bench.log)
    rig.line.close()
    stays(lambda: rig.twin.relays == {1: True}, 0.4)


def test_a_tasmota_device_ends_the_pulse_although_its_controller_is_gone(rig):
    only(["tasmota"], rig)
    rig.driver.pulse("close", 0.4)
    wait_for(lambda: rig.bench.log)
    rig.line.close()
    wait_for(lambda: rig.bench.log == [("close", True), ("close", False)])


def test_a_tasmota_device_confirms_later_and_only_what_it_was_last_told(rig):
    only(["tasmota"], rig)
    assert rig.driver.pulse("open", 0.4) is False
    assert answered(rig.driver, "open") is True

    def confirmed():
        """On a crowded computer the device itself may be too late for it."""
        assert rig.driver.set("close", True) is False
        assert rig.driver.set("close", False) is False
        reported = []
        wait_for(lambda: reported.extend(rig.driver.tend(time.monotonic())) or reported)
        ((write, good),) = reported
        assert write == Set("close", False)
        return good

    wait_for(confirmed)
    stays(lambda: not rig.driver.tend(time.monotonic()), 0.6)


def test_a_tasmota_device_that_does_not_confirm_is_told_and_nothing_is_repeated(rig):
    only(["tasmota"], rig)
    rig.twin.deaf = True
    began = time.monotonic()
    assert rig.driver.pulse("open", 0.4) is False
    assert time.monotonic() - began < 0.3
    reported = []
    wait_for(lambda: reported.extend(rig.driver.tend(time.monotonic())) or reported)
    assert reported == [(Pulse("open", 0.4), False)]
    rig.twin.deaf = False
    stays(lambda: rig.bench.log == [], 0.5)


def test_a_cover_and_an_isapi_device_tell_the_ends_of_the_arm(rig):
    only(["cover", "isapi"], rig)
    wait_for(
        lambda: (
            rig.driver.read_inputs() == {"limit_open": False, "limit_closed": True}
            or not rig.driver.pulse("stop", 0.3)
        )
    )
    rig.bench.opened()
    wait_for(lambda: rig.driver.read_inputs() == {"limit_open": True, "limit_closed": False})


def test_a_state_retained_before_the_gate_came_does_not_count(rig):
    only(["cover"], rig)
    rig.bench.opened()
    wait_for(lambda: rig.driver.read_inputs()["limit_open"])
    rig.line.close()
    rig.line.open()
    wait_for(lambda: answers(rig.driver))
    neither = {"limit_open": False, "limit_closed": False}
    stays(lambda: rig.driver.read_inputs() == neither, 0.3)


def test_a_cover_that_is_not_available_is_no_answer(rig):
    only(["cover"], rig)
    rig.twin.vanish()
    wait_for(lambda: not answers(rig.driver))
    with pytest.raises(NoAnswer, match=r"arm/availability.*offline"):
        rig.driver.pulse("open", 0.3)
    assert rig.bench.log == []


def test_a_broker_that_dies_is_no_answer_and_is_found_again_without_opening_the_wire(tmp_path):
    own = (Mosquitto if Mosquitto.installed() else Embedded)(tmp_path)
    own.start()
    twin = cover_twin.MqttCover(Bench(), (own.host, own.port), "arm")
    twin.start()
    line = MqttLine(own.host, own.port)
    driver = MqttCover(line, COVER)
    line.open()
    wait_for(lambda: answers(driver))
    own.kill()
    wait_for(lambda: not answers(driver))
    began = time.monotonic()
    with pytest.raises(NoAnswer, match="broker"):
        driver.pulse("open", 0.3)
    assert time.monotonic() - began < 0.5
    own.start()
    wait_for(lambda: answers(driver))
    line.close()
    twin.stop()
    own.stop()


def test_a_broker_that_is_away_is_told_and_a_closed_wire_is_gone():
    line = MqttLine("127.0.0.1", 9)
    driver = MqttCover(line, COVER)
    line.open()
    wait_for(lambda: "no connection" in why(driver))
    line.close()
    with pytest.raises(WireGone):
        driver.read_inputs()


def test_a_locked_isapi_barrier_refuses_to_open_and_is_not_unlocked(rig, caplog):
    only(["isapi"], rig)
    rig.twin.locked.add(1)
    rig.driver.pulse("open", 0.3)
    wait_for(lambda: "Locked" in caplog.text)
    assert rig.bench.log == []
    assert [mode for _, mode in rig.twin.log] == ["open"]


def test_a_channel_that_the_device_lacks_is_told_with_its_cure(rig):
    only(["isapi"], rig)
    rig.line.close()
    driver = IsapiBarrier(rig.line, 7)
    rig.line.open()
    wait_for(lambda: "does not support" in why(driver))


def an_isapi(tmp_path, bench, answer_s=0.5, password="12345abc", url=None):
    """Driver, line and twin."""
    twin = isapi_twin.Isapi({1: bench})
    twin.start()
    secret = tmp_path / "secret"
    secret.write_text(password)
    line = IsapiLine(url or twin.url, "admin", secret, answer_s, None)
    return IsapiBarrier(line, 1), line, twin


def test_a_wrong_password_is_told_and_not_tried_again_at_once(tmp_path):
    driver, line, twin = an_isapi(tmp_path, Bench(), password="wrong")
    line.open()
    wait_for(lambda: "(401)" in why(driver))
    line.close()
    asked = len(twin._nonces)
    line.open()
    wait_for(lambda: "(401)" in why(driver))
    stays(lambda: len(twin._nonces) == asked and "(401)" in why(driver), 1.5)
    line.close()
    twin.stop()


def test_an_isapi_device_that_is_away_is_no_answer_and_a_missing_file_a_gone_wire(tmp_path):
    driver, line, twin = an_isapi(tmp_path, Bench(), url="http://127.0.0.1:9")
    line.open()
    wait_for(lambda: "no connection" in why(driver))
    line.close()
    twin.stop()
    with pytest.raises(WireGone, match="cannot be read"):
        IsapiLine("http://127.0.0.1:9", "admin", tmp_path / "none", 1.0, None).open()


SLOW = {"thinks": {"slow_s": 1.5}, "drips": {"drip_s": 0.02}, "is mute": {"mute": True}}


@pytest.mark.parametrize("how", SLOW, ids=str)
def test_a_status_grows_old_and_is_unknown_while_nobody_waits_for_it(how, tmp_path):
    """The drip sends a byte every 20 ms: each comes in time, the answer does not."""
    bench = Bench()
    driver, line, twin = an_isapi(tmp_path, bench)
    line.open()
    wait_for(lambda: answers(driver))
    for name, value in SLOW[how].items():
        setattr(twin, name, value)
    bench.opened()
    longest, seen, text = 0.0, [], ""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            seen.append(driver.read_inputs()["limit_open"])
        except NoAnswer as error:
            text = str(error)
            break
        finally:
            longest = max(longest, time.monotonic() - began)
        time.sleep(0.005)
    else:
        pytest.fail("the old status counted for ever")
    assert "within 0.5 s" in text
    assert not any(seen)
    assert longest < 0.3
    twin.slow_s, twin.drip_s, twin.mute = 0.0, 0.0, False
    wait_for(lambda: answers(driver))
    assert driver.read_inputs() == {"limit_open": True, "limit_closed": False}
    line.close()
    twin.stop()


def test_an_isapi_end_counts_only_from_a_status_asked_for_after_the_command(tmp_path):
    bench = Bench()
    bench.opened()
    driver, line, twin = an_isapi(tmp_path, bench, answer_s=5.0)
    line.open()
    wait_for(lambda: answers(driver))
    assert driver.read_inputs()["limit_open"] is True
    twin.slow_s, twin.slow_at = 1.0, "Status"
    driver.pulse("open", 0.3)
    assert driver.read_inputs()["limit_open"] is False
    wait_for(lambda: driver.read_inputs()["limit_open"])
    line.close()
    twin.stop()


def test_an_opening_overtakes_a_closing_that_the_device_still_thinks_about(tmp_path):
    """The late closing is found out by its late answer, and opened again at once."""
    bench = Bench()
    driver, line, twin = an_isapi(tmp_path, bench, answer_s=0.5)
    line.open()
    wait_for(lambda: answers(driver))
    twin.slow_s, twin.slow_at = 1.5, ">close<"
    driver.pulse("close", 0.3)
    time.sleep(0.2)
    with pytest.raises(NoAnswer, match="last closing"):
        driver.pulse("close", 0.3)
    driver.pulse("open", 0.3)
    wait_for(lambda: len(twin.log) == 3)
    assert [mode for _, mode in twin.log] == ["open", "close", "open"]
    stays(lambda: len(twin.log) == 3, 0.5)
    line.close()
    twin.stop()


def test_a_turning_opening_is_said_until_the_device_answers_and_a_plain_one_once(tmp_path):
    bench = Bench()
    driver, line, twin = an_isapi(tmp_path, bench, answer_s=0.3)
    line.open()
    wait_for(lambda: answers(driver))
    driver.pulse("close", 0.3)
    wait_for(lambda: ("close", False) in bench.log)
    time.sleep(0.3)
    twin.mute = True
    driver.pulse("open", 0.3)
    wait_for(lambda: [mode for _, mode in twin.log].count("open") >= 2)
    twin.mute = False
    time.sleep(1.0)
    said = len(twin.log)
    twin.mute = True
    driver.pulse("open", 0.3)
    wait_for(lambda: len(twin.log) > said)
    stays(lambda: len(twin.log) == said + 1, 1.5)
    twin.mute = False
    line.close()
    twin.stop()


def test_relays_behind_http_end_the_pulse_although_their_controller_is_gone(rig):
    only(RELAYS, rig)
    rig.driver.pulse("close", 0.6)
    wait_for(lambda: rig.bench.log)
    rig.line.close()
    wait_for(lambda: rig.bench.log == [("close", True), ("close", False)])


def test_relays_behind_http_confirm_later_and_only_what_they_were_last_told(rig):
    only(RELAYS, rig)
    assert rig.driver.pulse("open", 0.6) is False
    assert answered(rig.driver, "open") is True
    assert rig.driver.set("close", True) is False
    assert rig.driver.set("close", False) is False
    assert answered(rig.driver, "close") is True
    stays(lambda: rig.driver.tend(time.monotonic()) == [], 0.3)


def test_a_lamp_on_a_relay_behind_http_burns_until_it_is_switched_off(rig):
    only(RELAYS, rig)
    rig.driver.set("stop", True)
    assert answered(rig.driver, "stop") is True
    stays(lambda: rig.bench.log == [("stop", True)], 1.2)
    rig.driver.set("stop", False)
    assert answered(rig.driver, "stop") is True
    assert rig.bench.log[-1] == ("stop", False)


def test_a_command_that_a_relay_behind_http_does_not_answer_is_told_and_never_said_again(rig):
    only(RELAYS, rig)
    rig.line.close()
    rig.line._answer_s = 0.5
    rig.line.open()
    wait_for(lambda: answers(rig.driver))
    rig.twin.mute = True
    began = time.monotonic()
    assert rig.driver.pulse("open", 0.6) is False
    assert time.monotonic() - began < 0.3
    assert answered(rig.driver, "open") is False
    done = len(rig.twin.relays.log)
    rig.twin.mute = False
    wait_for(lambda: answers(rig.driver))
    assert done <= 1
    stays(lambda: len(rig.twin.relays.log) == done, 0.5)


def test_a_relay_behind_http_that_is_away_is_no_answer_within_seconds(rig):
    only(RELAYS, rig)
    rig.twin.stop()
    rig.line._session._answer_s = 0.5
    wait_for(lambda: not answers(rig.driver))
    with pytest.raises(NoAnswer, match=r"check the url|within"):
        rig.driver.pulse("open", 0.6)


def test_a_wrong_password_for_a_relay_behind_http_is_told_and_not_tried_again(rig, tmp_path):
    only(RELAYS, rig)
    rig.line.close()
    (tmp_path / "wrong").write_text("other")
    rig.line._password_file = tmp_path / "wrong"
    rig.line.open()
    wait_for(lambda: "(401)" in why(rig.driver))
    asked = len(rig.twin.asked)
    stays(lambda: len(rig.twin.asked) == asked, 1.2)


def test_two_lanes_on_one_device_get_each_its_own_answers(rig):
    only(RELAYS, rig)
    lanes = [rig.driver, type(rig.driver)(rig.line, rig.driver._dialect, {"open": 4})]
    for lane in lanes:
        lane.pulse("open", 0.6)
    got = {lane: [] for lane in lanes}

    def both():
        for lane in lanes:
            got[lane] += lane.tend(time.monotonic())
        return all(got.values())

    wait_for(both)
    assert [answers for answers in got.values()] == 2 * [[(Pulse("open", 0.6), True)]]


def test_another_kind_of_device_at_the_address_is_told(rig, tmp_path):
    only(["shelly"], rig)
    other = cbw_twin.ControlByWeb(Bench(), OUTPUTS)
    other.start()
    section = ShellyWire(kind="shelly", url=other.url)
    line = shelly.line(section, [])
    driver = shelly.board(line, LanePart(BarrierConfig(wire="w"), section, OUTPUTS, {}))
    line.open()
    wait_for(lambda: "right kind of device" in why(driver))
    line.close()
    other.stop()


def test_an_onvif_output_is_set_up_once_and_anew_when_the_device_has_forgotten_it(rig):
    only(["onvif"], rig)

    def set_up():
        return sum("SetRelayOutputSettings" in asked for asked in rig.twin.asked)

    rig.driver.pulse("open", 0.3)
    assert answered(rig.driver, "open") is True
    assert rig.twin.settings["AlarmOut_0"] == ("Monostable", "PT0.3S")
    wait_for(lambda: "PT0.3S" in rig.line.status())
    rig.driver.pulse("open", 0.3)
    assert answered(rig.driver, "open") is True
    assert set_up() == 1
    rig.twin.settings["AlarmOut_0"] = ("Bistable", "PT0S")
    wait_for(lambda: "PT0.3S" not in rig.line.status())
    rig.driver.pulse("open", 0.3)
    assert answered(rig.driver, "open") is True
    assert set_up() == 2


def test_a_relay_that_an_onvif_device_lacks_is_not_confirmed(rig):
    only(["onvif"], rig)
    rig.driver._outputs = {"open": 7}
    rig.driver.pulse("open", 0.3)
    assert answered(rig.driver, "open") is False


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
    only(["cover", "tasmota", "isapi", *RELAYS], rig)

    def mine():
        names = {f"{wire} {rig.line.place}" for wire in ("mqtt", "isapi", "http")}
        return [t for t in threading.enumerate() if t.name in names]

    for _ in range(5):
        rig.line.close()
        rig.line.open()
    wait_for(lambda: len(mine()) == 1)
    rig.line.close()
    wait_for(lambda: not mine())
