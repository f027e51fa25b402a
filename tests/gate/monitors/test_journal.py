"""A journal that is really full: told in the alarm list at once, and to customs when it fits."""

import contextlib
import json
import sqlite3
from collections import Counter
from pathlib import Path

import jsonschema
import pytest

from edge.barrier.port import BarrierStatus
from edge.config import JournalConfig, load
from edge.domain.assignment import AssignmentBook
from edge.domain.events import (
    ALARM_RAISED,
    BARRIER_MOVED,
    DEVICE_STATE,
    OPERATOR_ACTED,
    PLATE_READ,
    Event,
)
from edge.domain.facts import Arm
from edge.gate.monitors.journal import (
    DROPPED,
    HELD,
    REMOVED,
    REPORT_EVERY_S,
    SHORTENED,
    STUCK,
    JournalMonitor,
)
from edge.gate.shell import Shell
from edge.sync.journal.journal import open_journal
from edge.sync.journal.outbox import consumers_of
from edge.sync.journal.port import Unrecorded
from edge.system.clock import ManualClock
from tests.support.builders import NOON
from tests.support.command_line import gate
from tests.support.waiting import wait_for

CONFIG = Path(__file__).parents[3] / "config" / "gate.toml"
SCHEMA = json.loads((CONFIG.parents[1] / "docs/schemas/alarm.raised.json").read_text())
FILLER = "x" * 50_000


class NoBarriers:
    """Nothing is known of any barrier; none is moved."""

    def guard(self, lane):
        return self

    def status(self):
        return BarrierStatus(
            "out1", Arm.UNKNOWN, entry_loop=None, safety_loop=None, wire_ok=False, age_s=None
        )


class Room:
    """A gate whose journal holds 8 MB; nobody acknowledges unless told to."""

    def __init__(self, folder):
        self.folder = folder
        self.clock = ManualClock(NOON)
        self.open()

    def open(self):
        config = JournalConfig(max_mb=8, ballast_mb=0)
        self.journal = open_journal(self.folder, config, "/s/g", self.clock, lambda: True)
        settings = load(CONFIG)
        self.shell = shell = Shell(
            settings, self.clock, self.journal, NoBarriers(), None, AssignmentBook
        )
        self.gate = shell.gate
        self.monitor = JournalMonitor(
            self.journal, shell.alarms, shell.commits.record, lambda: shell.commits.stuck,
            consumers_of(settings), self.clock,
        )  # fmt: skip
        self.gate.start()

    def close(self):
        self.gate.stop()
        self.journal.close()

    def record(self, type):
        self.journal.record([Event(type, "out1", self.clock.now().wall, {"filler": FILLER})])

    def fill(self):
        self.journal.expect("customs")
        for _ in range(400):
            try:
                self.record(BARRIER_MOVED)
            except Unrecorded:
                return
        raise AssertionError("the journal is never full")

    def make_room(self):
        """The receiver has all; what waits for its commit is committed."""
        self.journal.acknowledge("customs", self.journal.last_sequence())
        wait_for(lambda: not self.shell.commits.stuck)

    def alarms(self):
        return {a.code: a.text for a in self.shell.alarms.standing}

    def reported(self):
        """The figures of each telling that is committed."""
        rows = self.journal.after(0, 1000, ALARM_RAISED)
        bodies = [json.loads(text)["data"] for *_, text in rows]
        for body in bodies:
            jsonschema.validate(body, SCHEMA)
        return [b["counts"] for b in bodies if b["code"] == DROPPED]


@pytest.fixture
def room(tmp_path):
    made = Room(tmp_path / "j")
    yield made
    made.close()


def test_drops_stand_in_the_alarm_list_at_once_and_are_told_when_there_is_room(room):
    room.fill()
    room.record(PLATE_READ)
    room.record(DEVICE_STATE)
    room.monitor.check()
    assert "2 events" in room.alarms()[DROPPED]
    assert "plate.read 1" in room.alarms()[DROPPED]
    room.make_room()
    assert room.reported() == [{"plate.read": 1, "device.state": 1}]


def test_more_drops_are_told_again_with_the_sum_but_not_every_second(room):
    room.fill()
    for _ in range(3):
        room.record(PLATE_READ)
        room.monitor.check()
    assert "1 events" in room.alarms()[DROPPED]
    room.clock.advance(REPORT_EVERY_S)
    room.monitor.check()
    assert "3 events" in room.alarms()[DROPPED]
    room.make_room()
    assert room.reported() == [{"plate.read": 1}, {"plate.read": 3}]


