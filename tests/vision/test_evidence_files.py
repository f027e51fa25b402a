"""Kept files are found by the hash of their bytes."""

import os
from hashlib import sha256
from pathlib import Path

from edge.domain.evidence import Kind, name_of
from edge.vision.evidence_files import KeptFiles
from tests.support.builders import NOON


def kept(day, data):
    return name_of(day, "out1", NOON, data, Kind.PLATE)


def test_a_picture_is_found_by_its_hash_and_no_day_that_has_not_changed_is_read_again(
    tmp_path, monkeypatch
):
    names = {}
    for day in range(1, 10):
        folder = tmp_path / f"2026010{day}"
        folder.mkdir()
        for n in range(20):
            data = f"{day} {n}".encode()
            names[sha256(data).hexdigest()] = name = kept(folder.name, data)
            (folder / name).write_bytes(data)
        os.utime(folder, (1_700_000_000, 1_700_000_000 + day))
    read = []
    real = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda place: read.append(place.name) or real(place))
    files = KeptFiles(tmp_path)
    assert all(files.find(hash, "") == name for hash, name in names.items())
    assert sum(name.startswith("2026") for name in read) == 9 + len(names)
    assert files.find("0" * 64, "") is None
    assert sum(name.startswith("2026") for name in read) == 9 + len(names)
    # What comes to a day is found, also at once; what is gone is not.
    late = kept("20260109", b"late")
    hash = sha256(b"late").hexdigest()
    assert files.find(hash, "") is None
    (tmp_path / "20260109" / late).write_bytes(b"late")
    assert files.find(hash, "") == files.find(hash, "20260109") == late
    (tmp_path / "20260109" / late).unlink()
    assert files.find(hash, "") is None
