"""Random lives of a gate: journals lost and restored, disks lost, messages lost, receivers behind.

Journal, delivery and replays are real; the wire is a list. The receiver does what docs/customs.md
says and no more, and the person what the alarm says.
"""

import json
import random
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from edge.config import ConsumerConfig, CustomsConfig, JournalConfig
from edge.domain.events import PLATE_READ, Event
from edge.sync.customs.delivery import Delivery
from edge.sync.customs.positions import Positions
from edge.sync.customs.replays import Replays
from edge.sync.journal.chain import GENESIS, canonical, digest, signed_part
from edge.sync.journal.journal import FILE, open_journal
from edge.sync.journal.restoring import RESTORED, go_on_above, restore
from edge.sync.journal.signing import verifies
from edge.system.clock import ManualClock
from tests.support.builders import NOON

pytestmark = pytest.mark.timeout(1200)
PART = 50
"""Lives that share the time limit."""

NAMES = ("customs", "port")
SCRIPT = Path(__file__).parents[3] / "docs" / "customs_receiver.py"
NODE = SCRIPT.with_suffix(".mjs")
CONFIG = JournalConfig(max_mb=20, ballast_mb=0)
CUSTOMS = CustomsConfig(
    host="nowhere",
    consumers=tuple(ConsumerConfig(name=name) for name in NAMES),
    ack_timeout_s=2.0,
    window=5,
)


class Receiver:
    """By the guide alone. `keys`: what was handed over; `told`: what a person hears. "port" is of
    before and names no hash. It stops at another history, until a person has acted."""

    def __init__(self, name):
        self.name, self.keys, self.told = name, set(), set()
        self.through, self.before, self.held, self.early = 0, GENESIS, {}, {}
        self.asks = False

    def genuine(self, body, signed):
        return any(verifies(key, signed, body["signature"]) for key in self.keys)

    def question(self):
        return self.name, self.through, self.before if self.name == "customs" else ""

    def skip(self, first, previous):
        self.through, self.before = first - 1, previous
        self.early = {n: e for n, e in self.early.items() if n >= first}

    @property
    def stopped(self):
        return "another history" in self.told

    def result(self, body):
        bare = {k: v for k, v in body.items() if k != "signature"}
        if not self.genuine(body, canonical(bare)) or body["after"] > self.through:
            return
        if body["first"] > self.through + 1:
            self.skip(body["first"], body["previoushash"])
            self.take()
        elif body["first"] == self.through + 1 and body["previoushash"] not in (
            self.before,
            GENESIS,
        ):
            self.told.add("another history")

    def event(self, body):
        if not self.genuine(body, signed_part(body)):
            self.told.add("not signed")
            return
        assert digest(body) == body["hash"]
        if self.stopped:
            return
        number = int(body["sequence"])
        if number in self.held and self.held[number] != body["id"]:
            self.told.add("given twice")
        elif number > self.through:
            self.early[number] = body
            if body["previoushash"] == GENESIS and number == self.through + 1:
                self.skip(number, GENESIS)
            elif body["previoushash"] == GENESIS:
                self.asks = True
        self.take()

    def take(self):
        while (body := self.early.pop(self.through + 1, None)) is not None:
            if body["previoushash"] != self.before:
                # Of an earlier history, perhaps: the answer says so.
                self.asks = True
                return
            self.through, self.before = self.through + 1, body["hash"]
            assert self.through not in self.held, "a number is applied once"
            self.held[self.through] = body["id"]


class Example:
    """docs/customs_receiver.py itself, without its connection. A person starts it anew with a key
    that was handed over, or after having acted."""

    def __init__(self, name, file):
        self.name, self.keys, self.told, self.file = name, set(), set(), str(file)
        self.run, self.asks = None, False

    def start(self):
        source = SCRIPT.read_text(encoding="utf-8").split("\ntopics = ")[0]
        self.run = {"__name__": "receiver"}
        place = ["", "nowhere", "1", "s", "g", self.file, ",".join(sorted(self.keys))]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", place)
            exec(compile(source, str(SCRIPT), "exec"), self.run)
        self.run["print"] = lambda text, **_: self.told.add(text)
        self.said = []

    def stop(self):
        if self.run is not None:
            self.run["db"].close()

    @property
    def through(self):
        return self.run["through"]

    @property
    def stopped(self):
        return any("another history" in text for text in self.told)

    def question(self):
        return self.name, self.through, self.run["before"]

    def result(self, body):
        self.hear("replay/result", body)

    def event(self, body):
        self.hear("events/out1/plate.read", body)

    def hear(self, topic, body):
        message = SimpleNamespace(
            topic=f"{self.run['base']}/{topic}", payload=json.dumps(body).encode()
        )
        self.run["received"](SimpleNamespace(publish=self.says), None, message)

    def says(self, topic, body, qos):
        self.asks |= "/replay/" in topic

    @property
    def held(self):
        return dict(self.run["db"].execute("SELECT seq, id FROM events"))


