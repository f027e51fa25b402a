"""Delivery to customs over real brokers: every event once, in order, the chain whole."""

import json
from pathlib import Path

import jsonschema
import pytest

from edge.config import ConsumerConfig
from edge.domain.events import ALARM_RAISED, PLATE_READ, Event
from edge.sync.journal.restoring import restore
from edge.sync.journal.verify import verify_chain
from edge.system.timings import TIMINGS, Figure
from simulator.broker import Embedded, Mosquitto, Nats
from simulator.customs import Customs
from tests.support.builders import NOON
from tests.support.delivery_line import Line
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(400)
BROKERS = {"mosquitto": Mosquitto, "nats": Nats, "embedded": Embedded}
DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(params=list(BROKERS))
def line(request, tmp_path):
    kind = BROKERS[request.param]
    if kind is not Embedded and not kind.installed():
        pytest.skip(f"{request.param} is not installed (apt install {request.param})")
    made = Line(tmp_path, kind(tmp_path / "broker"))
    yield made
    made.close()


def whole(line):
    sequences = [int(e["sequence"]) for e in line.customs.events()]
    assert sequences == list(range(1, line.journal.last_sequence() + 1))
    assert line.customs.counts.broken == []


def test_everything_arrives_once_and_in_order(line):
    line.record(60)
    wait_for(line.delivered)
    whole(line)


def test_how_long_a_receiver_takes_to_acknowledge_is_measured(line):
    def measured():
        return [t for t in TIMINGS.all() if t.figure is Figure.ACKNOWLEDGEMENT]

    before = sum(sum(t.counts) for t in measured())
    line.record(3)
    wait_for(line.delivered)
    # Each of the three commits has its acknowledgement, whatever came in one.
    wait_for(lambda: sum(sum(t.counts) for t in measured()) == before + 3)
    assert {t.of for t in measured()} >= {"customs"}


def test_what_was_recorded_while_the_broker_was_dead_arrives_later(line):
    line.record(5)
    wait_for(line.delivered)
    line.broker.kill()
    line.record(20)
    line.broker.start()
    wait_for(line.delivered)
    whole(line)


def test_a_restarted_gate_goes_on_with_what_was_not_acknowledged(line):
    line.customs.deaf = True
    line.record(10)
    wait_for(lambda: line.customs.through >= 10)
    line.shut()
    line.customs.deaf = False
    line.open()
    line.record(5)
    wait_for(line.delivered)
    whole(line)
    assert line.customs.counts.repeated > 0


def test_lost_acknowledgements_only_mean_another_copy(line):
    line.customs.deaf = True
    line.record(5)
    wait_for(lambda: line.customs.counts.repeated > 0)
    assert line.relay.status().waiting == 5
    line.customs.deaf = False
    wait_for(line.delivered)
    whole(line)


def test_a_receiver_gets_again_what_it_asks_for(line):
    line.record(10)
    wait_for(line.delivered)
    before = line.customs.counts.repeated
    line.customs.ask_replay(4)
    wait_for(lambda: line.customs.counts.repeated >= before + 6)
    whole(line)


def test_birth_and_death_are_told(line):
    wait_for(lambda: line.customs.status.get("state") == "online")
    line.relay.stop()
    wait_for(lambda: line.customs.status.get("state") == "offline")


@pytest.fixture
def mosquitto(tmp_path):
    if not Mosquitto.installed():
        pytest.skip("Mosquitto is not installed (apt install mosquitto)")
    made = []

    def make(extra="", **settings):
        line = Line(tmp_path, Mosquitto(tmp_path / "broker", extra=extra), **settings)
        made.append(line)
        return line

    yield make
    for line in made:
        line.close()


def test_a_broker_that_may_acknowledge_needs_no_application_answer(mosquitto):
    consumer = ConsumerConfig(name="archive", acknowledges="broker")
    line = mosquitto(consumers=(consumer,))
    line.customs.deaf = True
    line.record(20)
    wait_for(line.delivered)


def test_an_event_the_broker_refuses_stays_in_the_outbox(mosquitto, tmp_path):
    """PUBACK 0x87 is no delivery (invariant 20)."""
    rules = tmp_path / "acl"
    rules.write_text(
        "topic read #\ntopic write bordergate/v1/s/g/status\ntopic write +/+/+/+/ack/+\n"
    )
    rules.chmod(0o600)
    consumer = ConsumerConfig(name="archive", acknowledges="broker")
    line = mosquitto(f"acl_file {rules}\n", consumers=(consumer,), version="5")
    line.record(3)
    wait_for(lambda: "refuses" in line.relay.status().why)
    assert line.journal.through("archive") == 0


