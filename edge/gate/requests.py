"""Orders that wait for the guard's answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from edge.domain.facts import Fact, RequestHandled

Then = Callable[[RequestHandled], None]


@dataclass(frozen=True, slots=True)
class _Waiting:
    then: Then
    at_once: bool


class Requests:
    """Any thread. Whoever needs the journal to go on is answered on the gate's thread, behind what
    waits there; a person who looks at the arm is answered on the guard's, `at_once`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, _Waiting] = {}

    def expect(self, request: str, then: Then, *, at_once: bool = False) -> None:
        """`then` of one that is answered at once must be quick: the guard's thread calls it."""
        with self._lock:
            self._waiting[request] = _Waiting(then, at_once)

    def drop(self, request: str) -> None:
        with self._lock:
            self._waiting.pop(request, None)

    def take(self, fact: RequestHandled) -> bool:
        """Hands the answer to who waits for it; False if nobody does."""
        return self._hand_over(fact, at_once=False)

    def before(self, inbox: Callable[[Fact], None]) -> Callable[[Fact], None]:
        """What the guards report to: the inbox, but for what somebody waits for at once."""

        def report(fact: Fact) -> None:
            if not (isinstance(fact, RequestHandled) and self._hand_over(fact, at_once=True)):
                inbox(fact)

        return report

    def _hand_over(self, fact: RequestHandled, *, at_once: bool) -> bool:
        with self._lock:
            waiting = self._waiting.get(fact.request)
            if waiting is None or (at_once and not waiting.at_once):
                return False
            del self._waiting[fact.request]
        waiting.then(fact)
        return True
