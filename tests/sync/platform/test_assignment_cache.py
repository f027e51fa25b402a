"""The book of assignments on this computer: what changes is written, what is over goes."""

import contextlib
import json
import random
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edge.domain.assignment import AssignmentBook, AssignmentState
from edge.domain.decision import decide
from edge.domain.moment import iso
from edge.domain.question import Vehicle
from edge.domain.reason import Reason
from edge.sync.platform.assignment_cache import AssignmentCache
from edge.sync.platform.items import read_item
from edge.sync.platform.list_file import FILE
from edge.sync.platform.list_reading import Answer, contradicted, row_of
from edge.sync.platform.listed import MOST_OF_A_PLATE, Listed
from edge.sync.platform.port import Fetched
from tests.support.builders import NOON, a_plate_view, a_policy, an_assignment
from tests.support.platform_items import an_item
from tests.support.small_disk import a_small_disk, remounted

DAY = timedelta(days=1)


def a_kept(folder, days=7.0, trusted=True):
    return AssignmentCache(folder, days, lambda: trusted)


def items(*ids, **changes):
    return [read_item(an_item(id, f"24C{int(id[1:]):05d}", **changes)) for id in ids]


def ids(kept):
    return [a.assignment_id for a in kept.current.find().items]


def on_disk(folder, what="id, rowid"):
    with closing(sqlite3.connect(folder / FILE)) as db:
        return dict(db.execute(f"SELECT {what} FROM item"))


def test_only_what_has_changed_is_written(tmp_path):
    kept = a_kept(tmp_path)
    kept.merge(items("A1", "A2", "A3"), True, "1", NOON)
    before = on_disk(tmp_path)
    changed = [*items("A1", "A2"), *items("A3", goods="durian", revision=2)]
    assert kept.merge(changed, True, "2", NOON)
    after = on_disk(tmp_path)
    assert {i for i in before if before[i] == after[i]} == {"A1", "A2"}
    assert not kept.merge(changed, True, "3", NOON)
    assert not kept.merge([], False, "4", NOON)
    assert on_disk(tmp_path) == after
    assert kept.merge(items("A1"), True, "5", NOON)
    assert set(on_disk(tmp_path)) == {"A1"}


def test_the_list_in_memory_and_on_disk_is_what_a_plain_list_would_be(tmp_path):
    """Random answers, some whole."""
    rng = random.Random(11)
    kept, plain = a_kept(tmp_path), AssignmentBook()
    for n in range(200):
        full = rng.random() < 0.1
        some = [
            an_assignment(
                f"24C{rng.randrange(8):05d}",
                id=f"A{rng.randrange(30)}",
                revision=rng.randrange(n + 1),
                trailers=[f"51R{rng.randrange(3):05d}"] * rng.randrange(2),
                priority=rng.randrange(100),
                valid_to=NOON + 900 * DAY,
            )
            for _ in range(rng.randrange(5))
        ]
        doubted = [f"A{rng.randrange(30)}"] if rng.random() < 0.1 else []
        kept.merge(some, full, str(n), NOON, doubted)
        plain = merged(plain, some, full, doubted)
        for texts in ({"24C00001"}, {"24C00002", "51R00001"}, {"51R00002"}, set()):
            assert of(kept.current.about(texts, ("A7",))) == of(plain.about(texts, ("A7",)))
        if n % 20 == 0:
            kept.close()
            kept = a_kept(tmp_path)
            assert kept.cursor == str(n)
        assert of(kept.current.find()) == of(plain.find())
        assert of(kept.current.find("0001")) == of(plain.find("0001"))
        assert of(kept.current.near("24C00X03")) == of(plain.near("24C00X03"))
        assert kept.current.count == plain.count


def merged(book, items, full, doubted):
    """The plain list after an answer: of each assignment the highest revision, what is doubted
    not understood."""
    before = {a.assignment_id: a for a in book.items}
    known = {} if full else dict(before)
    for item in items:
        old = known.get(item.assignment_id)
        if old is None or item.revision >= old.revision:
            known[item.assignment_id] = item
    for id in doubted:
        said = [item for item in items if item.assignment_id == id]
        every = [*([before[id]] if id in before else []), *said]
        if every:
            newest = max(every, key=lambda item: item.revision)
            plates = {}
            for item in (newest, *every):
                for plate in item.plates:
                    plates.setdefault(plate.text, plate)
            known[id] = replace(
                newest,
                state=AssignmentState.NOT_UNDERSTOOD,
                plates=tuple(plates.values()),
                trouble=contradicted(newest.assignment_id),
            )
    return AssignmentBook(tuple(known.values()), NOON)


def of(book):
    return {a.assignment_id: a for a in book.items}


