"""What several tests share: Stranger, a client of its own at the gate's broker."""

import json
import threading

import paho.mqtt.client as paho

from tests.support.waiting import wait_for

BASE = "bordergate/v1/s/g"


class Stranger:
    """A client of its own at the same broker."""

    def __init__(self, broker, id="stranger", **options):
        self.lost = threading.Event()
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, id, **options)
        self.client.on_disconnect = lambda *_: self.lost.set()
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()
        wait_for(self.client.is_connected)

    def say(self, topic, body, retain=False):
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.client.publish(f"{BASE}/{topic}", payload, 1, retain).wait_for_publish(60)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


def heard_all(line, stranger):
    """What the stranger has said to the gate before has been heard."""
    before = len(line.commands)
    stranger.say("command", b"{}")
    wait_for(lambda: len(line.commands) > before)
