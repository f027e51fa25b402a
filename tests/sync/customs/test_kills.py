"""A campaign of SIGKILLs over service, broker and receiver: every event once, the chain whole.

Two receivers are waited for: the simulator's customs, and the guide's example in a process of its
own. Between the kills the broker refuses the gate its events, or the receivers their ears or their
acknowledgements, and what they hold comes again.
"""

import contextlib
import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

from edge.config import JournalConfig
from edge.sync.journal.chain import GENESIS, digest
from edge.sync.journal.journal import open_journal
from edge.sync.journal.verify import verify_chain
from edge.system.clock import ManualClock
from simulator.broker import Mosquitto
from simulator.customs import Customs
from tests.support.builders import NOON
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(3000)
SERVICE = Path(__file__).parents[3] / "tests" / "support" / "killed_service.py"
EXAMPLE = Path(__file__).parents[3] / "docs" / "customs_receiver.py"
EVERYTHING = "topic readwrite #\n"
REFUSALS = {
    "events refused": "topic read #\ntopic write +/+/+/+/ack/+\ntopic write +/+/+/+/replay/+\n",
    "receivers hear nothing": "topic write #\ntopic read +/+/+/+/ack/+\n",
    "acknowledgements lost": f"{EVERYTHING}topic deny +/+/+/+/ack/+\n",
}
"""What the broker allows meanwhile. It tells a writer by MQTT 5, closes the connection of one with
3.1.1, and tells a reader nothing."""
TROUBLES = ("none", "broker killed", "example killed", "replay", "duplicates", *REFUSALS)


class Campaign:
    def __init__(self, folder, seed):
        self.folder, self.rng = folder, random.Random(seed)
        self.rules = folder / "acl"
        self._write_rules(EVERYTHING)
        self.broker = Mosquitto(folder / "broker", extra=f"acl_file {self.rules}\n")
        self.broker.start()
        self.customs = Customs(self.broker.host, self.broker.port, "s", "g", folder / "customs.db")
        self.customs.start()
        self.bystander = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "bystander")
        self.bystander.connect(self.broker.host, self.broker.port)
        self.bystander.loop_start()
        self.kills, self.troubles = Counter(), Counter()
        self._bag = []
        self.service = None
        journal = open_journal(folder / "j", JournalConfig(), "/s/g", ManualClock(NOON))
        self.key = journal.key.public
        journal.close()
        self.receive()

    def _write_rules(self, text):
        self.rules.write_text(text)
        self.rules.chmod(0o644)

    def start(self, what="record"):
        version = self.rng.choice(["5", "3.1.1"])
        self.service = subprocess.Popen(
            [sys.executable, SERVICE, self.folder, str(self.broker.port), version, what],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.service.stdout.readline() == "ready\n"

    def receive(self):
        """The guide's example."""
        file = self.folder / "example.db"
        place = [self.broker.host, str(self.broker.port), "s", "g", file, self.key]
        with (self.folder / "example.log").open("ab") as log:
            self.example = subprocess.Popen(
                [sys.executable, EXAMPLE, *place], stdout=log, stderr=log
            )

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
        if not self._bag:
            self._bag = rng.sample(TROUBLES, len(TROUBLES))
        trouble = self._bag.pop()
        self.troubles[trouble] += 1
        match trouble:
            case "broker killed":
                self.broker.kill()
                self.kills["broker"] += 1
                time.sleep(rng.uniform(0.0, 0.3))
                self.broker.start()
            case "example killed":
                assert self.example.poll() is None, (self.folder / "example.log").read_text()
                self.example.kill()
                self.example.wait()
                self.kills["example"] += 1
                time.sleep(rng.uniform(0.0, 0.3))
                self.receive()
            case "replay":
                self.customs.ask_replay(rng.randrange(max(1, self.customs.through)))
            case "duplicates":
                self._publish_again()
            case refusal if refusal in REFUSALS:
                self._write_rules(REFUSALS[refusal])
                self.broker.reload()
                time.sleep(rng.uniform(0.1, 0.4))
                self._write_rules(EVERYTHING)
                self.broker.reload()
        time.sleep(rng.uniform(0.0, 0.4))
        self.kill()

    def _publish_again(self):
        """Some of what customs holds, in no order and each twice, as a broker may that forgot."""
        held = self.customs.events()[-100:]
        for event in 2 * self.rng.sample(held, min(20, len(held))):
            topic = f"bordergate/v1/s/g/events/out1/{event['type']}"
            self.bystander.publish(topic, json.dumps(event), qos=1)

    def promised(self):
        """What `record` had returned before each kill; a torn last line was not yet a promise."""
        lines = (self.folder / "acknowledged.txt").read_text().split("\n")[:-1]
        return [(int(number), id) for number, id in (line.split() for line in lines)]

    def asked(self, file, question):
        with contextlib.closing(sqlite3.connect(self.folder / file)) as db:
            return db.execute(question).fetchall()

    def last_sequence(self):
        return self.asked("j/journal.db", "SELECT max(seq) FROM events")[0][0]

    def everybody_has(self, number):
        return dict(self.asked("j/journal.db", "SELECT name, through FROM consumers")) == {
            "customs": number,
            "example": number,
        }

    def stop(self):
        if self.service.poll() is None:
            self.kill()
        self.example.kill()
        self.example.wait()
        self.bystander.disconnect()
        self.bystander.loop_stop()
        self.customs.stop()
        self.broker.stop()


def whole(events):
    before = GENESIS
    for event in events:
        assert (event["previoushash"], event["hash"]) == (before, digest(event))
        before = event["hash"]


@pytest.mark.skipif(not Mosquitto.installed(), reason="Mosquitto is not installed")
@pytest.mark.parametrize(
    "kills", [12, pytest.param(200, marks=pytest.mark.long)], ids=lambda n: f"{n}-kills"
)
def test_after_kills_of_service_and_broker_each_receiver_holds_every_event_once(tmp_path, kills):
    campaign = Campaign(tmp_path, seed=kills)
    try:
        while campaign.kills["service"] + campaign.kills["broker"] < kills:
            campaign.step()
        assert set(campaign.troubles) == set(TROUBLES)
        last = campaign.last_sequence()
        campaign.start("only send")
        wait_for(lambda: campaign.everybody_has(last), 900, 0.2)
        assert campaign.example.poll() is None
        assert campaign.last_sequence() == last
        held = [(int(e["sequence"]), e["id"]) for e in campaign.customs.events()]
        assert [number for number, _ in held] == list(range(1, last + 1))
        assert len({id for _, id in held}) == len(held)
        assert campaign.customs.counts.broken == []
        assert campaign.customs.counts.repeated > 0
        rows = campaign.asked("example.db", "SELECT seq, id, body FROM events ORDER BY seq")
        assert [(number, id) for number, id, _ in rows] == held
        whole(json.loads(body) for *_, body in rows)
        promised = campaign.promised()
        assert len(promised) > 10 * kills
        assert set(promised) <= set(held)
        campaign.kill()
        journal = open_journal(tmp_path / "j", JournalConfig(), "/s/g", ManualClock(NOON))
        rows, faults = verify_chain(journal.all_rows(), journal.checkpoints(), journal.key.public)
        assert (rows, faults) == (last, [])
        journal.close()
        again = campaign.customs.counts.repeated
        print(f"{dict(campaign.kills)}, {dict(campaign.troubles)}: {last} events, {again} again")
    finally:
        campaign.stop()
