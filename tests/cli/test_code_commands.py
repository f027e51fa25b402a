"""Codes for drivers: made where assignments are made, tried at the gate, read from paper."""

import json
from pathlib import Path

import pytest

from tests.support.command_line import gate

pytestmark = pytest.mark.timeout(300)
EXAMPLE = Path(__file__).parents[2] / "config" / "gate.toml"


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "gate.toml"
    text = EXAMPLE.read_text(encoding="utf-8").replace("../sim-data/data", "data")
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def key(tmp_path, config):
    made = gate("keys", "new", "drivers", "--config", config)
    assert made.returncode == 0, made.stderr
    file = tmp_path / "drivers.key"
    file.write_text(made.stdout, encoding="utf-8")
    return file


def test_a_code_is_made_printed_and_read_from_its_picture(tmp_path, config, key):
    picture = tmp_path / "a17.png"
    made = gate("code", "issue", "A-17", "--key-file", key, "--picture", picture)
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("BG1:A-17:")
    for given in (made.stdout.strip(), picture):
        checked = gate("code", "check", given, "--config", config)
        assert checked.returncode == 0, checked.stderr
        assert "assignment  A-17" in checked.stdout
        assert checked.stdout.endswith("counts      yes\n")


def test_after_its_key_is_rotated_the_old_code_counts_until_the_old_key_is_revoked(
    tmp_path, config, key
):
    old = gate("code", "issue", "A-17", "--key-file", key).stdout.strip()
    later = tmp_path / "later.key"
    later.write_text(gate("keys", "rotate", "drivers", "--config", config).stdout, "utf-8")
    new = gate("code", "issue", "A-17", "--key-file", later).stdout.strip()

    def counts(code):
        return gate("code", "check", code, "--config", config).stdout.splitlines()[-1]

    assert [counts(old), counts(new)] == ["counts      yes", "counts      yes"]
    gate("keys", "revoke", json.loads(key.read_text("utf-8"))["key"], "--config", config)
    assert [counts(old), counts(new)] == ["counts      no: unknown_key", "counts      yes"]


def test_what_cannot_be_a_code_is_told_with_its_place(tmp_path, config, key):
    wrong = gate("code", "issue", "A 17:x", "--key-file", key)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "'A 17:x' cannot stand in a code" in wrong.stderr
    broken = tmp_path / "broken.key"
    broken.write_text('{"key": "k1"}', "utf-8")
    told = gate("code", "issue", "A-17", "--key-file", broken)
    assert told.returncode == 2
    assert "is no key as `gate keys new` prints it" in told.stderr
    strange = gate("code", "check", "https://example.com", "--config", config)
    assert strange.returncode == 1
    assert "no code of ours" in strange.stderr
