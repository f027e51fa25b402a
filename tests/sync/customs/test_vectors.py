"""The test vectors for receivers in other languages, checked in Python and in Node."""

import base64
import json
import shutil
import subprocess
from hashlib import sha256

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tools.write_vectors import FILE, text

CHECK = FILE.with_name("check.mjs")
ALL = json.loads(FILE.read_text(encoding="utf-8"))


def test_the_file_is_what_the_gate_writes_today():
    assert FILE.read_text(encoding="utf-8") == text(), "run: python -m tools.write_vectors"


def test_each_vector_holds_by_rfc_8785_and_ed25519_alone():
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(ALL["key"]))
    before = "0" * 64
    for vector in ALL["events"]:
        event = json.loads(vector["received"])
        del event["replayed"]
        assert event["hash"] == vector["hash"] == sha256(vector["hashed"].encode()).hexdigest()
        del event["hash"]
        assert rfc8785.dumps(event).decode() == vector["hashed"]
        key.verify(base64.b64decode(event.pop("signature")), vector["signed"].encode())
        assert rfc8785.dumps(event).decode() == vector["signed"]
        assert event["previoushash"] == before
        before = vector["hash"]
    result = json.loads(ALL["replay_result"]["received"])
    signature = base64.b64decode(result.pop("signature"))
    assert rfc8785.dumps(result).decode() == ALL["replay_result"]["signed"]
    key.verify(signature, rfc8785.dumps(result))
    code, _, end = ALL["code"]["code"].rpartition(":")
    assert code == ALL["code"]["signed"]
    key.verify(base64.urlsafe_b64decode(end + "=="), code.encode())
    mark = json.loads(ALL["checkpoint"]["received"])
    signed = f"{mark['sequence']}:{mark['hash']}:{mark['time']}".encode()
    key.verify(base64.b64decode(mark["signature"]), signed)
    assert mark["hash"] == before


@pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed (apt install nodejs)")
def test_node_finds_each_vector_right_and_a_changed_one_wrong(tmp_path):
    for file in (FILE, CHECK):
        shutil.copy(file, tmp_path)
    checked = subprocess.run(
        ["node", tmp_path / CHECK.name], capture_output=True, text=True, timeout=60
    )
    assert (checked.returncode, checked.stdout) == (
        0,
        f"{len(ALL['events'])} events, a replay/result, a checkpoint and a code: 0 wrong\n",
    )
    (tmp_path / FILE.name).write_text(FILE.read_text().replace("24C12345", "24C12346"))
    checked = subprocess.run(
        ["node", tmp_path / CHECK.name], capture_output=True, text=True, timeout=60
    )
    assert checked.returncode == 1
    assert "wrong: event 1: signature" in checked.stdout
