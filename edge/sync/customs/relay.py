"""The relay: journal -> customs over MQTT, and commands back. A PUBACK is not delivery.

An event counts as delivered when every configured consumer has said so (`.../ack`), or, for one
that cannot, when the broker has taken it without a word of complaint.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from edge import __version__
from edge.config import CustomsConfig
from edge.domain.moment import iso
from edge.domain.strict_json import strict_json
from edge.sync.customs.delivery import Delivery
from edge.sync.customs.mqtt_link import LinkDown, Message, MqttLink
from edge.sync.customs.positions import Positions
from edge.sync.customs.replays import Replays
from edge.sync.customs.takeover import Takeover
from edge.sync.journal.chain import LARGEST_INTEGER
from edge.sync.journal.journal import SqliteJournal
from edge.sync.port import LinkStatus
from edge.system.backoff import Backoff
from edge.system.clock import Clock

IDLE_S = 0.5
GATHER_S = 0.003
"""So long more is waited for, because many events at once cost little more than one."""

LONGEST_WORD = 1024
"""Bytes of an acknowledgement or a request."""

COMPLAIN_EVERY_S = 60.0
"""Of what is not heeded the log tells so often, however much of it comes."""

log = logging.getLogger(__name__)


class MqttRelay:
    """Delivers the journal to customs and brings commands in, on threads of its own. Any thread.
    `on_command` gets every message on `.../command` and whether it was
    retained; it is called on the link's thread."""

    def __init__(
        self,
        customs: CustomsConfig,
        site: str,
        gate: str,
        journal: SqliteJournal,
        on_command: Callable[[bytes, bool], None],
        clock: Clock,
        backoff: Backoff | None = None,
    ) -> None:
        self._customs = customs
        self._base = base_of(site, gate)
        self._client_id = client_id_of(self._base)
        self._backoff = backoff or Backoff(1.0, 30.0, random.Random())
        self._takeover = Takeover(self._client_id)
        self._replays = Replays(journal, journal.key)
        self._complained: dict[str, float] = {}
        self._unheeded = ""
        self.tries = 0
        self._journal = journal
        self._on_command = on_command
        self._clock = clock
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._states: dict[str, bytes] = {}
        self._unsent_states: set[str] = set()
        self._answers: list[tuple[str, bytes]] = []
        self.positions = Positions(journal, customs.consumers)
        self._link: MqttLink | None = None
        self._delivery: Delivery | None = None
        self._why = "not yet connected"
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
        waiting = self._journal.last_sequence() - self.positions.everybody()
        refusal = self._delivery.refusal if self._delivery else ""
        why = refusal or self._why or self._unheeded
        return LinkStatus("customs", up, why, waiting, self._contact)

    @property
    def rival(self) -> str:
        """What to tell of a second client that has this gate's id, or ""."""
        return self._takeover.why if self._takeover.caught else ""

    def steady(self) -> bool:
        """Whether the connection has stood for so long that a loss is no repeated one."""
        link = self._link
        stood_s = link.stood_s() if link is not None and link.up else None
        return stood_s is not None and stood_s >= self._backoff.steady_s

    # --- the relay's thread ---

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.tries += 1
            try:
                self._connected()
            except LinkDown as error:
                why = f"{error}; {self._takeover.why}" if self._takeover.why else str(error)
                if why != self._why:
                    log.warning("customs: %s", why)
                self._why = why
            except Exception:
                log.exception("the relay failed; connecting anew")
                self._why = "the relay failed; see the log"
            self._stopping.wait(self._backoff.next())

    def _connected(self) -> None:
        """One connection from birth to its end."""
        status = f"{self._base}/status"
        link = MqttLink(self._customs, self._client_id, status, offline())
        link.on_message = self._heard
        link.on_published = self._published
        self._replays.begin(self._clock.now().mono)
        delivery = Delivery(
            self._customs,
            self._journal,
            self.positions,
            self._replays,
            lambda topic, body: link.publish(f"{self._base}/{topic}", body),
            self._clock,
        )
        self._delivery = delivery
        link.on_wake = self._wake.set

        spoken, self._unheeded = False, ""

        def tell(topic: str, body: bytes, retain: bool = False) -> None:
            delivery.other(link.publish(topic, body, retain))

        try:
            link.connect([f"{self._base}/ack", f"{self._base}/replay", f"{self._base}/command"])
            self._link, self._why = link, self._takeover.why
            self._contact = self._clock.now().wall
            log.info("customs: connected to %s", link)
            if link.denied:
                self._why = not_heard(link.denied)
                log.warning("customs: %s", self._why)
            self._listen(link)
            spoken = True
            tell(status, birth(self._journal, self._clock), retain=True)
            with self._lock:
                self._unsent_states = set(self._states)
            while not self._stopping.is_set():
                link.check()
                self._steady(link)
                self._extras(tell)
                if not delivery.pump():
                    self._wake.wait(IDLE_S)
                self._stopping.wait(GATHER_S)
                self._wake.clear()
            tell(status, offline(), retain=True)
        finally:
            self._link = None
            stood_s = link.stood_s()
            if stood_s is None:
                self._takeover.no_connection()
            elif not self._stopping.is_set():
                self._backoff.stood(stood_s)
                since = delivery.in_vain_since()
                in_vain_s = None if since is None else max(0.0, link.lost_at - since)
                self._takeover.ended(stood_s, spoken, in_vain_s, link.taken_over)
            link.close()

    def _listen(self, link: MqttLink) -> None:
        """Says nothing for a while where connections were ended soon. Raises LinkDown."""
        until = time.monotonic() + self._takeover.listen_s
        while time.monotonic() < until and not self._stopping.is_set():
            link.check()
            self._wake.wait(min(IDLE_S, max(0.0, until - time.monotonic())))
            self._wake.clear()

    def _steady(self, link: MqttLink) -> None:
        """What ended the connections before is over when this one stands."""
        if why := self._takeover.why:
            self._takeover.stands(link.stood_s() or 0.0)
            if not self._takeover.why and self._why == why:
                self._why = ""

    def _extras(self, tell: Callable[..., None]) -> None:
        """Command results and lane states."""
        with self._lock:
            answers, self._answers = self._answers, []
            states = [(lane, self._states[lane]) for lane in self._unsent_states]
            self._unsent_states.clear()
        for topic, body in answers:
            tell(topic, body)
        for lane, body in states:
            tell(f"{self._base}/state/{lane}", body, retain=True)

    # --- what comes back; on the link's thread ---

    def _published(self, mid: int, failure: str) -> None:
        if self._delivery is not None:
            self._delivery.published(mid, failure)
        if not failure:
            self._contact = self._clock.now().wall
            self._wake.set()

    def _heard(self, message: Message) -> None:
        if message.topic == f"{self._base}/command":
            self._on_command(message.payload, message.retained)
            return
        acknowledged = message.topic == f"{self._base}/ack"
        if message.retained:
            # It is no word of a receiver that is there: it would come again at each connection.
            self._unheeded = not_heeded(message.topic)
            self._complain("retained", not_heeded(message.topic))
            return
        try:
            consumer, number = said(message.payload, "through" if acknowledged else "after")
        except (ValueError, KeyError, TypeError) as error:
            self._complain("words", f"a message on {message.topic} is not understood: {error!r}")
            return
        if consumer not in self.positions.names():
            text = f"{message.topic}: {consumer[:40]!a} is none of customs.consumers; not heeded"
            self._complain("stranger", text)
            return
        if self._delivery is not None:
            take = self._delivery.acknowledged if acknowledged else self._delivery.asked
            take(consumer, number)
            self._wake.set()

    def _complain(self, kind: str, text: str) -> None:
        now = self._clock.now().mono
        if now - self._complained.get(kind, -COMPLAIN_EVERY_S) >= COMPLAIN_EVERY_S:
            self._complained[kind] = now
            log.warning("customs: %s", text[:300])


