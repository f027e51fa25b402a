"""Writes docs/vectors/vectors.json: what a receiver in any language can try itself against.

    python -m tools.write_vectors

The key is made for this file and is no gate's. A test keeps the file current.
"""

from __future__ import annotations

import json
from base64 import b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.domain.events import BARRIER_MOVED, OPERATOR_ACTED, PASSAGE_COMPLETED, PLATE_READ, Event
from edge.domain.second_key import signed_text
from edge.sync.customs.vouching import signed_checkpoint
from edge.sync.journal.chain import (
    ADDED,
    GENESIS,
    canonical,
    cloud_event,
    signed_part,
)
from edge.sync.journal.signing import GateKey

FILE = Path(__file__).parents[1] / "docs" / "vectors" / "vectors.json"
KEY = GateKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
NOON = datetime(2026, 3, 1, 8, 0, 0, 120_000, UTC)
"""Its last three zeros are what objects with dates in them lose."""

WHOLE = datetime(2026, 3, 1, 8, tzinfo=UTC)
EVENTS = (
    Event(PLATE_READ, "out1", NOON, {"plate": "24C12345", "confidence": 0.97, "lines": 2}),
    Event(PLATE_READ, "out1", WHOLE, {"plate": "桂A12345", "confidence": 1.0, "evidence": []}),
    Event(BARRIER_MOVED, "làn-1", NOON, {"arm": "open", "cause": "operator"}),
    Event(OPERATOR_ACTED, "gate", NOON, {"reason": 'giấy tờ đã xem\n"ổn" \\ \u0007\u007f\u2028'}),
    Event(PASSAGE_COMPLETED, "out1", NOON, {"trailers": [{"text": "51R01234"}], "by": "gate"}),
    Event(
        PLATE_READ,
        "out1",
        NOON,
        {"x": [1e-7, 1e21, 0.1, -0.0, 1e16, 123456789012345.6, 5e-324], "y": 2**53 - 1},
    ),
    Event(PLATE_READ, "out1", NOON, {"\U0001f69a": 1, "\uffff": 2, "b": None, "a": {}, "": True}),
)


def vectors() -> dict[str, Any]:
    made, previous = [], GENESIS
    for number, event in enumerate(EVENTS, 1):
        id = f"00000000-0000-4000-8000-{number:012}"
        body = cloud_event(
            event, number, id, "/kimthanh/kt1", previous, 12.5, "b00t", True, KEY.sign
        )
        hashed = canonical({k: v for k, v in body.items() if k not in ADDED}).decode()
        previous = body["hash"]
        received = json.dumps({**body, "replayed": True}, ensure_ascii=number % 2 == 0)
        made.append(
            {
                "received": received,
                "signed": signed_part(body).decode(),
                "signature": body["signature"],
                "hashed": hashed,
                "hash": body["hash"],
            }
        )
    result: dict[str, Any] = {
        "consumer": "customs",
        "after": 0,
        "first": 1,
        "previoushash": GENESIS,
        "time": "2026-03-01T08:00:00+00:00",
    }
    signed = canonical(result)
    result["signature"] = KEY.sign(signed)
    code = signed_text("A-17", datetime(2026, 3, 1, 20, tzinfo=UTC), "n0001", "drivers", "k1")
    end = urlsafe_b64encode(b64decode(KEY.sign(code.encode())))
    return {
        "key": KEY.public,
        "fingerprint": KEY.fingerprint,
        "events": made,
        "replay_result": {"received": json.dumps(result), "signed": signed.decode()},
        "checkpoint": {"received": signed_checkpoint(KEY, len(EVENTS), previous, NOON).decode()},
        "code": {
            "assignment": "A-17",
            "expires": "2026-03-01T20:00:00Z",
            "nonce": "n0001",
            "issuer": "drivers",
            "key": "k1",
            "signed": code,
            "code": f"{code}:{end.decode().rstrip('=')}",
        },
    }


def text() -> str:
    return json.dumps(vectors(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
