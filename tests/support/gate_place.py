"""A gate without cameras for tests: real broker, customs, board on a pty, guard, journal, relay."""

import time
from datetime import UTC, datetime, timedelta

from edge.barrier.boards import registry
from edge.config import load
from edge.domain.assignment import AssignmentBook
from edge.domain.moment import iso
from edge.gate.remote_commands import Remote
from edge.gate.shell import Shell
from edge.sync.customs.envelope import sign
from edge.sync.customs.keyring import Keyring
from edge.sync.customs.relay import MqttRelay
from edge.sync.journal.journal import open_journal
from edge.system.clock import SystemClock
from simulator.barrier.modbus_board import Board, SerialBoards
from simulator.broker import Mosquitto
from simulator.customs import Customs
from simulator.world import LaneWorld
from tests.support.builders import a_configuration
from tests.support.waiting import wait_for

MORE = """
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


class Place:
    """`open`, `shut`, `open` again."""

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
        text = a_configuration(MORE.format(broker=self.broker.port), port=self.boards.port)
        (folder / "gate.toml").write_text(text)

    def open(self):
        clock, settings = SystemClock(), load(self.folder / "gate.toml")
        self.journal = open_journal(self.folder / "j", settings.journal, "/s/g", clock)
        self.guards = registry.build(settings, clock)
        self.shell = shell = Shell(
            settings, clock, self.journal, self.guards, None, AssignmentBook,
            committed=lambda: self.relay.wake(),
        )  # fmt: skip
        self.gate = shell.gate
        remote = Remote(
            settings, self.ring, self.journal, self.guards, shell.commits.record, shell.requests,
            clock, changed=shell.gate.changed_meanwhile,
        )  # fmt: skip
        self.relay = MqttRelay(settings.customs, "s", "g", self.journal, remote.take, clock)
        remote.answer = self.relay.answer
        self.guards.start(shell.requests.before(self.gate.report))
        self.gate.start()
        wait_for(lambda: self.guards.guard("out1").status().wire_ok)
        remote.resume()
        self.relay.start()
        wait_for(lambda: self.relay.status().connected)
        # Heard back: the subscription to commands stands. Others may be answered just then.
        before = self._malformed()
        self.customs.command(b"{")
        wait_for(lambda: self._malformed() > before)

    def _malformed(self):
        return sum(reported["why"] == "malformed" for reported in self.reported())

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

    def reported(self):
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
        before = len(self.reported())
        self.customs.command(payload, retain)
        wait_for(lambda: len(self.reported()) > before)
        (reported,) = self.reported()[before:]
        assert (reported["outcome"], reported["why"]) == ("refused", why)
