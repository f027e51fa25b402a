"""Commands from a real broker to a real board: at most one pulse, one audit event, one answer."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.domain.moment import iso
from edge.gate.remote_commands import ANSWER
from simulator.broker import Mosquitto
from tests.support.gate_place import Place
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)

SIGN = Path(__file__).parents[2] / "docs" / "sign_command.py"


@pytest.fixture
def place(tmp_path):
    if not Mosquitto.installed():
        pytest.skip("Mosquitto is not installed (apt install mosquitto)")
    made = Place(tmp_path)
    made.open()
    yield made
    made.close()


def wire(envelope):
    return json.dumps(envelope).encode()


def test_no_flawed_command_moves_anything_and_each_is_told_once(place):
    key, private = place.ring.make("customs")
    revoked, its_private = place.ring.make("customs")
    place.ring.revoke(revoked.key)
    now = datetime.now(UTC)
    for flawed, why in (
        ({**place.command(key, private), "reason": "forged"}, "bad_signature"),
        (place.command(key, its_private), "bad_signature"),
        (place.command(key, private, expires_at=iso(now - timedelta(seconds=1))), "expired"),
        (place.command(key, private, issued_at=iso(now + timedelta(hours=1))), "post_dated"),
        (place.command(key, private, gate="other"), "wrong_gate"),
        (place.command(key, private, lane="out9"), "wrong_lane"),
        (place.command(key, private, key="0123456789ab"), "unknown_key"),
        (place.command(revoked, its_private), "revoked_key"),
        (place.command(key, private, action="close"), "not_permitted"),
        (place.command(key, private, expires_at=iso(now + timedelta(days=9))), "valid_too_long"),
        ({**place.command(key, private), "id": "#"}, "malformed"),
    ):
        place.refused(wire(flawed), why)
    place.refused(b"[" * 8000, "malformed")
    place.refused(b"x" * 100_000, "too_large")
    # A retained one comes as such with the next connection.
    place.relay.stop()
    place.customs.command(wire(place.command(key, private)), retain=True)
    before = len(place.reported())
    place.shut()
    place.open()
    wait_for(lambda: "retained" in [reported["why"] for reported in place.reported()[before:]])
    assert place.pulses() == []
    assert place.customs.counts.broken == []


def test_one_id_is_one_pulse_and_one_answer_across_restarts(place):
    key, private = place.ring.make("customs")
    now = datetime.now(UTC)
    good = wire(place.command(key, private, expires_at=iso(now + timedelta(seconds=30))))
    id = json.loads(good)["id"]
    place.customs.command(good)
    wait_for(lambda: place.answers(id))
    wait_for(lambda: len(place.pulses()) == 1)
    for _ in range(2):
        place.refused(good, "replayed")
        place.shut()
        place.open()
        place.refused(good, "replayed")
    again = wire(place.command(key, private, id=id))
    place.refused(again, "replayed")
    wait_for(lambda: len(place.answers(id)) >= 6)
    assert {r["outcome"] for r in place.answers(id)} == {"done"}
    place.refused(wire(place.command(key, private, id=id, action="lock")), "id_reused")
    wait_for(lambda: place.answers(id)[-1] == {"id": id, "outcome": "refused", "why": "id_reused"})
    assert len(place.pulses()) == 1
    assert not place.guards.guard("out1").status().locked
    place.shut()
    place.open()
    place.refused(good, "replayed")


def test_a_command_sent_to_be_retained_is_refused_while_the_gate_is_connected_too(place):
    key, private = place.ring.make("customs")
    place.customs.command(wire(place.command(key, private)), retain=True)
    wait_for(lambda: "retained" in [reported["why"] for reported in place.reported()])
    assert place.pulses() == []


def test_the_signing_example_of_the_guide_opens_the_barrier(place):
    key, private = place.ring.make("customs")
    words = ["g", "out1", "open", "customs", key.key, private, "inspection done"]
    done = subprocess.run(
        [sys.executable, str(SIGN), *words], capture_output=True, check=True, timeout=60
    )
    place.customs.command(done.stdout)
    id = json.loads(done.stdout)["id"]
    wait_for(lambda: place.answers(id))
    assert place.answers(id)[0] == {"id": id, "outcome": "done", "why": ""}
    wait_for(lambda: len(place.pulses()) == 1)


def test_an_opening_for_a_vehicle_that_is_gone_is_refused_and_one_for_nobody_opens(place):
    key, private = place.ring.make("customs")
    stale = place.command(key, private, seen={"passage": "gone", "version": 3})
    place.customs.command(wire(stale))
    wait_for(lambda: place.answers(stale["id"]))
    assert place.answers(stale["id"])[0]["why"] == "changed_meanwhile"
    assert place.pulses() == []
    fresh = place.command(key, private, seen={"passage": ""})
    place.customs.command(wire(fresh))
    wait_for(lambda: place.answers(fresh["id"]))
    assert place.answers(fresh["id"])[0]["outcome"] == "done"
    wait_for(lambda: len(place.pulses()) == 1)


def test_a_forger_cannot_answer_for_a_command_that_was_done(place):
    key, private = place.ring.make("customs")
    good = place.command(key, private)
    place.customs.command(wire(good))
    wait_for(lambda: place.answers(good["id"]))
    place.refused(wire({**good, "reason": "forged"}), "bad_signature")
    place.refused(wire(good), "replayed")
    wait_for(lambda: len(place.answers(good["id"])) == 2)
    assert [r["outcome"] for r in place.answers(good["id"])] == ["done", "done"]


def test_a_command_under_way_in_a_crash_is_told_as_uncertain_and_never_given_again(place):
    kept = {"lane": "out1", "issuer": "customs", "action": "open", "outcome": "pending", "why": ""}
    place.journal.record([], {f"{ANSWER}lost": {**kept, "expires_at": iso(datetime.now(UTC))}})
    place.shut()
    place.open()
    wait_for(lambda: place.answers("lost"))
    assert place.answers("lost")[0]["outcome"] == "uncertain"
    assert [t["outcome"] for t in place.reported() if t["command"] == "lost"] == ["uncertain"]
    assert place.pulses() == []
