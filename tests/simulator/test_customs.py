"""The twin of customs, message by message: what it holds for a fault of the gate, and what not."""

import json
from contextlib import closing
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.domain.events import PLATE_READ, Event
from edge.sync.journal.chain import GENESIS, canonical, cloud_event
from edge.sync.journal.signing import GateKey
from simulator.customs import Customs
from tests.support.builders import NOON

OTHER_HISTORY = "f" * 64


class Sends:
    """A gate's messages to the twin, which is on no wire."""

    def __init__(self, folder):
        self.key = GateKey(Ed25519PrivateKey.generate())
        file = folder / "customs.db"
        self.customs = Customs("nowhere", 1, "s", "g", file, keys=[self.key.public])

    def hears(self, topic, body):
        message = SimpleNamespace(
            topic=f"bordergate/v1/s/g/{topic}", payload=json.dumps(body).encode()
        )
        self.customs._came(None, None, message)

    def event(self, number, previous, id=""):
        """Sends it; its hash."""
        event = Event(PLATE_READ, "out1", NOON, {"plate": "24C12345"})
        id = id or f"id-{number}"
        body = cloud_event(event, number, id, "/s/g", previous, 0.0, "b", True, self.key.sign)
        self.hears("events/out1/plate.read", body)
        return body["hash"]

    def answer(self, after, first, previous):
        body = {"consumer": "customs", "after": after, "first": first, "previoushash": previous}
        self.hears("replay/result", {**body, "signature": self.key.sign(canonical(body))})

    def close(self):
        self.customs.stop()


@pytest.fixture
def gate(tmp_path):
    with closing(Sends(tmp_path)) as made:
        yield made


def test_an_early_event_of_an_earlier_history_is_dropped_and_is_no_fault(gate):
    one = gate.event(1, GENESIS)
    gate.event(3, OTHER_HISTORY, "of before")
    two = gate.event(2, one)
    assert [event["id"] for event in gate.customs.events()] == ["id-1", "id-2"]
    gate.answer(2, 3, two)
    gate.event(3, two)
    assert [event["id"] for event in gate.customs.events()] == ["id-1", "id-2", "id-3"]
    assert gate.customs.counts.broken == []


def test_a_gate_that_says_signed_that_it_has_another_history_is_a_fault(gate):
    gate.event(1, GENESIS)
    gate.event(2, OTHER_HISTORY)
    assert gate.customs.counts.broken == []
    gate.answer(1, 2, OTHER_HISTORY)
    assert gate.customs.counts.broken == ["2 does not follow the one before"]
    assert len(gate.customs.events()) == 1


def test_an_answer_to_who_holds_more_or_of_what_is_held_says_nothing(gate):
    one = gate.event(1, GENESIS)
    gate.event(2, one)
    gate.answer(2, 3, OTHER_HISTORY[:-1] + "e")
    gate.customs.counts.broken.clear()
    gate.answer(5, 6, OTHER_HISTORY)
    gate.answer(0, 2, OTHER_HISTORY)
    assert gate.customs.counts.broken == []
