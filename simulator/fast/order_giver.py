"""What a person does at the console because a scenario says so: orders, and whether they are done.

He sees a vehicle as the page shows it, and may order for that one later, when another stands there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from edge.domain.commands import Seen
from edge.gate.operations import Operations
from edge.gate.port import Unanswered

WHY = "as the scenario says"
USER = "lan"
DECISIONS = ("admit", "reject")
DONE = ""


class OrderGiver(Protocol):
    """`standing`: who the page shows in the lane now, None: nobody. `order`: "" where it is done,
    else why not; of `seen`, or of whoever stands there."""

    def standing(self, lane: str) -> Seen | None: ...

    def order(self, lane: str, action: str, seen: Seen | None) -> str: ...


class OperationsOrderGiver:
    """On the product's own operations. `operations`: of the service that runs now."""

    def __init__(self, operations: Callable[[], Operations]) -> None:
        self._operations = operations

    def standing(self, lane: str) -> Seen | None:
        shown = next(one for one in self._operations().view().lanes if one.lane == lane)
        return Seen(shown.passage, shown.version) if shown.passage else None

    def order(self, lane: str, action: str, seen: Seen | None) -> str:
        operations = self._operations()
        try:
            if action not in DECISIONS:
                operations.order(lane, action, WHY, USER, seen)
                return DONE
            whom = seen or self.standing(lane)
            if whom is None:
                return "nobody waits there"
            admits, version = action == "admit", whom.version or 0
            operations.decide(lane, whom.passage, admits, "", WHY, USER, version)
            operations.settled(lane, whom.passage, admits, version, USER)
        except Unanswered as error:
            return str(error)
        return DONE
