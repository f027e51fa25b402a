"""Customs in memory: the product's delivery over a connection that is lost now and then.

Each packet takes its time; what is under way when the connection ends is lost.
The receiver applies each event once and in order, checks the chain and says how far it is.
"""

from __future__ import annotations

import json
import random
from collections import deque
from typing import Any

from edge.config import CustomsConfig
from edge.sync.customs.delivery import Delivery
from edge.sync.customs.positions import Positions
from edge.sync.customs.replays import Replays
from edge.sync.journal.chain import GENESIS, digest
from edge.sync.journal.journal import SqliteJournal
from edge.system.clock import ManualClock

CONSUMER = "customs"
CONFIG = CustomsConfig(host="memory")
WAY_S = 0.08
"""A packet, and its answer, each takes so long."""

SAYS_S = 0.5
"""So often the receiver acknowledges."""

STANDS_S, AWAY_S = 900.0, (20.0, 90.0)
"""A connection's mean life; how long it is away."""


class MemoryCustoms:
    """`events`: what is applied, by number; `faults`: what must not happen. `received` counts
    packets, those that came again too. `away`: the broker is gone; `deaf`: it takes everything, and
    the receiver hears nothing of it. `waited_s`: the longest that an
    event was due for, the connection standing, before it was applied."""

    def __init__(self, clock: ManualClock, rng: random.Random) -> None:
        self._clock, self._rng = clock, rng
        self.events: dict[int, dict[str, Any]] = {}
        self.faults: list[str] = []
        self.received = 0
        self.losses = 0
        self.away = self.deaf = False
        self.waited_s = self._stands_since = 0.0
        self._early: dict[int, dict[str, Any]] = {}
        self._hash = GENESIS
        self._delivery: Delivery | None = None
        self._under_way: deque[tuple[float, int, bytes]] = deque()
        self._mids = 0
        self._ends_at = self._back_at = self._says_at = 0.0

    @property
    def through(self) -> int:
        return len(self.events)

    def serve(self, journal: SqliteJournal) -> None:
        """A service is there, with its journal."""
        self._journal = journal
        self._positions = Positions(journal, CONFIG.consumers)
        self._replays = Replays(journal, journal.key)
        self._connect()

    def lose(self, seconds: float) -> None:
        """The broker falls with all that it had taken and not handed on."""
        if self._delivery is not None:
            self.losses += 1
            self.leave()
        self._back_at = self._clock.now().mono + seconds

    def leave(self) -> None:
        """The service is gone, and what was under way with it."""
        self._delivery = None
        self._under_way.clear()

    def round(self, outages: bool = True) -> None:
        """What is due now. Not `outages`: the connection stands."""
        now = self._clock.now().mono
        if self._delivery is None:
            if now >= self._back_at and not self.away:
                self._connect()
            return
        if self.away or (outages and now >= self._ends_at):
            self.losses += 1
            self.leave()
            self._back_at = now + self._rng.uniform(*AWAY_S)
            return
        self._delivery.pump()
        while self._under_way and self._under_way[0][0] <= now:
            _, mid, payload = self._under_way.popleft()
            self._delivery.published(mid, "")
            if not self.deaf:
                self._take(json.loads(payload))
        if now >= self._says_at and not self.deaf:
            self._says_at = now + SAYS_S
            self._delivery.acknowledged(CONSUMER, self.through)

    def _connect(self) -> None:
        now = self._clock.now().mono
        self._replays.begin(now)
        self._delivery = Delivery(
            CONFIG, self._journal, self._positions, self._replays, self._publish, self._clock
        )
        self._stands_since = now
        self._ends_at = now + self._rng.expovariate(1 / STANDS_S)
        self._says_at = now + SAYS_S

    def _publish(self, topic: str, payload: bytes) -> int:
        self._mids += 1
        if topic.startswith("events/"):
            self._under_way.append((self._clock.now().mono + 2 * WAY_S, self._mids, payload))
        return self._mids

    def _take(self, body: dict[str, Any]) -> None:
        self.received += 1
        number = int(body["sequence"])
        known = self.events.get(number) or self._early.get(number)
        if known is not None:
            if known["id"] != body["id"]:
                self.faults.append(f"number {number} was given twice")
            return
        self._early[number] = body
        while (next_ := self._early.pop(self.through + 1, None)) is not None:
            if next_["previoushash"] != self._hash or digest(next_) != next_["hash"]:
                self.faults.append(f"event {next_['sequence']} does not follow the one before")
            self._hash = str(next_["hash"])
            due = max(self._stands_since, float(next_.get("monotonic", 0.0)))
            self.waited_s = max(self.waited_s, self._clock.now().mono - due)
            self.events[self.through + 1] = next_
