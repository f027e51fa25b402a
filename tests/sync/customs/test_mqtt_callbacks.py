"""An exception on the MQTT library's thread: told, counted, and the connection goes on."""

import paho.mqtt.client as paho
import pytest

from edge.barrier.wires.mqtt import MqttLine
from edge.config import CustomsConfig
from edge.sync.customs.mqtt_link import MqttLink
from edge.system.unhandled import UNHANDLED
from simulator.broker import Embedded, Mosquitto
from tests.support.waiting import wait_for


@pytest.fixture
def broker(tmp_path):
    made = (Mosquitto if Mosquitto.installed() else Embedded)(tmp_path / "broker")
    made.start()
    yield made
    made.stop()


class Failing:
    """Fails the first time, and keeps what comes then."""

    def __init__(self):
        self.calls = []

    def __call__(self, *given):
        self.calls.append(given)
        if len(self.calls) == 1:
            raise ZeroDivisionError("the first")


def noted(where):
    return sum(n for place, n in UNHANDLED.counts().items() if where in place)


@pytest.mark.unhandled
@pytest.mark.parametrize(
    ("event", "where"),
    [("on_message", "customs: a message"), ("on_published", "customs: an acknowledgement")],
)
def test_what_fails_while_customs_is_heard_is_told_and_the_next_is_heard(
    broker, caplog, event, where
):
    link = MqttLink(CustomsConfig(host=broker.host, port=broker.port), "gate", "status", b"{}")
    failing, before = Failing(), noted(where)
    setattr(link, event, failing)
    link.connect(["ack"])
    try:
        for count in (1, 2):
            link.publish("ack", b"{}")
            wait_for(lambda count=count: len(failing.calls) >= count)
        link.check()
        wait_for(lambda: noted(where) == before + 1)
    finally:
        link.close()
    if not before:
        assert any(where in r.getMessage() and r.exc_info for r in caplog.records)


@pytest.mark.unhandled
def test_what_fails_while_a_barriers_broker_is_heard_is_counted_and_the_next_is_heard(broker):
    line, failing, place = MqttLine(broker.host, broker.port), Failing(), "a message on t"
    before = noted(place)
    line.listen("t", failing)
    line.open()
    device = paho.Client(paho.CallbackAPIVersion.VERSION2, "device")
    device.connect(broker.host, broker.port)
    device.loop_start()
    try:
        # Until the line has subscribed, nothing arrives.
        wait_for(lambda: device.publish("t", "x", 1).wait_for_publish(30) or failing.calls)
        device.publish("t", "x", 1)
        wait_for(lambda: len(failing.calls) >= 2)
        line.check()
        assert noted(place) == before + 1
    finally:
        device.disconnect()
        device.loop_stop()
        line.close()
