"""The end of the chain as the gate signs it, told now and then on `.../checkpoint` (retained).

Events are signed one by one. What only a checkpoint shows is that later ones were withheld: who
holds fewer than it says lacks some. The journal keeps such ones too (checkpoints.py).
"""

from __future__ import annotations

import json
from datetime import datetime

from edge.domain.moment import iso
from edge.sync.journal.chain import checkpoint_part
from edge.sync.journal.journal import SqliteJournal
from edge.sync.journal.signing import GateKey
from edge.system.clock import Clock

EVERY_EVENTS = 500
EVERY_S = 10.0
"""Events, and seconds with at least one of them, after which a new checkpoint is sent."""


def checkpoint(key: str, sequence: int, hash: str, time: str, signature: str) -> bytes:
    """The message, also as exports carry it; `key`: the public half, base64."""
    return json.dumps(
        {
            "sequence": str(sequence),
            "hash": hash,
            "time": time,
            "key": key,
            "signature": signature,
        }
    ).encode()


def signed_checkpoint(key: GateKey, sequence: int, hash: str, now: datetime) -> bytes:
    time = iso(now)
    signature = key.sign(checkpoint_part(sequence, hash, time))
    return checkpoint(key.public, sequence, hash, time, signature)


class Vouching:
    """For the relay's thread; one lasts as long as a connection."""

    def __init__(self, journal: SqliteJournal, clock: Clock) -> None:
        self._journal, self._clock = journal, clock
        self._vouched, self._vouched_at = 0, float("-inf")

    def due(self, last: bool = False) -> bytes | None:
        """The checkpoint that is to be told now, if any. `last`: nothing is told after it."""
        now, newest = self._clock.now(), self._journal.last_sequence()
        more = newest - self._vouched
        if not more or not (last or more >= EVERY_EVENTS or now.mono - self._vouched_at >= EVERY_S):
            return None
        head = self._journal.head()
        if head is None or head[0] == self._vouched:
            return None
        self._vouched, self._vouched_at = head[0], now.mono
        return signed_checkpoint(self._journal.key, *head, now.wall)
