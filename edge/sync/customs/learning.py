"""After a backup of the journal was restored: finds out which numbers were given since the backup.

The receivers know. A receiver that sees the gate come online asks for what it lacks, and so names
its last number. One that only acknowledges is sent the last event of the backup once more and
acknowledges with its own last number. Events that were recorded after that and reached nobody lie
below a margin.

Where a receiver does not answer in time, more numbers are left out than any gate gives between two
backups, and a random number more: the same backup may have been restored elsewhere before.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time

from edge.config import CustomsConfig
from edge.sync.customs.incoming import ACK, REPLAY, own_topics, receiver_and_number
from edge.sync.customs.mqtt_link import LinkDown, Message, MqttLink
from edge.sync.customs.topics import base_of, birth, client_id_of, offline
from edge.sync.journal.highwater import HIGHEST_CLAIM, STEP
from edge.sync.journal.journal import SqliteJournal
from edge.system.clock import Clock

PATIENCE_S = 30.0
"""Seconds that the receivers have to name their last number."""

AGAIN_S = 2.0
"""Seconds between two tries to reach the broker."""

LEAP = 10_000_000
"""Numbers left out where a receiver does not answer: 500 days of 20,000 events."""

LEAP_STEPS, LEAP_STEP = 90_000, 10_000
"""Number and size of the steps of which a random number is added."""

MOST_AHEAD = 1_000_000_000
"""Maximum distance of a believable number from the last one of the backup."""

log = logging.getLogger(__name__)


def first_above(
    journal: SqliteJournal,
    customs: CustomsConfig | None,
    site: str,
    gate: str,
    clock: Clock,
    patience_s: float = PATIENCE_S,
) -> int:
    """Every number that this gate ever gave lies at or below this one."""
    receivers = customs.consumers if customs is not None else ()
    names = {r.name for r in receivers if r.acknowledges == "application"}
    last = journal.last_sequence()
    said: dict[str, int] = {}
    if customs is not None and names:
        said = _Question(customs, base_of(site, gate), journal, clock, names).asked(patience_s)
    above = max(last, *said.values(), 0) + STEP
    silent = sorted(names - said.keys())
    if silent or not names:
        above += LEAP + secrets.randbelow(LEAP_STEPS) * LEAP_STEP
    reported = (
        ", ".join(f"{name} holds {number}" for name, number in said.items()) or "nobody answers"
    )
    log.warning(
        "the journal was restored: it ends at %d; %s%s; the next event is %d",
        last,
        reported,
        f"; {', '.join(silent)} said nothing" if silent and said else "",
        above + 1,
    )
    return above


class _Question:
    """Asks the receivers for their last numbers, over connections of its own."""

    def __init__(
        self,
        customs: CustomsConfig,
        base: str,
        journal: SqliteJournal,
        clock: Clock,
        names: set[str],
    ) -> None:
        self._customs, self._base, self._journal, self._clock = customs, base, journal, clock
        self._names = names
        self._said: dict[str, int] = {}
        self._all = threading.Event()

    def asked(self, patience_s: float) -> dict[str, int]:
        until = time.monotonic() + patience_s
        while time.monotonic() < until and not self._all.is_set():
            try:
                self._ask(until)
            except LinkDown as error:
                log.warning("customs: %s", error)
                self._all.wait(min(AGAIN_S, max(0.0, until - time.monotonic())))
        return dict(self._said)

    def _ask(self, until: float) -> None:
        status = f"{self._base}/status"
        link = MqttLink(self._customs, client_id_of(self._base), status, offline())
        link.on_message = self._heard
        try:
            words = (ACK, REPLAY, *own_topics(self._names))
            link.connect([f"{self._base}/{word}" for word in words])
            link.publish(status, birth(self._journal, self._clock), True)
            rows = self._journal.after(self._journal.last_kept() - 1, 1)
            for _, type, lane, text in rows:
                name = type if self._customs.dots_in_topics else type.replace(".", "-")
                body = json.dumps({**json.loads(text), "replayed": True}, ensure_ascii=False)
                link.publish(f"{self._base}/events/{lane}/{name}", body.encode())
            while not self._all.wait(0.2) and time.monotonic() < until:
                link.check()
            link.publish(status, offline(), True)
        finally:
            link.close()

    def _heard(self, message: Message) -> None:
        """On the link's thread."""
        word, _, owner = message.topic.removeprefix(f"{self._base}/").partition("/")
        key = "through" if word == ACK else "after"
        try:
            name, number, _ = receiver_and_number(message.payload, key)
        except (ValueError, KeyError, TypeError):
            return
        if name not in self._names or owner not in ("", name):
            return
        most = min(self._journal.last_sequence() + MOST_AHEAD, HIGHEST_CLAIM)
        if number > most:
            log.error("customs: %s says that it holds %d; that is not believed", name, number)
            return
        self._said[name] = max(number, self._said.get(name, 0))
        if self._names == self._said.keys() and not message.retained:
            self._all.set()
