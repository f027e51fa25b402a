"""Events committed, sent and acknowledged; a backlog; the console's queries on a large journal.

The receiver is a process of its own, as customs is: it commits what it gets before it says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from edge.config import CustomsConfig, JournalConfig
from edge.domain.events import ALARM_RAISED, PASSAGE_COMPLETED, PLATE_READ, Event
from edge.sync.customs.relay import MqttRelay
from edge.sync.journal.journal import FILE, SqliteJournal, open_journal
from edge.system.clock import SystemClock
from simulator.bench import figure
from simulator.bench.rows import fill
from simulator.broker import Broker, Embedded, Mosquitto

EVENTS = 10_000
THREADS = 16
BACKLOG = 100_000
ROWS = 1_000_000

PATIENCE_S = 300.0
CONFIG = JournalConfig(max_mb=4000, ballast_mb=0)
CLOCK = SystemClock()


def figures() -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="gate-bench-") as name:
        folder = Path(name)
        kind = Mosquitto if Mosquitto.installed() else Embedded
        broker: Broker = kind(folder / "broker")
        broker.start()
        receiver = subprocess.Popen(
            [sys.executable, "-m", "simulator.customs", broker.host, str(broker.port),
             "bench", "bench", str(folder / "customs.db")]
        )  # fmt: skip
        try:
            yield from _delivery(folder, broker)
        finally:
            receiver.terminate()
            receiver.wait(30)
            broker.stop()
        yield from _queries(folder / "large")


def _delivery(folder: Path, broker: Broker) -> Iterator[dict[str, Any]]:
    journal = open_journal(folder / "journal", CONFIG, "/bench/bench", CLOCK)
    settings = CustomsConfig(host=broker.host, port=broker.port, window=1000)
    relay = MqttRelay(settings, "bench", "bench", journal, lambda *_: None, CLOCK)
    relay.start()
    _record(journal, relay, 500)
    _drained(journal)
    began = time.monotonic()
    _record(journal, relay, EVENTS)
    committed = time.monotonic() - began
    _drained(journal)
    took = time.monotonic() - began
    yield figure(f"committed, one event a call, {THREADS} callers", EVENTS / committed, "/s")
    yield figure(
        f"committed, sent, acknowledged ({broker.__class__.__name__})", EVENTS / took, "/s"
    )
    relay.stop()
    for _ in range(BACKLOG // 500):
        journal.record([_event(PLATE_READ, n) for n in range(500)])
    relay = MqttRelay(settings, "bench", "bench", journal, lambda *_: None, CLOCK)
    live = _LiveEvents(broker)
    relay.start()
    began, latest = time.monotonic(), 0.0
    while journal.through("customs") < journal.last_sequence() - 20:
        for kind in (PASSAGE_COMPLETED, ALARM_RAISED):
            (recorded,) = journal.record([_event(kind, 0)])
            relay.wake()
            latest = max(latest, live.waited(recorded.id))
        time.sleep(0.1)
        if time.monotonic() - began > PATIENCE_S:
            break
    drained = BACKLOG / (time.monotonic() - began)
    yield figure(f"backlog of {BACKLOG} drains at", drained, "/s")
    yield figure("live event during that, recorded to received, slowest", latest, "s")
    live.stop()
    relay.stop()
    journal.close()


class _LiveEvents:
    """Listens beside customs, and says how long an event took to come."""

    def __init__(self, broker: Broker) -> None:
        self._come: set[str] = set()
        self._changed = threading.Condition()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._heard
        subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.connect(broker.host, broker.port)
        self._client.subscribe(
            [(f"bordergate/v1/bench/bench/events/live/{t}", 1)
             for t in (PASSAGE_COMPLETED, ALARM_RAISED)]
        )  # fmt: skip
        self._client.loop_start()
        subscribed.wait(PATIENCE_S)

    def waited(self, id: str) -> float:
        """Seconds until the event is there."""
        began = time.monotonic()
        with self._changed:
            self._changed.wait_for(lambda: id in self._come, PATIENCE_S)
        return time.monotonic() - began

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _heard(self, client: Any, data: Any, message: paho.MQTTMessage) -> None:
        with self._changed:
            self._come.add(str(json.loads(message.payload)["id"]))
            self._changed.notify_all()


def _event(type: str, n: int) -> Event:
    lane = "out1" if type == PLATE_READ else "live"
    return Event(type, lane, CLOCK.now().wall, {"plate": f"24C{n:05d}", "passage": f"p{n}"})


def _record(journal: SqliteJournal, relay: MqttRelay, count: int) -> None:
    def work(first: int) -> None:
        for n in range(first, count, THREADS):
            journal.record([_event(PLATE_READ, n)])
            relay.wake()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _drained(journal: SqliteJournal) -> None:
    until = time.monotonic() + PATIENCE_S
    while journal.through("customs") < journal.last_sequence() and time.monotonic() < until:
        time.sleep(0.01)


def _queries(folder: Path) -> Iterator[dict[str, Any]]:
    open_journal(folder, CONFIG, "/bench/bench", CLOCK).close()
    fill(folder / FILE, ROWS)
    journal = open_journal(folder, CONFIG, "/bench/bench", CLOCK)
    month = CLOCK.now().wall - timedelta(days=30)
    done = [PASSAGE_COMPLETED]
    for what, ask in (
        ("last passages", lambda: journal.recent(types=done, limit=50)),
        ("search by a rare part of a plate", lambda: journal.recent(
            types=done, plate="C01234", limit=50)),
        ("search by a common part of a plate", lambda: journal.recent(
            types=done, plate="4C", limit=50)),
        ("search for a plate that never was", lambda: journal.recent(
            types=done, plate="99Z99999", limit=50)),
        ("passages of one lane and day", lambda: journal.recent(
            types=done, lane="lane1", since=month, until=month + timedelta(days=1), limit=50)),
        ("hourly counts of a month", lambda: journal.counts_by_hour(PASSAGE_COMPLETED, month)),
    ):  # fmt: skip
        took = []
        for _ in range(3):
            began = time.perf_counter()
            ask()
            took.append(1000 * (time.perf_counter() - began))
        yield figure(f"{what}, {journal.last_sequence()} rows, slowest of 3", max(took), "ms")
    journal.close()
