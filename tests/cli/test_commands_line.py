"""The commands as a user types them."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.config import JournalConfig
from edge.domain.events import PLATE_READ, Event
from edge.sync.journal.chain import GENESIS, signed_part
from edge.sync.journal.journal import open_journal
from edge.system.clock import SystemClock
from tests.support.builders import NOON
from tests.support.command_line import gate

pytestmark = pytest.mark.timeout(300)
EXAMPLE = Path(__file__).parents[2] / "config" / "gate.toml"
COMMANDS = [
    ["run"], ["demo"], ["read"], ["doctor"], ["bench"], ["config", "check"], ["config", "keys"],
    ["backup"], ["restore"],
    ["journal", "verify"], ["journal", "export"], ["journal", "backup"], ["journal", "restore"],
    ["journal", "forget"], ["journal", "above"], ["journal", "set-aside", "list"],
    ["journal", "set-aside", "retry"], ["journal", "set-aside", "settle"],
    ["users", "add"], ["users", "list"], ["users", "passwd"], ["users", "disable"], ["keys", "new"],
    ["keys", "gate"],
    ["keys", "add"], ["keys", "list"], ["keys", "rotate"], ["keys", "revoke"], ["keys", "sign"],
    ["code", "issue"], ["code", "check"],
    ["barrier", "test"], ["learn", "export"],
    ["barrier", "watch"], ["barrier", "trace", "record"], ["barrier", "trace", "replay"],
]  # fmt: skip


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "gate.toml"
    text = EXAMPLE.read_text(encoding="utf-8").replace("../sim-data/data", "data")
    # A simulator that plays at its usual ports beside the tests is not theirs.
    for port in ("8554", "8090"):
        text = text.replace(f"127.0.0.1:{port}", "127.0.0.1:9")
    file.write_text(text, encoding="utf-8")
    return file


def test_every_command_explains_itself_with_an_example():
    from typer.testing import CliRunner

    import edge.__main__ as main

    main._mount()
    for command in COMMANDS:
        answer = CliRunner().invoke(main.app, [*command, "--help"])
        assert answer.exit_code == 0, command
        assert "Example" in answer.output, command


def test_a_good_configuration_is_told_good_and_a_bad_one_bad(config):
    assert gate("config", "check", str(config)).returncode == 0
    config.write_text(config.read_text() + "\nnonsense = 1\n")
    done = gate("config", "check", str(config))
    assert done.returncode == 2
    assert "nonsense" in done.stderr
    assert "Traceback" not in done.stderr


def test_users_are_added_listed_and_disabled(config):
    where = ["--config", str(config)]
    made = gate("users", "add", "an", "--role", "administrator", "--password-stdin", *where,
                stdin="mat-khau-dai\n")  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert "an" in gate("users", "list", *where).stdout
    last = gate("users", "disable", "an", *where)
    assert last.returncode == 1
    assert "last administrator" in last.stderr


def test_keys_are_made_and_revoked(config):
    where = ["--config", str(config)]
    key = json.loads(gate("keys", "new", "platform", *where).stdout)
    assert key["key"] in gate("keys", "list", *where).stdout
    assert gate("keys", "revoke", key["key"], *where).returncode == 0
    assert "revoked" in gate("keys", "list", *where).stdout


def test_a_journal_is_verified_exported_backed_up_and_restored(config, tmp_path):
    where = ["--config", str(config)]
    missing = gate("journal", "verify", *where)
    assert missing.returncode == 2
    settings = JournalConfig(max_mb=20, ballast_mb=0)
    journal = open_journal(tmp_path / "data", settings, "/s/g", SystemClock())
    journal.record([Event(PLATE_READ, "out1", NOON, {"plate": "24C12345"})] * 3)
    journal.close()
    assert "3 events" in gate("journal", "verify", *where).stdout
    lines = gate("journal", "export", *where).stdout.splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == ["1", "2", "3"]
    copy = str(tmp_path / "copy.db")
    assert gate("journal", "backup", *where, copy).returncode == 0
    assert gate("journal", "restore", *where, copy).returncode == 0
    assert "whole" in gate("journal", "verify", *where).stdout


def test_the_gates_key_is_printed_with_its_fingerprint_and_vouches_for_an_export(config, tmp_path):
    where = ["--config", str(config)]
    missing = gate("keys", "gate", *where)
    assert missing.returncode == 1
    assert "gate.pem is missing" in missing.stderr
    journal = open_journal(
        tmp_path / "data", JournalConfig(max_mb=20, ballast_mb=0), "/s/g", SystemClock()
    )
    journal.record([Event(PLATE_READ, "out1", NOON, {"plate": "24C12345"})] * 3)
    journal.close()
    said = json.loads(gate("keys", "gate", "--json", *where).stdout)
    raw = base64.b64decode(said["public"])
    assert said["fingerprint"].replace(" ", "") == hashlib.sha256(raw).hexdigest()
    assert said["public"] in gate("keys", "gate", *where).stdout
    file = tmp_path / "checkpoints"
    lines = gate("journal", "export", "--checkpoints", str(file), *where).stdout.splitlines()
    key = Ed25519PublicKey.from_public_bytes(raw)
    for line in lines:
        event = json.loads(line)
        key.verify(base64.b64decode(event["signature"]), signed_part(event))
    marks = [json.loads(line) for line in file.read_text().splitlines()]
    assert (marks[-1]["sequence"], marks[-1]["hash"]) == ("3", event["hash"])
    for mark in marks:
        text = f"{mark['sequence']}:{mark['hash']}:{mark['time']}".encode()
        key.verify(base64.b64decode(mark["signature"]), text)


def test_verifying_makes_no_key_and_says_when_the_gates_is_gone(config, tmp_path):
    where = ["--config", str(config)]
    journal = open_journal(
        tmp_path / "data", JournalConfig(max_mb=20, ballast_mb=0), "/s/g", SystemClock()
    )
    journal.record([Event(PLATE_READ, "out1", NOON, {"plate": "24C12345"})])
    journal.close()
    key = tmp_path / "data" / "keys" / "gate.pem"
    key.unlink()
    done = gate("journal", "verify", *where)
    assert done.returncode == 1
    assert f"{key} is missing" in done.stderr
    assert not key.exists()


def test_a_journal_on_a_new_disk_goes_on_above_what_customs_holds(config, tmp_path):
    where = ["--config", str(config)]
    assert gate("journal", "above", "48210", *where).returncode == 0
    settings = JournalConfig(max_mb=20, ballast_mb=0)
    journal = open_journal(tmp_path / "data", settings, "/s/g", SystemClock())
    (first,) = journal.record([Event(PLATE_READ, "out1", NOON, {})])
    journal.close()
    assert (first.sequence, first.previous_hash) == (48211, GENESIS)
    # A lower number than it has reached meanwhile is no dead end: it goes on above both.
    lower = gate("journal", "above", "7", *where)
    assert lower.returncode == 0
    assert "the next event is 48213 and begins a new series" in lower.stdout
    journal = open_journal(tmp_path / "data", settings, "/s/g", SystemClock())
    (first,) = journal.record([Event(PLATE_READ, "out1", NOON, {})])
    journal.close()
    assert (first.sequence, first.previous_hash) == (48213, GENESIS)


def test_doctor_tells_what_is_missing_and_what_to_do(config):
    done = gate("doctor", "--json", "--config", str(config))
    assert done.returncode == 1
    found = {row["what"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert not found["camera out1"]["good"]
    assert "adapter" in found["barrier out1"]["cure"]
    assert found["models"]["good"]
