"""A passage that the platform never takes blocks nobody, is never lost and never doubled."""

import contextlib
import getpass
import json
import random
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli.parked import app as parked
from edge.config import JournalConfig, PlatformConfig
from edge.console.snapshot import parked_json
from edge.domain.events import PASSAGE_COMPLETED, Event
from edge.gate.alarm_texts import said
from edge.gate.audit import Audit
from edge.gate.local_commands import LocalCommands
from edge.gate.monitors.parked import ParkedMonitor
from edge.gate.parked_passages import ParkedPassages
from edge.gate.port import Unanswered
from edge.sync.journal.journal import open_journal
from edge.sync.journal.occupied import Alone
from edge.sync.journal.outbox import ASKED, FORGOTTEN, PLATFORM
from edge.sync.journal.port import Unrecorded
from edge.sync.platform.assignment_cache import AssignmentCache
from edge.sync.platform.http import HttpPlatform
from edge.sync.platform.link import PlatformLink
from edge.sync.platform.passage_queue import KEY, PassageQueue, Patience
from edge.sync.platform.port import PassageRefused, PlatformDown
from edge.system.clock import ManualClock, SystemClock
from edge.system.local_socket import LocalServer
from simulator.platform import Platform
from tests.support.builders import NOON
from tests.support.platform_items import an_item
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)
QUICK = Patience(first_s=0.02, most_s=0.1, tries=3, again_first_s=600, check_every_s=0.1)


class Gate:
    """The twin of the platform on real HTTP, a real journal, and the link between them."""

    def __init__(self, folder):
        self.folder = folder
        self.platform = Platform()
        self.platform.start()
        config = JournalConfig(max_mb=20, ballast_mb=0)
        self.journal = open_journal(folder / "j", config, "/s/g", SystemClock())
        self.alarms = []
        self.open()

    def open(self, patience=QUICK):
        config = PlatformConfig(url=self.platform.url, wait_s=1, poll_pause_s=0.1)
        self.driver = HttpPlatform(config, "g", SystemClock())
        self.link = PlatformLink(self.driver, self.folder, self.journal, SystemClock(), patience)
        self.link.start(lambda book: None, lambda parked: self.alarms.append(len(parked)))
        wait_for(lambda: self.link.status().connected)

    def reopen(self, patience=QUICK):
        self.link.stop()
        self.open(patience)

    def complete(self, *passages, mode="automatic"):
        for name in passages:
            data = {"passage": name, "plate": "24C12345", "assignment": f"A-{name}"}
            event = Event(PASSAGE_COMPLETED, "out1", NOON, {**data, "mode": mode})
            self.journal.record([event])
        self.link.wake()

    def taken(self):
        return [body["passage"] for body in self.platform.posted.values()]

    def parked(self):
        return {a.passage.body["passage"]: a for a in self.link.parked()}

    def close(self):
        self.link.stop()
        self.journal.close()
        self.platform.stop()


