"""A file that is replaced whole: the old one or the new one, whatever happens."""

import stat

import pytest

from edge.system.atomic_file import write_atomic


def test_what_is_written_is_there_for_its_readers_alone(tmp_path):
    file = tmp_path / "users.json"
    for text in (b"one", b"two"):
        write_atomic(file, text, 0o600)
        assert file.read_bytes() == text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["users.json"]


def test_what_cannot_be_written_leaves_the_old_one(tmp_path):
    file = tmp_path / "users.json"
    write_atomic(file, b"one")
    # What it writes to first cannot be opened.
    (tmp_path / ".users.json.new").mkdir()
    with pytest.raises(OSError, match="users"):
        write_atomic(file, b"two")
    assert file.read_bytes() == b"one"
