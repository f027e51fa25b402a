"""PURE but for its lock. Limits on guessing passwords: each try is counted before its password is
checked, so that many tries at once count as many.

A try without a known browser counts for the name at that address, for the address, and for the
name. A browser on which that name once signed in counts by itself: others cannot lock it out. After
OWASP's "Slow down online guessing attacks with device cookies".
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

WITHIN_S = 60.0
TRIES = 5
"""Wrong passwords within that time: for a name at an address, or on a known browser."""

TRIES_OF_ADDRESS = 20
"""Tries of one address, for all names together; a shift behind one router that mistypes stays
below."""

TRIES_OF_NAME = 60
"""Tries a minute, from all addresses together, from which on only known browsers are served: many
clients are guessing."""

MOST_KEPT = 4096
"""Counts in memory, 200 bytes each. The oldest go first: who invents names to push out his own is
held up by his address."""


@dataclass(frozen=True, slots=True)
class Try:
    """A try that may go on; hand it back when the password was right."""

    keys: tuple[bytes, ...]
    at: float


class Patience:
    """Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tries: OrderedDict[bytes, list[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._tries)

    def begin(self, name: str, address: str, browser: str, now: float) -> Try | float:
        """Counts a try, or returns how many seconds it has to wait. `browser`: its id where `name`
        once signed in on it, else ""."""
        limits = (
            {_key("browser", browser): TRIES}
            if browser
            else {
                _key("pair", name, address): TRIES,
                _key("address", address): TRIES_OF_ADDRESS,
                _key("name", name): TRIES_OF_NAME,
            }
        )
        with self._lock:
            waits = [self._wait(key, most, now) for key, most in limits.items()]
            if any(waits):
                return max(waits)
            for key in limits:
                self._tries.setdefault(key, []).append(now)
                self._tries.move_to_end(key)
            while len(self._tries) > MOST_KEPT:
                self._tries.popitem(last=False)
        return Try(tuple(limits), now)

    def right(self, tried: Try) -> None:
        """It was no wrong one; the mistakes before it are forgiven where they were made: at this
        browser, or for this name at this address."""
        first, *others = tried.keys
        with self._lock:
            self._tries.pop(first, None)
            for key in others:
                times = self._tries.get(key, [])
                if tried.at in times:
                    times.remove(tried.at)

    def _wait(self, key: bytes, most: int, now: float) -> float:
        recent = [t for t in self._tries.get(key, ()) if t > now - WITHIN_S]
        if not recent:
            self._tries.pop(key, None)
            return 0.0
        self._tries[key] = recent
        return recent[-most] + WITHIN_S - now if len(recent) >= most else 0.0


def _key(*parts: str) -> bytes:
    """A hash as key: what strangers send is not kept in memory as it is, nor as long as it is."""
    reported = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(reported, digest_size=16).digest()