@pytest.fixture
def gate(tmp_path):
    made = Gate(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("status", [403, 409, 500, 504])
def test_those_behind_a_passage_that_is_never_taken_go_on(gate, status):
    gate.platform.answers["p2"] = status
    gate.complete("p1", "p2", "p3", "p4")
    wait_for(lambda: gate.taken() == ["p1", "p3", "p4"])
    parked = gate.parked()["p2"]
    # One more than the bound, because the platform took another after it.
    wait_for(lambda: gate.parked()["p2"].tries == QUICK.tries + 1)
    assert str(status) in parked.why
    assert gate.alarms == [1]
    assert gate.link.status().set_aside == 1
    wait_for(lambda: gate.link.status().waiting == 0)
    assert gate.link.status().connected


def test_what_passes_a_lane_that_only_listens_the_other_controller_reports(gate):
    gate.complete("p1", mode="shadow")
    gate.complete("p2")
    wait_for(lambda: "p2" in gate.taken())
    assert gate.taken() == ["p2"]


def test_why_a_passage_is_not_taken_is_said_in_the_readers_language_after_a_restart_too(gate):
    gate.platform.answers["p1"] = 422
    gate.complete("p1")
    wait_for(gate.parked)

    def why_after_a_restart():
        queue = PassageQueue(gate.driver, None, gate.journal, SystemClock(), QUICK)
        return queue.parked()[0].why

    gate.link.stop()
    why = why_after_a_restart()
    assert "refuses the passage: 422" in why
    assert "từ chối lượt qua: 422" in said("vi", why)
    # What an older version has kept, or a later one, is shown as it was.
    ((key, state),) = gate.journal.states_under(KEY).items()
    for strange in ({"key": 7}, None):
        gate.journal.record((), {key: {**state, "cause": strange}})
        assert said("vi", why_after_a_restart()) == why


def test_a_passage_set_aside_is_taken_when_a_person_asks(gate):
    gate.platform.answers["p1"] = 500
    gate.complete("p1", "p2")
    wait_for(lambda: gate.taken() == ["p2"])
    wait_for(lambda: gate.parked()["p1"].tries == QUICK.tries + 1)
    del gate.platform.answers["p1"]
    gate.link.try_again(gate.parked()["p1"].passage.sequence)
    wait_for(lambda: gate.taken() == ["p2", "p1"])
    wait_for(lambda: gate.alarms == [1, 0])
    assert gate.parked() == {}
    assert gate.journal.states_under(KEY) == {}
    assert gate.platform.repeated == 0


def test_who_asks_while_a_try_is_under_way_is_not_put_off_by_its_failure(gate):
    gate.platform.answers["p1"] = 422
    gate.complete("p1")
    wait_for(gate.parked)
    driver, asked = gate.driver, threading.Event()
    hand_over = driver.hand_over

    def refused_while_one_asks(passage):
        try:
            hand_over(passage)
        finally:
            if not asked.is_set():
                gate.link.try_again(passage.sequence)
                gate.platform.answers.clear()
                asked.set()

    driver.hand_over = refused_while_one_asks
    gate.link.try_again(gate.parked()["p1"].passage.sequence)
    wait_for(lambda: gate.taken() == ["p1"])


def test_a_passage_set_aside_is_tried_again_by_itself(gate):
    gate.reopen(replace(QUICK, again_first_s=0.2, again_most_s=0.5))
    gate.platform.answers["p1"] = 500
    gate.complete("p1")
    wait_for(lambda: gate.parked() and gate.parked()["p1"].tries > 3)
    del gate.platform.answers["p1"]
    wait_for(lambda: gate.taken() == ["p1"])


def test_a_passage_set_aside_survives_a_restart_and_is_tried_then(gate):
    gate.platform.answers["p1"] = 500
    gate.complete("p1", "p2")
    wait_for(lambda: gate.taken() == ["p2"] and gate.parked())
    gate.reopen()
    assert list(gate.parked()) == ["p1"]
    assert gate.alarms[-1] == 1
    del gate.platform.answers["p1"]
    gate.reopen()
    wait_for(lambda: gate.taken() == ["p2", "p1"])


def test_a_platform_that_takes_no_passage_for_a_while_gets_each_once_when_it_does(gate):
    gate.platform.answers["*"] = 500
    names = [f"p{n}" for n in range(6)]
    gate.complete(*names)
    wait_for(lambda: len(gate.parked()) == 6)
    gate.platform.answers.clear()
    gate.complete("p6")
    wait_for(lambda: sorted(gate.taken()) == [*names, "p6"])
    wait_for(lambda: gate.parked() == {})
    assert gate.platform.repeated == 0


def test_a_platform_that_is_away_altogether_speaks_against_no_passage(gate):
    gate.platform.down = True
    wait_for(lambda: not gate.link.status().connected)
    gate.complete("p1", "p2")
    wait_for(lambda: gate.platform.refused > 3 * QUICK.tries)
    assert gate.parked() == {}
    assert gate.link.status().waiting == 2
    gate.platform.down = False
    wait_for(lambda: gate.taken() == ["p1", "p2"])


def test_a_passage_refused_as_such_is_set_aside_at_once_and_a_person_may_settle_it(gate):
    gate.platform.answers["p1"] = 422
    gate.platform.put(an_item("A-p1"))
    wait_for(lambda: gate.link.book().find().items)
    gate.link.spend("A-p1")
    gate.complete("p1")
    wait_for(lambda: gate.parked())
    assert gate.parked()["p1"].tries == 1
    gate.platform.change("A-p1", goods="corrected")
    wait_for(lambda: gate.link.book().find().items[0].goods == "corrected")
    # The platform does not know of the passage: the assignment stays used.
    assert gate.link.book().find().items[0].state == "used"
    gate.link.settle(gate.parked()["p1"].passage.sequence)
    assert gate.parked() == {}
    assert gate.alarms[-1] == 0
    with pytest.raises(KeyError):
        gate.link.settle(1)
    gate.reopen()
    assert gate.parked() == {}
    assert gate.taken() == []
    gate.platform.change("A-p1", goods="new")
    wait_for(lambda: gate.link.book().find().items[0].state == "active")


def test_what_a_person_does_about_one_is_on_record_first(gate):
    operations = passages_of(gate)
    gate.platform.answers["p1"] = 422
    gate.complete("p1")
    wait_for(lambda: operations.parked())
    number = operations.parked()[0].passage.sequence
    operations.hand_over_again(number, "lan")
    wait_for(lambda: operations.parked()[0].tries == 2)
    operations.settle_passage(number, "by telephone", "lan")
    assert operations.parked() == ()
    with pytest.raises(Unanswered):
        operations.settle_passage(number, "by telephone", "lan")
    acted = [r.event.data for r in gate.journal.recent(types=["operator.acted"])]
    assert [(a["user"], a["action"], a["reason"]) for a in acted] == [
        ("lan", "settle_passage", "by telephone"),
        ("lan", "hand_over_again", ""),
    ]
    assert acted[0]["data"]["passage"] == "p1"


def the_command(folder, *arguments):
    """`gate journal set-aside`: its exit status and what it said."""
    example = Path(__file__).parents[3] / "config" / "gate.toml"
    config = folder / "gate.toml"
    text = example.read_text(encoding="utf-8").replace("../sim-data/data", str(folder / "j"))
    config.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(parked, [*arguments, "--config", str(config)])
    return done.exit_code, done.output


@contextlib.contextmanager
def serving(gate, operations):
    """The service's door for commands on this computer."""
    commands = LocalCommands(operations, gate.journal.let_go, (), None)
    server = LocalServer(gate.folder / "j", commands.answer)
    server.start()
    with Alone(gate.folder / "j"):
        try:
            yield
        finally:
            server.stop()


def passages_of(gate):
    return ParkedPassages(gate.link, Audit(gate.journal.record, SystemClock()).acted)


def test_what_is_asked_on_the_command_line_the_service_does_at_once_and_records(gate, tmp_path):
    operations = passages_of(gate)
    with serving(gate, operations):
        _ask_for_all(gate, tmp_path, operations, lambda: None)
    assert gate.journal.states_under(ASKED) == {}


def test_what_is_asked_while_no_service_runs_it_does_when_it_starts(gate, tmp_path):
    operations = passages_of(gate)
    _ask_for_all(gate, tmp_path, operations, ParkedMonitor(gate.journal, operations).check)
    assert gate.journal.states_under(ASKED) == {}


def _ask_for_all(gate, tmp_path, operations, starts):
    assert the_command(tmp_path, "list") == (0, "none: the platform takes every passage\n")
    for name in ("p1", "p2", "p3"):
        gate.platform.answers[name] = 422
    gate.complete("p1", "p2", "p3")
    wait_for(lambda: len(operations.parked()) == 3)
    first, second, third = (a.passage.sequence for a in operations.parked())
    shown = [json.loads(line) for line in the_command(tmp_path, "list", "--json")[1].splitlines()]
    assert shown == [parked_json(parked) for parked in operations.parked()]
    line = the_command(tmp_path, "list")[1].splitlines()[0]
    assert line.startswith(f"{first}  24C12345, lane out1")
    assert "422" in line
    status, said = the_command(tmp_path, "retry", "999")
    assert (status, "999 is not parked" in said) == (1, True)
    del gate.platform.answers["p1"]
    assert the_command(tmp_path, "retry", str(first))[0] == 0
    starts()
    wait_for(lambda: gate.taken() == ["p1"])
    # That one is taken makes the others worth a try.
    wait_for(lambda: [parked.tries for parked in operations.parked()] == [2, 2])
    assert the_command(tmp_path, "settle", str(second), "--reason", "by telephone")[0] == 0
    starts()
    wait_for(lambda: list(gate.parked()) == ["p3"])
    del gate.platform.answers["p3"]
    assert the_command(tmp_path, "retry") == (
        0, f"asked for {third}; what comes of it: gate journal set-aside list\n"
    )  # fmt: skip
    starts()
    wait_for(lambda: gate.taken() == ["p1", "p3"])
    acted = [r.event.data for r in gate.journal.recent(types=["operator.acted"])]
    assert [(a["action"], a["reason"], a["data"]["passage"]) for a in reversed(acted)] == [
        ("hand_over_again", "", "p1"),
        ("settle_passage", "by telephone", "p2"),
        ("hand_over_again", "", "p3"),
    ]
    assert {a["user"] for a in acted} == {getpass.getuser()}


class FullDisk:
    """Can record nothing until there is room."""

    full = True

    def __init__(self, journal):
        self._journal = journal

    def record(self, events, states=None):
        if self.full:
            raise Unrecorded("disk full")
        return self._journal.record(events, states)


def test_what_cannot_be_recorded_just_now_is_done_later_and_what_is_settled_is_not(gate, tmp_path):
    disk = FullDisk(gate.journal)
    operations = ParkedPassages(gate.link, Audit(disk.record, SystemClock()).acted)
    monitor = ParkedMonitor(gate.journal, operations)
    gate.platform.answers["p1"] = 422
    gate.complete("p1")
    wait_for(operations.parked)
    the_command(
        tmp_path, "settle", str(operations.parked()[0].passage.sequence), "--reason", "told"
    )
    monitor.check()
    assert len(gate.journal.states_under(ASKED)) == len(operations.parked()) == 1
    disk.full = False
    monitor.check()
    assert (operations.parked(), gate.journal.states_under(ASKED)) == ((), {})
    # Asked for twice, by two people, say.
    gate.journal.record((), {f"{ASKED}1": {"what": "again", "reason": "", "user": "lan"}})
    monitor.check()
    assert gate.journal.states_under(ASKED) == {}
    assert len(gate.journal.recent(types=["operator.acted"])) == 1


def test_a_command_that_the_service_cannot_do_ends_with_its_reason(gate, tmp_path):
    disk = FullDisk(gate.journal)
    operations = ParkedPassages(gate.link, Audit(disk.record, SystemClock()).acted)
    gate.platform.answers["p1"] = 422
    gate.complete("p1")
    wait_for(operations.parked)
    number = str(operations.parked()[0].passage.sequence)
    settle = ["settle", number, "--reason", "by telephone"]
    with serving(gate, operations):
        status, said = the_command(tmp_path, *settle)
    assert (status, "disk full" in said) == (1, True)
    # A service that works here and cannot be asked: its journal is its own.
    with Alone(gate.folder / "j"):
        status, said = the_command(tmp_path, *settle)
    assert (status, "a gate runs with" in said) == (1, True)
    assert len(operations.parked()) == 1
    assert gate.journal.states_under(ASKED) == {}


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({"do": "again", "sequence": 7}, "no longer parked"),
        ({"do": "settle", "sequence": 7}, "does not know"),
        ({"do": "settle", "sequence": "7", "reason": "x"}, "does not know"),
        ({"do": "forget", "consumer": "customs", "reason": "x"}, "still in the service's"),
        ({"do": "forget", "consumer": "nobody", "reason": "x"}, "no events are kept"),
        ({"do": "forget", "consumer": "port", "reason": "\x00"}, "the reason"),
        ({"do": "nonsense"}, "does not know"),
        ({"do": "again", "sequence": 7, "user": "x" * 101}, "the user"),
    ],
)
def test_what_cannot_be_done_for_a_command_changes_nothing(gate, question, why):
    gate.journal.acknowledge("port", 0)
    gate.journal.acknowledge("customs", 0)
    commands = LocalCommands(passages_of(gate), gate.journal.let_go, {"customs"}, None)
    assert why in commands.answer({"user": "lan", **question})["error"]
    assert {"port", "customs"} <= gate.journal.consumers().keys()
    assert gate.journal.recent() == []


