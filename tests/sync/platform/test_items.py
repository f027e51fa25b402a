"""What comes from a platform is bounded where it is read, whatever stands there."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from edge.config import FolderPlatformConfig, PlatformConfig, PlatformReading, PlatformWords
from edge.console.local_format import local_time
from edge.domain.alarm_codes import Phrase
from edge.domain.decision import decide
from edge.domain.declaration import declared
from edge.domain.moment import iso
from edge.domain.question import Vehicle
from edge.domain.reason import Reason
from edge.sync.platform.folder_list import read_csv, read_json
from edge.sync.platform.items import (
    EARLIEST,
    LATEST,
    NotUnderstood,
    read_item,
    read_kept,
    write_item,
)
from edge.sync.platform.list_reader import SHORT, ListReader
from edge.sync.platform.list_reading import HTTP, from_lines, lines, read_list
from edge.sync.platform.vocabulary import OUR_WORDS
from edge.system.causes import texts
from tests.support.builders import NOON, a_book, a_plate_view, a_policy
from tests.support.platform_items import an_item

MEGABYTE = "x" * 1_000_000
CLEARED = [{"authority": a, "state": "done"} for a in ("border_guard", "customs")]


@pytest.mark.parametrize(
    ("text", "plate"), [("34A-３68.37", "34A36837"), ("29-MÐ1 123.45", "29MD112345")]
)
def test_a_plate_in_other_characters_of_the_same_look_is_that_plate(text, plate):
    assert read_item(an_item(text=text)).plates[0].text == plate


@pytest.mark.parametrize(
    "text",
    ["29-АB 123.45", "粤BＡ1234挂", "----", "", "34A36837?", MEGABYTE, "\ud800", 12345, None],
)
def test_what_is_no_plate_makes_its_item_not_understood_in_few_words(text):
    with pytest.raises(NotUnderstood) as refused:
        read_item(an_item(text=text))
    assert "assignment A1: plates.0.text" in str(refused.value)
    assert len(str(refused.value)) < 400
    str(refused.value).encode()


def test_a_list_in_a_folder_tells_a_plate_that_is_none_and_keeps_the_others():
    head = "assignment_id,plates,direction,lanes,valid_from,valid_to\n"
    rows = [
        f"A{n},{text},export,out1,{iso(NOON)},{iso(NOON)}\n"
        for n, text in enumerate(("34A-３68.37", "29-АB 123.45", "34A36837+----"))
    ]
    items, wrong = read_csv(head + "".join(rows))
    assert [a.plates[0].text for a in items] == ["34A36837"]
    assert ["U+0410" in wrong[0].why, "plates.1.text" in wrong[1].why] == [True, True]
    items, wrong = read_json(json.dumps([an_item(text="29-АB 123.45"), an_item("A2")]))
    assert [a.assignment_id for a in items] == ["A2"]
    assert "item 1: assignment A1: plates.0.text" in wrong[0].why


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_to": "9999-12-31T23:59:59Z"},
        {"valid_to": "9999-12-31T23:59:59-01:00"},
        {"valid_to": "9999-12-31T23:59:59.999999+14:00"},
        {"valid_from": "0001-01-01T00:00:00+07:00"},
        {"valid_from": "0001-01-01T00:00:00Z", "valid_to": "9999-12-31T23:59:59-23:59"},
        {"clearances": [{**c, "at": "0001-01-01T00:00:00+07:00"} for c in CLEARED]},
    ],
)
def test_a_validity_to_the_end_of_all_dates_is_read_decided_kept_and_shown(changes):
    item = read_item(an_item(**{"clearances": CLEARED, **changes}))
    assert EARLIEST <= item.valid_from <= item.valid_to <= LATEST
    for now in (NOON, datetime.now(UTC)):
        book = a_book(item, as_of=now)
        decision = decide((a_plate_view(),), Vehicle(), book, a_policy(), now)
        assert decision.reason is (Reason.ASSIGNED if now < item.valid_to else Reason.EXPIRED)
    assert read_item(write_item(item)) == item
    seen = declared(a_book(item), "A1", "24C12345", ("customs",))
    assert local_time(seen.valid_from)
    assert local_time(seen.valid_to)


def test_deciding_survives_dates_that_no_reader_bounded():
    for end in (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)):
        ends = {"valid_from": end, "valid_to": end}
        item = read_item(an_item())
        item = type(item)(**{n: ends.get(n, getattr(item, n)) for n in item.__slots__})
        assert decide((a_plate_view(),), Vehicle(), a_book(item), a_policy(), NOON).reason in (
            Reason.NOT_YET_VALID,
            Reason.EXPIRED,
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_from": iso(NOON), "valid_to": iso(NOON - timedelta(seconds=1))},
        {"valid_from": 0},
        {"valid_from": "0"},
        {"valid_from": "20260101"},
        {"valid_to": "2026-01-15T08:00:00"},
        {"valid_to": "2026-02-30T08:00:00Z"},
        {"valid_to": float("inf")},
        {"revision": -1},
        {"revision": 2**53},
        {"revision": 10**400},
        {"priority": 10**9},
        {"assignment_id": ""},
        {"assignment_id": MEGABYTE},
        {"assignment_id": [MEGABYTE]},
        {"assignment_id": "\ud800"},
        {"assignment_id": 7},
        {"direction": MEGABYTE},
        {"state": MEGABYTE},
        {"vehicle_kind": MEGABYTE},
        {"lanes": ["out1"] * 65},
        {"lanes": [MEGABYTE]},
        {"plates": []},
        {"plates": [{"text": "24C12345"}] * 17},
        {"plates": [{"text": "24C12345", "role": "rider"}]},
        {"plates": [{"text": "24C12345", "country": MEGABYTE}]},
        {"clearances": [{"authority": "customs", "state": "done"}] * 33},
        {"clearances": [{"authority": MEGABYTE, "state": "done"}]},
        {"goods": ["\ud800"]},
        {"goods": "\ud800"},
    ],
    ids=lambda changes: f"{next(iter(changes))} {str(changes)[:40]}",
)
def test_what_is_out_of_bounds_makes_its_item_not_understood_in_few_words(changes):
    with pytest.raises(NotUnderstood) as refused:
        read_item(an_item(**changes))
    assert len(str(refused.value)) < 400
    str(refused.value).encode()


def test_long_goods_are_shown_in_part_and_null_is_absent():
    item = read_item(an_item(goods="Thanh long " * 10_000, priority=None, clearances=None))
    assert len(item.goods) == 500
    assert (item.priority, item.clearances) == (0, ())


def test_what_is_no_item_at_all_is_told_by_its_kind():
    for raw in (None, 7, MEGABYTE, [MEGABYTE], {}, {"assignment_id": {"a": MEGABYTE}}):
        with pytest.raises(NotUnderstood) as refused:
            read_item(raw)
        assert len(str(refused.value)) < 400


@pytest.mark.parametrize("number", [True, False, "1_000", " 7", "", "٣", 1.5, [], "0x1"])
@pytest.mark.parametrize("field", ["revision", "priority"])
def test_what_is_no_whole_number_makes_its_item_not_understood(field, number):
    with pytest.raises(NotUnderstood, match=field):
        read_item(an_item(**{field: number}))


def test_a_number_may_be_digits_or_absent():
    assert read_item(an_item(revision="7", priority="-3")).revision == 7
    assert read_item(an_item(revision=None)).revision == 0


@pytest.mark.parametrize("zone", ["Z", "+07:00", ".25Z"])
def test_a_leap_second_is_the_second_before_it(zone):
    until = read_item(an_item(valid_to=f"2026-12-31T23:59:60{zone}")).valid_to
    assert until == read_item(an_item(valid_to=f"2026-12-31T23:59:59{zone}")).valid_to
    with pytest.raises(NotUnderstood):
        read_item(an_item(valid_to=f"2026-12-31T23:58:60{zone}"))


IN_VIETNAM = PlatformReading(timezone="Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2026-03-01T07:00:00", "2026-03-01T00:00:00+00:00"),
        ("2026-03-01 07:00", "2026-03-01T00:00:00+00:00"),
        ("2026-03-01T07:00:00.1230000", "2026-03-01T00:00:00.123000+00:00"),
        ("2026-03-01T07:00:00Z", "2026-03-01T07:00:00+00:00"),
        ("2026-03-01T07:00:00+08:00", "2026-02-28T23:00:00+00:00"),
        ("9999-12-31T23:59:59", iso(LATEST)),
        ("0001-01-01T00:00:00", iso(EARLIEST)),
    ],
)
def test_a_moment_without_a_zone_is_the_platforms_where_that_is_configured(given, read):
    at = read_item(
        an_item(valid_from=given, valid_to="9999-12-31T00:00:00Z"), IN_VIETNAM
    ).valid_from
    assert at == datetime.fromisoformat(read)


def test_without_a_configured_zone_a_moment_without_one_is_not_understood():
    for words in (PlatformReading(), PlatformWords()):
        with pytest.raises(NotUnderstood, match="valid_from"):
            read_item(an_item(valid_from="2026-03-01T07:00:00"), words)


@pytest.mark.parametrize(
    "given", ["2026-13-01T07:00:00", "2026-03-01", "07:00", "2026-03-01T25:00"]
)
def test_what_is_no_moment_is_none_in_any_zone(given):
    with pytest.raises(NotUnderstood, match="valid_from"):
        read_item(an_item(valid_from=given), IN_VIETNAM)


def test_a_clearance_without_a_zone_is_the_platforms_too():
    cleared = [{"authority": "customs", "state": "done", "at": "2026-03-01T07:00:00"}]
    (clearance,) = read_item(an_item(clearances=cleared), IN_VIETNAM).clearances
    assert clearance.at == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", ["vehicle_kind", "priority", "clearances", "goods", "revision"])
def test_what_is_null_is_absent(name):
    item = an_item()
    bare = {key: value for key, value in item.items() if key != name}
    assert read_item({**item, name: None}) == read_item(bare)


def test_a_long_list_is_read_in_the_platforms_zone_too():
    items = [
        an_item(f"A{n}", valid_from="2026-03-01T07:00:00", goods="x" * 400) for n in range(3000)
    ]
    body = json.dumps({"cursor": "1", "full": True, "items": items}).encode()
    assert len(body) > SHORT
    reader = ListReader(IN_VIETNAM)
    try:
        answer = reader.read(HTTP, "identity", [body])
    finally:
        reader.stop()
    assert (len(answer.rows), answer.wrong) == (3000, 0)


def test_a_zone_that_is_none_is_refused_at_the_check():
    assert PlatformConfig(url="http://p", timezone="Asia/Ho_Chi_Minh").reading.timezone
    for kind in (
        lambda zone: PlatformConfig(url="http://p", timezone=zone),
        lambda zone: FolderPlatformConfig(kind="folder", folder="/mnt/yard", timezone=zone),
    ):
        for zone in ("Hanoi/Gate", "../etc/passwd", "+07:00"):
            with pytest.raises(ValueError, match="no time zone"):
                kind(zone)


@pytest.mark.parametrize(
    "change",
    [
        {"revision": None, "lanes": None},
        {"state": "open"},
        {"direction": 7},
        {"valid_from": "2026-01-15T08:00:00"},
        {"valid_to": "tomorrow"},
        {"valid_to": "1999-01-15T08:00:00Z"},
        {"revision": 1.5},
        {"revision": -1},
        {"revision": 2**60},
        {"revision": float("inf")},
        {"priority": "high"},
        {"plates": []},
        {"plates": "24C12345"},
        {"plates": [{"text": "24C12345"}] * 99},
        {"plates": [7]},
        {"plates": [{"text": "??"}]},
        {"plates": [{"text": "24C12345", "role": "driver"}]},
        {"lanes": ["x" * 99]},
        {"vehicle_kind": "\ud800"},
        {"assignment_id": "A\u0007"},
        {"assignment_id": ""},
        {"clearances": [{"authority": "customs"}]},
        {"clearances": [{"authority": "customs", "state": "done", "at": "2026-99-01T00:00:00Z"}]},
    ],
    ids=str,
)
def test_what_is_wrong_is_said_in_the_readers_language(change):
    item = {**an_item("A1"), **change}
    with pytest.raises(NotUnderstood) as refused:
        read_item(item)
    phrase = refused.value.why.phrase
    assert phrase.key in ("cause.item.at", "cause.item.found", "cause.item.of")
    why = phrase.params["why"]
    assert isinstance(why, Phrase), f"{refused.value.why}: a library's words"
    for language in ("vi", "zh"):
        assert texts(language)[why.key] != texts("en")[why.key]


def test_why_an_item_is_not_understood_stays_a_cause_through_disk_and_processes():
    item = {**an_item("A1"), "state": "open"}
    data = json.dumps({"cursor": "1", "full": True, "items": [item]}).encode()
    answer = from_lines(lines(read_list(HTTP, data, OUR_WORDS)))
    (told,) = answer.reported
    assert told.phrase.params["why"].key == "cause.item.expected"
    (row,) = answer.strange
    kept = read_kept(json.loads(row[5]))
    assert kept.trouble == told
    assert kept.trouble.phrase == told.phrase
