"""What lies where the journal should: nothing, something else, or what was left of another one."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from edge.config import JournalConfig
from edge.domain.events import PLATE_READ, Event
from edge.gate.alarm_texts import phrase_text
from edge.sync.journal.journal import open_journal
from edge.sync.journal.port import Unrecorded
from edge.sync.journal.restoring import RESTORED, go_on_above, restore
from edge.sync.journal.signing import GateKey
from edge.sync.journal.verify import verify_chain
from edge.system.clock import ManualClock
from tests.support.builders import NOON

CONFIG = JournalConfig(max_mb=50, ballast_mb=1)


@pytest.fixture
def make(tmp_path):
    made = []

    def open_():
        made.append(open_journal(tmp_path / "j", CONFIG, "/s/g", ManualClock(NOON)))
        return made[-1]

    yield open_
    for journal in made:
        journal.close()


def some(count, first=0):
    return [Event(PLATE_READ, "out1", NOON, {"plate": f"{first + n}"}) for n in range(count)]


def a_log_of_another_time(make, tmp_path):
    """A copy of a journal, and the log that its service had not taken up when it was killed."""
    journal = make()
    journal.record(some(3))
    journal.backup(tmp_path / "copy.db")
    for n in range(20):
        journal.record(some(30, 100 * n))
    log = tmp_path / "kept-log"
    shutil.copy(f"{journal.file}-wal", log)
    assert log.stat().st_size
    journal.close()
    return journal.file, tmp_path / "copy.db", log


def whole(journal):
    count, faults = verify_chain(journal.all_rows(), journal.checkpoints(), journal.key.public)
    return faults or count


@pytest.mark.parametrize("of", ["journal.db", "journal.db.new"])
def test_a_copy_that_is_put_back_is_not_spoilt_by_the_log_of_the_one_before(make, tmp_path, of):
    file, copy, log = a_log_of_another_time(make, tmp_path)
    file.unlink()
    shutil.copy(log, file.with_name(f"{of}-wal"))
    restore(copy, file)
    journal = make()
    assert journal.quarantined is None
    assert whole(journal) == 3
    if of == "journal.db":
        assert (file.parent / "journal-before-restore-1.db-wal").read_bytes() == log.read_bytes()


def test_a_log_that_is_left_alone_is_kept_when_the_number_is_set_by_hand(make, tmp_path):
    file, _, log = a_log_of_another_time(make, tmp_path)
    file.unlink()
    shutil.copy(log, f"{file}-wal")
    go_on_above(file, 1000)
    (kept,) = file.parent.glob("journal-lost-*.db-wal")
    assert kept.read_bytes() == log.read_bytes()


def not_a_file(file):
    file.unlink()
    file.mkdir()


def a_dangling_link(file):
    file.unlink()
    file.symlink_to("/nowhere/journal.db")


def a_folder_as_log(file):
    file.with_name(f"{file.name}-wal").mkdir()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (not_a_file, "is no file"),
        (a_dangling_link, "link to nothing"),
        (a_folder_as_log, "no file"),
    ],
)
def test_what_is_no_file_is_named_and_takes_no_ballast(make, spoil, told):
    journal = make()
    journal.record(some(3))
    journal.close()
    spoil(journal.file)
    with pytest.raises(Unrecorded, match=told):
        make()
    assert (journal.file.parent / "ballast").exists()


def test_another_programs_database_is_put_aside_and_told(make):
    journal = make()
    journal.record(some(3))
    journal.close()
    journal.file.unlink()
    with closing(sqlite3.connect(journal.file)) as db:
        db.execute("CREATE TABLE other (a)")
    again = make()
    assert again.quarantined is not None
    assert again.record(some(1))[0].sequence > 100_000


def test_a_database_without_any_table_is_told_as_an_emptied_journal(make):
    journal = make()
    journal.record(some(3))
    journal.close()
    journal.file.unlink()
    with closing(sqlite3.connect(journal.file)) as db:
        db.execute("CREATE TABLE other (a)")
        db.execute("DROP TABLE other")
        db.execute("VACUUM")
    again = make()
    assert "was empty" in "".join(phrase_text("en", lost) for lost in again.lost)
    assert again.record(some(1))[0].sequence > 100_000


def test_another_key_in_the_place_of_the_gates_is_told(make, tmp_path):
    journal = make()
    journal.record(some(3))
    journal.close()
    assert make().lost == ()
    make().close()
    GateKey.of(tmp_path / "other")
    (tmp_path / "other" / "gate.pem").replace(tmp_path / "j" / "keys" / "gate.pem")
    (lost,) = make().lost
    text = phrase_text("en", lost)
    assert "is not the key that signed event 3" in text


@pytest.mark.parametrize("second", ["the same", "an older"])
def test_a_copy_that_is_put_back_twice_has_the_receivers_asked_all_the_same(make, tmp_path, second):
    journal = make()
    journal.record(some(3))
    journal.backup(tmp_path / "older.db")
    journal.record(some(3))
    journal.backup(tmp_path / "copy.db")
    journal.close()
    file = tmp_path / "two" / "journal.db"
    restore(tmp_path / "copy.db", file)
    restore(tmp_path / ("copy.db" if second == "the same" else "older.db"), file)
    put_back = open_journal(file.parent, CONFIG, "/s/g", ManualClock(NOON))
    assert put_back.state(RESTORED) is not None
    assert put_back.last_sequence() == 6
    put_back.close()


@pytest.mark.parametrize("how", ["missing", "corrupt"])
def test_where_the_noted_number_is_lost_too_the_receivers_are_asked(make, how):
    journal = make()
    journal.record(some(3))
    journal.close()
    if how == "missing":
        journal.file.unlink()
    else:
        journal.file.write_bytes(b"x" * 8192)
    highwater = journal.file.parent / "highwater"
    highwater.unlink()
    again = make()
    assert again.state(RESTORED) is not None
    again.close()
    # Also where it was killed before they were.
    third = make()
    assert third.state(RESTORED) is not None
    third.begin_above(5_000)
    assert third.record(some(1))[0].sequence == 5_001
    assert make().state(RESTORED) is None


def test_a_new_gate_asks_nobody(make):
    assert make().state(RESTORED) is None