class NodeExample:
    """docs/customs_receiver.mjs itself, in its process. After each line it is told that the gate is
    online: its question shows where it is."""

    def __init__(self, name, file):
        self.name, self.keys, self.told, self.file = name, set(), set(), file.with_suffix(".jsonl")
        self.process, self.asks = None, False

    def start(self):
        place = ["bordergate/v1/s/g", str(self.file), ",".join(sorted(self.keys))]
        self.said = self.file.with_suffix(".log").open("w+b")
        self.process = subprocess.Popen(
            ["node", NODE, *place],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.said.fileno(),
        )
        self.read = 0
        self.write("status", {"state": "online"})
        self.answered()

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.said.close()

    def write(self, topic, body):
        self.process.stdin.write(f"bordergate/v1/s/g/{topic} {json.dumps(body)}\n".encode())
        self.process.stdin.flush()

    def line(self):
        topic, _, body = self.process.stdout.readline().decode().partition(" ")
        return topic.split("/")[-2], json.loads(body)

    def answered(self):
        _, body = self.line()
        self.through, self.before = body["after"], body["hash"]
        said = self.file.with_suffix(".log").read_bytes()
        self.told |= set(said[self.read :].decode().splitlines())
        self.read = len(said)

    @property
    def stopped(self):
        return any("another history" in text for text in self.told)

    @property
    def held(self):
        lines = self.file.read_text(encoding="utf-8").splitlines()
        return {int(event["sequence"]): event["id"] for event in map(json.loads, lines)}

    def question(self):
        return self.name, self.through, self.before

    def result(self, body):
        self.write("replay/result", body)
        self.write("status", {"state": "online"})
        self.answered()

    def event(self, body):
        self.write("events/out1/plate.read", body)
        self.write("status", {"state": "online"})
        while self.line()[0] != "ack":
            self.asks = True
        self.answered()