def test_a_receiver_is_let_go_by_the_service_itself(gate):
    gate.complete("p1")
    gate.journal.acknowledge("port", 1)
    commands = LocalCommands(passages_of(gate), gate.journal.let_go, {"customs"}, None)
    question = {"do": "forget", "consumer": "port", "reason": "contract ended", "user": "lan"}
    assert commands.answer(question) == {"through": 1}
    assert "port" not in gate.journal.consumers()
    (note,) = gate.journal.states_under(FORGOTTEN).values()
    assert (note["user"], note["reason"], note["through"]) == ("lan", "contract ended", 1)


class Crash(Exception):
    """The service ends here."""


@dataclass
class Memory:
    """An outbox in memory that may crash before or after any of its writes."""

    rng: random.Random
    rows: list = field(default_factory=list)
    done: int = 0
    states: dict = field(default_factory=dict)
    quiet: bool = False

    def _write(self, change):
        what = 1.0 if self.quiet else self.rng.random()
        if what < 0.05:
            raise Crash
        if what < 0.1:
            raise Unrecorded("disk full")
        change()
        if what < 0.15:
            raise Crash

    def add(self, number):
        data = {"id": f"e{number}", "data": {"passage": f"p{number}", "assignment": ""}}
        self.rows.append((number, PASSAGE_COMPLETED, "out1", json.dumps(data)))

    def expect(self, consumer):
        pass

    def through(self, consumer):
        assert consumer == PLATFORM
        return self.done

    def after(self, sequence, limit, type=""):
        return [row for row in self.rows if row[0] > sequence][:limit]

    def acknowledge(self, consumer, through):
        self._write(lambda: setattr(self, "done", max(self.done, through)))

    def record(self, events, states=None):
        self._write(lambda: self.states.update(json.loads(json.dumps(states))))

    def states_under(self, prefix):
        return dict(self.states)

    def forget(self, key):
        self._write(lambda: self.states.pop(key, None))


