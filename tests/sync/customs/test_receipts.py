"""A receiver with a key: only what it has signed acknowledges, and its newest receipt is kept."""

import base64
import json
import os
import re
import subprocess
import textwrap
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from edge.config import ConsumerConfig
from edge.sync.customs.receipts import KEEP_EVERY_S, KEY, Receipts, receipt_part
from edge.sync.journal.chain import canonical
from edge.sync.journal.signing import GateKey, verifies
from simulator.broker import Mosquitto
from tests.support.delivery_line import Line
from tests.support.stranger import Stranger, heard_all
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(120)
RECIPES = Path(__file__).parents[3] / "docs" / "recipes.md"
THEIRS = GateKey(Ed25519PrivateKey.generate())
STRANGERS = GateKey(Ed25519PrivateKey.generate())


def signed(through, hash, key=THEIRS, time="2026-01-15T08:00:00Z", **changes):
    signature = key.sign(receipt_part("customs", through, hash, time))
    made = {"consumer": "customs", "through": through, "hash": hash, "time": time}
    return {**made, "signature": signature, **changes}


def test_what_a_receiver_with_a_key_has_not_signed_acknowledges_nothing(tmp_path):
    if not Mosquitto.installed():
        pytest.skip("Mosquitto is not installed (apt install mosquitto)")
    consumers = (ConsumerConfig(name="customs", key=THEIRS.public),)
    line = Line(tmp_path, Mosquitto(tmp_path / "b"), consumers=consumers)
    stranger = Stranger(line.broker)
    try:
        line.record(3)
        # It takes them, and says so without a signature.
        wait_for(lambda: line.customs.through == 3)
        hash = line.journal.hash_of(3)
        for said in (
            {"consumer": "customs", "through": 3},
            signed(3, hash, STRANGERS),
            {**signed(2, hash), "through": 3},
            signed(3, hash, time=7),
            signed(3, hash, signature=None),
        ):
            stranger.say("ack/customs", said)
            stranger.say("ack", said)
        heard_all(line, stranger)
        assert line.relay.positions.of("customs") == 0
        stranger.say("ack/customs", signed(3, hash))
        heard_all(line, stranger)
        assert line.relay.positions.of("customs") == 3
        # Kept at the end at the latest, as a word that anybody can check.
        line.relay.stop()
        kept = line.journal.state(f"{KEY}customs")
        part = receipt_part("customs", kept["through"], kept["hash"], kept["time"])
        assert (kept["through"], verifies(kept["key"], part, kept["signature"])) == (3, True)
    finally:
        stranger.close()
        line.close()


def recipe():
    """The two blocks of docs/recipes.md: to sign, and to check."""
    text = RECIPES.read_text(encoding="utf-8").partition("## A signed receipt with openssl")[2]
    blocks = re.findall(r"(?:^    .*\n)+", text.partition("\n## ")[0], re.MULTILINE)
    assert len(blocks) == 2
    return [textwrap.dedent(block) for block in blocks]


def by_hand(commands, folder, **given):
    return subprocess.run(
        ["bash", "-e", "-c", commands], cwd=folder, env={**os.environ, **given},
        capture_output=True, text=True,
    )  # fmt: skip


def test_a_receipt_by_openssl_counts_and_is_checked_by_openssl(tmp_path):
    sign, check = recipe()
    hash, time = "a" * 64, "2026-01-15T08:00:00Z"
    key, signature = by_hand(sign, tmp_path, THROUGH="5", HASH=hash, TIME=time).stdout.split()
    assert ConsumerConfig(name="customs", key=key).key == key
    body = signed(5, hash, time=time, signature=signature)
    receipts, journal = Receipts({"customs": key}), Kept()
    for through, counts in ((5, True), (6, False)):
        said = json.dumps({**body, "through": through}).encode()
        assert receipts.take(said, "customs", through, hash) is counts
    receipts.keep(journal, 0.0)
    kept = journal.states[0][f"{KEY}customs"]
    told = {"KEY": kept["key"], "SIGNATURE": kept["signature"]}
    assert "Verified Successfully" in by_hand(check, tmp_path, **told).stdout
    (tmp_path / "said").write_text(f"customs:6:{hash}:{time}")
    assert by_hand(check, tmp_path, **told).returncode != 0


@pytest.mark.parametrize("of", ["event", "checkpoint"])
def test_what_the_gate_signs_is_checked_by_openssl_as_well(tmp_path, of):
    text = canonical({"id": "x", "sequence": "7"}) if of == "event" else b"7:hash:time"
    (tmp_path / "said").write_bytes(text)
    told = {"KEY": THEIRS.public, "SIGNATURE": THEIRS.sign(text)}
    assert by_hand(recipe()[1], tmp_path, **told).returncode == 0


class Kept:
    def __init__(self):
        self.states = []

    def record(self, events, states=None):
        self.states.append(states)

    def hash_of(self, sequence):
        return {5: "a" * 64}.get(sequence)


def test_receipts_are_written_now_and_then_and_only_those_of_this_history():
    journal, receipts = Kept(), Receipts({"customs": THEIRS.public})

    def take(through, hash):
        body = signed(through, hash)
        return receipts.take(json.dumps(body).encode(), "customs", through, hash)

    assert take(4, "c" * 64)
    receipts.keep(journal, 0.0)
    assert take(5, "a" * 64)
    receipts.keep(journal, KEEP_EVERY_S - 1)
    assert len(journal.states) == 1
    receipts.keep(journal, KEEP_EVERY_S)
    assert journal.states[-1][f"{KEY}customs"]["through"] == 5
    assert take(5, "b" * 64)
    receipts.keep(journal, 3 * KEEP_EVERY_S)
    assert journal.states[-1] == {}
    receipts.keep(journal, 9 * KEEP_EVERY_S)
    assert len(journal.states) == 3


@pytest.mark.parametrize("key", ["x", base64.b64encode(b"short").decode(), "!" * 44])
def test_what_is_no_public_key_is_refused(key):
    with pytest.raises(ValidationError, match="base64 of 32 bytes"):
        ConsumerConfig(name="customs", key=key)
