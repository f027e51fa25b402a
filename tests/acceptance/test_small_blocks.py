"""ext4 with blocks of 1 KB, nearly full: SQLite's index of its log has holes there, and whoever
wrote into one ended with SIGBUS and without a word."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.builders import a_configuration
from tests.support.command_line import gate
from tests.support.disk_image import DiskImage

WRITER = Path(__file__).parents[1] / "support" / "full_writer.py"


@pytest.fixture
def disk(tmp_path):
    made = DiskImage(tmp_path, tmp_path / "disk", 64)
    yield made
    made.unmount()


def refused(disk, free_kb, held_mb=0):
    """What a process says that records until it may no more."""
    for name in ("j", "glutton"):
        shutil.rmtree(disk.place / name, ignore_errors=True)
        (disk.place / name).unlink(missing_ok=True)
    command = [sys.executable, WRITER, disk.place, free_kb, held_mb]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, (free_kb, done.returncode, done.stderr)
    assert done.stdout.startswith("refused"), done.stdout
    assert "full" in done.stdout
    return done.stdout


def test_a_nearly_full_disk_refuses_with_a_word_however_little_is_left(disk):
    for free_kb in (3, 64, 76, 82, 90, 128, 140, 200):
        said = refused(disk, free_kb)
        assert "make room" in said or free_kb >= 128


def test_a_log_that_outgrows_its_index_is_refused_with_a_word(disk):
    for free_kb in (0, 20):
        refused(disk, free_kb, held_mb=17)


def test_a_command_on_a_nearly_full_disk_says_so(disk, tmp_path):
    refused(disk, 400)
    config = tmp_path / "gate.toml"
    config.write_text(a_configuration().replace('"data"', f'"{disk.place / "j"}"'))
    done = gate("journal", "verify", "--config", config)
    assert done.returncode == 1
    assert "full" in done.stderr
    (disk.place / "glutton").unlink()
    assert gate("journal", "verify", "--config", config).returncode == 0