class Life:
    def __init__(self, folder, seed, example=None):
        self.rng, self.folder = random.Random(seed), folder
        self.clock = ManualClock(NOON)
        self.example = example
        self.receivers = [Receiver(name) for name in NAMES]
        if example:
            folder.mkdir()
            self.receivers[0] = example(NAMES[0], folder / "receiver-0.db")
        self.deaf, self.backup, self.mid, self.told, self.gone = set(), None, 0, set(), {}
        self.open()

    def open(self):
        self.journal = open_journal(self.folder / "j", CONFIG, "/s/g", self.clock)
        if self.journal.state(RESTORED) is not None:
            above = max(self.journal.last_sequence(), *(r.through for r in self.receivers))
            self.journal.begin_above(above + 100)
        for receiver in self.receivers:
            self.hand_over(receiver)
        self.positions = Positions(self.journal, CUSTOMS.consumers)
        self.replays = Replays(self.journal, self.journal.key)
        self.connect()

    def hand_over(self, receiver):
        if self.journal.key.public not in receiver.keys:
            receiver.keys.add(self.journal.key.public)
            if self.example and receiver is self.receivers[0]:
                receiver.stop()
                receiver.start()

    def connect(self):
        """The gate says that it is online, and receivers ask."""
        self.wire = []
        self.replays.begin(self.clock.now().mono)
        self.delivery = Delivery(
            CUSTOMS, self.journal, self.positions, self.replays, self.publish, self.clock
        )
        for receiver in self.receivers:
            if receiver.name not in self.deaf:
                self.delivery.asked(*receiver.question())

    def publish(self, topic, body):
        self.mid += 1
        self.wire.append((self.mid, topic, json.loads(body)))
        return self.mid

    def turn(self, lost=0.0):
        if self.positions.asks_again(self.clock.now().mono):
            # It says once more that it is online.
            for receiver in self.receivers:
                if receiver.name not in self.deaf:
                    self.delivery.asked(*receiver.question())
        self.delivery.pump()
        wire, self.wire = self.wire, []
        for mid, topic, body in wire:
            self.delivery.published(mid, "")
            for receiver in self.receivers:
                if receiver.name in self.deaf or self.rng.random() < lost:
                    continue
                if topic == "replay/result":
                    self.answered(receiver, body)
                else:
                    receiver.event(body)
                if topic != "replay/result" and self.rng.random() >= lost:
                    self.delivery.acknowledged(receiver.name, receiver.through)
        for receiver in self.receivers:
            if receiver.asks and receiver.name not in self.deaf:
                self.delivery.asked(*receiver.question())
                receiver.asks = False
        self.clock.advance(1.0)

    def record(self):
        self.journal.record([Event(PLATE_READ, "out1", NOON, {"plate": "24C12345"})])

    def shut(self):
        self.journal.close()

    def end(self):
        self.shut()
        if self.example:
            self.receivers[0].stop()

    def step(self):
        rng = self.rng
        for _ in range(rng.randrange(6)):
            self.record()
        for _ in range(rng.randrange(4)):
            self.turn(lost=rng.choice((0.0, 0.3)))
        match rng.choice(("broker", "restart", "deaf", "heard", "backup", "restored", "lost",
                          "journal lost", "empty receiver", "above")):  # fmt: skip
            case "broker":
                self.connect()
            case "restart":
                self.shut()
                self.open()
            case "deaf":
                self.deaf.add(rng.choice(NAMES))
            case "heard":
                self.deaf.clear()
                self.connect()
            case "backup":
                self.backup = self.folder / f"copy-{self.mid}.db"
                if not self.backup.exists():
                    self.journal.backup(self.backup)
            case "restored" if self.backup is not None:
                self.shut()
                if rng.random() < 0.5:
                    shutil.rmtree(self.folder / "j")
                    (self.folder / "j").mkdir()
                restore(self.backup, self.folder / "j" / FILE)
                self.open()
            case "lost":
                self.shut()
                shutil.rmtree(self.folder / "j")
                self.open()
                if rng.random() < 0.5:
                    # It grows past what the receivers hold before they are heard again.
                    for _ in range(max(r.through for r in self.receivers) % 1000 + 3):
                        self.record()
            case "journal lost":
                self.shut()
                (self.folder / "j" / FILE).unlink()
                if rng.random() < 0.3:
                    (self.folder / "j" / "highwater").unlink(missing_ok=True)
                self.open()
            case "empty receiver":
                self.empty(rng.randrange(len(NAMES)))
            case "above":
                self.above(rng.choice(self.receivers).through or 1)

    def empty(self, number):
        old = self.receivers[number]
        if self.example and number == 0:
            old.stop()
            new = self.example(
                old.name, self.folder / f"receiver-{self.mid}-{self.rng.random()}.db"
            )
        else:
            new = Receiver(old.name)
        new.keys = old.keys
        self.receivers[number] = new
        if not isinstance(new, Receiver):
            new.start()

    def above(self, number):
        self.shut()
        go_on_above(self.folder / "j" / FILE, number)
        self.open()

    def settled(self):
        """Everybody is there; the person does what the alarm says."""
        self.deaf.clear()
        self.record()
        self.connect()
        acted = 0
        for patience in range(400):
            self.turn()
            last = self.journal.last_sequence()
            if all(receiver.through == last for receiver in self.receivers):
                return True
            stopped = [r.through for r in self.receivers if r.stopped]
            if self.positions.ahead or stopped:
                acted += 1
                assert acted == 1, f"what a person did was in vain: {stopped}"
                for receiver in self.receivers:
                    self.told |= receiver.told
                    receiver.told.clear()
                self.above(max((*self.positions.ahead.values(), *stopped)) or 1)
                if self.rng.random() < 0.5:
                    # The replay is answered before the new series has an event.
                    self.turn()
                self.record()
            elif patience % 100 == 99:
                self.connect()
        return False

    def answered(self, receiver, body):
        """What it skips while the gate has none of it, or only of another history, it knows of: a
        copy of the journal that is put back later may hold it again."""
        before, series = receiver.through, self.journal.series()
        receiver.result(body)
        if receiver.through > before and body["first"] > before + 1:
            between = range(before + 1, body["first"])
            first = series.first if receiver.name in series.receivers else 0
            held = {n for n, *_ in self.journal.after(max(before, first - 1), len(between))}
            self.gone[receiver] = self.gone.get(receiver, set()) | (set(between) - held)

    def lacking(self):
        """What the gate holds, of a history that the receiver shares, and the receiver does not."""
        series = self.journal.series()
        for receiver in self.receivers:
            held, first = receiver.held, series.first if receiver.name in series.receivers else 0
            held = {*held, *self.gone.get(receiver, ())}
            for number, *_ in self.journal.after(first - 1, 1_000_000):
                if number not in held:
                    yield receiver.name, number