def test_pages_follow_each_other_without_gap_or_double(tmp_path):
    kept = a_kept(tmp_path)
    kept.merge(items(*(f"A{n}" for n in range(25))), True, "1", NOON)
    seen, after = [], ""
    while page := kept.current.find(after=after, most=10).items:
        seen += [a.assignment_id for a in page]
        after = seen[-1]
    assert seen == [f"A{n}" for n in range(25)]


# --- what is over ---


def test_what_is_expired_gives_its_reason_for_some_days_and_then_goes(tmp_path):
    kept = a_kept(tmp_path, days=3)
    kept.merge(items("A1", valid_to=iso(NOON)), True, "1", NOON)
    kept.merge(items("A2"), False, "2", NOON + 2.9 * DAY)
    book = kept.current.about({"24C00001"})
    late = kept.current.as_of
    assert (
        decide((a_plate_view("24C00001"),), Vehicle(), book, a_policy(), late).reason
        is Reason.EXPIRED
    )
    kept.merge([], False, "3", NOON + 3.1 * DAY)
    assert ids(kept) == ["A2"]
    assert set(on_disk(tmp_path)) == {"A2"}
    # A platform that sends it with each whole list does not bring it back.
    kept.merge(items("A1", "A3", valid_to=iso(NOON)), True, "4", NOON + 3.2 * DAY)
    assert ids(kept) == []


def test_what_was_used_here_goes_after_some_days_and_stays_used(tmp_path):
    kept = a_kept(tmp_path, days=3)
    kept.merge(items("A1", "A2"), True, "1", NOON)
    kept.spend("A1")
    kept.merge([], False, "2", NOON + DAY)
    assert kept.current.find().items[0].state is AssignmentState.USED
    kept.merge([], False, "3", NOON + 4.1 * DAY)
    assert ids(kept) == ["A2"]
    kept.merge(items("A1", "A2"), True, "4", NOON + 5 * DAY)
    assert [a.state.value for a in kept.current.find().items] == ["used", "active"]
    again = a_kept(tmp_path)
    assert again.current.about({"24C00001"}).items[0].state is AssignmentState.USED


def test_what_the_platform_calls_used_or_cancelled_goes_after_some_days(tmp_path):
    kept = a_kept(tmp_path, days=3)
    kept.merge([*items("A1", state="used"), *items("A2", state="cancelled")], True, "1", NOON)
    kept.merge([], False, "2", NOON + 2.9 * DAY)
    assert ids(kept) == ["A1", "A2"]
    kept.merge([], False, "3", NOON + 3.1 * DAY)
    assert ids(kept) == []


def test_a_clock_that_no_time_server_holds_drops_nothing(tmp_path):
    kept = a_kept(tmp_path, days=3, trusted=False)
    kept.merge(items("A1", valid_to=iso(NOON)), True, "1", NOON)
    kept.merge([], False, "2", NOON + 3650 * DAY)
    assert ids(kept) == ["A1"]


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("unchanged", [False, True])
def test_after_a_clock_that_was_far_ahead_the_whole_list_is_asked_for(tmp_path, again, unchanged):
    """A time server was wrong: what was dropped as long over is not over."""
    kept = a_kept(tmp_path)
    today = {"valid_to": iso(NOON + DAY)}
    kept.merge(items("A1", **today), True, "1", NOON)
    kept.merge(items("A2", **today), False, "2", NOON + 30 * DAY)
    assert ids(kept) == []
    if again:
        kept.close()
        kept = a_kept(tmp_path)
    assert kept.cursor == "2"
    if unchanged:
        kept.take_up(Fetched(True, "", 1.0, NOON))
    else:
        kept.merge([], False, "3", NOON)
    assert kept.cursor == ""
    kept.merge(items("A1", "A2", **today), True, "4", NOON + timedelta(seconds=1))
    assert (ids(kept), kept.cursor) == (["A1", "A2"], "4")
    kept.merge([], False, "5", NOON - timedelta(seconds=20))
    assert kept.cursor == "5"
    kept.close()


# --- the disk ---


def test_a_full_disk_costs_the_list_in_memory_nothing_and_all_is_written_after(tmp_path):
    with a_small_disk(tmp_path / "disk") as disk:
        kept = a_kept(disk)
        kept.merge(items("A1", "A2"), True, "1", NOON)
        fill = disk / "fill"
        with contextlib.suppress(OSError), fill.open("wb", buffering=0) as out:
            while True:
                out.write(bytes(4096))
        many = items(*(f"B{n}" for n in range(3000)))
        kept.merge(many, True, "2", NOON)
        kept.spend("B7")
        kept.flush()
        assert kept.current.count == 3000
        assert kept.current.about((), {"B7"}).items[0].state is AssignmentState.USED
        fill.unlink()
        kept.merge(items("C1"), False, "3", NOON)
        again = a_kept(disk)
        assert (again.current.count, again.cursor) == (3001, "3")
        assert again.current.about((), {"B7"}).items[0].state is AssignmentState.USED
        kept.close()
        again.close()


