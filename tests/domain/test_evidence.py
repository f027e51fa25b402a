"""A file's name says what it is, and vouches for its bytes."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest

from edge.domain.evidence import Kind, described, name_of, parsed

AT = datetime(2026, 11, 30, 3, 15, 0, 123000, UTC)
DATA = b"a picture"
NAME = name_of("20261130", "out-1", AT, DATA, Kind.PLATE)


def test_a_name_says_lane_moment_hash_and_kind():
    file = parsed(NAME)
    assert (file.kind, file.sha256) == (Kind.PLATE, sha256(DATA).hexdigest())
    assert file.captured_at == AT
    assert file.bytes == len(DATA)


def test_a_name_of_before_says_no_number_of_bytes():
    older = NAME.replace("-9-plate.jpg", "-plate.jpg")
    assert parsed(older).sha256 == parsed(NAME).sha256
    assert parsed(older).bytes is None
    (told,) = described([older])
    assert "bytes" not in told


def test_events_name_the_files_with_their_hashes_and_leave_out_those_of_before():
    assert described([NAME, "20260101-out1-" + "0" * 32 + "-plate.jpg", "x.jpg"]) == [
        {
            "name": NAME,
            "kind": "plate",
            "sha256": sha256(DATA).hexdigest(),
            "bytes": 9,
            "media_type": "image/jpeg",
            "captured_at": "2026-11-30T03:15:00.123Z",
        }
    ]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-".join(["a"] * 9),
        NAME.replace("plate.jpg", "plate.exe"),
        NAME.replace("T", "X", 1),
        NAME.replace("20261130T", "20269930T"),
        NAME[:-80] + "g" * 64 + "-plate.jpg",
        NAME.upper(),
        NAME.replace("-9-plate", "-09-plate"),
        NAME.replace("-9-plate", "--plate"),
        NAME.replace("-9-plate", "-9-9-plate"),
    ],
)
def test_what_is_no_such_name_is_none(name):
    assert parsed(name) is None
