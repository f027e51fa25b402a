"""Messages that arrive on the gate's topics: acknowledgements and requests of receivers, commands.

Anybody whom the broker lets in may write there. A message that is not understood, or of a receiver
that is not configured, changes nothing and is logged now and then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence

from edge.domain.strict_json import strict_json
from edge.sync.customs.delivery import Delivery
from edge.sync.customs.mqtt_link import Message
from edge.sync.customs.receipts import Receipts
from edge.sync.customs.topics import OFFLINE
from edge.sync.journal.chain import LARGEST_INTEGER
from edge.system.causes import cause
from edge.system.clock import Clock

ACK, REPLAY = "ack", "replay"
LONGEST_WORD = 1024
"""Maximum bytes of an acknowledgement or a request."""

COMPLAIN_EVERY_S = 60.0
"""Minimum seconds between two log lines of one kind, however many messages are ignored."""

log = logging.getLogger(__name__)


class Incoming:
    """`take` is called on the link's thread. `receivers`: the names that are configured;
    `on_command` gets every message on `.../command` and whether it was retained. `ignored`: what
    is wrong with a retained message that lies on one of the topics, or ""."""

    def __init__(
        self,
        base: str,
        receivers: Callable[[], Collection[str]],
        on_command: Callable[[bytes, bool], None],
        clock: Clock,
        receipts: Receipts | None = None,
    ) -> None:
        self._base, self._receivers, self._on_command = base, receivers, on_command
        self._receipts = receipts or Receipts({})
        self._clock = clock
        self._complained: dict[str, float] = {}
        self.ignored: str = ""
        self.status = f"{base}/status"
        self.belied = False
        """Whether the broker has been told that the gate is offline, while it hears that."""

    @property
    def topics(self) -> tuple[str, ...]:
        """`ack/<name>` and `replay/<name>` are a receiver's own, so that the broker can keep one
        from speaking for another; those without a name are the older ones, the same for all."""
        own = own_topics(self._receivers())
        return tuple(f"{self._base}/{name}" for name in (ACK, REPLAY, "command", *own))

    def take(self, message: Message, delivery: Delivery) -> bool:
        """Whether it was an acknowledgement or a request of a receiver."""
        if message.topic == f"{self._base}/command":
            self._on_command(message.payload, message.retained)
            return False
        if message.topic == self.status:
            self.belied |= _says_offline(message.payload)
            return False
        word, _, owner = message.topic.removeprefix(f"{self._base}/").partition("/")
        if word not in (ACK, REPLAY):
            # Not asked for: there are brokers that give what is retained on any topic.
            return False
        acknowledged = word == ACK
        if message.retained:
            # It is no word of a receiver that is there: it would come again at each connection.
            self.ignored = ignored_retained(message.topic)
            self._complain("retained", self.ignored)
            return False
        try:
            consumer, number, hash = receiver_and_number(
                message.payload, "through" if acknowledged else "after"
            )
            if owner and consumer != owner:
                raise ValueError(f"{consumer[:40]!a} speaks where only {owner[:40]!a} may")
        except (ValueError, KeyError, TypeError) as error:
            self._complain("words", f"a message on {message.topic} is not understood: {error!r}")
            return False
        if consumer not in self._receivers():
            text = f"{message.topic}: {consumer[:40]!a} is not in customs.consumers; ignored"
            self._complain("stranger", text)
            return False
        if acknowledged:
            if not self._receipts.take(message.payload, consumer, number, hash):
                text = f"{consumer[:40]!a} has a key, and an acknowledgement is not signed with it"
                self._complain("unsigned", text)
                return False
            delivery.acknowledged(consumer, number)
        else:
            delivery.asked(consumer, number, hash)
        return True

    def _complain(self, kind: str, text: str) -> None:
        now = self._clock.now().mono
        if now - self._complained.get(kind, -COMPLAIN_EVERY_S) >= COMPLAIN_EVERY_S:
            self._complained[kind] = now
            log.warning("customs: %s", text[:300])


def own_topics(receivers: Collection[str]) -> list[str]:
    """Below the gate's own. On `replay/result` the gate itself speaks."""
    names = sorted(set(receivers) - {"result"})
    return [f"{word}/{name}" for word in (ACK, REPLAY) for name in names]


def _says_offline(payload: bytes) -> bool:
    try:
        body = strict_json(payload, LONGEST_WORD)
    except (ValueError, TypeError):
        return False
    return isinstance(body, dict) and body.get("state") == OFFLINE


def subscription_refused(topics: Sequence[str]) -> str:
    return cause("customs.refuses_subscription", topics=", ".join(topics))


def ignored_retained(topic: str) -> str:
    return cause("customs.retained", topic=topic)


def receiver_and_number(payload: bytes, key: str) -> tuple[str, int, str]:
    """The receiver, the number, and the hash of that event or "". Raises ValueError, KeyError or
    TypeError."""
    body = strict_json(payload, LONGEST_WORD)
    consumer, number = body["consumer"], body[key]
    if not isinstance(consumer, str):
        raise ValueError("the consumer must be a name")
    if type(number) is not int or not 0 <= number <= LARGEST_INTEGER:
        raise ValueError(f"{key} must be a whole number, 0 or more")
    hash = body.get("hash") or ""
    if not isinstance(hash, str):
        raise ValueError("hash must be a text")
    return consumer, number, hash