def many(example, called, lives):
    """In parts, so that a crowded computer has its time for each."""
    parts = [range(first, min(first + PART, lives)) for first in range(0, lives, PART)]
    return [
        pytest.param(example, part, id=f"{called}, {part[0]} to {part[-1]}", marks=pytest.mark.long)
        for part in parts
    ]


@pytest.mark.parametrize(
    ("example", "seeds"),
    [
        pytest.param(None, range(20), id="by the guide"),
        pytest.param(Example, range(20), id="the example itself"),
        pytest.param(NodeExample, range(3), id="the example in Node"),
        *many(None, "by the guide", 500),
        *many(Example, "the example itself", 500),
        *many(NodeExample, "the example in Node", 150),
    ],
)
def test_a_receiver_that_follows_the_guide_never_stops_at_what_the_gate_offers(
    tmp_path, example, seeds
):
    if example is NodeExample and not shutil.which("node"):
        pytest.skip("Node is not installed (apt install nodejs)")
    told = set()
    for seed in seeds:
        life = Life(tmp_path / str(seed), seed, example)
        try:
            for _ in range(life.rng.randrange(4, 12)):
                life.step()
            assert life.settled(), (
                f"life {seed}: the gate is at {life.journal.last_sequence()}, "
                f"{[(r.name, r.through, r.told) for r in life.receivers]}, {life.positions.ahead}"
            )
            assert not (lost := list(life.lacking())), f"life {seed}: {lost}"
            told |= life.told.union(*(receiver.told for receiver in life.receivers))
        finally:
            life.end()
        shutil.rmtree(tmp_path / str(seed))
    assert not [text for text in told if text == "not signed" or "not understood" in text]
    if len(seeds) >= 20:
        assert [text for text in told if "given twice" in text or "another history" in text]


@pytest.mark.parametrize("example", [None, Example, NodeExample])
def test_a_new_series_takes_nothing_from_a_receiver_that_was_behind(tmp_path, example):
    """The series reaches all receivers before what one of them lacks."""
    if example is NodeExample and not shutil.which("node"):
        pytest.skip("Node is not installed (apt install nodejs)")
    life = Life(tmp_path / "life", 1, example)
    try:
        for deaf in (set(), {NAMES[0]}):
            life.deaf = deaf
            for _ in range(4):
                life.record()
                life.turn()
        behind = life.receivers[0].through
        assert behind < life.receivers[1].through == life.journal.last_sequence()
        life.backup = tmp_path / "copy.db"
        life.journal.backup(life.backup)
        life.record()
        life.turn()
        life.shut()
        restore(life.backup, life.folder / "j" / FILE)
        life.open()
        assert life.settled()
        assert not list(life.lacking())
    finally:
        life.end()


def test_a_wrong_hash_in_a_receivers_name_stops_it_for_no_longer_than_until_it_is_asked(tmp_path):
    """Whoever may write its questions, or it itself after a mistake: its word counts again."""
    life = Life(tmp_path / "life", 1)
    try:
        for _ in range(5):
            life.record()
            life.turn()
        for number in (3, 5):
            life.delivery.asked(NAMES[0], number, "b" * 64)
            assert NAMES[0] in life.positions.ahead
            life.record()
            for _ in range(30):
                life.turn()
            assert not life.positions.ahead
            last = life.journal.last_sequence()
            assert [r.through for r in life.receivers] == [last, last]
            assert life.positions.of(NAMES[0]) == last
    finally:
        life.end()
