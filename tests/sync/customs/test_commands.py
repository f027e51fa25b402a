"""Signed commands: accepted once, refused with their reason otherwise."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from edge.config import IssuerConfig, load
from edge.domain.commands import REMOTE_ACTIONS
from edge.domain.moment import iso
from edge.sync.customs.envelope import Accepted, check, sign
from edge.sync.customs.keyring import Keyring, KeyringError
from edge.sync.customs.port import Refusal, RefusedCommand
from tests.support.builders import NOON

CONFIG = Path(__file__).parents[3] / "config" / "gate.toml"
RIGHTS = IssuerConfig(name="customs", actions=("open", "lock"))
FIRST = {
    "issuer": "customs",
    "lane": "out1",
    "action": "open",
    "reason": "inspection done",
    "outcome": "done",
}
"""What the gate keeps of a command that it took."""

SETTINGS = load(CONFIG).model_copy(update={"issuers": (RIGHTS,)})


@pytest.fixture
def ring(tmp_path):
    return Keyring(tmp_path)


@pytest.fixture
def make(ring):
    key, private = ring.make("customs")

    def build(**changes):
        body = {
            "id": "c1",
            "gate": SETTINGS.gate,
            "lane": "out1",
            "action": "open",
            "reason": "inspection done",
            "issued_at": iso(NOON),
            "expires_at": iso(NOON + timedelta(seconds=30)),
            "issuer": "customs",
            "counter": 5,
            "key": key.key,
        }
        after = {k: changes.pop(k) for k in list(changes) if k.startswith("forged_")}
        envelope = sign({**body, **changes}, private)
        envelope |= {k.removeprefix("forged_"): v for k, v in after.items()}
        return json.dumps(envelope).encode()

    return build


def outcome(payload, ring, retained=False, last=4, now=NOON, used=()):
    seen = check(payload, retained, SETTINGS, ring.find, lambda issuer: last, dict(used).get, now)
    return seen.why if isinstance(seen, RefusedCommand) else seen


def test_a_good_command_is_accepted(make, ring):
    seen = outcome(make(), ring)
    assert isinstance(seen, Accepted)
    assert (seen.command.id, seen.command.action, seen.counter) == ("c1", "open", 5)


def test_a_command_may_name_the_site_as_well_so_that_no_other_site_can_be_sent_it(make, ring):
    assert isinstance(outcome(make(gate=f"/{SETTINGS.site}/{SETTINGS.gate}"), ring), Accepted)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"gate": "other"}, "wrong_gate"),
        ({"gate": f"/elsewhere/{SETTINGS.gate}"}, "wrong_gate"),
        ({"gate": f"/{SETTINGS.site}"}, "wrong_gate"),
        ({"gate": f"{SETTINGS.site}/{SETTINGS.gate}"}, "wrong_gate"),
        ({"seen": None}, "malformed"),
        ({"lane": "out9"}, "wrong_lane"),
        ({"action": "close"}, "not_permitted"),
        ({"action": "explode"}, "unknown_action"),
        ({"issued_at": iso(NOON + timedelta(minutes=5))}, "post_dated"),
        ({"expires_at": iso(NOON)}, "expired"),
        ({"counter": 4}, "replayed"),
        ({"issuer": "stranger"}, "unknown_key"),
        ({"forged_action": "lock"}, "bad_signature"),
        ({"forged_signature": "AAAA"}, "bad_signature"),
        ({"forged_extra": 1}, "malformed"),
        ({"expires_at": iso(NOON + timedelta(days=365))}, "valid_too_long"),
        ({"id": "../../#"}, "malformed"),
        ({"counter": "5"}, "malformed"),
        ({"forged_counter": 2**60}, "malformed"),
        ({"forged_reason": "\ud800"}, "malformed"),
    ],
)
def test_each_flaw_is_refused_with_its_reason(make, ring, changes, why):
    assert outcome(make(**changes), ring) == why


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"lane": "out1"', '"lane": "out9", "lane": "out1"'),
        lambda text: text.replace('"counter": 5', '"counter": NaN'),
        lambda text: text.replace('"counter": 5', '"counter": ' + "9" * 5000),
        lambda text: text.replace('"reason": "', '"reason": ' + "[" * 2000 + '"'),
        lambda text: f"[{text}]",
        lambda text: text.encode("utf-16").decode("latin-1"),
    ],
    ids=["a name twice", "no number", "a huge number", "deep", "a list", "not UTF-8"],
)
def test_what_can_be_read_in_two_ways_or_not_at_all_is_malformed(make, ring, change):
    assert outcome(change(make().decode()).encode("latin-1"), ring) == "malformed"


def test_the_id_of_a_broken_command_is_repeated_only_if_it_is_one(ring):
    def raw_id(payload):
        return check(payload, False, SETTINGS, ring.find, lambda i: 0, {}.get, NOON).raw_id

    assert raw_id(b'{"id": "c-1"}') == "c-1"
    for id in (b'"c-1\n"', b'"a/b"', b"17", b'["c"]', b'"' + b"x" * 81 + b'"', b'"#"'):
        assert raw_id(b'{"id": ' + id + b"}") == ""
    assert raw_id(b'{"id": "c-1", "id": "c-2"}') == ""


def test_a_retained_command_is_refused(make, ring):
    assert outcome(make(), ring, retained=True) == "retained"


def test_a_revoked_key_signs_nothing(make, ring):
    payload = make()
    ring.revoke(ring.all()[0].key)
    assert outcome(payload, ring) == "revoked_key"


def test_an_id_that_was_used_is_a_replay_even_when_it_has_expired(make, ring):
    later = NOON + timedelta(hours=1)
    assert outcome(make(counter=9), ring, used={"c1": FIRST}, now=later) == "replayed"


@pytest.mark.parametrize(
    "change", [{"action": "lock"}, {"lane": "in1"}, {"reason": "another"}, {"gate": SETTINGS.gate}]
)
def test_an_id_that_was_used_for_something_else_is_told_as_that(make, ring, change):
    why = "replayed" if "gate" in change else "id_reused"
    assert outcome(make(counter=9, **change), ring, used={"c1": FIRST}) == why


def test_an_id_that_another_issuer_used_is_told_as_that(make, ring):
    used = {"c1": FIRST | {"issuer": "platform"}}
    assert outcome(make(counter=9), ring, used=used) == "id_reused"


def test_what_was_accepted_before_reasons_were_kept_is_known_again(make, ring):
    old = {name: value for name, value in FIRST.items() if name != "reason"}
    assert outcome(make(counter=9), ring, used={"c1": old}) == "replayed"


@pytest.mark.parametrize("reason", ["", " ", "\t\n"])
def test_a_command_without_a_reason_is_malformed(make, ring, reason):
    assert outcome(make(reason=reason), ring) == "malformed"


def test_two_keys_are_valid_during_a_rotation(make, ring):
    payload = make()
    ring.make("customs")
    assert isinstance(outcome(payload, ring), Accepted)


def test_a_third_key_waits_until_one_is_revoked(ring):
    first, _ = ring.make("customs")
    ring.make("customs")
    with pytest.raises(KeyringError, match="revoke one first"):
        ring.make("customs")
    ring.revoke(first.key)
    ring.make("customs")


def test_a_key_revoked_twice_keeps_the_first_moment(ring):
    key, _ = ring.make("customs")
    ring.revoke(key.key)
    moment = ring.all()[0].revoked
    assert ring.revoke(key.key)
    assert ring.all()[0].revoked == moment
    assert not ring.revoke("no-such-key")


def test_an_issuer_may_keep_the_private_half_to_itself(ring):
    made, _ = ring.make("platform")
    assert ring.add("customs", made.public).public == made.public
    with pytest.raises(KeyringError, match="32 bytes"):
        ring.add("customs", "bm90IGEga2V5")


def test_an_envelope_that_is_too_large_is_not_even_read(make, ring):
    assert outcome(make() + b" " * 9000, ring) == "too_large"


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b'{"id": 1}', b"\xff" * 90, b"[" * 8000])
def test_nonsense_is_malformed_and_no_crash(ring, payload):
    assert outcome(payload, ring) == "malformed"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"expires_at": "9999-12-31T23:59:59-01:00"}, "valid_too_long"),
        ({"issued_at": "0001-01-01T00:00:00+07:00"}, "valid_too_long"),
        ({"issued_at": "9999-12-31T23:59:59-01:00"}, "post_dated"),
        ({"expires_at": "0001-01-01T00:00:00+07:00"}, "expired"),
    ],
)
def test_dates_to_the_end_of_all_dates_refuse_a_command_and_raise_nothing(make, ring, changes, why):
    assert outcome(make(**changes), ring) == why


def test_the_guide_explains_every_refusal_and_every_action():
    guide = (CONFIG.parents[1] / "docs" / "customs.md").read_text(encoding="utf-8")
    assert [word for word in (*Refusal, *REMOTE_ACTIONS) if f"`{word}`" not in guide] == []
