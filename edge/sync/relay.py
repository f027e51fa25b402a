"""The relay: journal -> customs over MQTT, and commands back. A PUBACK is not delivery.

An event counts as delivered when every configured consumer has said so (`.../ack`), or, for one
that cannot, when the broker has taken it without a word of complaint. The window is ours: never
more than `window` events are out without an acknowledgement, whatever the client library would
queue. Each connection begins with the first unacknowledged event; what goes out again is marked
`replayed`. Live events are sent at once, ahead of a backlog, and again in their place: receivers go
by `id`. In a flood only alarms overtake.
"""

from __future__ import annotations

import json
import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from edge import __version__
from edge.clock import Clock, iso
from edge.config import CustomsConfig
from edge.events import ALARM_CLEARED, ALARM_RAISED
from edge.sync.backoff import Backoff
from edge.sync.chain import GENESIS
from edge.sync.journal import SqliteJournal
from edge.sync.mqtt_link import LinkDown, Message, MqttLink
from edge.sync.port import LinkStatus
from edge.sync.reading import Row

PAGE = 100
IDLE_S = 0.5
GATHER_S = 0.003
"""So long more is waited for, because many events at once cost little more than one."""
AHEAD = (ALARM_RAISED, ALARM_CLEARED)
"""Types that overtake even in a flood of events."""

FLOOD = 40
"""More new events than so many at a time are a flood: sending each twice would only slow it."""

