"""Devices that say too much, or nonsense: bounded where it is read, and taken for nothing."""

import asyncio

import httpx
import paho.mqtt.client as paho
import pytest

from edge.barrier.boards.mqtt_cover import MqttCover
from edge.barrier.boards.tasmota import TasmotaBoard
from edge.barrier.wires.isapi_exchange import Device, Lockout
from edge.barrier.wires.mqtt import LONGEST_TEXT, MqttLine
from edge.barrier.wires.port import NoAnswer
from edge.config import CoverConfig, TasmotaConfig
from simulator.broker import Mosquitto
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def broker(tmp_path):
    if not Mosquitto.installed():
        pytest.skip("Mosquitto is not installed (apt install mosquitto)")
    made = Mosquitto(tmp_path / "broker")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def say(broker):
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, "device")
    client.connect(broker.host, broker.port)
    client.loop_start()
    yield lambda topic, text: client.publish(topic, text, 1).wait_for_publish(30)
    client.disconnect()
    client.loop_stop()


@pytest.fixture
def line(broker):
    made = MqttLine(broker.host, broker.port)
    yield made
    made.close()


def heard(line, say, topic, text):
    """Opens the line; until it has subscribed, nothing arrives."""
    line.open()
    wait_for(lambda: say(topic, text) or line.newest(topic))


def test_a_relays_answer_leaves_no_trace_of_what_nobody_asked(line, say):
    board = TasmotaBoard(line, TasmotaConfig(topic="t"), {"open": 1, "green": 2})
    heard(line, say, "tele/t/LWT", "Online")
    for n in range(300):
        say("stat/t/RESULT", f'{{"POWER{n + 3}": "w{n}", "POWER1": "w{n}"}}')
    say("stat/t/RESULT", "[" * 4000)
    say("stat/t/RESULT", f'{{"POWER{"9" * 3000}": "ON"}}')
    say("stat/t/RESULT", '{"POWER\N{FULLWIDTH DIGIT TWO}": "ON"}')
    say("stat/t/RESULT", '{"POWER": "ON", "POWER2": "OFF"}')
    wait_for(lambda: len(board._confirmed) >= 2)
    assert set(board._confirmed) == {(1, "ON"), (2, "OFF")}


def test_a_state_that_is_too_long_is_no_state_any_more(line, say):
    cover = MqttCover(line, CoverConfig(command="c", state="s", availability="a"))
    heard(line, say, "a", "online")
    say("a", "offline")
    say("a", "online")
    say("s", "closed")
    wait_for(lambda: cover.read_inputs()["limit_closed"])
    say("s", "closed" + " " * LONGEST_TEXT)
    wait_for(lambda: line.newest("s").text == "")
    assert cover.read_inputs() == {"limit_open": False, "limit_closed": False}
    say("a", "x" * LONGEST_TEXT)
    wait_for(lambda: line.newest("a").text.startswith("x"))
    with pytest.raises(NoAnswer) as reported:
        cover.read_inputs()
    assert len(str(reported.value)) < 300


def test_a_topic_with_a_wildcard_keeps_nothing_of_what_comes_under_it(line, say):
    line.listen("w/#")
    line.listen("last")
    heard(line, say, "last", "x")
    for n in range(100):
        say(f"w/{n}", "x")
    say("last", "y")
    wait_for(lambda: line.newest("last").text == "y")
    assert set(line._heard) == {"last"}


@pytest.mark.parametrize(
    "body",
    [
        "<barrierGateStatus>" + " " * 65_000,
        "<barrierGateStatus " * 3000,
        "<barrierGateStatus>" + "1" * 60_000 + "</barrierGateStatus>",
        "<barrierGateStatus>1</barrierGateStatus>" + "x" * 65_536,
        "\x00" * 1000,
    ],
    ids=["spaces", "no end", "long", "endless", "nothing"],
)
def test_a_status_that_is_none_is_told_at_once_and_in_few_words(body):
    """Looking for an element in 3,000 spaces took 20 s, in which no other thread could run."""

    async def ask():
        transport = httpx.MockTransport(lambda request: httpx.Response(200, text=body))
        async with httpx.AsyncClient(base_url="http://device", transport=transport) as client:
            device = Device("http://device", client, 5.0, Lockout(), "refused")
            with pytest.raises(NoAnswer) as reported:
                await device.status(1)
            return str(reported.value)

    assert len(asyncio.run(ask())) < 300
