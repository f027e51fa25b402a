"""What strangers may write at the broker: none of it costs the gate its journal, its memory or its
judgement. Over a real broker."""

import json
import random

import paho.mqtt.client as paho
import pytest

from edge.config import ConsumerConfig
from edge.gate.monitors.journal import JournalMonitor
from edge.gate.monitors.receivers import ReceiverMonitor
from edge.sync.customs.incoming import Incoming
from edge.sync.customs.mqtt_link import Message
from edge.sync.customs.positions import Positions
from edge.sync.customs.replays import AGAIN, Replays
from edge.sync.journal.highwater import HIGHEST_CLAIM
from edge.sync.journal.restoring import go_on_above
from edge.system.backoff import Backoff, Retries
from edge.system.clock import ManualClock
from simulator.broker import Mosquitto
from tests.support.builders import NOON
from tests.support.delivery_line import Line
from tests.support.memory import peak_mb
from tests.support.standing_alarms import StandingAlarms
from tests.support.stranger import Stranger, heard_all
from tests.support.waiting import wait_for

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not Mosquitto.installed(), reason="Mosquitto is not installed"),
]
BASE = "bordergate/v1/s/g"
NO_GATE = 9007199254740991


@pytest.fixture
def line(tmp_path):
    made = Line(tmp_path, Mosquitto(tmp_path / "broker"))
    yield made
    made.close()


@pytest.fixture
def stranger(line):
    made = Stranger(line.broker)
    yield made
    made.close()


def test_a_retained_replay_resends_nothing_however_often_the_gate_connects(line, stranger):
    line.record(10)
    wait_for(line.delivered)
    # Said once to a gate that is there, it is served; the broker keeps it for all later ones.
    stranger.say("replay", {"consumer": "customs", "after": 0}, retain=True)
    wait_for(lambda: line.customs.counts.repeated >= 10)
    line.customs.stop()
    line.shut()
    received = line.customs.counts.received
    line.open()
    wait_for(lambda: line.relay.status().connected)
    wait_for(lambda: "retained" in line.relay.status().why)
    assert f"{BASE}/replay" in line.relay.status().why
    line.record(1)
    listening = Stranger(line.broker, "listening")
    events = []
    listening.client.on_message = lambda c, d, m: events.append(json.loads(m.payload)["sequence"])
    listening.client.subscribe(f"{BASE}/events/#", 1)
    wait_for(lambda: "11" in events)
    heard_all(line, stranger)
    assert {s for s in events if s != "11"} == set()
    assert line.customs.counts.received == received
    listening.close()


def test_on_its_own_topics_a_receiver_speaks_for_nobody_else(line, stranger):
    line.shut()
    line.settings["ack_timeout_s"] = 600.0  # what the gate sends again is not of this case
    line.open()
    line.customs.deaf = True
    line.record(5)
    wait_for(lambda: line.customs.through == 5)
    received = line.customs.counts.received
    for name in ("port", "result", "customs/x", "Customs"):
        stranger.say(f"ack/{name}", {"consumer": "customs", "through": 5})
        stranger.say(f"replay/{name}", {"consumer": "customs", "after": 0})
    stranger.say("ack/customs", {"consumer": "port", "through": 5})
    heard_all(line, stranger)
    assert line.journal.through("customs") == 0
    assert line.customs.counts.received == received
    stranger.say("ack/customs", {"consumer": "customs", "through": 4})
    wait_for(lambda: line.journal.through("customs") == 4)


def test_a_retained_acknowledgement_counts_for_nothing(line, stranger):
    line.customs.deaf = True
    line.record(5)
    wait_for(lambda: line.customs.through == 5)
    line.shut()
    stranger.say("ack", {"consumer": "customs", "through": 5}, retain=True)
    line.open()
    wait_for(lambda: "retained" in line.relay.status().why)
    heard_all(line, stranger)
    assert line.journal.through("customs") == 0
    assert line.relay.status().waiting == 5


def state_of(payload):
    try:
        return json.loads(payload)["state"]
    except (ValueError, TypeError):
        return payload


