"""What the guide asks of a receiver, held by its example and by the simulator's customs alike.

Both run as processes of their own, against a real broker and the gate's journal and relay.
"""

import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

from edge.config import ConsumerConfig, CustomsConfig, JournalConfig
from edge.domain.events import PLATE_READ, Event
from edge.sync.customs.relay import MqttRelay
from edge.sync.journal.chain import GENESIS, canonical, digest
from edge.sync.journal.journal import open_journal
from edge.sync.journal.restoring import go_on_above
from edge.sync.journal.signing import verifies
from edge.system.clock import SystemClock
from simulator.broker import Mosquitto
from tests.support.builders import NOON
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)
SCRIPT = Path(__file__).parents[2] / "docs" / "customs_receiver.py"
RECEIVERS = {"example": [str(SCRIPT)], "customs": ["-m", "simulator.customs"]}
BASE = "bordergate/v1/s/g"


class Place:
    """Broker, journal, relay, one receiver; `name` is the receiver's."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.file = folder / "receiver.db"
        self.process = None
        self.broker = Mosquitto(folder / "broker")
        self.broker.start()
        self.heard = []
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "bystander")
        self.client.on_connect = lambda client, *_: client.subscribe(f"{BASE}/#", qos=1)
        self.client.on_message = lambda c, d, m: self.heard.append((m.topic, m.payload))
        self.client.connect(self.broker.host, self.broker.port)
        self.client.loop_start()
        self.open()

    def open(self, keep_days=365):
        """Journal and relay; events from before `keep_days` that are acknowledged go."""
        config = JournalConfig(max_mb=50, ballast_mb=0, keep_days=keep_days)
        clock = SystemClock()
        self.journal = open_journal(self.folder / "j", config, "/s/g", clock, lambda: True)
        customs = CustomsConfig(
            host=self.broker.host,
            port=self.broker.port,
            consumers=(ConsumerConfig(name=self.name),),
            ack_timeout_s=2.0,
            window=20,
        )
        self.relay = MqttRelay(customs, "s", "g", self.journal, lambda *_: None, clock)
        self.relay.start()

    def shut(self):
        self.relay.stop()
        self.journal.close()

    def receive(self):
        place = [self.broker.host, str(self.broker.port), "s", "g", str(self.file)]
        self.process = subprocess.Popen(
            [sys.executable, *RECEIVERS[self.name], *place],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def kill(self):
        """The receiver; what it said."""
        self.process.kill()
        said = self.process.communicate()[0]
        self.process = None
        return said

    def close(self):
        if self.process is not None:
            self.kill()
        self.shut()
        self.client.disconnect()
        self.client.loop_stop()
        self.broker.stop()

    def record(self, count):
        for n in range(count):
            self.journal.record([Event(PLATE_READ, "out1", NOON, {"plate": f"24C{n:05d}"})])
            self.relay.wake()

    def publish(self, body):
        topic = f"{BASE}/events/out1/plate.read"
        self.client.publish(topic, json.dumps(body), qos=1).wait_for_publish(60)

    def said(self, topic):
        return [json.loads(body) for name, body in list(self.heard) if name == f"{BASE}/{topic}"]

    def acknowledged(self, through):
        wait_for(lambda: self.journal.through(self.name) >= through)

    def held(self):
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(self.file)) as db,
        ):
            return [json.loads(b) for (b,) in db.execute("SELECT body FROM events ORDER BY seq")]
        return []

    def numbers(self):
        return [int(event["sequence"]) for event in self.held()]


@pytest.fixture(params=list(RECEIVERS))
def place(request, tmp_path):
    if not Mosquitto.installed():
        pytest.skip("Mosquitto is not installed (apt install mosquitto)")
    made = Place(tmp_path, request.param)
    yield made
    made.close()


def whole(events, before=GENESIS):
    for event in events:
        assert (event["previoushash"], event["hash"]) == (before, digest(event))
        before = event["hash"]


def test_killed_again_and_again_it_holds_every_event_once_in_a_whole_chain(place):
    for round in range(1, 5):
        place.receive()
        place.record(30)
        # Somewhere in the middle of a round.
        place.acknowledged(round * 30 - 20)
        place.kill()
    place.record(10)
    place.receive()
    place.acknowledged(130)
    assert place.numbers() == list(range(1, 131))
    whole(place.held())


def test_what_comes_early_or_more_than_once_is_kept_once_in_its_place(place):
    place.record(6)
    events = [json.loads(text) for *_, text in place.journal.after(0, 10)]
    place.relay.stop()
    place.receive()
    wait_for(lambda: place.file.exists())
    for number in (1, 3, 2, 2, 1, 6, 3, 6, 5, 5, 4, 1):
        # Until it has subscribed, nothing arrives.
        wait_for(lambda n=number: place.publish(events[n - 1]) or place.said("ack"))
    wait_for(lambda: place.said("ack")[-1]["through"] == 6)
    assert place.numbers() == list(range(1, 7))
    whole(place.held())


def test_a_changed_event_is_neither_kept_nor_acknowledged(place):
    place.record(3)
    (_, _, _, text) = place.journal.after(0, 1)[0]
    place.relay.stop()
    place.receive()
    forged = {**json.loads(text), "data": {"plate": "24C99999"}}
    # The one ends with it, the other says what it holds.
    ended = {
        "example": lambda: place.process.poll() is not None,
        "customs": lambda: place.said("ack"),
    }[place.name]
    wait_for(lambda: place.publish(forged) or ended(), every=0.1)
    assert place.numbers() == []
    assert {ack["through"] for ack in place.said("ack")} <= {0}
    if place.name == "example":
        assert "event 1 was changed" in place.kill()


def test_after_a_lost_journal_it_goes_on_with_the_new_series(place):
    place.receive()
    place.record(5)
    place.acknowledged(5)
    place.shut()
    place.journal.file.write_bytes(b"this is no database" * 1000)
    place.open()
    place.record(3)
    first = place.journal.last_sequence() - 2
    place.acknowledged(first + 2)
    assert place.numbers() == [*range(1, 6), *range(first, first + 3)]
    whole(place.held()[:5])
    whole(place.held()[5:])


def test_an_empty_receiver_begins_with_the_first_event_that_is_still_held(place):
    place.receive()
    place.record(30)
    place.acknowledged(30)
    place.kill()
    hashes = [event["hash"] for event in place.held()]
    place.file.unlink()
    place.shut()
    place.open(keep_days=1)
    place.record(5)
    place.receive()
    place.acknowledged(35)
    wait_for(lambda: place.numbers()[-1:] == [35])
    # The last acknowledged one goes with the others or just after them.
    first = place.numbers()[0]
    assert first in (30, 31)
    assert place.numbers() == list(range(first, 36))
    before = hashes[first - 2]
    whole(place.held(), before)
    answer = place.said("replay/result")[-1]
    assert (answer["after"], answer["first"], answer["previoushash"]) == (0, first, before)
    signed = canonical({k: v for k, v in answer.items() if k != "signature"})
    assert verifies(place.said("status")[-1]["public_key"], signed, answer["signature"])


def test_one_that_was_there_before_the_gate_asks_when_the_gate_comes(place):
    place.receive()
    place.record(10)
    place.acknowledged(10)
    place.kill()
    *_, late = place.journal.after(4, 1)[0]
    place.shut()
    place.file.unlink()
    early = json.loads(late)
    place.receive()
    before = len(place.said("ack"))
    # Until it has subscribed, nothing arrives.
    wait_for(lambda: place.publish(early) or len(place.said("ack")) > before, every=0.1)
    place.open()
    wait_for(lambda: place.numbers() == list(range(1, 11)))


def test_numbers_that_are_given_twice_are_refused_until_the_gate_goes_on_above_them(place):
    place.receive()
    place.record(12)
    place.acknowledged(12)
    first_life = place.held()
    place.shut()
    shutil.rmtree(place.folder / "j")
    place.open()
    place.record(3)
    wait_for(lambda: place.relay.positions.ahead == {place.name: 12})
    assert place.journal.through(place.name) == 0
    place.shut()
    assert go_on_above(place.journal.file, 12) == 12
    place.open()
    place.record(2)
    place.acknowledged(14)
    assert place.held()[:12] == first_life
    assert place.numbers() == list(range(1, 15))
    whole(place.held()[12:])
    assert place.relay.positions.ahead == {}


def test_the_example_is_as_short_as_the_guide_says():
    lines = [line for line in SCRIPT.read_text(encoding="utf-8").splitlines() if line]
    guide = (SCRIPT.parent / "customs.md").read_text(encoding="utf-8")
    assert f"a complete receiver in {len(lines)} lines" in guide
