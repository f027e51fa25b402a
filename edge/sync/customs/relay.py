"""The relay: journal -> customs over MQTT, and commands back. A PUBACK alone is not delivery.

An event counts as delivered when every configured consumer has acknowledged it (`.../ack`), or, for
a consumer that cannot, when the broker has accepted it without an error.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from edge.config import CustomsConfig
from edge.sync.customs.announcements import Announcements
from edge.sync.customs.delivery import Delivery
from edge.sync.customs.incoming import Incoming, subscription_refused
from edge.sync.customs.mqtt_link import LinkDown, Message, MqttLink
from edge.sync.customs.positions import Positions
from edge.sync.customs.receipts import Receipts
from edge.sync.customs.replays import Replays
from edge.sync.customs.takeover import PROMPT_S, Takeover
from edge.sync.customs.topics import base_of, birth, client_id_of, offline
from edge.sync.customs.vouching import Vouching
from edge.sync.journal.journal import SqliteJournal
from edge.sync.port import LinkStatus
from edge.system.backoff import Backoff, Retries
from edge.system.causes import cause, cause_of
from edge.system.clock import Clock

RECONNECT = Retries(1.0, 30.0)
"""Pauses before the broker is connected to again."""

IDLE_S = 0.5
BIRTH_AGAIN_S = 5.0
"""Minimum seconds between two births because somebody said that the gate is offline: the will of an
earlier connection of ours, late, or a stranger."""

GATHER_S = 0.003
"""Seconds to wait for more events before sending: many at once cost little more than one."""

VOUCH_AGAIN_S = 3600.0
"""Seconds without checkpoints after a connection that ended with one."""

log = logging.getLogger(__name__)


class MqttRelay:
    """Delivers the journal to customs and brings commands in, on threads of its own; methods may be
    called on any thread. `on_command` gets every message on `.../command` and whether it was
    retained, on the link's thread."""

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
        self._backoff = backoff or Backoff(RECONNECT, random.Random())
        self._takeover = Takeover(self._client_id)
        self._replays = Replays(journal, journal.key)
        self._vouch_from = float("-inf")
        self._overhear_from = float("-inf")
        self.tries = 0
        self._journal = journal
        self._clock = clock
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._announcements = Announcements(self._base)
        self.positions = Positions(journal, customs.consumers)
        self.receipts = Receipts({c.name: c.key for c in customs.consumers if c.key})
        self._incoming = Incoming(
            self._base, self.positions.names, on_command, clock, self.receipts
        )
        self._link: MqttLink | None = None
        self._delivery: Delivery | None = None
        self._why: str = cause("customs.not_yet")
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
        """Events were committed."""
        self.positions.times.committed(self._journal.last_sequence())
        self._wake.set()

    def answer(self, command_id: str, result: Mapping[str, Any]) -> None:
        """Publishes `.../command/<id>/result`."""
        self._announcements.result(command_id, result)
        self._wake.set()

    def publish_state(self, lane: str, state: Mapping[str, Any]) -> None:
        """Publishes `.../state/<lane>`; while there is no connection, the newest waits."""
        if self._announcements.state(lane, state):
            self._wake.set()

    def status(self) -> LinkStatus:
        up = self._link is not None and self._link.up
        waiting = self._journal.last_sequence() - self.positions.everybody()
        refusal = self._delivery.refusal if self._delivery else ""
        why = refusal or self._why or self._incoming.ignored
        return LinkStatus("customs", up, why, waiting, self._contact)

    @property
    def rival(self) -> str:
        """The MQTT client id that a second client has too, or ""."""
        return self._client_id if self._takeover.caught else ""

    def steady(self) -> bool:
        """Whether the connection has stood long enough that its loss is not one of a series."""
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
                why = cause_of(error)
                if self._takeover.why:
                    why = cause("both", first=why, second=self._takeover.why)
                if why != self._why:
                    log.warning("customs: %s", why)
                self._why = why
            except Exception:
                log.exception("the relay failed; connecting anew")
                self._why = cause("customs.relay_failed")
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

        vouched_at = float("-inf")
        spoken, self._incoming.ignored, self._incoming.belied = False, "", False
        born_at = overheard_at = float("-inf")

        def publish(topic: str, body: bytes, retain: bool = False) -> None:
            delivery.other(link.publish(topic, body, retain))

        try:
            link.connect(self._incoming.topics)
            self._link, self._why = link, self._takeover.why
            self._contact = self._clock.now().wall
            log.info("customs: connected to %s", link)
            if link.denied:
                self._why = subscription_refused(link.denied)
                log.warning("customs: %s", self._why)
            self._listen(link)
            spoken = True
            publish(status, birth(self._journal, self._clock), retain=True)
            if time.monotonic() >= self._overhear_from:
                overheard_at = time.monotonic()
                link.overhear(status)
            self._announcements.begin()
            vouching = Vouching(self._journal, self._clock)
            while not self._stopping.is_set():
                link.check()
                self._steady(link)
                self._announcements.send(publish)
                self.receipts.keep(self._journal, self._clock.now().mono)
                asks = self.positions.asks_again(self._clock.now().mono)
                denied = self._incoming.belied and time.monotonic() - born_at >= BIRTH_AGAIN_S
                if asks or denied:
                    self._incoming.belied, born_at = False, time.monotonic()
                    publish(status, birth(self._journal, self._clock), retain=True)
                if self.steady() and self._may_vouch() and (word := vouching.due()):
                    vouched_at = time.monotonic()
                    publish(f"{self._base}/checkpoint", word, True)
                if not delivery.pump():
                    self._wake.wait(IDLE_S)
                self._stopping.wait(GATHER_S)
                self._wake.clear()
            self.receipts.keep(self._journal, float("inf"))
            if self._may_vouch() and (word := vouching.due(last=True)):
                publish(f"{self._base}/checkpoint", word, True)
            link.leave(offline())
        finally:
            self._link = None
            stood_s = link.stood_s()
            if stood_s is None:
                self._takeover.no_connection()
            elif not self._stopping.is_set():
                self._vouched_in_vain(link.lost_at - vouched_at)
                if link.lost_at - overheard_at < PROMPT_S:
                    # There are brokers that close a connection which asks for what it may not read.
                    self._overhear_from = time.monotonic() + VOUCH_AGAIN_S
                self._backoff.stood(stood_s)
                since = delivery.in_vain_since()
                in_vain_s = None if since is None else max(0.0, link.lost_at - since)
                self._takeover.ended(stood_s, spoken, in_vain_s, link.taken_over)
            link.close()

    def _may_vouch(self) -> bool:
        return time.monotonic() >= self._vouch_from

    def _vouched_in_vain(self, after_s: float) -> None:
        """The connection was lost so long after a checkpoint. Mosquitto closes that of a client
        that writes what it may not: access rules from before checkpoints must not cut off the
        events."""
        if after_s < PROMPT_S:
            self._vouch_from = time.monotonic() + VOUCH_AGAIN_S
            log.warning(
                "customs: the connection ended just after a checkpoint; may this gate write %s "
                "(the broker's ACL)? The next one is sent in an hour",
                f"{self._base}/checkpoint",
            )

    def _listen(self, link: MqttLink) -> None:
        """Says nothing for a while where connections were ended soon. Raises LinkDown."""
        until = time.monotonic() + self._takeover.listen_s
        while time.monotonic() < until and not self._stopping.is_set():
            link.check()
            self._wake.wait(min(IDLE_S, max(0.0, until - time.monotonic())))
            self._wake.clear()

    def _steady(self, link: MqttLink) -> None:
        """Clears the cause of earlier losses once this connection stands."""
        if why := self._takeover.why:
            self._takeover.stands(link.stood_s() or 0.0)
            if not self._takeover.why and self._why == why:
                self._why = ""

    # --- what comes back; on the link's thread ---

    def _published(self, mid: int, failure: str) -> None:
        if self._delivery is not None:
            self._delivery.published(mid, failure)
        if not failure:
            self._contact = self._clock.now().wall
            self._wake.set()

    def _heard(self, message: Message) -> None:
        if self._delivery is not None and self._incoming.take(message, self._delivery):
            self._wake.set()