@pytest.mark.parametrize("kept", [True, False])
def test_a_gate_that_is_there_does_not_stay_offline_at_the_broker(line, stranger, kept):
    """The will of an earlier connection may come after the birth of the next, and anybody who may
    write there can say it."""
    said = []
    watching = Stranger(line.broker, "watching")
    watching.client.on_message = lambda c, d, m: said.append(state_of(m.payload))
    watching.client.subscribe(f"{BASE}/status", 1)
    wait_for(lambda: said[-1:] == ["online"])
    for _ in range(3):
        stranger.say("status", {"state": "offline", "version": "0"}, retain=kept)
        wait_for(lambda: said[-1] == "offline")
        wait_for(lambda: said[-1] == "online")
    # Not a birth for each of many.
    before = said.count("online")
    for _ in range(30):
        stranger.say("status", {"state": "offline", "version": "0"}, retain=kept)
    for nonsense in (b"", b"offline", b"[]", b'{"state": 7}', b"x" * 5000):
        stranger.say("status", nonsense)
    wait_for(lambda: said.count("online") > before)
    assert said.count("online") - before <= 3
    line.record(3)
    wait_for(line.delivered)
    watching.close()
    late = Stranger(line.broker, "late")
    late.client.on_message = lambda c, d, m: said.append(("late", json.loads(m.payload)["state"]))
    late.client.subscribe(f"{BASE}/status", 1)
    wait_for(lambda: ("late", "online") in said)
    late.close()


@pytest.mark.parametrize("topic", ["checkpoint", "status", "state/out1", "command/c1/result"])
def test_what_a_broker_gives_that_the_gate_did_not_ask_for_is_no_trouble(topic):
    """amqtt gives every new subscription all that is retained: to clear the gate's own would be bad
    advice."""
    taken = Incoming(BASE, lambda: ["customs"], pytest.fail, ManualClock(NOON))
    assert taken.take(Message(f"{BASE}/{topic}", b"{}", True), None) is False
    assert taken.ignored == ""


class Listener(Stranger):
    """Hears what the gate says to everybody: `events` as (sequence, whether it is a copy),
    `answers` to who has asked for a replay."""

    def __init__(self, broker):
        super().__init__(broker, "listener")
        self.events, self.answers = [], []
        self.client.on_message = self._came
        self.client.subscribe([(f"{BASE}/events/#", 1), (f"{BASE}/replay/result", 1)])

    def _came(self, client, data, message):
        body = json.loads(message.payload)
        if message.topic.endswith("/result"):
            self.answers.append(body["consumer"])
        else:
            self.events.append((int(body["sequence"]), body.get("replayed", False)))


def test_unknown_receivers_leave_no_trace_and_get_nothing(tmp_path):
    # So patient that nothing is sent again because an acknowledgement was slow.
    line = Line(tmp_path, Mosquitto(tmp_path / "broker"), receiver=False, ack_timeout_s=600.0)
    stranger, listener = Stranger(line.broker), Listener(line.broker)
    try:
        line.record(3)
        wait_for(lambda: len(listener.events) == 3)
        # Customs sees a gate that is there, and asks for what it lacks: its own replay ...
        line.customs.start()
        wait_for(line.delivered)
        assert listener.answers == ["customs"]
        assert listener.events == [(n, again) for again in (False, True) for n in (1, 2, 3)]
        listener.events.clear()
        listener.answers.clear()
        # ... and from here on nobody is owed one.
        for n in range(300):
            after = 0 if n % 2 else NO_GATE
            stranger.say("replay", {"consumer": f"invented-{n}-{'x' * 60}", "after": after})
        stranger.say("ack", {"consumer": "nobody", "through": NO_GATE})
        heard_all(line, stranger)
        assert line.relay.positions.ahead == {}
        assert line.relay.positions.names() == ["customs"]
        line.record(1)
        wait_for(lambda: (4, False) in listener.events)
        wait_for(line.delivered)
        assert listener.answers == []
        assert listener.events == [(4, False)]
    finally:
        listener.close()
        stranger.close()
        line.close()


def test_no_claim_of_a_receiver_becomes_advice_and_one_that_cannot_be_is_none(line, stranger):
    line.record(3)
    wait_for(line.delivered)
    stranger.say("ack", {"consumer": "customs", "through": NO_GATE})
    stranger.say("replay", {"consumer": "customs", "after": HIGHEST_CLAIM + 1})
    heard_all(line, stranger)
    assert line.relay.positions.ahead == {}
    alarms, clock = StandingAlarms(), ManualClock(NOON)
    ahead = lambda: line.relay.positions.ahead  # noqa: E731
    monitor = JournalMonitor(line.journal, alarms, None, lambda: 0, (), clock, ahead)
    monitor._removed = lambda: None
    # One that is mistyped: the receiver is asked, and its own word counts.
    births = line.customs.births
    stranger.say("ack", {"consumer": "customs", "through": 999999})
    wait_for(lambda: line.customs.births > births)
    heard_all(line, stranger)
    assert line.relay.positions.ahead == {}
    monitor._overtaken()
    assert alarms.said == []
    line.record(1)
    wait_for(line.delivered)
    stranger.say("replay", {"consumer": "customs", "after": 777777, "hash": "0" * 64})
    wait_for(lambda: line.relay.positions.ahead == {"customs": 777777})
    monitor._overtaken()
    (text,) = alarms.said
    assert "777777" in text
    assert "gate journal above NUMBER" in text
    assert "above 777777" not in text
    # Claims that change all the time are told no oftener than the rest.
    for n in range(100):
        line.relay.positions.claims("customs", 800000 + n if n % 2 else 1)
        clock.advance(0.1)
        monitor._overtaken()
    assert len(alarms.said) == 1
    clock.advance(60)
    monitor._overtaken()
    assert len(alarms.said) == 2


