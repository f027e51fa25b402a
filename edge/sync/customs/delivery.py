"""Sends the journal's events over one connection: which ones, and in which order.

The window is ours: at most `window` events are sent and not yet acknowledged, whatever the client
library would queue. A connection begins with the first unacknowledged event; what is sent a second
time is marked `replayed`. Live events are sent at once, ahead of a backlog, and again in their
place: receivers go by `id`. In a flood only alarms overtake.

The stream goes at the pace of the slowest receiver that keeps up. A receiver that acknowledges
nothing for too long while others go on is left behind. It is sent what it lacks apart from the
stream, so that it holds up nobody.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge.config import CustomsConfig
from edge.domain.events import ALARM_CLEARED, ALARM_RAISED
from edge.domain.moment import iso
from edge.sync.customs.positions import Positions
from edge.sync.customs.replays import Replays
from edge.sync.journal.chain import begins_series
from edge.sync.journal.journal import SqliteJournal
from edge.sync.journal.reading import Row
from edge.system.backoff import Retries
from edge.system.clock import Clock

PAGE = 100
AHEAD = (ALARM_RAISED, ALARM_CLEARED)
"""Types that overtake even in a flood of events."""

FLOOD = 40
"""Number of new events at a time from which on they are a flood: sending each twice would only slow
it."""

BACKLOG = 50
"""Number of waiting events from which on there is a backlog to overtake."""

MOST_PATIENCE_S = 300.0
"""Maximum seconds before a receiver that is away is sent the same events again; one that returns
asks."""

Publish = Callable[[str, bytes], int]
"""Topic below the gate's own, payload; the packet's id. Raises LinkDown."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Lag:
    """A receiver that is caught up with: what was sent to it, when it last came further, and how
    long it is waited for before it is sent the same again."""

    sent: int
    moved_at: float
    patience_s: float


