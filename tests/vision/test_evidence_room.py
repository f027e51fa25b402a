"""Pictures on a real small disk: the oldest make way, and the journal's room is never touched."""

import os
from datetime import UTC, datetime, timedelta
from itertools import count

import numpy as np
import pytest

from edge.config import JournalConfig
from edge.domain.events import ALARM_RAISED, Event
from edge.domain.evidence import Kind
from edge.sync.journal.journal import open_journal
from edge.sync.journal.retention import CHECK_EVERY_S
from edge.system.clock import ManualClock
from edge.system.disk_room import DiskRoom, disk_room
from edge.vision.codec import encode
from edge.vision.evidence import Store
from edge.vision.evidence_files import load
from edge.vision.evidence_room import EvidenceRoom
from tests.support.builders import NOON
from tests.support.small_disk import a_small_disk
from tests.support.waiting import wait_for

PICTURE = np.random.default_rng(1).integers(0, 255, (300, 400, 3), np.uint8)
"""Noise: a JPEG of some 100 kB."""

WIDE = DiskRoom(free=10**12, left=0)


COUNT = count()


def kept(folder, room):
    """One file, taken a moment after the one before."""
    taken = datetime(2026, 1, 15, tzinfo=UTC) + timedelta(milliseconds=next(COUNT))
    return Store(folder, "out1", room).keep_files({Kind.VEHICLE: encode(PICTURE, 85)}, taken)


def pictures(folder):
    return sorted(folder.rglob("*.jpg"), key=lambda file: file.stat().st_mtime)


def size(folder):
    return sum(file.stat().st_size for file in pictures(folder))


def aged(folder, day, count):
    """So many pictures of a day that is past, the first the oldest."""
    (folder / day).mkdir(parents=True)
    for n in range(count):
        file = folder / day / f"{day}-out1-{n:032x}-vehicle.jpg"
        file.write_bytes(bytes(100_000))
        os.utime(file, (1e9 + n, 1e9 + n))


def test_the_oldest_pictures_make_way_when_their_budget_is_spent(tmp_path):
    aged(tmp_path, "20250101", 3)
    aged(tmp_path, "20250102", 3)
    room = EvidenceRoom(tmp_path, 700_000, lambda: WIDE)
    room.count()
    names = [name for _ in range(3) for name in kept(tmp_path, room)]
    assert len(names) == 3
    assert all(load(tmp_path, name) for name in names)
    assert size(tmp_path) <= 700_000
    left = {file.name for file in pictures(tmp_path)} - set(names)
    assert sorted(left) == [
        f"2025010{day}-out1-{n:032x}-vehicle.jpg" for day, n in ((1, 2), (2, 0), (2, 1), (2, 2))
    ]


def test_of_one_day_the_oldest_go_and_the_newest_are_kept(tmp_path):
    room = EvidenceRoom(tmp_path, 500_000, lambda: WIDE)
    room.count()
    names = []
    for n in range(12):
        (name,) = kept(tmp_path, room)
        names.append(name)
        file = tmp_path / name[:8] / name
        os.utime(file, (1e9 + n, 1e9 + n))
    have = [name for name in names if load(tmp_path, name)]
    assert have == names[-len(have) :]
    assert 2 <= len(have) < 12


def test_a_clock_that_went_back_does_not_make_the_newest_go_first(tmp_path, monkeypatch):
    aged(tmp_path, "20250101", 3)
    monkeypatch.setattr("edge.vision.evidence.time.strftime", lambda _: "19990101")
    monkeypatch.setattr("edge.vision.evidence_room.time.strftime", lambda _: "19990101")
    room = EvidenceRoom(tmp_path, 400_000, lambda: WIDE)
    room.count()
    (first,) = kept(tmp_path, room)
    (second,) = kept(tmp_path, room)
    assert load(tmp_path, first)
    assert load(tmp_path, second)


def test_pictures_never_take_the_journals_room_on_a_disk_that_others_fill(tmp_path, caplog):
    with a_small_disk(tmp_path / "disk") as place:
        folder = place / "evidence"
        left = 2_000_000
        room = EvidenceRoom(folder, 10**9, lambda: disk_room(folder, left, ballast=1_000_000))
        room.count()
        for _ in range(120):
            kept(folder, room)
            disk = os.statvfs(place)
            assert disk.f_bavail * disk.f_frsize >= left - 200_000
        many = len(pictures(folder))
        assert many > 20
        # Another program takes the rest: pictures go, and then none is kept.
        disk = os.statvfs(place)
        (place / "glutton").write_bytes(bytes(disk.f_bavail * disk.f_frsize - 1_200_000))
        kept(folder, room)
        assert len(pictures(folder)) < many
        while pictures(folder):
            with (place / "glutton").open("ab") as file:
                file.write(bytes(300_000))
            kept(folder, room)
        for _ in range(3):
            assert kept(folder, room) == ()
        assert sum("no room for pictures" in text for text in caplog.messages) == 1
        (place / "glutton").unlink()
        assert kept(folder, room) != ()


def test_the_ballast_comes_back_when_there_is_room_again(tmp_path):
    with a_small_disk(tmp_path / "disk") as place:
        clock = ManualClock(NOON)
        config = JournalConfig(max_mb=50, ballast_mb=1)
        journal = open_journal(place / "j", config, "/s/g", clock)
        disk = os.statvfs(place)
        (place / "glutton").write_bytes(bytes(disk.f_bavail * disk.f_frsize))
        event = Event(ALARM_RAISED, "out1", NOON, {"filler": "x" * 200_000})
        journal.record([event])
        assert not (place / "j" / "ballast").exists()
        (place / "glutton").unlink()
        clock.advance(CHECK_EVERY_S)
        journal.record([event])
        wait_for((place / "j" / "ballast").exists)
        journal.close()


@pytest.mark.parametrize(
    ("free", "low", "well"), [(10, True, False), (16, False, False), (20, False, True)]
)
def test_people_are_told_before_pictures_have_to_go(free, low, well):
    room = DiskRoom(free, 10)
    assert (room.low, room.well) == (low, well)


def test_a_small_disk_keeps_some_pictures_too_and_the_ballast_finds_its_place(tmp_path):
    with a_small_disk(tmp_path / "disk") as place:
        assert disk_room(place / "not" / "yet", 2_000_000_000, 0).left < 900_000
        assert disk_room(place, 2_000_000_000, 2_000_000).left == 4_000_000
