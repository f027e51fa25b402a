"""Whoever reads the journal slowly, or not at all, keeps nobody from writing it."""

import array
import fcntl
import os
import sqlite3
import subprocess
import sys
import termios
import time
from contextlib import closing
from datetime import timedelta

import pytest

from edge.config import JournalConfig
from edge.domain.events import ALARM_RAISED, Event
from edge.sync.journal import sql
from edge.sync.journal.copying import copy_journal
from edge.sync.journal.journal import FILE, open_journal
from edge.sync.journal.paging import PAGE
from edge.sync.journal.retention import CHECK_EVERY_S
from edge.sync.journal.verify import verify_chain
from edge.system.clock import ManualClock
from tests.support.builders import NOON, a_configuration
from tests.support.small_disk import a_small_disk
from tests.support.waiting import wait_for

CONFIG = JournalConfig(max_mb=200, ballast_mb=0)
FILLER = "x" * 2000


def an_event(filler=FILLER):
    return Event(ALARM_RAISED, "out1", NOON, {"filler": filler})


@pytest.fixture
def make(tmp_path):
    made = []

    def open_(folder=tmp_path / "data", config=CONFIG, clock=None, trusted=lambda: False):
        made.append(open_journal(folder, config, "/s/g", clock or ManualClock(NOON), trusted))
        return made[-1]

    yield open_
    for journal in made:
        journal.close()


def log_of(journal):
    """Bytes of SQLite's log."""
    return journal.file.with_name(f"{FILE}-wal").stat().st_size


def in_pipe(pipe):
    """Bytes that nobody has read yet."""
    count = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]


def blocked(pipe):
    """Nothing more goes into it: each write has a page of its own there."""
    before = in_pipe(pipe)
    time.sleep(0.2)
    return before == in_pipe(pipe) > 16 * len(FILLER)


def test_an_export_that_nobody_reads_does_not_let_the_log_grow(make, tmp_path):
    journal = make()
    journal.record([an_event() for _ in range(2 * PAGE)])
    config = tmp_path / "gate.toml"
    config.write_text(a_configuration())
    command = [sys.executable, "-m", "edge", "journal", "export", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as reader:
        try:
            wait_for(lambda: blocked(reader.stdout))
            for _ in range(40):
                journal.record([an_event() for _ in range(100)])
            assert log_of(journal) < 8_000_000
        finally:
            reader.kill()


def test_a_copy_that_retention_overtakes_is_whole(make, tmp_path):
    journal = make()
    journal.record([an_event("") for _ in range(4 * PAGE)])
    pruned = []

    def reported(at, last):
        if not pruned:
            pruned.append(at)
            db.execute("DELETE FROM events WHERE seq <= ?", (at + PAGE + 7,))
            db.commit()

    with closing(sqlite3.connect(journal.file)) as db:
        copy_journal(db, tmp_path / "copy.db", reported)
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        rows = copy.execute(sql.PAGE, (0, -1)).fetchall()
        assert [row[0] for row in rows] == list(range(2 * PAGE + 8, 4 * PAGE + 1))
        assert verify_chain(rows, [], "")[1] == []


def test_a_copy_holds_what_belongs_to_its_last_event_and_opens_as_a_journal(make, tmp_path):
    journal = make()
    for n in range(3):
        journal.record([an_event("") for _ in range(PAGE)], {"lane:out1": {"state": n}})
    journal.acknowledge("customs", 7)
    (tmp_path / "other").mkdir()
    journal.backup(tmp_path / "other" / FILE)
    again = make(tmp_path / "other")
    assert again.quarantined is None
    assert again.last_sequence() == 3 * PAGE
    assert again.state("lane:out1") == {"state": 2}
    assert again.consumers() == {"customs": 7}
    assert [n for *_, n in again.counts_by_hour(ALARM_RAISED, NOON - timedelta(1))] == [3 * PAGE]
    (one,) = again.record([an_event("")])
    assert one.sequence == 3 * PAGE + 1


def test_a_copy_that_finds_no_room_leaves_nothing_behind(make, tmp_path):
    journal = make()
    journal.record([an_event() for _ in range(5000)])
    with a_small_disk(tmp_path / "disk") as place:
        with pytest.raises((OSError, sqlite3.Error)):
            journal.backup(place / "copy.db")
        assert list(place.iterdir()) == []


def test_rows_that_retention_took_while_they_were_read_are_no_fault_but_a_hole_is(make):
    journal = make()
    journal.record([an_event("") for _ in range(20)])
    rows = list(journal.all_rows())
    overtaken = rows[:5] + rows[9:]
    assert verify_chain(overtaken, [], "", lambda: 10)[1] == []
    assert verify_chain(overtaken, [], "", lambda: 1)[1] == [
        "event 10: does not follow the one before"
    ]


def test_the_log_is_taken_up_before_the_ballast_goes(make, tmp_path):
    with a_small_disk(tmp_path / "disk") as place:
        config = JournalConfig(max_mb=50, ballast_mb=2)
        journal = make(place / "j", config)
        journal.record([an_event()], {"lane:out1": {"filler": FILLER * 300}})
        journal.record([], {"lane:out1": {"filler": ""}})
        journal.close()
        journal = make(place / "j", config)
        with closing(sqlite3.connect(journal.file)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM events").fetchone()
            # One state after the other: the log grows, the file would not.
            n = 0
            while log_of(journal) < 4_000_000:
                n += 1
                journal.record([], {"lane:out1": {"filler": str(n) * 40_000}})
            (place / "glutton").write_bytes(bytes(os.statvfs(place).f_bavail * 4096))
        for n in range(40):
            journal.record([], {"lane:out1": {"filler": str(n) * 40_000}})
        assert journal.fault == ""
        assert (place / "j" / "ballast").exists()
        journal.close()


def test_a_journal_keeps_what_the_calendar_cannot_count_back_to(make):
    clock = ManualClock(NOON)
    config = JournalConfig.model_construct(max_mb=8, ballast_mb=0, keep_days=1_000_000_000_000)
    journal = make(config=config, clock=clock, trusted=lambda: True)
    filler = "x" * 50_000
    clock.advance(CHECK_EVERY_S)
    for _ in range(300):
        (event,) = journal.record([an_event(filler)])
        journal.acknowledge("customs", event.sequence)
    assert journal.last_sequence() == 300
