"""What a person does at the console because a scenario says so: orders, and whether they are done.

He sees a vehicle as the page shows it, and may order for that one later, when another stands there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from edge.domain.commands import Seen
from edge.gate.operations import Operations
from edge.gate.port import Unanswered

SECOND = "second"
"""What the product says where another person has to admit it too."""

WHY = "as the scenario says"
DECISIONS = ("admit", "reject", "escalate")
"""About whom the page shows; escalate: he passes it on to a supervisor."""

DONE = ""
ASKS_ANOTHER = "asks another"


Send = Callable[[str, str, Seen | None, float, float], str]
"""A command from outside: see OrderGiver.command."""


class OrderGiver(Protocol):
    """`standing`: who the page shows in the lane now, None: nobody. `order`, of `seen` or of who
    stands there, `by` one of the console's people: DONE, ASKS_ANOTHER where a second person has to
    say so too, else why not. `command`: the same, signed, from outside, valid for `valid_s` from
    its issue, `late_s` ago."""

    def standing(self, lane: str) -> Seen | None: ...

    def order(self, lane: str, action: str, seen: Seen | None, by: str) -> str: ...

    def command(
        self, lane: str, action: str, seen: Seen | None, valid_s: float, late_s: float
    ) -> str: ...


class OperationsOrderGiver:
    """On the product's own operations. `operations`, `send`: of the service that runs now."""

    def __init__(self, operations: Callable[[], Operations], send: Send) -> None:
        self._operations, self._send = operations, send

    def standing(self, lane: str) -> Seen | None:
        shown = next(one for one in self._operations().view().lanes if one.lane == lane)
        return Seen(shown.passage, shown.version) if shown.passage else None

    def command(
        self, lane: str, action: str, seen: Seen | None, valid_s: float, late_s: float
    ) -> str:
        return self._send(lane, action, seen, valid_s, late_s)

    def order(self, lane: str, action: str, seen: Seen | None, by: str) -> str:
        operations = self._operations()
        try:
            if action not in DECISIONS:
                operations.order(lane, action, WHY, by, seen)
                return DONE
            whom = seen or self.standing(lane)
            if whom is None:
                return "nobody waits there"
            if action == "escalate":
                operations.escalate(lane, whom.passage, WHY, by)
                return DONE
            admits, version = action == "admit", whom.version or 0
            said = operations.decide(lane, whom.passage, admits, "", WHY, by, version)
            if said == SECOND:
                return ASKS_ANOTHER
            operations.settled(lane, whom.passage, admits, version, by)
        except Unanswered as error:
            return str(error)
        return DONE
