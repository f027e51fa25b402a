"""A gate's own pictures with their truth, as a folder."""

import csv
import hashlib
from contextlib import closing

import cv2
import numpy as np
import pytest

from edge.cli.learn import blurred_around
from edge.config import JournalConfig
from edge.domain.events import PASSAGE_COMPLETED, PASSAGE_DECIDED, PLATE_READ, Event
from edge.sync.journal.journal import open_journal
from edge.system.clock import SystemClock
from tests.support.builders import NOON, a_configuration
from tests.support.command_line import gate

pytestmark = pytest.mark.timeout(300)


def picture(seed, size=(60, 180)):
    noise = np.random.default_rng(seed).integers(0, 255, (*size, 3), np.uint8)
    return cv2.imencode(".jpg", noise)[1].tobytes()


def name(number, part):
    return f"20260115-out1-{number:032x}-{part}.jpg"


@pytest.fixture
def site(tmp_path):
    """Three passages: corrected, confirmed, and one whose picture is gone."""
    (tmp_path / "gate.toml").write_text(a_configuration(), encoding="utf-8")
    data = tmp_path / "data"
    day = data / "evidence" / "20260115"
    day.mkdir(parents=True)
    with closing(open_journal(data, JournalConfig(ballast_mb=0), "/s/g", SystemClock())) as journal:
        for number, told in enumerate(("34C22222", "34C11111", "34C33333")):
            shown = [name(number, "vehicle"), name(number, "plate")]
            if number < 2:
                for file in shown:
                    (day / file).write_bytes(picture(number))
            passage = {"passage": f"p{number}"}
            read = {"plate": "34C11111", "country": "VN", "colour": "white", "lines": 1}
            read |= {"confidence": 0.7, "accepted": False, "evidence": shown}
            decided = {"by": "operator:an", "plate": told, "read_plate": "34C11111"}
            decided |= {"verdict": "allow", "country": "VN", "confidence": 0.7, "evidence": shown}
            journal.record(
                [
                    Event(PLATE_READ, "out1", NOON, passage | read),
                    Event(PASSAGE_DECIDED, "out1", NOON, passage | decided),
                    Event(PASSAGE_COMPLETED, "out1", NOON, passage),
                ]
            )
    return tmp_path


def rows(folder):
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_pictures_and_what_people_said_of_them_lie_in_one_folder(site):
    out = site / "learnt"
    done = gate("learn", "export", out, "--config", site / "gate.toml")
    assert done.returncode == 0, done.stderr
    assert "1 corrected, 1 confirmed, 0 referred; 1 without a kept picture" in done.stdout
    first, second = rows(out)
    assert (first["how"], first["text"], first["read"]) == ("corrected", "34C22222", "34C11111")
    assert (second["how"], second["text"]) == ("confirmed", "34C11111")
    kept = (out / first["file"]).read_bytes()
    assert hashlib.sha256(kept).hexdigest() == first["sha256"]
    assert kept == picture(0)
    assert not (out / "vehicles").exists()


def test_a_folder_that_holds_one_already_is_left_alone(site):
    out = site / "learnt"
    assert gate("learn", "export", out, "--config", site / "gate.toml").returncode == 0
    before = (out / "truth.csv").read_bytes()
    again = gate("learn", "export", out, "--config", site / "gate.toml")
    assert again.returncode == 2
    assert "exists" in again.stderr
    assert (out / "truth.csv").read_bytes() == before


def test_some_kinds_and_some_days_alone(site):
    out = site / "learnt"
    more = ("--only", "confirmed", "--since", "2026-01-15", "--vehicles")
    done = gate("learn", "export", out, "--config", site / "gate.toml", *more)
    assert done.returncode == 0, done.stderr
    (row,) = rows(out)
    assert row["how"] == "confirmed"
    blurred = (out / row["vehicle"]).read_bytes()
    assert blurred != picture(1)
    later = gate(
        "learn", "export", site / "b", "--config", site / "gate.toml", "--since", "2026-02-01"
    )
    assert later.returncode == 0
    assert not rows(site / "b")


def test_a_folder_that_cannot_be_written_is_told(site):
    done = gate("learn", "export", "/proc/learnt", "--config", site / "gate.toml")
    assert done.returncode == 1
    assert "/proc/learnt" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_lies_around_the_vehicle_is_unrecognisable_and_the_vehicle_is_not():
    before = picture(5, (300, 600))
    old, new = (
        cv2.imdecode(np.frombuffer(p, np.uint8), cv2.IMREAD_COLOR).astype(int)
        for p in (before, blurred_around(before))
    )
    inner = (slice(40, 260), slice(80, 520))
    assert abs(old[inner] - new[inner]).mean() < 12
    edge = new[:20]
    assert edge.std() < 12 < old[:20].std()
    assert blurred_around(b"no picture") == b""
