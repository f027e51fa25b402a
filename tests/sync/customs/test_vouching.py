"""Checkpoints on the wire: when they are told, and by whom they are signed."""

import json

import paho.mqtt.client as paho
import pytest

from edge.config import JournalConfig
from edge.domain.events import PLATE_READ, Event
from edge.sync.customs.vouching import EVERY_EVENTS, EVERY_S, Vouching
from edge.sync.journal.chain import checkpoint_part
from edge.sync.journal.journal import open_journal
from edge.sync.journal.signing import verifies
from edge.system.clock import ManualClock
from simulator.broker import Mosquitto
from tests.support.builders import NOON
from tests.support.delivery_line import Line
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def journal(tmp_path):
    made = open_journal(tmp_path, JournalConfig(ballast_mb=0), "/s/g", ManualClock(NOON))
    yield made
    made.close()


def record(journal, count=1):
    event = Event(PLATE_READ, "out1", NOON, {"plate": "24C12345"})
    return journal.record([event] * count)[-1]


def test_it_is_told_at_once_then_after_so_many_events_or_seconds_and_at_the_end(journal):
    clock = ManualClock(NOON)
    vouching = Vouching(journal, clock)
    assert vouching.due() is None
    last = record(journal)
    assert json.loads(vouching.due())["hash"] == last.hash
    record(journal, EVERY_EVENTS - 1)
    assert vouching.due() is None
    record(journal)
    assert json.loads(vouching.due())["sequence"] == str(EVERY_EVENTS + 1)
    record(journal)
    clock.advance(EVERY_S - 0.1)
    assert vouching.due() is None
    clock.advance(0.2)
    assert json.loads(vouching.due())["sequence"] == str(EVERY_EVENTS + 2)
    clock.advance(EVERY_S)
    assert vouching.due() is None
    record(journal)
    assert json.loads(vouching.due())["sequence"] == str(EVERY_EVENTS + 3), "after a quiet time"
    record(journal)
    assert vouching.due() is None
    assert json.loads(vouching.due(last=True))["sequence"] == str(EVERY_EVENTS + 4)
    assert vouching.due(last=True) is None


def test_numbers_that_were_left_out_are_no_checkpoint(journal):
    record(journal)
    vouching = Vouching(journal, ManualClock(NOON))
    vouching.due()
    journal.begin_above(1000)
    assert vouching.due(last=True) is None
    record(journal)
    assert json.loads(vouching.due(last=True))["sequence"] == "1001"


@pytest.mark.skipif(not Mosquitto.installed(), reason="Mosquitto is not installed")
def test_whoever_comes_later_finds_the_last_one_at_the_broker(tmp_path):
    line = Line(tmp_path, Mosquitto(tmp_path / "broker"))
    heard = []
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, "late")
    try:
        line.record(3)
        wait_for(line.delivered)
        line.relay.stop()
        client.on_message = lambda c, d, m: heard.append((m.retain, json.loads(m.payload)))
        client.on_connect = lambda c, *_: c.subscribe("bordergate/v1/s/g/checkpoint", 1)
        client.connect(line.broker.host, line.broker.port)
        client.loop_start()
        wait_for(lambda: heard)
    finally:
        client.disconnect()
        client.loop_stop()
        line.close()
    ((retained, mark),) = heard
    assert (retained, mark["sequence"]) == (True, "3")
    signed = checkpoint_part(mark["sequence"], mark["hash"], mark["time"])
    assert mark["key"] == line.journal.key.public
    assert verifies(mark["key"], signed, mark["signature"])


@pytest.mark.skipif(not Mosquitto.installed(), reason="Mosquitto is not installed")
@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_access_rules_from_before_checkpoints_do_not_cut_off_the_events(tmp_path, version):
    rules = tmp_path / "acl"
    rules.write_text(
        "topic read #\ntopic write +/+/+/+/status\ntopic write +/+/+/+/events/#\n"
        "topic write +/+/+/+/ack/+\ntopic write +/+/+/+/replay/+\n"
        "topic write +/+/+/+/replay/result\n"
    )
    rules.chmod(0o644)
    broker = Mosquitto(tmp_path / "broker", extra=f"acl_file {rules}\n")
    line = Line(tmp_path, broker, version=version)
    try:
        line.record(3)
        wait_for(line.delivered)
        # The broker closes the connection at the first checkpoint, and not again.
        wait_for(lambda: line.relay.tries >= 2)
        line.record(3)
        wait_for(line.delivered)
        wait_for(line.relay.steady)
        tries = line.relay.tries
        line.record(3)
        wait_for(line.delivered)
        assert line.relay.tries == tries
    finally:
        line.close()
