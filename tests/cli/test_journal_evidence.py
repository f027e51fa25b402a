"""The journal vouches for the kept files: what was changed is found, what is gone by age is not."""

import csv
import json
import subprocess
import sys
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from edge.config import JournalConfig
from edge.domain.events import PASSAGE_COMPLETED, Event
from edge.domain.evidence import described
from edge.sync.journal.journal import open_journal
from edge.system.clock import SystemClock
from edge.vision.evidence import Store
from tests.support.vision_config import CONFIG

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
PICTURE = np.random.default_rng(3).integers(0, 255, (240, 320, 3), np.uint8)


@pytest.fixture
def gate(tmp_path):
    """A gate's folder with one passage and its pictures; (configuration, their names)."""
    file = tmp_path / "gate.toml"
    file.write_text(CONFIG, encoding="utf-8")
    folder = tmp_path / "data"
    store = Store(folder / "evidence", "out1")
    names = store.keep(PICTURE, (20, 20, 300, 220), (100, 150, 180, 180), NOON)
    journal = open_journal(folder, JournalConfig(), "/s/g", SystemClock(), lambda: True)
    data = {"plate": "粤A12345", "evidence": list(names), "evidence_files": described(names)}
    journal.record([Event(PASSAGE_COMPLETED, "out1", NOON, data)], {})
    journal.close()
    return file, names, folder / "evidence" / names[0][:8]


def run(*words):
    command = [sys.executable, "-m", "edge", "journal", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_kept_files_are_checked_and_a_changed_one_is_named(gate):
    file, names, day = gate
    whole = run("verify", "--config", file)
    assert (whole.returncode, "3 kept files are as named" in whole.stdout) == (0, True)
    changed = day / names[1]
    changed.write_bytes(cv2.imencode(".jpg", PICTURE[::-1])[1].tobytes())
    (day / names[0]).unlink()
    faulty = run("verify", "--config", file)
    assert faulty.returncode == 1
    assert f"the file {names[1]} was changed" in faulty.stdout
    assert "1 kept files are as named, 1 no longer kept" in faulty.stdout


def test_an_export_takes_the_files_along_with_their_hashes(gate, tmp_path):
    file, names, _ = gate
    target = tmp_path / "out"
    done = run("export", "--config", file, "--evidence", target)
    assert done.returncode == 0
    (event,) = map(json.loads, done.stdout.splitlines())
    assert event["data"]["evidence"] == list(names)
    assert {f.name for f in target.iterdir()} == {*names, "SHA256SUMS", "INDEX.csv"}
    with (target / "INDEX.csv").open(encoding="utf-8-sig", newline="") as index:
        rows = {row["file"]: row for row in csv.DictReader(index)}
    assert set(rows) == set(names)
    assert {row["kind"] for row in rows.values()} == {"overview", "vehicle", "plate"}
    assert {row["plate"] for row in rows.values()} == {"粤A12345"}
    assert {(row["lane"], row["sequence"]) for row in rows.values()} == {("out1", "1")}
    sums = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=target, capture_output=True)
    assert sums.returncode == 0


def test_pictures_of_before_their_names_had_a_hash_are_exported_too(gate, tmp_path):
    file, _, day = gate
    old = f"{day.name}-out1-{'0123456789abcdef' * 2}-plate.jpg"
    (day / old).write_bytes(b"an old picture")
    journal = open_journal(tmp_path / "data", JournalConfig(), "/s/g", SystemClock(), lambda: True)
    journal.record([Event(PASSAGE_COMPLETED, "out1", NOON, {"evidence": [old]})], {})
    journal.close()
    target = tmp_path / "out"
    assert run("export", "--config", file, "--evidence", target).returncode == 0
    assert (target / old).read_bytes() == b"an old picture"
    sums = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=target, capture_output=True)
    assert sums.returncode == 0
    assert "3 kept files are as named" in run("verify", "--config", file).stdout


def test_a_folder_that_cannot_be_made_is_told(gate, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    done = run("export", "--config", gate[0], "--evidence", blocked / "x")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
