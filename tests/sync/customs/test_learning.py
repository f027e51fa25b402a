"""A journal that was put back gives no number before the receivers were heard."""

import json

import paho.mqtt.client as paho
import pytest

from edge.config import ConsumerConfig, CustomsConfig, JournalConfig
from edge.domain.events import PLATE_READ, Event
from edge.sync.customs.learning import LEAP, MOST_AHEAD, first_above
from edge.sync.journal.chain import GENESIS
from edge.sync.journal.highwater import STEP
from edge.sync.journal.journal import open_journal
from edge.sync.journal.restoring import RESTORED, restore
from edge.sync.journal.verify import verify_chain
from edge.system.clock import SystemClock
from simulator.broker import Embedded
from tests.support.builders import NOON

BASE = "bordergate/v1/s/g"


class Receiver:
    """Holds everything up to `through`; `asks`: says so when the gate comes online, else only in
    answer to an event."""

    def __init__(self, broker, through, asks, name="customs"):
        self.through, self.asks, self.name = through, asks, name
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, f"receiver-{name}")
        self._client.on_message = self._heard
        self._client.connect(broker.host, broker.port)
        self._client.subscribe([(f"{BASE}/status", 1), (f"{BASE}/events/#", 1)])
        self._client.loop_start()

    def _heard(self, client, data, message):
        if message.topic.endswith("/status"):
            online = json.loads(message.payload)["state"] == "online"
            if self.asks and online:
                self._say("replay", "after")
        elif not self.asks:
            self._say("ack", "through")

    def _say(self, topic, key):
        body = json.dumps({"consumer": self.name, key: self.through})
        self._client.publish(f"{BASE}/{topic}", body, qos=1)

    def stop(self):
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def broker(tmp_path):
    made = Embedded(tmp_path / "broker")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def journal(tmp_path):
    made = open_journal(
        tmp_path / "j", JournalConfig(max_mb=20, ballast_mb=0), "/s/g", SystemClock()
    )
    made.record([Event(PLATE_READ, "out1", NOON, {"plate": "24C12345"}) for _ in range(30)])
    yield made
    made.close()


def asked(journal, broker, names=("customs",), patience_s=20.0):
    consumers = tuple(ConsumerConfig(name=name) for name in names)
    customs = CustomsConfig(
        host=broker.host, port=broker.port, version="3.1.1", consumers=consumers
    )
    return first_above(journal, customs, "s", "g", SystemClock(), patience_s)


@pytest.mark.parametrize("asks", [True, False])
def test_the_next_number_lies_above_what_each_receiver_holds(journal, broker, asks):
    receivers = [Receiver(broker, 4800, asks), Receiver(broker, 12, asks, "port")]
    try:
        assert asked(journal, broker, ("customs", "port")) == 4800 + STEP
    finally:
        for receiver in receivers:
            receiver.stop()


def test_what_no_gate_can_have_given_and_strangers_say_is_not_believed(journal, broker):
    receivers = [
        Receiver(broker, 2 * MOST_AHEAD, True),
        Receiver(broker, 700_000, True, "stranger"),
    ]
    try:
        assert LEAP <= asked(journal, broker, patience_s=3.0) < MOST_AHEAD
    finally:
        for receiver in receivers:
            receiver.stop()


def test_where_nobody_answers_so_much_is_left_out_that_nobody_can_have_it(journal, broker):
    first = asked(journal, broker, patience_s=0.5)
    assert first > LEAP
    # The same copy put back on two computers: not the same numbers again.
    assert first != asked(journal, broker, patience_s=0.5)
    broker.stop()
    assert asked(journal, broker, patience_s=0.5) > LEAP


def test_a_new_series_begins_there_and_the_chain_is_whole(journal):
    journal.begin_above(5000)
    (event,) = journal.record([Event(PLATE_READ, "out1", NOON, {"plate": "24C12345"})])
    assert (event.sequence, event.previous_hash) == (5001, GENESIS)
    rows = list(journal.all_rows())
    assert verify_chain(rows, journal.checkpoints(), journal.key.public) == (31, [])


def test_a_copy_says_that_it_was_put_back_unless_the_journal_there_knows_all_numbers(
    journal, tmp_path
):
    copy = tmp_path / "copy.db"
    journal.record([], {"lane:out1": {"state": "admitted"}})
    journal.backup(copy)
    config = JournalConfig(max_mb=20, ballast_mb=0)
    restore(copy, tmp_path / "elsewhere" / "journal.db")
    other = open_journal(tmp_path / "elsewhere", config, "/s/g", SystemClock())
    assert other.state(RESTORED) is not None
    assert other.state("lane:out1") is None
    other.begin_above(100)
    assert other.state(RESTORED) is None
    other.close()
    restore(copy, tmp_path / "elsewhere" / "journal.db")
    other = open_journal(tmp_path / "elsewhere", config, "/s/g", SystemClock())
    assert other.state(RESTORED) is None
    assert other.last_sequence() == 100
    other.close()
