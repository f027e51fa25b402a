"""Does what people on this computer asked for passages parked (`gate journal set-aside`)."""

from __future__ import annotations

import contextlib
import logging
from typing import Any, Protocol

from edge.gate.parked_passages import ParkedPassages
from edge.gate.port import Unanswered
from edge.sync.journal.outbox import ASKED
from edge.sync.journal.port import Unrecorded

log = logging.getLogger(__name__)


class AskedJournal(Protocol):
    """Where the commands leave what was asked."""

    def states_under(self, prefix: str) -> dict[str, dict[str, Any]]: ...

    def forget(self, key: str) -> None: ...


class ParkedMonitor:
    """See port.Monitor."""

    def __init__(self, journal: AskedJournal, passages: ParkedPassages) -> None:
        self._journal, self._passages = journal, passages

    def check(self) -> None:
        """What cannot be recorded now is done with a later look."""
        for key, asked in self._journal.states_under(ASKED).items():
            sequence, user = int(key.removeprefix(ASKED)), str(asked["user"])
            try:
                if asked["what"] == "settle":
                    self._passages.settle_passage(sequence, str(asked["reason"]), user)
                else:
                    self._passages.hand_over_again(sequence, user)
            except Unanswered as error:
                if any(a.passage.sequence == sequence for a in self._passages.parked()):
                    continue
                log.info("passage %d, asked for by %s: %s", sequence, user, error)
            with contextlib.suppress(Unrecorded):
                self._journal.forget(key)
