"""The example receiver of the guide: killed and started again, it loses and doubles nothing."""

import contextlib
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from test_delivery import Line
from waiting import wait_for

from edge.config import ConsumerConfig
from edge.sync.chain import GENESIS, digest
from simulator.broker import Mosquitto

pytestmark = pytest.mark.timeout(300)
SCRIPT = Path(__file__).parents[2] / "docs" / "customs_receiver.py"


@pytest.fixture
def line(tmp_path):
    if not Mosquitto.installed():
        pytest.skip("Mosquitto is not installed (apt install mosquitto)")
    made = Line(tmp_path, Mosquitto(tmp_path / "b"), consumers=(ConsumerConfig(name="example"),))
    yield made
    made.close()


class Receiver:
    """The script as a process."""

    def __init__(self, line, file):
        place = [line.broker.host, str(line.broker.port), "s", "g", str(file)]
        command = [sys.executable, str(SCRIPT), *place]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.file = file

    def kill(self):
        """What it said last."""
        self.process.kill()
        return self.process.communicate()[1]

    def events(self):
        with contextlib.closing(sqlite3.connect(self.file)) as db:
            return [json.loads(b) for (b,) in db.execute("SELECT body FROM events ORDER BY seq")]


def test_killed_again_and_again_it_holds_every_event_once_in_a_whole_chain(line, tmp_path):
    file = tmp_path / "r.db"
    for round in range(1, 5):
        receiver = Receiver(line, file)
        line.record(30)
        # Somewhere in the middle of a round.
        wait_for(lambda n=round: line.journal.through("example") >= n * 30 - 20)
        receiver.kill()
    line.record(10)
    receiver = Receiver(line, file)
    wait_for(lambda: line.journal.through("example") >= 130)
    receiver.kill()
    events = receiver.events()
    assert [int(e["sequence"]) for e in events] == list(range(1, 131))
    before = GENESIS
    for event in events:
        assert (event["previoushash"], event["hash"]) == (before, digest(event))
        before = event["hash"]


def test_a_changed_event_ends_it_with_a_word_and_is_neither_kept_nor_acknowledged(line, tmp_path):
    line.record(3)
    (_, _, _, text) = line.journal.after(0, 1)[0]
    first = json.loads(text)
    line.relay.stop()
    receiver = Receiver(line, tmp_path / "r.db")
    first["data"] = {"plate": "24C99999"}
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "forger")
    client.connect(line.broker.host, line.broker.port)
    client.loop_start()
    try:

        def sent_and_ended():
            client.publish("bordergate/v1/s/g/events/out1/plate.read", json.dumps(first), qos=1)
            return receiver.process.poll() is not None

        wait_for(sent_and_ended)
    finally:
        client.loop_stop()
        said = receiver.kill()
    assert "event 1 was changed" in said
    assert receiver.events() == []
    assert line.journal.through("example") == 0