BACKLOG = 50
"""From so many waiting events on there is a backlog to overtake."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Session:
    """One connection's progress. `sent`: the last event published in order; `pending`: broker
    acknowledgements awaited, packet id -> sequence."""

    sent: int
    pending: dict[int, int] = field(default_factory=dict)
    confirmed: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    replay: dict[str, tuple[int, int]] = field(default_factory=dict)
    ahead: int = 0
    progress_at: float = 0.0


class MqttRelay:
    """Implements port.Relay. `on_command` gets every message on `.../command` and whether it was
    retained; it is called on the link's thread."""

    def __init__(
        self,
        customs: CustomsConfig,
        site: str,
        gate: str,
        journal: SqliteJournal,
        on_command: Callable[[bytes, bool], None],
        clock: Clock,
    ) -> None:
        self._customs = customs
        self._base = f"bordergate/v1/{site}/{gate}"
        self._journal = journal
        self._on_command = on_command
        self._clock = clock
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._states: dict[str, bytes] = {}
        self._unsent_states: set[str] = set()
        self._answers: list[tuple[str, bytes]] = []
        self._old = journal.last_sequence()
        for consumer in customs.consumers:
            journal.expect(consumer.name)
        self._through = {c.name: journal.through(c.name) for c in customs.consumers}
        self._highest = 0
        self._link: MqttLink | None = None
        self._session = _Session(0)
        self._why = "not yet connected"
        self._refusal = ""
        self._contact: datetime | None = None
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def __repr__(self) -> str:
        return f"<MqttRelay {self._base} {self.status()}>"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def wake(self) -> None:
        self._wake.set()

    def answer(self, command_id: str, result: Mapping[str, Any]) -> None:
        with self._lock:
            body = json.dumps(dict(result)).encode()
            self._answers.append((f"{self._base}/command/{command_id}/result", body))
            del self._answers[:-1000]
        self._wake.set()

    def publish_state(self, lane: str, state: Mapping[str, Any]) -> None:
        body = json.dumps(dict(state)).encode()
        with self._lock:
            if self._states.get(lane) == body:
                return
            self._states[lane] = body
            self._unsent_states.add(lane)
        self._wake.set()

    def status(self) -> LinkStatus:
        up = self._link is not None and self._link.up
        waiting = self._journal.last_sequence() - self._acknowledged()
        why = self._refusal or ("" if up else self._why)
        return LinkStatus("customs", up, why, waiting, self._contact)

    # --- the relay's thread ---

    def _run(self) -> None:
        backoff = Backoff(1.0, 30.0, random.Random())
        while not self._stopping.is_set():
            try:
                self._connected()
                backoff.reset()
            except LinkDown as error:
                if str(error) != self._why:
                    log.warning("customs: %s", error)
                self._why = str(error)
            except Exception:
                log.exception("the relay failed; connecting anew")
                self._why = "the relay failed; see the log"
            self._stopping.wait(backoff.next())

    def _connected(self) -> None:
        """One connection from birth to its end."""
        status = f"{self._base}/status"
        link = MqttLink(self._customs, f"gate-{self._base.replace('/', '-')}", status, self._dead())
        link.on_message = self._heard
        link.on_published = self._published
        self._session = _Session(self._acknowledged(), progress_at=self._clock.now().mono)
        link.on_wake = self._wake.set
        try:
            link.connect([f"{self._base}/ack", f"{self._base}/replay", f"{self._base}/command"])
            self._link, self._why = link, ""
            self._contact = self._clock.now().wall
            log.info("customs: connected to %s", link)
            link.publish(status, self._birth(), retain=True)
            with self._lock:
                self._unsent_states = set(self._states)
            while not self._stopping.is_set():
                link.check()
                self._pump(link)
                self._wake.wait(IDLE_S)
                self._stopping.wait(GATHER_S)
                self._wake.clear()
            link.publish(status, self._dead(), retain=True)
        finally:
            self._link = None
            link.close()

    def _pump(self, link: MqttLink) -> None:
        """Everything that may go out now."""
        session = self._session
        self._extras(link)
        acknowledged = self._acknowledged()
        now = self._clock.now().mono
        if session.sent > acknowledged and now - session.progress_at > self._customs.ack_timeout_s:
            # Nobody has answered for too long: from the first unacknowledged event again.
            session.sent, session.progress_at = acknowledged, now
            session.refused.clear()
        while True:
            self._overtake(link)
            room = self._customs.window - max(
                session.sent - self._acknowledged(), len(session.pending)
            )
            if room <= 0 or session.refused:
                break
            rows = self._journal.after(session.sent, min(room, PAGE))
            if not rows:
                break
            if session.sent <= self._acknowledged():
                session.progress_at = now
            for row in rows:
                self._send(link, row, row[0] <= max(self._highest, self._old))
                session.sent = row[0]
            self._highest = max(self._highest, session.sent)
            if len(rows) < min(room, PAGE):
                break
        self._replay(link)

    def _send(self, link: MqttLink, row: Row, again: bool) -> None:
        sequence, type, lane, body = row
        if again:
            body = json.dumps({**json.loads(body), "replayed": True}, ensure_ascii=False)
        name = type if self._customs.dots_in_topics else type.replace(".", "-")
        mid = link.publish(f"{self._base}/events/{lane}/{name}", body.encode())
        self._session.pending[mid] = sequence
        # The broker's word may have come before this line.
        if mid in self._session.confirmed:
            self._session.confirmed.discard(mid)
            self._session.pending.pop(mid, None)

    def _overtake(self, link: MqttLink) -> None:
        """What is new goes ahead of a long backlog."""
        session = self._session
        last = self._journal.last_sequence()
        if last - session.sent < BACKLOG:
            session.ahead = last
            return
        start = max(session.ahead, session.sent, self._old)
        if last - start <= FLOOD:
            rows = self._journal.after(start, FLOOD)
        else:
            rows = [row for type in AHEAD for row in self._journal.after(start, PAGE, type)]
        for row in rows:
            # One that begins a new series tells receivers to skip, so it keeps its place.
            if f'"previoushash": "{GENESIS}"' not in row[3]:
                self._send(link, row, False)
        # What has a number may not be committed yet; it is looked for again.
        session.ahead = max((row[0] for row in rows), default=start)

    def _replay(self, link: MqttLink) -> None:
        """What a receiver has asked for once more, as far as the window allows."""
        session = self._session
        for consumer, (after, until) in list(session.replay.items()):
            room = self._customs.window - len(session.pending)
            rows = self._journal.after(after, max(0, min(room, PAGE)))
            rows = [row for row in rows if row[0] <= until]
            for row in rows:
                self._send(link, row, True)
            if rows:
                session.replay[consumer] = (rows[-1][0], until)
                self._wake.set()
            elif room > 0:
                del session.replay[consumer]

    def _extras(self, link: MqttLink) -> None:
        """Command results and lane states."""
        with self._lock:
            answers, self._answers = self._answers, []
            states = [(lane, self._states[lane]) for lane in self._unsent_states]
            self._unsent_states.clear()
        for topic, body in answers:
            link.publish(topic, body)
        for lane, body in states:
            link.publish(f"{self._base}/state/{lane}", body, retain=True)

    # --- what comes back; on the link's thread ---

    def _published(self, mid: int, failure: str) -> None:
        """The broker's word on one packet. A failure keeps the event."""
        session = self._session
        sequence = session.pending.pop(mid, None)
        if sequence is None:
            session.confirmed.add(mid)
            return
        if failure:
            session.refused.add(sequence)
            if failure != self._refusal:
                log.warning("customs: event %d: %s", sequence, failure)
            self._refusal = failure
            return
        self._refusal = ""
        self._contact = self._clock.now().wall
        for consumer in self._customs.consumers:
            if consumer.acknowledges == "broker":
                out = min((*session.pending.values(), *session.refused, session.sent + 1))
                self._advance(consumer.name, out - 1)
        self._wake.set()

    def _heard(self, message: Message) -> None:
        if message.topic == f"{self._base}/command":
            self._on_command(message.payload, message.retained)
            return
        try:
            body = json.loads(message.payload)
            consumer = str(body["consumer"])
            number = body["through" if message.topic.endswith("/ack") else "after"]
            if not isinstance(number, int) or number < 0:
                raise ValueError("the number must be 0 or more")
        except (ValueError, KeyError, TypeError) as error:
            log.warning("customs: a message on %s is not understood: %s", message.topic, error)
            return
        known = {c.name for c in self._customs.consumers if c.acknowledges == "application"}
        if message.topic.endswith("/ack"):
            if consumer in known:
                self._advance(consumer, min(number, max(self._session.sent, self._old)))
        else:
            self._session.replay[consumer] = (number, self._session.sent)
        self._wake.set()

    def _advance(self, consumer: str, through: int) -> None:
        if through > self._through[consumer]:
            self._through[consumer] = through
            self._journal.acknowledge_soon(consumer, through)
            self._session.progress_at = self._clock.now().mono
            self._session.refused = {s for s in self._session.refused if s > through}

    def _acknowledged(self) -> int:
        """Up to where every consumer has everything."""
        return min(self._through.values())

    def _birth(self) -> bytes:
        return json.dumps(
            {
                "state": "online",
                "version": __version__,
                "protocol": "bordergate/v1",
                "last_sequence": self._journal.last_sequence(),
                "public_key": self._journal.key.public,
                "time": iso(self._clock.now().wall),
            }
        ).encode()

    def _dead(self) -> bytes:
        return json.dumps({"state": "offline", "version": __version__}).encode()
