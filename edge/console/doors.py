"""Who may hold a connection to the console, and for how long.

Connections are few and cost a stranger nothing, and a stop goes over one of them. So a client that
owes a request, or takes nothing of its answer, has a deadline; and where there are too many, room
is made for the newcomer: of the strangers' address that holds the most, the oldest connection goes,
whether it owes a request or waits for an answer. Those of who is signed in go last.
"""

from __future__ import annotations

import ipaddress
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from edge.console.rates import CONNECTIONS, Limiter

MOST = 256
"""Connections at once; each costs a file descriptor and some 100 kB with TLS."""

MOST_OF_ONE = 64
"""Maximum connections of one address: ten browsers behind one router, with six connections each."""

REQUEST_S = 10.0
"""From the first byte, or from the connection on, to the last byte of a request."""

KEPT_S = 75.0
"""Seconds for which the connection of a signed-in user is kept between two requests: a stop then
needs no new connection."""

STALLED_S = 20.0
LEAST_TAKEN = 16_384
"""Bytes of its answer that a client takes within STALLED_S."""

CONNECTION = "connection"
"""Key of a request's ASGI state under which its Connection is kept, behind a server with limits."""

REPORTED_EVERY_S = 60.0
IPV6_SITE = 64
"""Bits of an IPv6 address that name a site; who has one has all of its addresses."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Connection:
    """`owes_since`: since when the client owes a whole request, None while one is answered;
    `end` ends it at once; `unsent` bytes of its answer wait; `came`: when it was made; `known`:
    whether its last request was of a session."""

    address: str
    owes_since: float | None
    end: Callable[[], object]
    unsent: Callable[[], int]
    came: float = 0.0
    known: bool = False
    begun: bool = True
    """Whether a byte of the owed request has come; a fresh connection owes it at once."""

    _mark: int = 0
    _mark_at: float = 0.0

    def stalls(self, now: float) -> bool:
        """Whether too little of the answer has been taken for too long."""
        size = self.unsent()
        if size == 0 or self._mark == 0 or size <= self._mark - LEAST_TAKEN:
            self._mark, self._mark_at = size, now
        return size > 0 and now - self._mark_at > STALLED_S

    def overdue(self, now: float) -> bool:
        """Whether a deadline has passed; an answer on its way comes before the next request."""
        if self.unsent() > 0:
            return self.stalls(now)
        self._mark = 0
        longest = KEPT_S if self.known and not self.begun else REQUEST_S
        return self.owes_since is not None and now - self.owes_since > longest


class Doors:
    """All connections of one server; used on its thread only."""

    def __init__(self) -> None:
        self._held: dict[Connection, None] = {}
        self._limiter = Limiter(CONNECTIONS)
        self._ended, self._reported_at = 0, -REPORTED_EVERY_S

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._held

    def __len__(self) -> int:
        return len(self._held)

    def admit(self, connection: Connection, now: float) -> bool:
        """Takes it up, if need be in place of another; False where its address makes too many."""
        if self._limiter.wait(connection.address, now) > 0:
            self._ended += 1
            return False
        self._limiter.take(connection.address, now)
        of_one = [c for c in self._held if c.address == connection.address]
        if len(of_one) >= MOST_OF_ONE:
            self._make_room(of_one)
        if len(self._held) >= MOST:
            self._make_room(list(self._held))
        self._held[connection] = None
        return True

    def leave(self, connection: Connection) -> None:
        self._held.pop(connection, None)

    def sweep(self, now: float) -> None:
        """Closes overdue connections; logs it once a minute."""
        for connection in [c for c in self._held if c.overdue(now)]:
            self._end(connection)
        if self._ended and now - self._reported_at > REPORTED_EVERY_S:
            log.warning("%d connections ended: half requests or too many at once", self._ended)
            self._ended, self._reported_at = 0, now

    def close(self) -> None:
        """Ends all that still owe a request; answers on their way are sent."""
        for connection in [c for c in self._held if c.owes_since is not None and not c.unsent()]:
            self.leave(connection)
            connection.end()

    def _make_room(self, among: list[Connection]) -> None:
        """Ends one of these: of the address that holds the most, the oldest; first strangers'."""
        less = [c for c in among if not c.known] or among
        most, _ = Counter(c.address for c in less).most_common(1)[0]
        mine = (c for c in less if c.address == most)
        self._end(min(mine, key=lambda c: c.came if c.owes_since is None else c.owes_since))

    def _end(self, connection: Connection) -> None:
        self._ended += 1
        self.leave(connection)
        connection.end()


def site_of(address: str) -> str:
    """The address by which a client is counted: IPv4 whole, IPv6 by its site."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, IPV6_SITE), strict=False).network_address)
    return str(found)