def birth(journal: SqliteJournal, clock: Clock) -> bytes:
    """On `.../status` while the service speaks for the gate."""
    return json.dumps(
        {
            "state": "online",
            "version": __version__,
            "protocol": "bordergate/v1",
            "last_sequence": journal.last_sequence(),
            "public_key": journal.key.public,
            "time": iso(clock.now().wall),
        }
    ).encode()


def base_of(site: str, gate: str) -> str:
    """Of all the gate's topics."""
    return f"bordergate/v1/{site}/{gate}"


def client_id_of(base: str) -> str:
    """The one MQTT client id of a gate: two of one id throw each other out."""
    return f"gate-{base.replace('/', '-')}"


def offline() -> bytes:
    """On `.../status` while no service speaks for the gate; also its will."""
    return json.dumps({"state": "offline", "version": __version__}).encode()


def not_heard(topics: Sequence[str]) -> str:
    return f"the broker lets the gate not hear {', '.join(topics)}; allow it there (ACL)"


def not_heeded(topic: str) -> str:
    return (
        f"a retained message lies on {topic} and is not heeded; clear it there (an empty retained "
        "message), and let receivers send without retain"
    )


def said(payload: bytes, key: str) -> tuple[str, int]:
    """Who speaks, and of which number. Raises ValueError, KeyError or TypeError."""
    body = strict_json(payload, LONGEST_WORD)
    consumer, number = body["consumer"], body[key]
    if not isinstance(consumer, str):
        raise ValueError("the consumer must be a name")
    if type(number) is not int or not 0 <= number <= LARGEST_INTEGER:
        raise ValueError(f"{key} must be a whole number, 0 or more")
    return consumer, number