def test_a_journal_is_not_made_to_go_on_above_what_no_gate_can_have_given(tmp_path):
    with pytest.raises(ValueError, match=str(HIGHEST_CLAIM)):
        go_on_above(tmp_path / "journal.db", NO_GATE)
    assert go_on_above(tmp_path / "journal.db", HIGHEST_CLAIM) == HIGHEST_CLAIM


@pytest.mark.parametrize(
    "payload",
    [
        b"[" * 100_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"consumer":"customs","through":' + b"9" * 5000 + b"}",
        b'{"consumer":"customs","through":3,"consumer":"x"}',
        b'{"consumer":"customs","through":NaN}',
        b'{"consumer":"customs","through":3.0}',
        b'{"consumer":"customs","through":true}',
        b'{"consumer":"customs","through":1e999}',
        b'{"consumer":"customs","through":3}' + b" " * 100_000,
        b'{"consumer":["customs"],"through":3}',
        b"\xff\xfe{\x00}\x00",
        b"",
    ],
    ids=lambda p: repr(p[:40]),
)
def test_an_acknowledgement_that_is_none_changes_nothing(line, stranger, payload):
    line.customs.deaf = True
    line.record(3)
    wait_for(lambda: line.customs.through == 3)
    stranger.say("ack", payload)
    stranger.say("replay", payload)
    heard_all(line, stranger)
    assert line.relay.status().connected
    assert line.journal.through("customs") == 0
    line.customs.deaf = False
    wait_for(line.delivered)


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_a_huge_message_takes_no_memory_and_does_not_end_the_connection(tmp_path, version):
    line = Line(tmp_path, Mosquitto(tmp_path / "broker"), version=version)
    stranger = Stranger(line.broker)
    try:
        wait_for(lambda: line.relay.status().connected)
        line.record(1)
        wait_for(line.delivered)
        huge = bytes(60_000_000)
        stranger.say("command", huge, retain=True)
        stranger.say("ack", huge)
        before = peak_mb()
        line.shut()
        line.open()
        wait_for(lambda: line.relay.status().connected)
        line.record(1)
        wait_for(line.delivered)
        heard_all(line, stranger)
        assert line.relay.status().connected
        assert max((len(payload) for payload, _ in line.commands), default=0) < 200_000
        assert peak_mb() - before < 20
    finally:
        stranger.close()
        line.close()


def test_a_receiver_gets_one_replay_at_a_time_and_the_same_again_more_and_more_rarely(tmp_path):
    line = Line(tmp_path, Mosquitto(tmp_path / "broker"))
    line.record(30)
    wait_for(line.delivered)
    line.relay.stop()
    replays = Replays(line.journal, line.journal.key)

    def served(now):
        """How many events go out at that time."""
        list(replays.answers("", now))
        count = 0
        while pages := list(replays.rows(10, now)):
            count += sum(len(rows) for rows in pages)
        return count

    replays.ask("customs", 0, 30)
    assert served(0) == 30
    # At once again, and again: it waits, and is served once.
    for _ in range(5):
        replays.ask("customs", 0, 30)
        assert served(AGAIN.first_s - 1) == 0
    assert served(AGAIN.first_s) == 30
    # Over new connections too.
    replays.begin(AGAIN.first_s)
    replays.ask("customs", 0, 30)
    assert served(2 * AGAIN.first_s) == 0
    assert served(3 * AGAIN.first_s) == 30
    now, before = 3 * AGAIN.first_s, 0.0
    for _ in range(10):
        replays.ask("customs", 0, 30)
        before, now = now, next(now + t for t in range(1000) if served(now + t))
    assert now - before == AGAIN.most_s
    # Another is not put off by that, and who has come further neither.
    replays.ask("port", 0, 30)
    assert served(now) == 30
    now += AGAIN.most_s
    replays.ask("customs", 20, 30)
    assert served(now) == 10
    replays.ask("customs", 25, 30)
    assert served(now + AGAIN.first_s) == 5
    line.journal.close()
    line.customs.stop()
    line.broker.stop()