@pytest.mark.parametrize("damage", [b"no database" * 1000, b""], ids=["nonsense", "empty"])
def test_a_damaged_list_is_put_aside_and_begun_anew(tmp_path, damage):
    kept = a_kept(tmp_path)
    kept.merge(items("A1"), True, "1", NOON)
    kept.close()
    (tmp_path / FILE).write_bytes(damage)
    again = a_kept(tmp_path)
    assert (ids(again), again.cursor, again.current.as_of) == ([], "", None)
    again.merge(items("A2"), True, "2", NOON)
    again.close()
    assert ids(a_kept(tmp_path)) == ["A2"]


def test_the_file_of_an_earlier_version_is_taken_over_once_and_the_list_asked_for_anew(tmp_path):
    before = {
        "cursor": "7", "as_of": iso(NOON), "spent": {"A1": 1, "gone": 3}, "reported": ["gone"],
        "released": {"old": 2},
        "items": [an_item(), an_item("A2", "24C99999"), an_item("bad", "8N4410")],
    }  # fmt: skip
    (tmp_path / "assignments.json").write_text(json.dumps(before))
    for _ in range(2):
        kept = a_kept(tmp_path)
        assert [(a.assignment_id, a.state.value) for a in kept.current.find().items] == [
            ("A1", "used"), ("A2", "active"),
        ]  # fmt: skip
        assert (kept.cursor, kept.current.as_of) == ("", NOON)
        kept.close()
    assert not (tmp_path / "assignments.json").exists()


@pytest.mark.parametrize("text", ["{nonsense", "[]", '{"items": 7}', "[" * 100_000, '"\\ud800"'])
def test_a_damaged_file_of_an_earlier_version_is_an_empty_list(tmp_path, text):
    (tmp_path / "assignments.json").write_text(text)
    assert ids(a_kept(tmp_path)) == []


# --- bounds ---


def test_one_plate_has_only_so_many_assignments(tmp_path):
    kept = a_kept(tmp_path)
    rows = [row_of(read_item(an_item(f"A{n}"))) for n in range(MOST_OF_A_PLATE + 50)]
    kept.take_up(Fetched(True, "", 0.0, NOON, Answer("1", True, rows)))
    assert len(kept.current.about({"24C12345"}).items) == MOST_OF_A_PLATE
    # One that is known may change.
    assert kept.merge([read_item(an_item("A1", revision=2))], False, "2", NOON)


def test_whoever_asks_while_the_list_is_replaced_finds_the_old_or_the_new_one():
    listed = Listed({}, NOON)
    for n in range(2000):
        listed.put(row_of(read_item(an_item(f"A{n}", f"24C{n:05d}"))))
    wrong, over = [], threading.Event()

    def ask():
        while not over.is_set():
            found = listed.about({"24C00007"}).items
            if len(found) != 1 or listed.find("00007").items == ():
                wrong.append(found)

    asking = threading.Thread(target=ask)
    asking.start()
    for _ in range(5):
        fresh = Listed({}, NOON)
        for n in range(2000):
            fresh.put(row_of(read_item(an_item(f"A{n}", f"24C{n:05d}"))))
        listed.replace(fresh)
    over.set()
    asking.join()
    assert wrong == []


def test_a_year_without_end_is_kept(tmp_path):
    kept = a_kept(tmp_path)
    ends = {"valid_from": "0001-01-01T00:00:00+07:00", "valid_to": "9999-12-31T23:59:59-01:00"}
    kept.merge(items("A1", **ends), True, "1", datetime.now(UTC))
    kept.close()
    again = a_kept(tmp_path)
    assert again.current.find().items == kept.current.find().items
    assert len(again.current.find().items) == 1


@pytest.mark.parametrize("how", ["read-only", "full"])
def test_a_sound_list_on_a_disk_that_takes_nothing_decides_on_and_stays_there(tmp_path, how):
    with a_small_disk(tmp_path / "disk") as disk:
        kept = a_kept(disk)
        kept.merge(items("A1", "A2"), True, "1", NOON)
        kept.spend("A1")
        kept.close()
        fill = disk / "fill"
        if how == "full":
            with contextlib.suppress(OSError), fill.open("wb", buffering=0) as out:
                while True:
                    out.write(bytes(4096))
        else:
            remounted(disk, "ro")
        again = a_kept(disk)
        assert again.current.count == 2
        assert again.current.about((), {"A1"}).items[0].state is AssignmentState.USED
        if how == "full":
            fill.unlink()
        else:
            remounted(disk, "rw")
        again.spend("A2")
        again.close()
        assert not list(disk.glob("*.damaged"))
        last = a_kept(disk)
        found = last.current.about((), {"A1", "A2"}).items
        assert [a.state for a in found] == [AssignmentState.USED] * 2
        last.close()
