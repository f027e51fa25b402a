"""Signed receipts: where a receiver has a key, its acknowledgements count only with its signature.

So nobody else can acknowledge in its name, whatever the broker lets in; and the newest one is kept
in the journal, as its word on what it holds.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from edge.domain.events import Event
from edge.domain.strict_json import strict_json
from edge.sync.journal.port import Unrecorded
from edge.sync.journal.signing import verifies

KEY = "receipt:"
"""States of the journal: the newest receipt of each receiver."""

KEEP_EVERY_S = 10.0
LONGEST = 1024


class Kept(Protocol):
    """What of the journal is used."""

    def record(
        self, events: Sequence[Event], states: Mapping[str, Mapping[str, Any]] | None = None
    ) -> object: ...

    def hash_of(self, sequence: int) -> str | None: ...


def receipt_part(consumer: str, through: int, hash: str, time: str) -> bytes:
    """What a receipt's signature is made over."""
    return f"{consumer}:{through}:{hash}:{time}".encode()


class Receipts:
    """`keys`: of each receiver that has one, base64. `take` on the link's thread, `keep` on the
    relay's."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = keys
        self._lock = threading.Lock()
        self._unkept: dict[str, dict[str, Any]] = {}
        self._kept_at = float("-inf")

    def take(self, payload: bytes, consumer: str, through: int, hash: str) -> bool:
        """Whether an acknowledgement counts: signed where the receiver has a key."""
        key = self._keys.get(consumer)
        if key is None:
            return True
        body = strict_json(payload, LONGEST)
        time, signature = body.get("time"), body.get("signature")
        if not (hash and isinstance(time, str) and isinstance(signature, str)):
            return False
        if not verifies(key, receipt_part(consumer, through, hash, time), signature):
            return False
        receipt = {"through": through, "hash": hash, "time": time, "signature": signature}
        with self._lock:
            before = self._unkept.get(consumer)
            if before is None or before["through"] <= through:
                self._unkept[consumer] = {**receipt, "key": key}
        return True

    def keep(self, journal: Kept, now: float) -> None:
        """Commits the newest ones now and then (monotonic seconds), if they are of this history."""
        if now - self._kept_at < KEEP_EVERY_S or not self._unkept:
            return
        self._kept_at = now
        with self._lock:
            receipts, self._unkept = self._unkept, {}
        states = {
            f"{KEY}{name}": receipt
            for name, receipt in receipts.items()
            if journal.hash_of(receipt["through"]) in (None, receipt["hash"])
        }
        with contextlib.suppress(Unrecorded):
            journal.record((), states)
