"""`gate run` where the disk lets no journal be kept: no start, and what to do instead."""

import configparser
import os
from pathlib import Path

import pytest

from edge.config import JournalConfig
from edge.domain.events import ALARM_RAISED, Event
from edge.sync.journal.journal import FILE, open_journal
from edge.system.clock import ManualClock
from tests.support.builders import NOON, a_configuration
from tests.support.command_line import gate
from tests.support.disk_image import DiskImage
from tests.support.waiting import wait_for

ROOT = Path(__file__).parents[2]


@pytest.fixture
def disk(tmp_path):
    made = DiskImage(tmp_path, tmp_path / "disk", 16)
    yield made
    made.free()
    made.unmount()


def journal(folder):
    return open_journal(folder, JournalConfig(max_mb=10, ballast_mb=0), "/s/g", ManualClock(NOON))


def run(tmp_path, folder):
    """The service's exit status and what it said."""
    file = tmp_path / "gate.toml"
    file.write_text(a_configuration().replace('"data"', f'"{folder}"'), encoding="utf-8")
    done = gate("run", "--config", file)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def is_named_with_its_cure(tmp_path, folder, place):
    status, said = run(tmp_path, folder)
    assert status == 1
    assert f"{folder / FILE} cannot be opened" in said
    assert f"the disk at {place} is read-only" in said
    assert "fsck" in said


def test_a_read_only_disk_without_a_journal_is_named_with_its_cure(disk, tmp_path):
    disk.writable(False)
    is_named_with_its_cure(tmp_path, disk.place / "data", disk.place)


@pytest.mark.parametrize("how", ["mounted so", "failed under the service"])
def test_a_read_only_disk_is_named_with_its_cure_and_its_journal_stays(disk, tmp_path, how):
    folder = disk.place / "data"
    kept = journal(folder)
    kept.record([Event(ALARM_RAISED, "gate", NOON, {})])
    if how == "mounted so":
        kept.close()
        disk.writable(False)
    else:
        # SQLite's log stays behind, with which it could be read.
        disk.fail()
        kept.close()
        assert folder.joinpath(f"{FILE}-wal").exists()
    is_named_with_its_cure(tmp_path, folder, folder)
    disk.unmount()
    disk.check()
    disk.mount()
    again = journal(folder)
    assert (again.quarantined, again.last_sequence()) == (None, 1)
    again.close()


def test_a_full_disk_without_a_journal_is_named_with_its_cure(disk, tmp_path):
    folder = disk.place / "data"
    folder.mkdir()
    disk.fill()
    wait_for(lambda: os.statvfs(folder).f_bavail == 0)
    status, said = run(tmp_path, folder)
    assert status == 1
    assert f"the disk at {folder} is full: make room" in said


def test_a_gates_key_that_is_none_is_named_with_its_cure(tmp_path):
    (tmp_path / "data" / "keys").mkdir(parents=True)
    key = tmp_path / "data" / "keys" / "gate.pem"
    key.write_bytes(b"")
    status, said = run(tmp_path, tmp_path / "data")
    assert status == 1
    assert f"{key} is no Ed25519 key" in said
    assert key.read_bytes() == b""


def test_systemd_never_gives_up():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(ROOT / "docs" / "gate.service")
    assert unit["Service"]["Restart"] == "always"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
