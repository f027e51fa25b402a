"""What the guide asks of a receiver, held by its examples and by the simulator's customs alike.

All run as processes of their own, against a real broker and the gate's journal and relay.
"""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.config import ConsumerConfig, CustomsConfig, JournalConfig
from edge.domain.events import PLATE_READ, Event
from edge.sync.customs.relay import MqttRelay
from edge.sync.customs.vouching import signed_checkpoint
from edge.sync.journal.chain import GENESIS, canonical, digest, signed_part
from edge.sync.journal.journal import open_journal
from edge.sync.journal.restoring import go_on_above
from edge.sync.journal.signing import GateKey, verifies
from edge.system.clock import SystemClock
from simulator.broker import Mosquitto
from tests.support.builders import NOON
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)
SCRIPT = Path(__file__).parents[2] / "docs" / "customs_receiver.py"
RECEIVERS = {
    "example": [str(SCRIPT)],
    "node": ["-m", "tests.support.node_receiver"],
    "customs": ["-m", "simulator.customs"],
}
EXAMPLES = ("example", "node")
BASE = "bordergate/v1/s/g"


class Place:
    """Broker, journal, relay, one receiver; `name` is the receiver's. `keys`: those of the gate
    that a person has handed over."""

    def __init__(self, folder, kind):
        self.folder, self.kind, self.keys = folder, kind, []
        self.name = "example" if kind in EXAMPLES else kind
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
        if self.journal.key.public not in self.keys:
            self.keys.append(self.journal.key.public)
        self.relay = MqttRelay(customs, "s", "g", self.journal, lambda *_: None, clock)
        self.relay.start()

    def shut(self):
        self.relay.stop()
        self.journal.close()

    def receive(self):
        place = [self.broker.host, str(self.broker.port), "s", "g", str(self.file)]
        self.process = subprocess.Popen(
            [sys.executable, *RECEIVERS[self.kind], *place, ",".join(self.keys)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def kill(self):
        """The receiver; what it said."""
        os.killpg(self.process.pid, signal.SIGKILL)
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

    def publish(self, body, topic="events/out1/plate.read"):
        payload = body if isinstance(body, bytes) else json.dumps(body)
        self.client.publish(f"{BASE}/{topic}", payload, qos=1).wait_for_publish(60)

    def acks(self):
        return [ack["through"] for ack in self.said(f"ack/{self.name}")]

    def said(self, topic):
        return [json.loads(body) for name, body in list(self.heard) if name == f"{BASE}/{topic}"]

    def acknowledged(self, through):
        wait_for(lambda: self.journal.through(self.name) >= through)

    def held(self):
        if self.kind == "node":
            lines = self.file.read_text().splitlines() if self.file.exists() else []
            return [json.loads(line) for line in lines]
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
    if request.param == "node" and not shutil.which("node"):
        pytest.skip("Node is not installed (apt install nodejs)")
    made = Place(tmp_path, request.param)
    yield made
    made.close()


only_examples = pytest.mark.parametrize("place", EXAMPLES, indirect=True)


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
        wait_for(lambda n=number: place.publish(events[n - 1]) or place.acks())
    wait_for(lambda: place.acks()[-1] == 6)
    assert place.numbers() == list(range(1, 7))
    whole(place.held())


def test_a_changed_event_is_neither_kept_nor_acknowledged(place):
    place.record(3)
    (_, _, _, text) = place.journal.after(0, 1)[0]
    place.relay.stop()
    place.receive()
    forged = {**json.loads(text), "data": {"plate": "24C99999"}}
    wait_for(lambda: place.publish(forged) or place.acks(), every=0.1)
    assert place.numbers() == []
    assert set(place.acks()) <= {0}
    if place.kind in EXAMPLES:
        assert "event 1 is not signed by this gate" in place.kill()


def heard_by(place, before):
    """What was published before has been heard: an event that it holds is acknowledged again."""
    *_, held = place.journal.after(before - 1, 1)[0]
    acks = len(place.acks())
    wait_for(lambda: place.publish(json.loads(held)) or len(place.acks()) > acks, every=0.2)


@only_examples
def test_what_the_gate_has_not_signed_is_never_taken_and_stops_nothing(place):
    place.receive()
    place.record(20)
    place.acknowledged(20)
    before = place.held()[-1]
    stranger = GateKey(Ed25519PrivateKey.generate())
    for previous in (GENESIS, before["hash"]):
        for number in ("21", "4000"):
            body = {k: v for k, v in before.items() if k != "hash"}
            body |= {"id": str(uuid.uuid4()), "sequence": number, "previoushash": previous}
            signed = {**body, "signature": stranger.sign(signed_part(body))}
            bare = {k: v for k, v in body.items() if k != "signature"}
            for forged in (body, signed, bare):
                place.publish({**forged, "hash": digest(forged)})
    result = {"consumer": "example", "after": 20, "first": 5000, "previoushash": GENESIS}
    result["time"] = before["time"]
    place.publish(result, "replay/result")
    place.publish({**result, "signature": stranger.sign(canonical(result))}, "replay/result")
    heard_by(place, 20)
    place.record(2)
    place.acknowledged(22)
    assert max(place.acks()) == 22
    assert place.numbers() == list(range(1, 23))
    whole(place.held())
    said = place.kill()
    assert "event 21 is not signed by this gate" in said
    assert "a replay/result is not signed by this gate" in said


@only_examples
def test_what_is_not_understood_is_skipped_and_told(place):
    place.receive()
    place.record(3)
    place.acknowledged(3)
    for nonsense in (b"", b"{", b"\xff\xfe", b"[" * 50_000, b"null", b"7", b"[]", b"{}"):
        for topic in ("events/out1/plate.read", "status", "replay/result", "checkpoint"):
            place.publish(nonsense, topic)
    real = place.held()[-1]
    for field in ("sequence", "hash", "signature", "data", "id"):
        for value in (None, 7, [], {}, "x", "9" * 5000):
            place.publish({**real, field: value})
    heard_by(place, 3)
    place.record(2)
    place.acknowledged(5)
    assert place.numbers() == [1, 2, 3, 4, 5]
    assert "is not understood" in place.kill()


@only_examples
def test_what_is_withheld_is_told_and_asked_for(place):
    place.record(5)
    place.relay.stop()
    place.receive()
    head = place.journal.head()
    wait_for(
        lambda: (
            place.publish(signed_checkpoint(place.journal.key, *head, NOON), "checkpoint")
            or place.said("replay/example")
        ),
        every=0.2,
    )
    assert place.said("replay/example")[0]["after"] == 0
    assert "only 0 of 5 events have come" in place.kill()


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
    if place.kind in EXAMPLES:
        assert f"events 1 to {first - 1} will not come" in place.kill()
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
    before = len(place.acks())
    # Until it has subscribed, nothing arrives.
    wait_for(lambda: place.publish(early) or len(place.acks()) > before, every=0.1)
    place.open()
    wait_for(lambda: place.numbers() == list(range(1, 11)))


def test_numbers_that_are_given_twice_are_refused_until_the_gate_goes_on_above_them(place):
    place.receive()
    place.record(12)
    place.acknowledged(12)
    first_life = place.held()
    place.shut()
    shutil.rmtree(place.folder / "j")
    acks = len(place.acks())
    place.open()
    place.record(3)
    wait_for(lambda: place.relay.positions.ahead == {place.name: 12})
    # It has heard an event of the new life.
    wait_for(lambda: len(place.acks()) > acks)
    assert place.journal.through(place.name) == 0
    place.shut()
    said = place.kill()
    assert "event 1 is not signed by this gate" in said or place.kind not in EXAMPLES
    # The key was lost with the disk: the new one is handed over.
    place.receive()
    assert go_on_above(place.journal.file, 12) == 12
    place.open()
    place.record(2)
    place.acknowledged(14)
    assert place.held()[:12] == first_life
    assert place.numbers() == list(range(1, 15))
    whole(place.held()[12:])
    assert place.relay.positions.ahead == {}


def test_another_history_that_has_grown_past_what_the_receiver_holds_is_no_dead_end(place):
    place.receive()
    place.record(3)
    place.acknowledged(3)
    first_life = place.held()
    place.kill()
    place.shut()
    shutil.rmtree(place.folder / "j")
    place.open()
    place.record(5)
    place.receive()
    wait_for(lambda: place.relay.positions.ahead == {place.name: 3})
    wait_for(lambda: 3 in place.acks())
    place.shut()
    assert go_on_above(place.journal.file, 3) == 6
    place.open()
    place.record(2)
    place.acknowledged(8)
    assert place.held()[:3] == first_life
    assert place.numbers() == [1, 2, 3, 7, 8]
    place.kill()
    place.record(1)
    place.receive()
    place.acknowledged(9)
    assert place.relay.positions.ahead == {}
    # An empty one gets all that this gate has recorded.
    place.kill()
    place.file.unlink()
    place.receive()
    wait_for(lambda: place.numbers() == [1, 2, 3, 4, 5, 7, 8, 9])


def test_the_examples_are_as_short_as_the_guide_says():
    guide = (SCRIPT.parent / "customs.md").read_text(encoding="utf-8")
    for script in (SCRIPT, SCRIPT.with_suffix(".mjs")):
        lines = [line for line in script.read_text(encoding="utf-8").splitlines() if line]
        assert f"({script.name}), {len(lines)} lines" in guide