class Delivery:
    """Progress of one connection. `pump` and `other` are called on the relay's thread, the rest on
    the link's. `refusal`: the broker's reason for refusing the last event, or ""."""

    def __init__(
        self,
        customs: CustomsConfig,
        journal: SqliteJournal,
        positions: Positions,
        replays: Replays,
        publish: Publish,
        clock: Clock,
    ) -> None:
        self._customs, self._journal, self._positions = customs, journal, positions
        self._again = Retries(customs.ack_timeout_s, MOST_PATIENCE_S)
        self._publish, self._clock = publish, clock
        self._replays = replays
        self._lock = threading.Lock()
        self._pending: dict[int, int] = {}
        self._early: dict[int, str] = {}
        self._others: set[int] = set()
        self._refused: set[int] = set()
        self.refusal = ""
        positions.find_the_first()
        self._lags: dict[str, Lag] = {}
        self._leave_behind()
        self._sent = self._began = self._pace()
        self._ahead = 0
        self._first_at: float | None = None
        self._progress_at = clock.now().mono

    def in_vain_since(self) -> float | None:
        """When the first event went out (monotonic), if none of them was acknowledged over this
        connection; else None."""
        return self._first_at if self._sent > self._pace() == self._began else None

    # --- the relay's thread ---

    def pump(self) -> bool:
        """Everything that may go out now; whether there is more at once."""
        self._when_nobody_answers()
        self._stream()
        self._catch_up()
        return self._replay()

    def other(self, mid: int) -> None:
        """A packet that is no event; nobody waits for it."""
        with self._lock:
            if self._early.pop(mid, None) is None:
                self._others.add(mid)

    def _pack(self) -> list[str]:
        """The receivers that keep up with the stream; never empty."""
        names = (*self._positions.answering, *self._positions.trusting)
        return [name for name in names if name not in self._lags]

    def _pace(self) -> int:
        """The last number that all of them have."""
        return min(self._positions.of(name) for name in self._pack())

    def _leave_behind(self) -> bool:
        """Those that lack what others have, of those that answer; whether there are any."""
        pack, now = self._pack(), self._clock.now().mono
        furthest = max(self._positions.of(name) for name in pack)
        slow = {
            name: Lag(self._positions.of(name), now, self._customs.ack_timeout_s)
            for name in pack
            if name in self._positions.answering and self._positions.of(name) < furthest
        }
        self._lags |= slow
        return bool(slow)

    def _when_nobody_answers(self) -> None:
        """After a time without progress: goes on without those who lag, or sends again from the
        last acknowledged event."""
        waits, now = self._sent > self._pace() or self._refused, self._clock.now().mono
        if not waits or now - self._progress_at <= self._customs.ack_timeout_s:
            return
        self._progress_at = now
        if self._refused or not self._leave_behind():
            self._sent = self._pace()
            with self._lock:
                self._refused.clear()

    def _stream(self) -> None:
        """In order, as far as the window allows."""
        while True:
            self._overtake()
            pace = self._pace()
            room = self._customs.window - max(self._sent - pace, len(self._pending))
            if room <= 0 or self._refused:
                return
            rows = self._journal.after(self._sent, min(room, PAGE))
            if rows and self._sent <= pace:
                self._progress_at = self._clock.now().mono
            for row in rows:
                self._send(row, row[0] <= self._positions.given)
                self._sent = row[0]
            self._positions.given = max(self._positions.given, self._sent)
            if len(rows) < min(room, PAGE):
                return

    def _overtake(self) -> None:
        """Sends new events ahead of a long backlog."""
        last = self._journal.last_sequence()
        if last - self._sent < BACKLOG:
            self._ahead = last
            return
        start = max(self._ahead, self._positions.given)
        if last - start <= FLOOD:
            rows = self._journal.after(start, FLOOD)
        else:
            rows = [row for type in AHEAD for row in self._journal.after(start, PAGE, type)]
        for row in rows:
            # One that begins a new series tells receivers to skip, so it keeps its place.
            if not begins_series(row[3]):
                self._send(row, False)
        # What has a number may not be committed yet; it is looked for again.
        self._ahead = max((row[0] for row in rows), default=start)

    def _catch_up(self) -> None:
        """Sends receivers that were left behind what they lack, a window at a time."""
        now, pace = self._clock.now().mono, self._pace()
        for name, lag in list(self._lags.items()):
            has = self._positions.of(name)
            if has >= pace:
                del self._lags[name]
                continue
            if lag.sent > has and now - lag.moved_at > lag.patience_s:
                lag.sent, lag.moved_at = has, now
                lag.patience_s = self._again.after_s(lag.patience_s)
            lag.sent = max(lag.sent, has)
            room = self._customs.window - max(lag.sent - has, len(self._pending))
            if room > 0 and lag.sent < pace:
                rows = self._journal.after(lag.sent, min(room, PAGE))
                lag.sent = self._send_again([row for row in rows if row[0] <= pace]) or pace

    def _replay(self) -> bool:
        """Sends what a receiver has requested once more; whether there is more of it."""
        now = self._clock.now()
        for answer in self._replays.answers(iso(now.wall), now.mono):
            self.other(self._publish("replay/result", answer))
        pages = list(self._replays.rows(self._customs.window - len(self._pending), now.mono))
        for rows in pages:
            self._send_again(rows)
        return bool(pages)

    def _send_again(self, rows: Sequence[Row]) -> int:
        """The last number of them, or 0."""
        for row in rows:
            self._send(row, True)
        return rows[-1][0] if rows else 0

    def _send(self, row: Row, again: bool) -> None:
        sequence, type, lane, body = row
        if again:
            body = json.dumps({**json.loads(body), "replayed": True}, ensure_ascii=False)
        name = type if self._customs.dots_in_topics else type.replace(".", "-")
        mid = self._publish(f"events/{lane}/{name}", body.encode())
        self._first_at = self._first_at or time.monotonic()
        with self._lock:
            failure = self._early.pop(mid, None)
            if failure is None:
                self._pending[mid] = sequence
                return
        self._settled(sequence, failure)

    # --- the link's thread ---

    def published(self, mid: int, failure: str) -> None:
        """The broker's word on one packet. It may come before `publish` has returned."""
        with self._lock:
            sequence = self._pending.pop(mid, None)
            if sequence is None:
                if mid in self._others:
                    self._others.discard(mid)
                else:
                    self._early[mid] = failure
                return
        self._settled(sequence, failure)

    def acknowledged(self, consumer: str, through: int) -> None:
        before = self._pace()
        if self._positions.acknowledges(consumer, through):
            lag = self._lags.get(consumer)
            if lag is not None:
                lag.moved_at = self._clock.now().mono
                lag.patience_s = self._customs.ack_timeout_s
        self._progress(before)

    def asked(self, consumer: str, after: int, hash: str = "") -> None:
        """By a configured receiver; `hash`: that of the event `after` which it holds, or ""."""
        self._positions.claims(consumer, after, hash)
        if self._positions.holds_another(consumer):
            return
        begin = self._positions.begins(consumer, after)
        self._replays.ask(consumer, after, self._sent, begin)
        if self._refused:
            # Whom the broker lacked may be there now.
            self._progress_at = -self._customs.ack_timeout_s

    def _settled(self, sequence: int, failure: str) -> None:
        """A failure keeps the event."""
        if failure:
            if failure != self.refusal:
                log.warning("customs: event %d: %s", sequence, failure)
            self.refusal = failure
            with self._lock:
                self._refused.add(sequence)
            return
        self.refusal = ""
        before = self._pace()
        with self._lock:
            taken = min((*self._pending.values(), *self._refused, self._sent + 1)) - 1
        self._positions.broker_has(taken)
        self._progress(before)

    def _progress(self, before: int) -> None:
        through = self._pace()
        if through > before:
            self._progress_at = self._clock.now().mono
            with self._lock:
                self._refused = {s for s in self._refused if s > through}
