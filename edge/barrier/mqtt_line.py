"""The site's MQTT broker as a barrier's wire; the only place of the barrier that imports paho.

Everything is said at QoS 0 and unretained: a command that cannot be delivered now must be lost,
never late. A connection lives once; what was heard before it does not count.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from edge.barrier.driver import WireGone

CONNECT_S = 2.0
KEEPALIVE_S = 3
"""A broker that is away without saying so is noticed within twice this."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A topic's newest message. `at`: monotonic; `since`: when its text last changed; `retained`:
    the broker had it before we came, so nobody knows how old it is."""

    text: str
    retained: bool
    at: float
    since: float


class MqttLine:
    """Implements driver.Wire. Topics are listened to from the next `open` on."""

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
        self._topics: list[str] = []
        self._heard: dict[str, Heard] = {}
        self._news = threading.Condition()
        self._client: paho.Client | None = None
        self._refusal = ""
        self._up = False

    def __repr__(self) -> str:
        return f"<MqttLine {self.place} {'up' if self._up else 'down'}>"

    def listen(self, topic: str) -> None:
        self._topics.append(topic)

    def open(self) -> None:
        self.close()
        self._heard, self._refusal = {}, ""
        client = paho.Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        client.connect_timeout = CONNECT_S
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_message = self._came
        self._client = client
        try:
            self._prepare(client)
            client.connect(*self._address, keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as error:
            raise WireGone(
                f"{self.place}: no connection to the broker ({error}); is it running, are host, "
                "port, tls and password_file right?"
            ) from None
        client.loop_start()
        with self._news:
            self._news.wait_for(lambda: self._up or self._refusal, CONNECT_S)
        if not self._up:
            why = self._refusal or "no answer"
            self.close()
            raise WireGone(
                f"{self.place}: the broker refuses the connection ({why}); check username and "
                "password_file of this wire"
            )

    def close(self) -> None:
        client, self._client, self._up = self._client, None, False
        if client is not None:
            with contextlib.suppress(Exception):
                client.disconnect()
            with contextlib.suppress(Exception):
                client.loop_stop()

    def check(self) -> None:
        """Raises WireGone if the connection is lost."""
        if self._client is None or not self._up:
            raise WireGone(f"{self.place}: the connection to the broker is lost; is it running?")

    def newest(self, topic: str) -> Heard | None:
        with self._news:
            return self._heard.get(topic)

    def say(self, topic: str, text: str) -> None:
        """Raises WireGone."""
        self.check()
        assert self._client is not None
        info = self._client.publish(topic, text.encode(), qos=0)
        if info.rc != paho.MQTT_ERR_SUCCESS:
            self._up = False
            self.check()

    def wait_for(self, topic: str, after: float, seconds: float) -> Heard | None:
        """The next live message on a topic that came after a moment, or None."""

        def fresh() -> Heard | None:
            heard = self._heard.get(topic)
            return heard if heard and heard.at >= after and not heard.retained else None

        with self._news:
            return self._news.wait_for(fresh, seconds) or None

    def _prepare(self, client: paho.Client) -> None:
        if self._username:
            secret = ""
            if self._password_file is not None:
                secret = self._password_file.read_text(encoding="utf-8").strip()
            client.username_pw_set(self._username, secret)
        if self._tls:
            cafile = str(self._ca_file) if self._ca_file else None
            client.tls_set_context(ssl.create_default_context(cafile=cafile))

    # --- paho's thread; an exception here would end it ---

    def _connected(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        with self._news:
            if reason.is_failure:
                self._refusal = str(reason)
            elif client is self._client and self._client is not None:
                if self._topics:
                    self._client.subscribe([(topic, 0) for topic in self._topics])
                self._up = True
            self._news.notify_all()

    def _disconnected(
        self, client: Any, data: Any, flags: Any, reason: Any, properties: Any
    ) -> None:
        with self._news:
            if client is self._client:
                self._up = False
            self._refusal = self._refusal or str(reason)
            self._news.notify_all()

    def _came(self, client: Any, data: Any, message: paho.MQTTMessage) -> None:
        if client is not self._client:
            return
        text = bytes(message.payload).decode("utf-8", "replace")
        now = time.monotonic()
        with self._news:
            old = self._heard.get(message.topic)
            since = old.since if old is not None and old.text == text else now
            self._heard[message.topic] = Heard(text, bool(message.retain), now, since)
            self._news.notify_all()
