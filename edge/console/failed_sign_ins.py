"""Failed sign-ins are recorded: who of the users, and from where. What is no name is left out,
for people type their password there. A flood is a figure, and no flood of records."""

from __future__ import annotations

import logging
import threading
import time

from edge.console.users import UserError, UserStore
from edge.gate.port import GateOperations, Unanswered

MOST_A_MINUTE = 10
UNKNOWN = "unknown"

log = logging.getLogger(__name__)


class FailedSignIns:
    """Any thread."""

    def __init__(self, operations: GateOperations, users: UserStore) -> None:
        self._operations, self._users = operations, users
        self._lock = threading.Lock()
        self._recorded: list[float] = []
        self._left_out = 0

    def __call__(self, name: str, address: str) -> None:
        """Nothing is raised: a journal that cannot commit is told elsewhere."""
        now = time.monotonic()
        with self._lock:
            self._recorded = [at for at in self._recorded if at > now - 60]
            if len(self._recorded) >= MOST_A_MINUTE:
                self._left_out += 1
                return
            self._recorded.append(now)
            count, self._left_out = 1 + self._left_out, 0
        try:
            known = name if self._users.find(name) is not None else UNKNOWN
            self._operations.audit(known, "sign_in_failed", {"address": address, "count": count})
        except (Unanswered, UserError) as error:
            log.error("a failed sign-in from %s was not recorded: %s", address, error)
