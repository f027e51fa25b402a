"""A gate that a conformance kit plays: signed events over a real broker, and what comes back.

It is honest where it is asked: a `replay` is answered with what its journal holds. What it sends of
itself is up to the kit.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from edge import __version__
from edge.config import CustomsConfig
from edge.domain.events import PLATE_READ, Event
from edge.domain.moment import iso
from edge.sync.customs.incoming import receiver_and_number
from edge.sync.customs.mqtt_link import LinkDown, Message, MqttLink
from edge.sync.customs.topics import base_of, offline
from edge.sync.journal.chain import GENESIS, canonical, cloud_event
from edge.sync.journal.signing import GateKey

LANE = "out1"


class PlayedGate:
    """`acks` and `faults`: what the receiver has said, and said wrongly, so far. Its messages come
    on the link's thread; the kit waits on `changed`."""

    def __init__(
        self, customs: CustomsConfig, site: str, gate: str, key: GateKey, consumer: str
    ) -> None:
        self._customs, self._source, self.key = customs, f"/{site}/{gate}", key
        self.base, self.consumer = base_of(site, gate), consumer
        self.changed = threading.Condition()
        self.acks: list[int] = []
        self.asked: list[tuple[int, str]] = []
        self.faults: list[str] = []
        self.journal: dict[int, dict[str, Any]] = {}
        self.number, self.previous = 0, GENESIS
        self.floor = 0
        self._sent: set[int] = set()
        self._link = self._connected()

    def close(self) -> None:
        self.say("status", offline(), retain=True)
        self._link.close()

    def connect_again(self) -> None:
        """To a broker that has forgotten all. Raises LinkDown."""
        self._link.close()
        self._link = self._connected()
        self.birth()

    # --- what is recorded, and sent ---

    def made(
        self, number: int, previous: str, key: GateKey | None = None, **data: Any
    ) -> dict[str, Any]:
        """An event as a gate would sign it, in no journal."""
        told = {"plate": "24C12345", "confidence": 0.97, "lines": 2, **data}
        event = Event(PLATE_READ, LANE, datetime.now(UTC), told)
        return cloud_event(
            event,
            number,
            str(uuid.uuid4()),
            self._source,
            previous,
            time.monotonic(),
            "conformance",
            True,
            (key or self.key).sign,
        )

    def record(self, **data: Any) -> dict[str, Any]:
        """The next event, committed and not yet sent."""
        return self.commit(self.made(self.number + 1, self.previous, **data))

    def commit(self, body: dict[str, Any]) -> dict[str, Any]:
        self.number, self.previous = int(body["sequence"]), body["hash"]
        self.journal[self.number] = body
        return body

    def begin_series(self, above: int, keeps: bool = False) -> dict[str, Any]:
        """The first event of a new series, not yet sent. `keeps`: the gate still has those of
        before, as after a restore."""
        if not keeps:
            self.journal.clear()
        return self.commit(self.made(above + 1, GENESIS))

    def removed(self, above: int) -> None:
        """What lies up to this number is not held any more."""
        self.journal = {n: body for n, body in self.journal.items() if n > above}

    def send(self, *bodies: Mapping[str, Any], again: bool = False) -> None:
        """Events of this gate."""
        for body in bodies:
            number = int(body["sequence"])
            with self.changed:
                if self.journal.get(number) == body:
                    self._sent.add(number)
                    if body["previoushash"] == GENESIS:
                        self.floor = max(self.floor, number - 1)
            self.send_raw(json.dumps({**body, **({"replayed": True} if again else {})}).encode())

    def send_raw(self, payload: bytes, topic: str = f"events/{LANE}/{PLATE_READ}") -> None:
        self._link.publish(f"{self.base}/{topic}", payload)

    def birth(self, key: GateKey | None = None) -> None:
        self.say(
            "status",
            json.dumps(
                {
                    "state": "online",
                    "version": __version__,
                    "protocol": "bordergate/v1",
                    "last_sequence": self.number,
                    "public_key": (key or self.key).public,
                    "time": iso(datetime.now(UTC)),
                }
            ).encode(),
            retain=True,
        )

    def say(self, topic: str, payload: bytes, retain: bool = False) -> None:
        self._link.publish(f"{self.base}/{topic}", payload, retain)

    def result(self, after: int, first: int, previous: str, key: GateKey | None = None) -> bytes:
        """A signed `replay/result`."""
        body: dict[str, Any] = {
            "consumer": self.consumer,
            "after": after,
            "first": first,
            "previoushash": previous,
            "time": iso(datetime.now(UTC)),
        }
        body["signature"] = (key or self.key).sign(canonical(body))
        return json.dumps(body).encode()

    # --- what the receiver may have, and says ---

    def reachable(self) -> int:
        """The highest number that may be acknowledged: all below it were sent, or the gate has said
        that they will not come."""
        with self.changed:
            number = self.floor
            while number + 1 in self._sent:
                number += 1
            return number

    def wait(self, what: Callable[[], bool], seconds: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: what() or bool(self.faults), seconds) and what()

    def retained(self) -> list[str]:
        """Topics on which the receiver has left a message behind; asked over a new connection."""
        found: list[str] = []
        probed = threading.Event()
        probe = f"{self.base}/command/conformance/result"
        link = MqttLink(self._customs, f"conformance-{uuid.uuid4()}", f"{self.base}/none", b"")

        def heard(message: Message) -> None:
            if message.topic == probe:
                probed.set()
            elif message.retained and message.payload:
                found.append(message.topic.removeprefix(f"{self.base}/"))

        link.on_message = heard
        try:
            link.connect([*self._topics(), probe])
            link.publish(probe, b"{}")
            probed.wait(30)
        finally:
            link.close()
        return found

    def _topics(self) -> list[str]:
        own = [f"{word}/{self.consumer}" for word in ("ack", "replay")]
        return [f"{self.base}/{topic}" for topic in (*own, "ack", "replay")]

    def _connected(self) -> MqttLink:
        """Raises LinkDown."""
        status = f"{self.base}/status"
        for _ in range(2):
            link = MqttLink(self._customs, f"conformance-{uuid.uuid4()}", status, offline())
            link.on_message = self._heard
            try:
                link.connect(self._topics())
                return link
            except LinkDown:
                link.close()
                if not link.older_next:
                    raise
        raise AssertionError("the second connection is of the older kind")

    def _heard(self, message: Message) -> None:
        word, _, owner = message.topic.removeprefix(f"{self.base}/").partition("/")
        if message.retained:
            return
        with self.changed:
            try:
                key = "through" if word == "ack" else "after"
                consumer, number, hash = receiver_and_number(message.payload, key)
                if consumer != self.consumer:
                    raise ValueError(f"the consumer is {consumer[:40]!r}, not {self.consumer!r}")
                if not owner:
                    raise ValueError(f"it is deprecated: say it on {word}/{self.consumer}")
            except (ValueError, KeyError, TypeError) as error:
                self.faults.append(f"a message on {word}: {error}")
            else:
                (self.acks.append(number) if word == "ack" else self.asked.append((number, hash)))
                if word == "ack" and number > (most := self.reachable()):
                    self.faults.append(f"it acknowledged {number}, and can hold {most}")
            self.changed.notify_all()
        if word == "replay" and not self.faults:
            self._replay(number)

    def _replay(self, after: int) -> None:
        """As a gate would."""
        with self.changed:
            held = sorted(n for n in self.journal if n > after)
            first = held[0] if held else self.number + 1
            previous = self.journal[first]["previoushash"] if held else self.previous
            if first > after + 1 and after >= self.reachable():
                self.floor = max(self.floor, first - 1)
            bodies = [self.journal[n] for n in held]
        self.say("replay/result", self.result(after, first, previous))
        self.send(*bodies, again=True)
