"""Events committed, sent and acknowledged; a backlog; the console's queries on a large journal."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from edge.clock import SystemClock
from edge.config import CustomsConfig, JournalConfig
from edge.events import PLATE_READ, Event
from edge.sync.journal import SqliteJournal, open_journal
from edge.sync.relay import MqttRelay
from simulator.bench import figure
from simulator.broker import Broker, Embedded, Mosquitto
from simulator.customs import Customs

EVENTS = 10_000
THREADS = 16
ROWS = 200_000


def figures() -> Iterator[dict[str, Any]]:
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kind = Mosquitto if Mosquitto.installed() else Embedded
        broker: Broker = kind(folder / "broker")
        broker.start()
        customs = Customs(broker.host, broker.port, "bench", "bench", folder / "customs.db")
        customs.start()
        config = JournalConfig(max_mb=2000, ballast_mb=0)
        journal = open_journal(folder / "journal", config, "/bench/bench", clock)
        settings = CustomsConfig(host=broker.host, port=broker.port, window=500)
        relay = MqttRelay(settings, "bench", "bench", journal, lambda *_: None, clock)
        relay.start()
        _record(journal, 200, clock)
        _drained(journal, customs)
        began = time.monotonic()
        _record(journal, EVENTS, clock)
        committed = time.monotonic() - began
        _drained(journal, customs)
        took = time.monotonic() - began
        yield figure(f"committed, one event a call, {THREADS} callers", EVENTS / committed, "/s")
        yield figure(f"committed, sent, acknowledged ({kind.__name__})", EVENTS / took, "/s")
        relay.stop()
        customs.stop()
        broker.stop()
        _fill(journal, clock)
        now = clock.now().wall
        for what, ask in (
            ("last passages", lambda: journal.recent(types=[PLATE_READ], limit=50)),
            ("search by plate", lambda: journal.recent(plate="99C1", limit=50)),
            ("hourly counts of a month", lambda: journal.counts_by_hour(
                PLATE_READ, now - timedelta(days=30))),
        ):  # fmt: skip
            began = time.perf_counter()
            ask()
            took_ms = 1000 * (time.perf_counter() - began)
            yield figure(f"{what}, {journal.last_sequence()} rows", took_ms, "ms")
        journal.close()


def _record(journal: SqliteJournal, count: int, clock: SystemClock) -> None:
    def work(first: int) -> None:
        for n in range(first, count, THREADS):
            event = Event(PLATE_READ, "out1", clock.now().wall, {"plate": f"24C{n:05d}"})
            journal.record([event])

    threads = [threading.Thread(target=work, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _drained(journal: SqliteJournal, customs: Customs) -> None:
    until = time.monotonic() + 300
    while customs.through < journal.last_sequence() and time.monotonic() < until:
        time.sleep(0.01)


def _fill(journal: SqliteJournal, clock: SystemClock) -> None:
    """Many rows, in large transactions."""
    now = clock.now().wall
    step = 2000
    for first in range(0, ROWS, step):
        events = [
            Event(
                PLATE_READ,
                f"lane{n % 4}",
                now - timedelta(seconds=(ROWS - n) * 10),
                {"plate": f"{n % 100:02d}C{n % 99999:05d}"},
            )
            for n in range(first, first + step)
        ]
        journal.record(events)
