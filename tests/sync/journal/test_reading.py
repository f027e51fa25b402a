"""Questions to the journal end: in time, and with the thread that asked."""

import json
import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.config.settings import JournalConfig
from edge.domain.events import Event
from edge.sync.journal import reading
from edge.sync.journal.journal import open_journal
from edge.sync.port import Unread
from edge.system.clock import SystemClock

NOON = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path):
    made = open_journal(tmp_path, JournalConfig(max_mb=200, ballast_mb=0), "/s/g", SystemClock())
    made.record([Event("passage.completed", "out1", NOON, {"plate": "24C12345"})])
    yield made
    made.close()


def descriptors():
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_threads_that_are_gone_leave_no_open_file(journal):
    journal.recent()
    before = descriptors()
    for _ in range(100):
        asking = threading.Thread(target=journal.recent)
        asking.start()
        asking.join()
    assert descriptors() <= before + 4


def filled(journal, rows):
    """Many events of one kind, written past the chain: only their number matters here."""
    with closing(sqlite3.connect(journal.file)) as db, db:
        body = json.dumps({"filler": "x" * 300})
        db.executemany(
            "INSERT INTO events (seq, id, type, lane, time, plate, hash, body)"
            " VALUES (?, ?, 'passage.completed', 'out1', '2026', ?, '', ?)",
            ((n, str(n), f"P{n}", body) for n in range(10, 10 + rows)),
        )
        db.executemany("INSERT INTO plates VALUES (?)", ((f"P{n}",) for n in range(10, 10 + rows)))


@pytest.mark.parametrize("question", [{"plate": "P", "lane": "no such lane"}, {"plate": "Z"}])
def test_a_question_that_takes_too_long_ends_and_says_so(journal, monkeypatch, question):
    filled(journal, 100_000)
    monkeypatch.setattr(reading, "LONGEST_S", 0.0)
    monkeypatch.setattr(reading, "STEPS", 100)
    with pytest.raises(Unread, match="too long"):
        journal.recent(**question)
    monkeypatch.undo()
    # The next one has its own time, on the same connection.
    began = time.monotonic()
    journal.recent(**question)
    assert time.monotonic() - began < reading.LONGEST_S


def test_a_journal_that_is_no_database_says_so(journal):
    journal.recent()
    Path(journal.file).write_bytes(b"not a database" * 1000)
    for end in ("-wal", "-shm"):
        Path(f"{journal.file}{end}").unlink(missing_ok=True)
    asked = []

    def ask():
        try:
            journal.recent()
        except Unread as error:
            asked.append(str(error))

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join()
    assert "cannot be read" in asked[0]
