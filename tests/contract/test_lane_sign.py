"""The lane's display: a real thread writes to a sign on a pty and to a broker."""

import threading

import pytest

from edge.barrier.wires.mqtt import MqttLine
from edge.barrier.wires.port import WireGone
from edge.display.displays import Display
from edge.display.signs import AlphaSign, MqttSign, frame
from simulator.barrier.lane_sign import LaneSign
from simulator.barrier.mqtt_client import Device
from simulator.broker import Embedded, Mosquitto
from tests.support.waiting import wait_for


def test_the_frame_is_the_alpha_protocols():
    assert frame("OK").hex(" ") == "00 00 00 00 00 01 5a 30 30 02 41 41 1b 20 62 4f 4b 04"


def test_no_text_can_end_the_frame_or_fill_the_sign():
    assert frame("A\x04\x1bB\n").count(b"\x04") == 1
    assert len(frame("X" * 500)) < 100


def test_a_display_shows_what_is_to_be_told_and_goes_dark_at_the_end():
    sign = LaneSign()
    sign.start()
    reported = ["34A-368.37 MỜI VÀO"]
    display = Display("out1", AlphaSign(sign.port, 9600), lambda: reported[0])
    display.start()
    wait_for(lambda: sign.text == "34A-368.37 MOI VAO")
    reported[0] = "DỪNG LẠI"
    wait_for(lambda: sign.text == "DUNG LAI")
    display.stop()
    wait_for(lambda: sign.text == "")
    sign.stop()


def test_a_sign_that_is_not_there_is_named_with_its_cure():
    with pytest.raises(WireGone, match="adapter"):
        AlphaSign("/dev/ttyNONE", 9600).open()


class Flaky:
    """A sign that is away until it is mended."""

    ascii_only = False

    def __init__(self):
        self.tries, self.why, self.shown = 0, "no adapter", []

    def open(self):
        self.tries += 1
        if self.why:
            raise WireGone(self.why)

    def show(self, text):
        if self.why:
            raise WireGone(self.why)
        self.shown.append(text)

    def close(self):
        pass


def test_a_display_that_is_lost_is_told_once_and_once_more_when_its_cause_changes(caplog):
    caplog.set_level("INFO")
    sign = Flaky()
    display = Display("out1", sign, lambda: "X", reopen_s=0.01)
    display.start()
    wait_for(lambda: sign.tries > 5)
    sign.why = "no answer"
    tries = sign.tries
    wait_for(lambda: sign.tries > tries + 3)
    sign.why = ""
    wait_for(lambda: sign.shown)
    sign.why = "no answer"
    wait_for(lambda: sum("no answer" in r.getMessage() for r in caplog.records) == 2)
    display.stop()
    told = [r.getMessage() for r in caplog.records if "display of lane out1" in r.getMessage()]
    assert ["no adapter" in told[0], "no answer" in told[1], "again" in told[2]] == [True] * 3
    assert "no answer" in told[3]
    assert len(told) == 4


def test_a_text_topic_gets_the_line_as_it_is(tmp_path):
    broker = (Mosquitto if Mosquitto.installed() else Embedded)(tmp_path)
    broker.start()
    heard = []
    ready = threading.Event()
    watcher = Device(
        (broker.host, broker.port),
        ["lane/out1/text"],
        ("lane/will", "x"),
        lambda topic, text: heard.append(text),
        ready.set,
    )
    watcher.start()
    assert ready.wait(30)
    sign = MqttSign(MqttLine(broker.host, broker.port), "lane/out1/text")
    display = Display("out1", sign, lambda: "MỜI VÀO")
    display.start()
    wait_for(lambda: "MỜI VÀO" in heard)
    display.stop()
    watcher.stop()
    broker.stop()
