"""Pictures kept for people show the plate that is claimed."""

import contextlib
import resource
from datetime import UTC, datetime, timedelta
from itertools import count

import numpy as np
import pytest

from edge.vision.evidence import MOST_TEXTS, Album, Store, clean, load

PICTURE = np.full((200, 300, 3), 90, np.uint8)
COUNT = count()
TAKEN = datetime(2026, 1, 15, 8, 0, 0, 123000, UTC)


def keep(folder, lane, picture, vehicle, plate, room=None, blur=()):
    taken = TAKEN + timedelta(milliseconds=next(COUNT))
    return Store(folder, lane, room, blur).keep(picture, vehicle, plate, taken)


def test_the_pictures_are_those_of_the_plate_believed_not_of_the_surest_on_the_way():
    album = Album()
    album.put("15C17171", 0.97, ("neighbour.jpg",))
    album.put("34A23126", 0.80, ("own.jpg",))
    assert album.of("34A23126") == ("own.jpg",)


def test_a_picture_is_replaced_only_by_a_clearly_better_one():
    album = Album()
    assert album.wants("34A23126", 0.5)
    album.put("34A23126", 0.5, ("first.jpg",))
    assert not album.wants("34A23126", 0.55)
    assert album.wants("34A23126", 0.9)


def test_a_picture_replaces_one_that_was_read_as_surely_where_a_person_sees_the_plate_larger():
    album = Album()
    album.put("34A23126", 0.97, ("far.jpg",), 40)
    assert not album.wants("34A23126", 1.0, 55)
    assert album.wants("34A23126", 0.93, 60)
    assert not album.wants("34A23126", 0.9, 120), (
        "read worse: the plate may be dazzled or half gone"
    )
    assert not album.wants("34A23126", 1.0, 0), "a part of the vehicle is out of the picture"


def test_a_flickering_reading_does_not_fill_the_disk():
    album = Album()
    for n in range(MOST_TEXTS):
        album.put(f"34A0000{n}", 0.5, ("x.jpg",))
    assert not album.wants("34A00099", 0.99)
    assert album.wants("34A00001", 0.99)


def test_without_a_reading_the_vehicle_alone_is_shown():
    album = Album()
    assert album.of("") == ()
    album.put("", 0.0, ("vehicle.jpg",))
    assert album.of("34A23126") == ("vehicle.jpg",)


def test_kept_pictures_are_found_by_name_and_nothing_else_is(tmp_path):
    names = keep(tmp_path, "out1", PICTURE, (10, 10, 200, 150), (60, 80, 120, 110))
    assert [n.rsplit("-", 1)[1] for n in names] == ["overview.jpg", "vehicle.jpg", "plate.jpg"]
    assert load(tmp_path, names[0])[:2] == b"\xff\xd8"
    assert load(tmp_path, "../" + names[0]) is None
    assert load(tmp_path, names[0].replace("out1", "out2")) is None


def test_a_disk_that_takes_nothing_loses_pictures_and_raises_nothing(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert keep(blocked, "out1", PICTURE, (10, 10, 200, 150), None) == ()


@pytest.fixture
def small_files():
    """A disk that takes no picture whole: files end at 100 bytes (EFBIG)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    @contextlib.contextmanager
    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limited


def test_pictures_that_cannot_be_kept_are_told_once_counted_and_leave_nothing(
    tmp_path, caplog, small_files
):
    def kept(folder):
        return keep(folder, "out1", PICTURE, (10, 10, 200, 150), None)

    assert kept(tmp_path)
    (day,) = tmp_path.iterdir()
    before = set(day.iterdir())
    caplog.clear()
    with small_files():
        assert {kept(tmp_path) for _ in range(30)} == {()}
    assert set(day.iterdir()) == before
    assert [r.levelname for r in caplog.records] == ["ERROR"]
    # Another reason is news.
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert {kept(blocked) for _ in range(5)} == {()}
    assert [r.levelname for r in caplog.records] == ["ERROR", "ERROR"]
    assert kept(tmp_path)
    assert kept(tmp_path)
    assert caplog.messages[2:] == ["evidence is kept again; 35 times it was not"]


def days_of_pictures(folder, *days):
    for day in days:
        (folder / day).mkdir()
        (folder / day / "a.jpg").write_bytes(b"x")


def test_pictures_past_their_days_are_removed(tmp_path):
    days_of_pictures(tmp_path, "20200101", "20200102", "20200103")
    names = keep(tmp_path, "out1", PICTURE, (10, 10, 200, 150), None)
    clean(tmp_path, 2)
    assert sorted(d.name for d in tmp_path.iterdir())[0] == "20200103"
    assert load(tmp_path, names[0]) is not None


@pytest.mark.parametrize("wrong", ["19990101", "20991231"])
def test_a_clock_that_jumps_takes_no_evidence_with_it(tmp_path, monkeypatch, wrong):
    right = [f"202601{n:02}" for n in range(1, 30)]
    days_of_pictures(tmp_path, *right)
    monkeypatch.setattr("edge.vision.evidence.time.strftime", lambda _: wrong)
    days_of_pictures(tmp_path, wrong)
    clean(tmp_path, 29)
    left = {d.name for d in tmp_path.iterdir()}
    assert wrong in left
    assert len(left & set(right)) >= 28


def test_old_evidence_that_the_disk_does_not_give_up_stays_and_the_rest_goes(tmp_path):
    days_of_pictures(tmp_path, "20200101", "20200102", "20200103")
    (tmp_path / "20200101" / "held").mkdir()
    clean(tmp_path, 1)
    assert sorted(d.name for d in tmp_path.iterdir()) == ["20200101", "20200103"]
