"""The site's MQTT broker as a barrier's wire; the only place of the barrier that imports paho.

Threads of its own connect, and connect again: nothing waits for the broker. Everything is sent at
QoS 0 and unretained: a command that cannot be delivered now must be lost, never late. So after each
message the broker is asked for a proof that it has processed it (the answer to an unsubscription of
nothing). Without the proof nothing more is sent on that connection, and what it still holds is
thrown away. A connection is used once; messages received before it do not count.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from edge.barrier.wires.port import NoAnswer, WireGone
from edge.config.secret import SecretError, secret_of
from edge.system.causes import cause, cause_of
from edge.system.mqtt_client import BoundedClient
from edge.system.tls import client_context
from edge.system.unhandled import UNHANDLED

CONNECT_S = 2.0
AGAIN_S = 0.5
"""Seconds after the end of a connection until the next one is tried."""

KEEPALIVE_S = 3
"""A broker that is away without saying so is noticed within twice this."""

LEAVE_S = 0.5
"""Maximum seconds that `close` waits for the last message to be sent."""

LONGEST_TEXT = 4096
"""Maximum bytes of a message; a longer one counts as empty, for its meaning is unknown."""

PROOF_S = 0.4
"""Seconds after which a message must be proved before the next one is sent."""

PROOF_LATEST_S = 2.0
"""Seconds without a proof after which the connection is dead."""

PROOF_TOPIC = "bordergate/proof"
"""Nobody listens to it."""

LOST = cause("wire.broker_lost")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """A topic's newest message. `at`: monotonic; `since`: when its text last changed; `retained`:
    the broker had it before we came, so nobody knows how old it is."""

    text: str
    retained: bool
    at: float
    since: float


@dataclass(slots=True)
class _Life:
    """One connection: whether it has ever stood, and why it has ended. `unproved`: message number
    of the proof that is to come, and since when (monotonic)."""

    client: paho.Client
    up: bool = False
    ended: str = ""
    unproved: dict[int, float] = field(default_factory=dict)

    def unproved_s(self) -> float:
        """Since when, in seconds, the oldest text has not been proved to have come."""
        return time.monotonic() - min(self.unproved.values(), default=time.monotonic())

    def throw_away(self) -> None:
        """Makes sure at its end that nothing undelivered is delivered later."""
        connection: Any = self.client.socket()
        if connection is not None:
            linger = struct.pack("ii", 1, 0)
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


class MqttLine:
    """Implements port.Wire. Topics are listened to from the next `open` on."""

    def __init__(
        self,
        host: str,
        port: int,
        username: str = "",
        password_file: Path | None = None,
        tls: bool = False,
        ca_file: Path | None = None,
    ) -> None:
        self.place = f"{host}:{port}"
        self._address = (host, port)
        self._username = username
        self._password_file = password_file
        self._tls = tls
        self._ca_file = ca_file
        self._topics: dict[str, list[Callable[[Heard], None]]] = {}
        self._heard: dict[str, Heard] = {}
        self._news = threading.Condition()
        self._keeper: threading.Thread | None = None
        self._life: _Life | None = None
        self._why = ""

    def __repr__(self) -> str:
        return f"<MqttLine {self.place} {'up' if self._standing() else 'down'}>"

    def listen(self, topic: str, hear: Callable[[Heard], None] | None = None) -> None:
        """`hear` gets every message, on the library's thread; it must be quick."""
        self._topics.setdefault(topic, []).extend([hear] if hear is not None else [])

    def open(self) -> None:
        """Begins to connect."""
        self.close()
        self._why = cause("wire.not_connected_yet")
        self._keeper = threading.Thread(target=self._keep, name=f"mqtt {self.place}", daemon=True)
        self._keeper.start()

    def close(self) -> None:
        with self._news:
            keeper, self._keeper, self._life = self._keeper, None, None
            self._news.notify_all()
        if keeper is not None:
            keeper.join(LEAVE_S)

    def check(self) -> None:
        """Raises NoAnswer while there is no connection, WireGone where the line is closed."""
        keeper = self._keeper
        if keeper is None or not keeper.is_alive():
            raise WireGone(cause("wire.not_open", place=self.place))
        self._proved_within(PROOF_LATEST_S)
        if self._standing() is None:
            life = self._life
            why = LOST if life is not None and life.up else self._why
            raise NoAnswer(cause("at", place=self.place, why=why))

    def connected(self, seconds: float) -> None:
        """Waits for the connection for this many seconds. Raises WireGone."""
        with self._news:
            self._news.wait_for(self._standing, seconds)
        try:
            self.check()
        except NoAnswer as error:
            raise WireGone(cause_of(error)) from None

    def newest(self, topic: str) -> Heard | None:
        with self._news:
            return self._heard.get(topic)

    def publish(self, topic: str, text: str) -> None:
        """Raises NoAnswer or WireGone, as `check`."""
        self.check()
        self._proved_within(PROOF_S)
        client, life = self._standing(), self._life
        if client is None or life is None:
            raise NoAnswer(cause("at", place=self.place, why=LOST))
        if client.publish(topic, text.encode()).rc != paho.MQTT_ERR_SUCCESS:
            raise NoAnswer(cause("at", place=self.place, why=LOST))
        with self._news:
            _, number = client.unsubscribe(PROOF_TOPIC)
            if number is not None:
                life.unproved[number] = time.monotonic()

    def _proved_within(self, seconds: float) -> None:
        """Ends a connection on which a message older than this was not proved to have arrived."""
        with self._news:
            life = self._life
            if life is not None and life.unproved_s() > seconds:
                log.warning("%s: what was said has not come; connecting anew", self.place)
                life.throw_away()
                life.ended = life.ended or LOST
                self._news.notify_all()

    def _standing(self) -> paho.Client | None:
        life = self._life
        return life.client if life is not None and life.up and not life.ended else None

    # --- the keeper's thread ---

    def _keep(self) -> None:
        """One connection after the other, until the line is closed."""
        me = threading.current_thread()
        while self._keeper is me:
            why = self._live(me)
            with self._news:
                if self._keeper is me:
                    self._life, self._why = None, why
                    self._news.wait_for(lambda: self._keeper is not me, AGAIN_S)

    def _live(self, me: threading.Thread) -> str:
        """One connection from its beginning to its end; why it ended."""
        client = BoundedClient(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        client.connect_timeout = CONNECT_S
        life = _Life(client)

        def guarded(callback: Callable[..., None]) -> Callable[..., None]:
            return UNHANDLED.guarded(f"{self.place}: a callback of its MQTT client", callback)

        client.on_connect = guarded(lambda *given: self._connected(life, given[3]))
        client.on_disconnect = guarded(lambda *given: self._ended(life, str(given[3])))
        client.on_unsubscribe = guarded(lambda *given: self._proved(life, given[2]))
        client.on_message = guarded(lambda *given: self._came(life, given[2]))
        with self._news:
            if self._keeper is not me:
                return ""
            self._life, self._heard = life, {}
        try:
            self._prepare(client)
        except SecretError as error:
            return cause("wire.its_password_file", error=error)
        try:
            client.connect(*self._address, keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as error:
            return cause("wire.broker_no_connection", error=cause_of(error))
        client.loop_start()
        with self._news:
            self._news.wait_for(lambda: life.up or self._over(life), CONNECT_S)
            if life.up:
                self._news.wait_for(lambda: self._over(life))
        for end in (client.disconnect, client.loop_stop):
            UNHANDLED.guarded("closing a broker's wire", end)()
        if life.up:
            return LOST
        return cause("wire.broker_refuses", why=life.ended or cause("no_answer"))

    def _over(self, life: _Life) -> bool:
        return bool(life.ended) or self._life is not life

    def _prepare(self, client: paho.Client) -> None:
        if self._username:
            secret = ""
            if self._password_file is not None:
                secret = secret_of(self._password_file)
            client.username_pw_set(self._username, secret)
        if self._tls:
            try:
                context = client_context(self._ca_file)
            except OSError as error:
                why = cause("no_pem") if isinstance(error, ssl.SSLError) else error.strerror
                raise OSError(cause("wire.mqtt_ca_file", file=self._ca_file, why=why)) from None
            client.tls_set_context(context)

    # --- paho's thread ---

    def _connected(self, life: _Life, reason: Any) -> None:
        with self._news:
            if reason.is_failure:
                life.ended = str(reason)
            elif self._life is life:
                if self._topics:
                    life.client.subscribe([(topic, 0) for topic in self._topics])
                life.up = True
            self._news.notify_all()

    def _proved(self, life: _Life, number: int) -> None:
        with self._news:
            life.unproved.pop(number, None)

    def _ended(self, life: _Life, why: str) -> None:
        with self._news:
            life.ended = life.ended or why
            self._news.notify_all()

    def _came(self, life: _Life, message: paho.MQTTMessage) -> None:
        if message.topic not in self._topics:
            return
        short = len(message.payload) <= LONGEST_TEXT
        text = bytes(message.payload).decode("utf-8", "replace") if short else ""
        now = time.monotonic()
        with self._news:
            if self._life is not life:
                return
            old = self._heard.get(message.topic)
            since = old.since if old is not None and old.text == text else now
            heard = Heard(text, bool(message.retain), now, since)
            self._heard[message.topic] = heard
        for hear in self._topics.get(message.topic, ()):
            UNHANDLED.guarded(f"{self.place}: a message on {message.topic}", hear)(heard)
