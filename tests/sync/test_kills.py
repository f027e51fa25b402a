"""A campaign of SIGKILLs over service and broker: every event once, the chain whole."""

import contextlib
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builders import NOON

from edge.clock import ManualClock
from edge.config import JournalConfig
from edge.sync.journal import open_journal
from edge.sync.verify import verify_chain
from simulator.broker import Mosquitto
from simulator.customs import Customs

pytestmark = pytest.mark.timeout(3000)
SERVICE = Path(__file__).with_name("killed_service.py")
OPEN = "topic readwrite #\n"
SHUT = "topic read #\ntopic write +/+/+/+/ack\ntopic write +/+/+/+/replay\n"
"""The second refuses the gate every event."""


class Campaign:
    def __init__(self, folder, seed):
        self.folder, self.rng = folder, random.Random(seed)
        self.rules = folder / "acl"
        self._write_rules(OPEN)
        self.broker = Mosquitto(folder / "broker", extra=f"acl_file {self.rules}\n")
        self.broker.start()
        self.customs = Customs(self.broker.host, self.broker.port, "s", "g", folder / "customs.db")
        self.customs.start()
        self.kills = {"service": 0, "broker": 0}
        self.service = None

    def _write_rules(self, text):
        self.rules.write_text(text)
        self.rules.chmod(0o644)

    def start(self, what="record"):
        self.service = subprocess.Popen(
            [sys.executable, str(SERVICE), str(self.folder), str(self.broker.port), what],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.service.stdout.readline() == "ready\n"

    def kill(self):
        self.service.send_signal(signal.SIGKILL)
        self.service.wait()
        self.service.stdout.close()
        self.kills["service"] += 1

    def step(self):
        """One kill at a random moment, and perhaps another trouble before it."""
        rng = self.rng
        self.start()
        time.sleep(rng.uniform(0.0, 0.6))
        trouble = rng.choice(["none", "broker", "refused", "deaf", "replay", "none"])
        if trouble == "broker":
            self.broker.kill()
            self.kills["broker"] += 1
            time.sleep(rng.uniform(0.0, 0.3))
            self.broker.start()
        elif trouble == "refused":
            self._write_rules(SHUT)
            self.broker.reload()
            time.sleep(rng.uniform(0.1, 0.4))
            self._write_rules(OPEN)
            self.broker.reload()
        elif trouble == "deaf":
            self.customs.deaf = True
            time.sleep(rng.uniform(0.0, 0.4))
            self.customs.deaf = False
        elif trouble == "replay":
            self.customs.ask_replay(rng.randrange(max(1, self.customs.through)))
        time.sleep(rng.uniform(0.0, 0.4))
        self.kill()

    def promised(self):
        """What `record` had returned before each kill; a torn last line was not yet a promise."""
        lines = (self.folder / "acknowledged.txt").read_text().split("\n")[:-1]
        return [(int(number), id) for number, id in (line.split() for line in lines)]

    def last_sequence(self):
        with contextlib.closing(sqlite3.connect(self.folder / "j" / "journal.db")) as db:
            return db.execute("SELECT max(seq) FROM events").fetchone()[0]

    def stop(self):
        if self.service.poll() is None:
            self.kill()
        self.customs.stop()
        self.broker.stop()


@pytest.mark.skipif(not Mosquitto.installed(), reason="Mosquitto is not installed")
@pytest.mark.parametrize(
    "kills", [12, pytest.param(200, marks=pytest.mark.long)], ids=lambda n: f"{n}-kills"
)
def test_after_kills_of_service_and_broker_customs_holds_every_event_once(tmp_path, kills):
    campaign = Campaign(tmp_path, seed=kills)
    try:
        while sum(campaign.kills.values()) < kills:
            campaign.step()
        campaign.start("only send")
        until = time.monotonic() + 300
        while campaign.customs.through < campaign.last_sequence():
            assert time.monotonic() < until, "the outbox does not drain"
            time.sleep(0.1)
        last = campaign.last_sequence()
        held = [(int(e["sequence"]), e["id"]) for e in campaign.customs.events()]
        assert [number for number, _ in held] == list(range(1, last + 1))
        assert len({id for _, id in held}) == len(held)
        assert campaign.customs.counts.broken == []
        promised = campaign.promised()
        assert len(promised) > 10 * kills
        assert set(promised) <= set(held)
        campaign.kill()
        journal = open_journal(tmp_path / "j", JournalConfig(), "/s/g", ManualClock(NOON))
        rows, faults = verify_chain(journal.all_rows(), journal.checkpoints(), journal.key.public)
        assert (rows, faults) == (last, [])
        journal.close()
        print(f"{campaign.kills}: {last} events, {campaign.customs.counts.repeated} came again")
    finally:
        campaign.stop()