def test_after_the_acknowledgement_the_count_begins_anew_also_across_a_restart(room):
    room.fill()
    room.record(PLATE_READ)
    room.monitor.check()
    room.make_room()
    room.close()
    room.open()
    room.monitor.check()
    assert room.reported() == [{"plate.read": 1}]
    assert DROPPED in room.alarms()
    room.shell.alarms.acknowledge_alarm(DROPPED, "gate", "lan")
    room.monitor.check()
    assert DROPPED not in room.alarms()
    room.fill()
    room.record(PLATE_READ)
    room.record(PLATE_READ)
    room.monitor.check()
    room.make_room()
    assert room.reported()[-1] == {"plate.read": 2}
    assert Counter(room.journal.losses().dropped) == {"plate.read": 3}


def test_a_journal_that_cannot_commit_is_an_alarm_until_it_can(room):
    room.fill()
    room.monitor.check()
    assert "full" in room.alarms()[STUCK]
    room.make_room()
    room.monitor.check()
    assert STUCK not in room.alarms()


def test_acknowledged_events_that_went_before_their_time_are_told(room):
    for _ in range(300):
        room.record(BARRIER_MOVED)
        room.journal.acknowledge("customs", room.journal.last_sequence())
    room.monitor.check()
    assert "journal.keep_days" in room.alarms()[SHORTENED]
    assert DROPPED not in room.alarms()


def test_events_past_their_time_make_room_without_a_word(room):
    for _ in range(300):
        room.record(BARRIER_MOVED)
        room.journal.acknowledge("customs", room.journal.last_sequence())
        room.clock.jump_wall(5 * 86400)
    room.monitor.check()
    assert SHORTENED not in room.alarms()


def let_go(room, consumer):
    """`gate journal forget` beside the running journal."""
    file = room.folder.parent / "gate.toml"
    text = CONFIG.read_text().replace(
        'data_folder = "../sim-data/data"', f'data_folder = "{room.folder}"'
    )
    file.write_text(text)
    return gate("journal", "forget", consumer, "--reason", "contract ended", "--config", file)


def test_events_are_kept_for_a_receiver_that_left_the_configuration_and_people_are_told(room):
    room.journal.acknowledge("port", 0)
    room.fill()
    room.journal.acknowledge("customs", room.journal.last_sequence())
    with pytest.raises(Unrecorded):
        room.record(BARRIER_MOVED)
    room.monitor.check()
    assert "port" in room.alarms()[REMOVED]
    assert "customs" not in room.alarms()[REMOVED]


def test_a_receiver_that_a_person_lets_go_keeps_nothing_back_and_it_is_recorded(room):
    room.journal.acknowledge("port", 0)
    room.fill()
    room.monitor.check()
    done = let_go(room, "port")
    assert done.returncode == 0, done.stderr
    assert "0 of" in done.stdout
    room.make_room()
    for _ in range(3):
        room.monitor.check()
    assert REMOVED not in room.alarms()
    (acted,) = room.journal.recent(types=[OPERATOR_ACTED])
    assert acted.event.data["action"] == "forget_consumer"
    assert acted.event.data["reason"] == "contract ended"
    assert acted.event.data["data"] == {"consumer": "port", "through": 0}


@pytest.mark.parametrize(("name", "code", "word"), [("customs", 2, "still"), ("prot", 1, "port")])
def test_neither_a_configured_receiver_nor_a_mistyped_one_is_let_go(room, name, code, word):
    room.journal.acknowledge("port", 0)
    room.journal.acknowledge("customs", 0)
    done = let_go(room, name)
    assert done.returncode == code
    assert word in done.stdout + done.stderr
    assert set(room.journal.consumers()) == {"port", "customs"}


def test_a_program_that_never_ends_reading_is_told_until_it_does(room, monkeypatch):
    monkeypatch.setattr("edge.gate.monitors.journal.LOG_LARGE", 6_000_000)
    room.record(BARRIER_MOVED)
    with contextlib.closing(sqlite3.connect(room.journal.file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        n = 0
        while room.journal.log_bytes() < 6_000_000:
            n += 1
            room.journal.record([], {"lane:out1": {"filler": str(n) * 40_000}})
        room.monitor.check()
        assert "keeps reading" in room.alarms()[HELD]
    # Room is wanted: the log is taken up before anything else goes.
    room.journal.expect("customs")
    room.fill()
    room.monitor.check()
    assert HELD not in room.alarms()