@pytest.mark.parametrize("type", [ALARM_RAISED, PLATE_READ])
def test_what_is_live_overtakes_a_backlog(mosquitto, type):
    line = mosquitto(window=5)
    wait_for(lambda: line.relay.status().connected)
    line.customs.deaf = True
    line.record(200)
    wait_for(lambda: line.customs.counts.received >= 5)
    line.record(1, type)
    wait_for(lambda: 201 in line.customs._early)
    line.customs.deaf = False
    wait_for(line.delivered)
    whole(line)


def test_a_receiver_that_comes_after_the_broker_had_nobody_gets_all(mosquitto):
    line = mosquitto(receiver=False)
    line.record(20)
    wait_for(lambda: "subscriber" in line.relay.status().why)
    line.record(100)
    line.customs.start()
    wait_for(line.delivered)
    whole(line)


@pytest.mark.parametrize("asks", [True, False])
def test_a_receiver_that_is_away_holds_up_nobody_and_gets_all_later(mosquitto, tmp_path, asks):
    names = (ConsumerConfig(name="customs"), ConsumerConfig(name="port"))
    line = mosquitto(window=10, consumers=names)
    line.journal.record([Event(PLATE_READ, "out1", NOON, {}) for _ in range(300)])
    line.relay.wake()
    wait_for(lambda: line.customs.through == 300)
    whole(line)
    assert line.journal.through("port") == 0
    line.record(5)
    wait_for(lambda: line.customs.through == 305)
    place = (line.broker.host, line.broker.port, "s", "g", tmp_path / "port.db", "port")
    port = Customs(*place)
    if not asks:
        port.ask_replay = lambda after: None
    port.start()
    try:
        wait_for(line.delivered)
        assert [int(e["sequence"]) for e in port.events()] == list(range(1, 306))
        assert port.counts.broken == []
    finally:
        port.stop()


def test_a_broker_that_lets_the_gate_hear_nothing_is_told(mosquitto, tmp_path):
    plugin = next(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"), None)
    if plugin is None:
        pytest.skip("Mosquitto's security plugin is not installed")
    access = {"publishClientSend": True, "publishClientReceive": True, "subscribe": False}
    file = tmp_path / "security.json"
    file.write_text(json.dumps({"defaultACLAccess": access, "clients": []}))
    file.chmod(0o666)
    line = mosquitto(f"plugin {plugin}\nplugin_opt_config_file {file}\n")
    wait_for(lambda: "refuses the subscription to bordergate/v1/s/g/ack" in line.relay.status().why)


def test_a_wrong_password_is_told_with_its_cure(mosquitto, tmp_path):
    passwords = tmp_path / "passwords"
    passwords.write_text("")
    passwords.chmod(0o600)
    line = mosquitto(f"allow_anonymous false\npassword_file {passwords}\n")
    wait_for(lambda: "password" in line.relay.status().why)


def test_what_is_sent_fits_the_published_schemas(mosquitto):
    line = mosquitto()
    line.record(3)
    wait_for(line.delivered)
    schema = json.loads((DOCS / "schemas" / "event.json").read_text())
    for event in line.customs.events():
        jsonschema.validate(event, schema)


@pytest.mark.parametrize("how", ["corrupt", "restored"])
def test_a_receiver_goes_on_with_a_new_series_when_the_journal_was_lost(mosquitto, tmp_path, how):
    line = mosquitto()
    line.record(5)
    wait_for(line.delivered)
    line.journal.backup(tmp_path / "copy.db")
    line.record(3)
    wait_for(line.delivered)
    line.shut()
    if how == "corrupt":
        line.journal.file.write_bytes(b"this is no database" * 1000)
    else:
        restore(tmp_path / "copy.db", line.journal.file)
    line.open()
    line.record(4)
    wait_for(line.delivered)
    sequences = [int(e["sequence"]) for e in line.customs.events()]
    first = sequences[8]
    assert sequences == [*range(1, 9), *range(first, first + 4)]
    assert (first == 9) is (how == "restored")
    assert line.customs.counts.broken == []
    count, faults = verify_chain(line.journal.all_rows(), [], line.journal.key.public)
    assert (count, faults) == (4 if how == "corrupt" else 9, [])
