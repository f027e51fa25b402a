"""Commands from a real broker to a real board: at most one pulse, one audit event, one answer."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.assignment import AssignmentBook
from edge.barrier import assemble
from edge.clock import SystemClock, iso
from edge.config import load
from edge.desk import Requests
from edge.gate import Gate
from edge.remote import ANSWER, Remote
from edge.sync.envelope import sign
from edge.sync.journal import open_journal
from edge.sync.keyring import Keyring
from edge.sync.relay import MqttRelay
from simulator.barrier.modbus_board import Board, SerialBoards
from simulator.broker import Mosquitto
from simulator.customs import Customs
from simulator.world import LaneWorld

pytestmark = pytest.mark.timeout(300)

SIGN = Path(__file__).parents[2] / "docs" / "sign_command.py"
CONFIG = """
site = "s"
gate = "g"
[wires.bus]
port = "{serial}"
kind = "serial"
[lanes.out1]
direction = "export"
[lanes.out1.camera]
source = "none.mp4"
[lanes.out1.barrier]
wire = "bus"
[customs]
host = "127.0.0.1"
port = {broker}
version = "5"
[journal]
max_mb = 20
ballast_mb = 0
[[issuers]]
name = "customs"
actions = ["open", "lock"]
"""


def wait_for(true, seconds=90):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "did not happen"
        time.sleep(0.05)


class Place:
    """A gate without cameras: broker, customs, board on a pty; `open`, `crash`, `open` again."""

    def __init__(self, folder):
        self.folder = folder
        world = LaneWorld("out1", time.monotonic)
        outputs = {"open": 1, "close": 2, "green": 3, "red": 4}
        inputs = {n: c for c, n in enumerate(
            ("entry_loop", "safety_loop", "photocell", "limit_open", "limit_closed", "stop"), 1
        )}  # fmt: skip
        self.boards = SerialBoards({1: Board(world, outputs, inputs, ("stop",))})
        self.broker = Mosquitto(folder / "broker")
        self.ring = Keyring(folder / "keys")
        self.counter = 0
        self.broker.start()
        self.boards.start()
        self.customs = Customs("127.0.0.1", self.broker.port, "s", "g", folder / "customs.db")
        self.customs.start()
        text = CONFIG.format(serial=self.boards.port, broker=self.broker.port)
        (folder / "gate.toml").write_text(text)

    def open(self):
        clock, settings = SystemClock(), load(self.folder / "gate.toml")
        self.journal = open_journal(self.folder / "j", settings.journal, "/s/g", clock)
        self.guards = assemble.build(settings, clock)
        requests = Requests()
        self.gate = Gate(
            settings, clock, self.journal, self.guards, None, AssignmentBook,
            lambda assignment: None, lambda: self.relay.wake(), requests.take,
        )  # fmt: skip
        remote = Remote(settings, self.ring, self.journal, self.gate, requests)
        self.relay = MqttRelay(settings.customs, "s", "g", self.journal, remote.take, clock)
        remote.answer = self.relay.answer
        self.guards.start(self.gate.report)
        self.gate.start()
        wait_for(lambda: self.guards.guard("out1").status().wire_ok)
        remote.resume()
        self.relay.start()
        wait_for(lambda: self.relay.status().connected)
        # Heard back: the subscription to commands stands.
        self.refused(b"{", "malformed")

    def shut(self):
        self.relay.stop()
        self.gate.stop()
        self.guards.stop()
        self.journal.close()

    def close(self):
        self.shut()
        self.customs.stop()
        self.boards.stop()
        self.broker.stop()

    def pulses(self):
        """Pulses of the opening output that the board was told."""
        return [pdu for _, _, pdu in self.boards.seen if pdu[0] == 5 and pdu[1:3] == b"\2\0"]

    def told(self):
        return [e["data"] for e in self.customs.events("command.handled")]

    def answers(self, id):
        return [r for r in self.customs.results if r["id"] == id]

    def command(self, key, private, /, **changes):
        self.counter += 1
        now = datetime.now(UTC)
        body = {
            "id": f"c{self.counter}", "gate": "g", "lane": "out1", "action": "open",
            "reason": "inspection done", "issued_at": iso(now),
            "expires_at": iso(now + timedelta(seconds=60)), "issuer": "customs",
            "counter": self.counter, "key": key.key, **changes,
        }  # fmt: skip
        return sign(body, private)

    def refused(self, payload, why, retain=False):
        """Sent; until the one audit event of it is at customs."""
        before = len(self.told())
        self.customs.command(payload, retain)
        wait_for(lambda: len(self.told()) > before)
        (told,) = self.told()[before:]
        assert (told["outcome"], told["why"]) == ("refused", why)


@pytest.fixture
def place(tmp_path):
    if not Mosquitto.installed():
        pytest.skip("Mosquitto is not installed (apt install mosquitto)")
    made = Place(tmp_path)
    made.open()
    yield made
    made.close()


def wire(envelope):
    return json.dumps(envelope).encode()


def test_no_flawed_command_moves_anything_and_each_is_told_once(place):
    key, private = place.ring.make("customs")
    revoked, its_private = place.ring.make("customs")
    place.ring.revoke(revoked.key)
    now = datetime.now(UTC)
    for flawed, why in (
        ({**place.command(key, private), "reason": "forged"}, "bad_signature"),
        (place.command(key, its_private), "bad_signature"),
        (place.command(key, private, expires_at=iso(now - timedelta(seconds=1))), "expired"),
        (place.command(key, private, issued_at=iso(now + timedelta(hours=1))), "post_dated"),
        (place.command(key, private, gate="other"), "wrong_gate"),
        (place.command(key, private, lane="out9"), "wrong_lane"),
        (place.command(key, private, key="0123456789ab"), "unknown_key"),
        (place.command(revoked, its_private), "revoked_key"),
        (place.command(key, private, action="close"), "not_permitted"),
        (place.command(key, private, expires_at=iso(now + timedelta(days=9))), "valid_too_long"),
        ({**place.command(key, private), "id": "#"}, "malformed"),
    ):
        place.refused(wire(flawed), why)
    place.refused(b"[" * 8000, "malformed")
    place.refused(b"x" * 100_000, "too_large")
    # A retained one comes as such with the next connection.
    place.relay.stop()
    place.customs.command(wire(place.command(key, private)), retain=True)
    before = len(place.told())
    place.shut()
    place.open()
    wait_for(lambda: "retained" in [told["why"] for told in place.told()[before:]])
    assert place.pulses() == []
    assert place.customs.counts.broken == []


def test_one_id_is_one_pulse_and_one_answer_across_restarts(place):
    key, private = place.ring.make("customs")
    now = datetime.now(UTC)
    good = wire(place.command(key, private, expires_at=iso(now + timedelta(seconds=30))))
    id = json.loads(good)["id"]
    place.customs.command(good)
    wait_for(lambda: place.answers(id))
    wait_for(lambda: len(place.pulses()) == 1)
    for _ in range(2):
        place.refused(good, "replayed")
        place.shut()
        place.open()
        place.refused(good, "replayed")
    again = wire(place.command(key, private, id=id))
    place.refused(again, "replayed")
    wait_for(lambda: len(place.answers(id)) >= 6)
    assert {r["outcome"] for r in place.answers(id)} == {"done"}
    assert len(place.pulses()) == 1


def test_the_signing_example_of_the_guide_opens_the_barrier(place):
    key, private = place.ring.make("customs")
    words = ["g", "out1", "open", "customs", key.key, private, "inspection done"]
    done = subprocess.run(
        [sys.executable, str(SIGN), *words], capture_output=True, check=True, timeout=60
    )
    place.customs.command(done.stdout)
    id = json.loads(done.stdout)["id"]
    wait_for(lambda: place.answers(id))
    assert place.answers(id)[0] == {"id": id, "outcome": "done", "why": ""}
    wait_for(lambda: len(place.pulses()) == 1)


def test_a_forger_cannot_answer_for_a_command_that_was_done(place):
    key, private = place.ring.make("customs")
    good = place.command(key, private)
    place.customs.command(wire(good))
    wait_for(lambda: place.answers(good["id"]))
    place.refused(wire({**good, "reason": "forged"}), "bad_signature")
    place.refused(wire(good), "replayed")
    wait_for(lambda: len(place.answers(good["id"])) == 2)
    assert [r["outcome"] for r in place.answers(good["id"])] == ["done", "done"]


def test_a_command_under_way_in_a_crash_is_told_as_uncertain_and_never_given_again(place):
    kept = {"lane": "out1", "issuer": "customs", "action": "open", "outcome": "pending", "why": ""}
    place.journal.record([], {f"{ANSWER}lost": {**kept, "expires_at": iso(datetime.now(UTC))}})
    place.shut()
    place.open()
    wait_for(lambda: place.answers("lost"))
    assert place.answers("lost")[0]["outcome"] == "uncertain"
    assert [t["outcome"] for t in place.told() if t["command"] == "lost"] == ["uncertain"]
    assert place.pulses() == []
