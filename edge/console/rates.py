"""How much of the computer the console may take: requests and connections a second.

The guard's thread shares the interpreter with every request. When requests fill a whole processor,
Linux takes it from the real-time threads for 50 ms in each second, the guard among them. So
requests are spread in time, and only a request that would wait too long is refused. One costs about
a millisecond.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

MOST_WAIT_S = 5.0
MOST_KEPT = 1024
"""Clients whose last requests are remembered; the ones heard of longest ago go first."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A lasting number of requests a second; `burst` of them at once."""

    per_s: float
    burst: int


STRANGER = Rate(20, 60)
"""Requests of one address: a sign-in page is six, and Prometheus asks every few seconds."""

STRANGERS = Rate(60, 120)
"""All of them together: a tenth of a processor."""

SESSION = Rate(60, 200)
"""A page with four lanes asks for twelve pictures a second."""

SESSIONS = Rate(200, 400)
"""All of them together: a third of a processor."""

ORDERS = Rate(20, 60)
"""Orders of one user, permitted or not; nobody else's orders wait for them."""

CONNECTIONS = Rate(20, 80)
"""New ones of one address; a TLS handshake costs some milliseconds."""


class Limiter:
    """Spreads the requests of each client at one rate (GCRA); used on one thread."""

    def __init__(self, rate: Rate) -> None:
        self._step, self._ahead = 1 / rate.per_s, rate.burst / rate.per_s
        self._next: OrderedDict[str, float] = OrderedDict()

    def wait(self, client: str, now: float) -> float:
        """Seconds until the client's next request may be served; reserves nothing."""
        return max(0.0, self._next.get(client, now) + self._step - self._ahead - now)

    def take(self, client: str, now: float) -> None:
        self._next[client] = max(self._next.get(client, now), now) + self._step
        self._next.move_to_end(client)
        if len(self._next) > MOST_KEPT:
            self._next.popitem(last=False)


class Rates:
    """The limits on all requests of one console."""

    def __init__(
        self,
        stranger: Rate = STRANGER,
        strangers: Rate = STRANGERS,
        session: Rate = SESSION,
        sessions: Rate = SESSIONS,
        orders: Rate = ORDERS,
    ) -> None:
        self._orders = Limiter(orders)
        self._strangers = Limiter(stranger), Limiter(strangers)
        self._sessions = Limiter(session), Limiter(sessions)

    def order(self, user: str, now: float) -> float | None:
        """How long this user's order has to wait; None where that is too long."""
        wait = self._orders.wait(user, now)
        if wait > MOST_WAIT_S:
            return None
        self._orders.take(user, now)
        return wait

    def take(self, client: str, signed_in: bool, now: float) -> float | None:
        """How long this request has to wait; None where that is too long."""
        own, everybody = self._sessions if signed_in else self._strangers
        wait = max(own.wait(client, now), everybody.wait("", now))
        if wait > MOST_WAIT_S:
            return None
        own.take(client, now)
        everybody.take("", now)
        return wait
