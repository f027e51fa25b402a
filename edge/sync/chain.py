"""PURE. Events as CloudEvents 1.0 in a SHA-256 chain.

`hash` is SHA-256, in hex, over the RFC 8785 canonical JSON of the whole event without `hash`; that
includes `previoushash`, so each event vouches for all before it. The first has GENESIS before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import rfc8785

from edge.clock import iso
from edge.events import Event

GENESIS = "0" * 64
PREFIX, SUFFIX = "bordergate.", ".v1"


def cloud_event(
    event: Event,
    sequence: int,
    id: str,
    source: str,
    previous: str,
    monotonic: float,
    boot: str,
    trusted: bool,
) -> dict[str, Any]:
    """The event as customs receives it, hash included."""
    body: dict[str, Any] = {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": f"{PREFIX}{event.type}{SUFFIX}",
        "time": iso(event.time),
        "subject": event.lane,
        "datacontenttype": "application/json",
        "sequence": str(sequence),
        "previoushash": previous,
        "monotonic": f"{monotonic:.3f}",
        "bootid": boot,
        "clocktrusted": trusted,
        "data": json.loads(json.dumps(dict(event.data))),
    }
    body["hash"] = digest(body)
    return body


def digest(body: Mapping[str, Any]) -> str:
    """The hash that belongs into the body."""
    bare = {k: v for k, v in body.items() if k not in ("hash", "replayed")}
    return hashlib.sha256(rfc8785.dumps(bare)).hexdigest()


def event_of(body: Mapping[str, Any]) -> Event:
    """The event back from its CloudEvent."""
    type = str(body["type"]).removeprefix(PREFIX).removesuffix(SUFFIX)
    time = datetime.fromisoformat(str(body["time"]))
    return Event(type, str(body["subject"]), time, dict(body["data"]))