def test_only_what_is_configured_is_kept_of_receivers(line):
    positions = Positions(line.journal, [ConsumerConfig(name="port")])
    for n in range(1000):
        positions.claims(f"n{n}", 5)
    assert positions.ahead == {}
    positions.claims("port", 5)
    assert positions.ahead == {}
    assert [positions.asks_again(now) for now in (0.0, 0.0)] == [True, False]
    positions.claims("port", 5)
    assert positions.ahead == {"port": 5}


def test_a_number_without_a_hash_is_believed_when_it_is_said_again_after_the_gate_has_asked(line):
    positions = Positions(line.journal, [ConsumerConfig(name="port")])
    now = 0.0
    asked = []
    for _ in range(2000):
        positions.claims("port", 999999)
        positions.claims("port", 999998)
        if positions.asks_again(now):
            asked.append(now)
            assert positions.ahead == {}
            # Its own word.
            positions.claims("port", 0)
        assert positions.ahead == {}
        now += 10.0
    # One that keeps mistyping brings no flood of questions.
    assert len(asked) < 20
    assert asked[1] - asked[0] == 10.0
    positions.claims("port", 7, "f" * 64)
    assert positions.ahead == {"port": 7}
    assert not positions.acknowledges("port", 8)


def test_a_connection_that_stood_begins_the_pauses_anew(tmp_path):
    """Eight losses after healthy times: the pause before the last is as short as the first."""
    line = Line(tmp_path, Mosquitto(tmp_path / "broker"))
    line.relay.stop()
    line.journal.close()
    line.backoff = Backoff(Retries(0.02, 60.0), random.Random(1), steady_s=0.3)
    line.open()
    for _ in range(8):
        line.record(1)
        wait_for(line.delivered)
        wait_for(line.relay.steady)
        line.broker.kill()
        wait_for(lambda: not line.relay.status().connected)
        line.broker.start()
    wait_for(lambda: line.relay.status().connected, seconds=20)
    line.close()


class Rival:
    """Another client that wants the gate's own id, and takes it again whenever it is lost."""

    def __init__(self, broker, id, version, again_s=1):
        self.client = paho.Client(
            paho.CallbackAPIVersion.VERSION2,
            id,
            protocol=paho.MQTTv5 if version == "5" else paho.MQTTv311,
        )
        self.client.reconnect_delay_set(again_s, again_s)
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


@pytest.mark.parametrize(
    ("version", "deaf", "again_s"),
    [
        ("5", False, 1),
        pytest.param("5", True, 1, marks=pytest.mark.long),
        ("3.1.1", False, 1),
        ("3.1.1", True, 1),
        # Slower than the gate listens: named all the same, as likely.
        pytest.param("3.1.1", True, 6, marks=pytest.mark.long),
    ],
)
def test_a_second_client_with_the_gates_id_is_named_as_that(tmp_path, version, deaf, again_s):
    line = Line(tmp_path, Mosquitto(tmp_path / "broker"), version=version)
    wait_for(lambda: line.relay.status().connected)
    line.customs.deaf = deaf
    line.record(3)
    rival = Rival(line.broker, f"gate-{BASE.replace('/', '-')}", version, again_s)
    try:
        wait_for(lambda: "client id" in line.relay.status().why)
        assert "ACL" not in line.relay.status().why
        if again_s > 1:
            return
        alarms, clock = StandingAlarms(), ManualClock(NOON)
        wait_for(lambda: line.relay.rival)
        ReceiverMonitor(alarms, line.relay, line.journal.last_sequence, clock, 120.0).check()
        assert any("client id" in text for text in alarms.said)
    finally:
        rival.close()
        line.customs.deaf = False
        wait_for(line.delivered)
        line.close()


def test_a_broker_that_closes_what_may_not_write_is_not_taken_for_a_second_client(tmp_path):
    rules = tmp_path / "acl"
    rules.write_text(f"topic readwrite #\ntopic deny {BASE}/events/#\n")
    rules.chmod(0o644)
    line = Line(
        tmp_path, Mosquitto(tmp_path / "broker", extra=f"acl_file {rules}\n"), version="3.1.1"
    )
    line.record(1)
    seen = []

    def several_times():
        why = line.relay.status().why
        if why and (not seen or seen[-1] != why):
            seen.append(why)
        return line.relay.tries >= 5

    wait_for(several_times)
    assert any("ACL" in why for why in seen)
    assert not any("client id" in why for why in seen)
    line.close()
