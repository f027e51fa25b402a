"""A disk that is really small, full, or read-only: the journal keeps what matters and says so."""

import os

import pytest

from edge.config import JournalConfig
from edge.domain.events import ALARM_RAISED, PLATE_READ, Event
from edge.sync.journal.journal import open_journal
from edge.sync.journal.port import Unrecorded
from edge.sync.journal.verify import verify_chain
from edge.system.clock import ManualClock
from tests.support.builders import NOON
from tests.support.small_disk import a_small_disk, remounted

CONFIG = JournalConfig(max_mb=50, ballast_mb=2)
FILLER = "x" * 20_000


@pytest.fixture
def disk(tmp_path):
    with a_small_disk(tmp_path / "disk") as place:
        yield place


@pytest.fixture
def make(disk):
    made = []

    def open_():
        made.append(open_journal(disk / "j", CONFIG, "/s/g", ManualClock(NOON)))
        return made[-1]

    yield open_
    for journal in made:
        journal.close()


def an_event(type=ALARM_RAISED, filler=""):
    return Event(type, "out1", NOON, {"plate": "24C12345", "filler": filler})


def filled(journal, disk):
    """Another program takes the space that the journal has not; returns its file."""
    glutton = disk / "glutton"
    with glutton.open("wb") as file:
        while room := os.statvfs(disk).f_bavail:
            file.write(bytes(room * 4096))
            file.flush()
    return glutton


def until_it_fails(journal):
    for _ in range(2000):
        try:
            journal.record([an_event(filler=FILLER)])
        except Unrecorded:
            return
    raise AssertionError("the disk is never full")


def test_on_a_full_disk_the_ballast_is_given_up_and_alarms_are_still_recorded(make, disk):
    journal = make()
    assert (disk / "j" / "ballast").exists()
    filled(journal, disk)
    journal.record([an_event(filler=FILLER) for _ in range(40)])
    assert not (disk / "j" / "ballast").exists()
    assert journal.fault == ""


def test_a_full_disk_loses_nothing_acknowledged_and_work_goes_on_when_there_is_room(make, disk):
    journal = make()
    glutton = filled(journal, disk)
    until_it_fails(journal)
    assert journal.health()["fault"]
    kept = journal.last_sequence()
    glutton.unlink()
    journal.record([an_event()])
    assert journal.last_sequence() == kept + 1
    assert journal.fault == ""
    journal.close()
    again = make()
    count, faults = verify_chain(again.all_rows(), again.checkpoints(), again.key.public)
    assert (count, faults) == (kept + 1, [])


def test_on_a_full_disk_plate_reads_are_dropped_and_every_drop_is_counted(make, disk):
    journal = make()
    glutton = filled(journal, disk)
    until_it_fails(journal)
    reported = journal.last_sequence()
    tries = 0
    while tries < 20:
        tries += 1
        try:
            journal.record([an_event(PLATE_READ, FILLER * 20)])
        except Unrecorded:
            break
    # Each was dropped and counted, or refused: none is thought to be kept.
    assert journal.last_sequence() == reported
    dropped = journal.health()["dropped"]
    assert dropped in (tries, tries - 1)
    glutton.unlink()
    journal.close()
    assert make().health()["dropped"] == dropped


def test_a_gate_that_starts_on_a_full_disk_has_its_journal(make, disk):
    journal = make()
    journal.record([an_event()])
    journal.close()
    filled(journal, disk)
    again = make()
    assert again.quarantined is None
    again.record([an_event()])
    assert again.last_sequence() == 2


def test_a_read_only_disk_is_told_and_the_journal_is_not_put_aside(make, disk):
    journal = make()
    journal.record([an_event()])
    journal.close()
    remounted(disk, "ro")
    with pytest.raises(Unrecorded, match="is read-only"):
        make()
    remounted(disk, "rw")
    again = make()
    assert (again.quarantined, again.last_sequence()) == (None, 1)