@dataclass
class Whims:
    """A platform that takes, refuses, fails, or takes and then fails to say so."""

    rng: random.Random
    poison: set
    had: dict = field(default_factory=dict)
    healed: bool = False

    def hand_over(self, passage):
        whim = 1.0 if self.healed else self.rng.random()
        if not self.healed and passage.id in self.poison:
            whim = min(whim, 0.5)
        if whim < 0.1:
            raise PassageRefused("422")
        if whim < 0.51:
            raise PlatformDown("500")
        assert self.had.setdefault(passage.id, passage.body) == passage.body
        if whim < 0.6:
            raise PlatformDown("no answer")


@pytest.mark.parametrize("seed", range(60))
def test_whatever_fails_and_wherever_it_crashes_every_passage_arrives_as_one(tmp_path, seed):
    rng = random.Random(seed)
    outbox, clock = Memory(rng), ManualClock(NOON)
    platform = Whims(rng, {f"e{n}" for n in range(1, 30, rng.randint(2, 9))})
    kept = AssignmentCache(tmp_path)
    patience = Patience(tries=2, again_first_s=3, again_most_s=10)
    passages = PassageQueue(platform, kept, outbox, clock, patience)
    for step in range(300):
        if step % 10 == 0:
            outbox.add(step // 10 + 1)
        clock.advance(1)
        try:
            passages.once(lambda: rng.random() < 0.8)
        except (PlatformDown, Unrecorded):
            pass
        except Crash:
            passages = PassageQueue(platform, kept, outbox, clock, patience)
    platform.healed = outbox.quiet = True
    passages.again()
    for _ in range(100):
        passages.once(lambda: True)
    assert outbox.done == 30
    assert set(platform.had) == {f"e{n}" for n in range(1, 31)}
    assert passages.parked() == ()
    assert outbox.states == {}
