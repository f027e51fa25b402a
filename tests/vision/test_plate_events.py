"""What cameras say of plates is read within bounds; a strange document is refused."""

from datetime import UTC, datetime

import pytest

from edge.vision.plate_events import (
    LARGEST,
    AlertStream,
    CameraReading,
    StrangeEvent,
    document,
    isapi_reading,
    onvif_readings,
)
from simulator.plate_events import ANPR, ENVELOPE, IDLE, MESSAGE

AT = "2026-11-30T10:15:00+07:00"
UTC_AT = datetime(2026, 11, 30, 3, 15, tzinfo=UTC)


def anpr(plate="24C-123.45", percent=92, at=AT):
    return ANPR.format(at=at, plate=plate, percent=percent).encode()


def pulled(plate="24C12345", share=0.87, at="2026-11-30T03:15:00Z"):
    return ENVELOPE.format(body=MESSAGE.format(at=at, plate=plate, share=share)).encode()


def test_both_kinds_give_the_same_reading():
    assert isapi_reading(anpr()) == CameraReading("24C12345", "VN", 0.92, UTC_AT)
    assert onvif_readings(pulled()) == [CameraReading("24C12345", "VN", 0.87, UTC_AT)]


def test_chinese_plates_are_read_with_their_province():
    assert isapi_reading(anpr("云G12345")).country == "CN"


@pytest.mark.parametrize("plate", ["unknown", "", "noPlate", "####", "x" * 500, "<b/>"])
def test_what_is_no_plate_is_no_reading(plate):
    assert isapi_reading(anpr(plate)) is None
    if plate != "<b/>":
        assert onvif_readings(pulled(plate)) == []


@pytest.mark.parametrize("percent", ["", "-5", "1e9", "nan", "many"])
def test_a_strange_confidence_is_none_at_all(percent):
    assert isapi_reading(anpr(percent=percent)).confidence is None


@pytest.mark.parametrize("at", ["", "yesterday", "2026-11-30T10:15:00", "9" * 300])
def test_a_time_without_a_zone_or_sense_is_none(at):
    assert isapi_reading(anpr(at=at)).at is None


def test_events_of_other_kinds_are_no_readings():
    assert isapi_reading(IDLE.format(at=AT).encode()) is None
    other = MESSAGE.replace("LicensePlate", "Face").format(at=AT, plate="24C12345", share=1)
    assert onvif_readings(ENVELOPE.format(body=other).encode()) == []


BOMB = b"<!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;&b;'>]><EventNotificationAlert>&d;</x>"


@pytest.mark.parametrize(
    "data",
    [
        BOMB,
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<a>" * 100_00,
        b"<a>" + b"<b/>" * 10_000 + b"</a>",
        b"<a>" + b"x" * LARGEST + b"</a>",
        b"",
        b"\x00\xff\xfe",
        b"<a>",
        b"no document",
        b"<?xml version='1.0' encoding='nonsense'?><a/>",
    ],
)
def test_documents_that_are_strange_or_too_large_are_refused(data):
    with pytest.raises(StrangeEvent):
        document(data)


@pytest.mark.parametrize("size", [1, 7, 1000, 100_000])
def test_documents_come_out_of_a_stream_however_it_is_cut(size):
    picture = b"--boundary\r\nContent-Type: image/jpeg\r\n\r\n" + bytes(range(256)) * 40
    data = b"".join((picture, anpr("24C12345"), picture, anpr("29H67890"), picture))
    stream, found = AlertStream(), []
    for at in range(0, len(data), size):
        found += [isapi_reading(one).text for one in stream.feed(data[at : at + size])]
    assert found == ["24C12345", "29H67890"]


def test_a_document_without_an_end_does_not_fill_the_memory_and_the_next_one_is_read():
    stream = AlertStream()
    for _ in range(40):
        assert list(stream.feed(b"<EventNotificationAlert>" + b"x" * 50_000)) == []
        assert len(stream._held) <= LARGEST + 60_000
    found = list(stream.feed(b"y" * LARGEST + anpr()))
    assert [isapi_reading(one).text for one in found] == ["24C12345"]
