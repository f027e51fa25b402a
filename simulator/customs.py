"""The twin of customs: a receiver on a real MQTT connection that keeps what it gets in SQLite.

It applies each event exactly once, by its sequence, keeps early ones until their turn, checks the
chain link by link and each signature by the keys that it was given or else (a receiver for real
has them in writing) those that the gate's births have named, and says "through" only for what it
has committed: a batch at a time, as a receiver of many gates would. When the gate or itself was
away it asks for what it lacks, and begins where the gate still can. What is not right it neither
keeps nor acknowledges. It counts what it sees.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.sync.journal.chain import GENESIS, canonical, digest, signed_part
from edge.sync.journal.signing import verifies
from edge.system.ending import ended_by_signal

BATCH_S = 0.005
"""What has come within so long is committed and acknowledged together ..."""

BATCH = 200
"""... or so many at once."""

NEWEST = 400
"""So many applied events are at hand without asking the file."""


@dataclass(slots=True)
class Counts:
    """`received`: messages; `applied`: events kept, each once; `repeated`: known ones seen again;
    `skipped`: numbers that will not come; `broken`: faults, none of them kept."""

    received: int = 0
    applied: int = 0
    repeated: int = 0
    skipped: int = 0
    broken: list[str] = field(default_factory=list)


class Customs:
    """Connect with `start`, look with `events` and `counts`. `deaf`: acknowledges nothing. `name`
    among the gate's consumers. `keys`: the gate's; without any its births are believed."""

    def __init__(
        self,
        host: str,
        port: int,
        site: str,
        gate: str,
        file: Path,
        name: str = "customs",
        keys: Collection[str] = (),
    ) -> None:
        self._place, self._name = (host, port), name
        self._base = f"bordergate/v1/{site}/{gate}"
        self._file = file
        self._lock = threading.RLock()
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, body TEXT)"
        )
        self.counts = Counts()
        self._newest: deque[dict[str, Any]] = deque(maxlen=NEWEST)
        self.deaf = False
        self.status: dict[str, Any] = {}
        self.births = 0
        self.states: dict[str, dict[str, Any]] = {}
        self.results: list[dict[str, Any]] = []
        self.changed = threading.Condition(self._lock)
        self._db.execute("CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY)")
        self._in_writing = bool(keys)
        self._keys = {*keys, *(str(key) for (key,) in self._db.execute("SELECT key FROM keys"))}
        self._early: dict[int, tuple[str, dict[str, Any]]] = {}
        last = self._db.execute("SELECT seq, body FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        self.through = int(last[0]) if last else 0
        self._hash = json.loads(last[1])["hash"] if last else GENESIS
        self._applied = self.through
        self._heard = threading.Event()
        self._stopping = threading.Event()
        self._committer = threading.Thread(target=self._commit_often, name="customs", daemon=True)
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"{name}-{site}-{gate}",
            protocol=MQTTProtocolVersion.MQTTv311,
            clean_session=False,
        )
        self._client.reconnect_delay_set(1, 2)
        self._client.on_connect = self._connected
        self._client.on_message = self._came

    def start(self) -> None:
        self._client.connect_async(*self._place, keepalive=15)
        self._client.loop_start()
        self._committer.start()

    def stop(self) -> None:
        self._stopping.set()
        self._heard.set()
        if self._committer.is_alive():
            self._committer.join(timeout=5)
        self._client.disconnect()
        self._client.loop_stop()
        with self._lock:
            self._db.close()

    def command(self, body: bytes, retain: bool = False) -> None:
        """Sends a command envelope, as customs or the platform would."""
        self._client.publish(f"{self._base}/command", body, qos=1, retain=retain)

    def ask_replay(self, after: int) -> None:
        self._say(f"replay/{self._name}", after=after)

    def _ask(self) -> None:
        self._say(f"replay/{self._name}", after=self._applied, hash=self._hash)

    def speak_on_the_older_topics(self) -> None:
        """As a receiver of before, when all shared one topic."""
        self._say("ack", through=self.through)
        self._say("replay", after=self.through)

    def trust(self, key: str) -> None:
        """A key of the gate, from its birth or in writing."""
        with self._lock:
            if key in self._keys:
                return
            self._keys.add(key)
            self._db.execute("INSERT OR IGNORE INTO keys VALUES (?)", (key,))
            for number in sorted(self._early):
                if number in self._early:
                    self._begin_series(number, self._early[number][1])
            self._apply_all()

    def _say(self, topic: str, **what: int | str) -> None:
        body = json.dumps({"consumer": self._name, **what})
        self._client.publish(f"{self._base}/{topic}", body, qos=1)

    def events(self, type: str = "") -> list[dict[str, Any]]:
        """All applied events in order, of one type (`passage.completed`) or all."""
        with self._lock:
            rows = self._db.execute("SELECT body FROM events ORDER BY seq").fetchall()
        found = [json.loads(row[0]) for row in rows]
        return [e for e in found if not type or e["type"] == f"bordergate.{type}.v1"]

    def newest(self) -> list[dict[str, Any]]:
        """The last applied events, in order."""
        with self._lock:
            return list(self._newest)

    # --- the connection's thread ---

    def _connected(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if not reason.is_failure:
            client.subscribe(
                [
                    (f"{self._base}/events/#", 1),
                    (f"{self._base}/status", 1),
                    (f"{self._base}/replay/result", 1),
                    (f"{self._base}/state/#", 1),
                    (f"{self._base}/command/+/result", 1),
                ]
            )

    def _came(self, client: Any, data: Any, message: paho.MQTTMessage) -> None:
        with self._lock:
            try:
                self._heard_on(message.topic, json.loads(message.payload))
            except (ValueError, KeyError, TypeError, RecursionError):
                self._fault(f"a message on {message.topic} is not understood")
            self.changed.notify_all()

    def _heard_on(self, topic: str, body: Any) -> None:
        """Raises ValueError, KeyError, TypeError for what is not understood."""
        if topic.endswith("/status"):
            self.status = body
            if body["state"] == "online":
                self.births += 1
                if not self._in_writing:
                    self.trust(str(body["public_key"]))
                self._ask()
        elif "/state/" in topic:
            self.states[topic.rsplit("/", 1)[1]] = body
        elif topic.endswith("/replay/result"):
            self._answer(body)
        elif topic.endswith("/result"):
            self.results.append(body)
        else:
            self._event(body)

    def _answer(self, body: dict[str, Any]) -> None:
        """To a question of ours, or of another receiver that holds no more."""
        first, previous = int(body["first"]), str(body["previoushash"])
        if body["after"] > self._applied or first <= self._applied:
            return
        if first == self._applied + 1 and previous in (self._hash, GENESIS):
            return
        bare = {name: said for name, said in body.items() if name != "signature"}
        if not self._signed(canonical(bare), body):
            self._fault("a replay/result is not signed")
        elif first == self._applied + 1:
            self._fault(f"{first} does not follow the one before")
        else:
            self._skip(first, previous)

    def _event(self, body: dict[str, Any]) -> None:
        self.counts.received += 1
        sequence = int(body["sequence"])
        if sequence <= self._applied or sequence in self._early:
            self.counts.repeated += 1
            held = self._db.execute("SELECT id FROM events WHERE seq = ?", (sequence,)).fetchone()
            if held is not None and held[0] != body["id"]:
                self._fault(f"number {sequence} was given twice")
                self._heard.set()  # what it holds is said again
                return
        else:
            self._early[sequence] = (str(body["id"]), body)
        if sequence > self._applied:
            self._begin_series(sequence, body)
        self._apply_all()

    def _skip(self, first: int, previous: str) -> None:
        """What lies before the first one will not come."""
        self.counts.skipped += first - 1 - self._applied
        self._applied, self._hash = first - 1, previous
        self._early = {s: kept for s, kept in self._early.items() if s >= first}
        self._apply_all()

    def _apply_all(self) -> None:
        while self._keys and (kept := self._early.pop(self._applied + 1, None)) is not None:
            if not self._apply(*kept):
                break
        self._heard.set()
        if self._applied - self.through >= BATCH:
            self._commit()

    def _fault(self, text: str) -> None:
        if text not in self.counts.broken:
            self.counts.broken.append(text)

    def _apply(self, id: str, body: dict[str, Any]) -> bool:
        """Whether it is as it should be."""
        sequence = int(body["sequence"])
        if digest(body) != body["hash"]:
            self._fault(f"{sequence} was changed")
            return False
        if not self._signed(signed_part(body), body):
            self._fault(f"{sequence} is not signed")
            return False
        if body["previoushash"] != self._hash:
            # Of an earlier history of the gate, or of another: the answer says which.
            self._ask()
            return False
        if not self._db.in_transaction:
            self._db.execute("BEGIN")
        row = (sequence, id, json.dumps(body, ensure_ascii=False))
        self._db.execute("INSERT INTO events VALUES (?,?,?)", row)
        self._applied, self._hash = sequence, body["hash"]
        self._newest.append(body)
        self.counts.applied += 1
        return True

    def _begin_series(self, number: int, body: dict[str, Any]) -> None:
        """The gate lost its journal or restored a copy. It is asked what still lies before."""
        if body["previoushash"] == GENESIS and self._signed(signed_part(body), body):
            if number == self._applied + 1:
                self._skip(number, GENESIS)
            elif number > self._applied:
                self._ask()

    def _signed(self, signed: bytes, body: dict[str, Any]) -> bool:
        return any(verifies(key, signed, str(body.get("signature"))) for key in self._keys)

    def _commit_often(self) -> None:
        while not self._stopping.is_set():
            self._heard.wait()
            self._heard.clear()
            self._stopping.wait(BATCH_S)
            with self._lock:
                self._commit()

    def _commit(self) -> None:
        """Commits what was applied, then says so; what came again is acknowledged again."""
        if self._db.in_transaction:
            self._db.execute("COMMIT")
        self.through = self._applied
        if not self.deaf:
            self._say(f"ack/{self._name}", through=self.through)
        self.changed.notify_all()


def main() -> None:
    """`python -m simulator.customs HOST PORT SITE GATE FILE [KEY,...]`: until SIGTERM."""
    host, port, site, gate, file, *keys = sys.argv[1:]
    known = [key for several in keys for key in several.split(",")]
    customs = Customs(host, int(port), site, gate, Path(file), keys=known)
    ended = ended_by_signal()
    customs.start()
    ended.wait()
    customs.stop()


if __name__ == "__main__":
    main()
