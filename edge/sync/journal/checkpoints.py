"""The end of the chain, signed now and then with the gate's key, so that a cut tail shows."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import sqlite_utils

from edge.domain.moment import iso
from edge.sync.journal import highwater, sql
from edge.sync.journal.chain import checkpoint_part
from edge.sync.journal.signing import GateKey
from edge.system.clock import Clock

EVERY = 500
"""Events between two signatures."""


class Checkpoints:
    """Called on the journal's writer thread."""

    def __init__(self, db: sqlite_utils.Database, folder: Path, key: GateKey, clock: Clock) -> None:
        self._db, self._folder, self._key, self._clock = db, folder, key, clock
        self._unsigned = 0

    def after(self, more: int, seq: int, hash: str) -> None:
        """This many more events were committed; the last is `seq` with its hash."""
        self._unsigned += more
        if self._unsigned >= EVERY:
            self.sign(seq, hash)

    def sign(self, seq: int, hash: str) -> None:
        """Signs a checkpoint if anything was committed since the last one."""
        if not seq or not self._unsigned:
            return
        moment = iso(self._clock.now().wall)
        signature = self._key.sign(checkpoint_part(seq, hash, moment))
        with contextlib.suppress(sqlite3.Error):
            self._db.execute(sql.PUT_CHECKPOINT, (seq, hash, moment, signature))
            self._unsigned = 0
        highwater.note(self._folder, seq)
