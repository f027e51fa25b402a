"""One MQTT connection; the only place that imports paho.

A link lives once: after a loss a new one is made, so that nothing the library has queued can flood
the broker. MQTT 5 is tried first, 3.1.1 where the broker wants no 5 (NATS, some embedded brokers).
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.config import CustomsConfig
from edge.config.secret import SecretError, secret_of
from edge.system.causes import cause
from edge.system.mqtt_client import BoundedClient
from edge.system.tls import client_context
from edge.system.unhandled import UNHANDLED

CONNECT_S = 10.0
KEEPALIVE_S = 20
LEAVE_S = 3.0
"""Seconds that a broker has to acknowledge the last word."""

NO_SUBSCRIBERS = 0x10
"""MQTT 5: taken, but nobody listens: the message is gone."""

TAKEN_OVER = 0x8E
"""MQTT 5: another client has connected with the same client id."""


class LinkDown(Exception):
    """No connection, or it was lost; the text names the broker and what to do."""


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    payload: bytes
    retained: bool


_v5_refused: set[tuple[str, int]] = set()
"""Brokers that have shown that they speak 3.1.1 only."""


class MqttLink:
    """Set `on_message`, `on_published` (packet id, and "" or the reason of a failure) and `on_wake`
    first. `five`: whether it speaks MQTT 5. `denied`: topics to which the broker refused a
    subscription, known once it is connected. `taken_over`: the broker has reported that another
    client uses our id."""

    def __init__(self, config: CustomsConfig, client_id: str, will_topic: str, will: bytes) -> None:
        self._config = config
        self._place = (config.host, config.port)
        self._status = will_topic
        five = config.version == "5" or (
            config.version == "auto" and self._place not in _v5_refused
        )
        self.five = five
        self.on_message: Callable[[Message], None] = lambda message: None
        self.on_published: Callable[[int, str], None] = lambda mid, failure: None
        self.on_wake: Callable[[], None] = lambda: None
        self.denied: tuple[str, ...] = ()
        self._answered = threading.Event()
        self._subscribed = threading.Event()
        self._topics: tuple[str, ...] = ()
        self._refusal: str = ""
        self._lost: str = ""
        self.up = False
        self.taken_over = False
        self._up_at: float | None = None
        self._lost_at: float | None = None
        options: dict[str, Any] = {} if five else {"clean_session": True}
        self._client = BoundedClient(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5 if five else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            **options,
        )
        # Our own window is smaller; the library must never hold anything back.
        self._client.max_inflight_messages_set(65535)
        self._client.will_set(will_topic, will, qos=1, retain=True)
        guarded = UNHANDLED.guarded
        self._client.on_connect = guarded("customs: a connection", self._connected)
        self._client.on_disconnect = guarded("customs: a disconnection", self._disconnected)
        self._client.on_message = guarded("customs: a message", self._came)
        self._client.on_publish = guarded("customs: an acknowledgement", self._puback)
        self._client.on_subscribe = guarded("customs: a subscription", self._suback)

    def __repr__(self) -> str:
        version = "MQTT 5" if self.five else "MQTT 3.1.1"
        return f"{self._config.host}:{self._config.port} ({version})"

    def connect(self, topics: Sequence[str]) -> None:
        """Connects and subscribes. Raises LinkDown."""
        where = f"{self._config.host}:{self._config.port}"
        self._prepare()
        try:
            self._client.connect_timeout = CONNECT_S
            self._client.connect(self._config.host, self._config.port, keepalive=KEEPALIVE_S)
        except ssl.SSLCertVerificationError as error:
            raise LinkDown(
                cause("customs.untrusted", place=where, error=error.verify_message)
            ) from None
        except ssl.SSLError as error:
            raise LinkDown(cause("customs.no_tls", place=where, error=error.reason)) from None
        except ConnectionResetError:
            raise LinkDown(cause("customs.hangs_up", place=where)) from None
        except socket.gaierror:
            raise LinkDown(cause("customs.no_host", place=where)) from None
        except (OSError, ValueError) as error:
            raise LinkDown(cause("customs.no_connection", place=where, error=error)) from None
        self._client.loop_start()
        if not self._answered.wait(CONNECT_S):
            self._try_older()
            raise LinkDown(cause("customs.silent", place=where))
        if self._refusal:
            raise LinkDown(cause("at", place=where, why=self._refusal))
        self._topics = tuple(topics)
        self._client.subscribe([self._wish(topic) for topic in topics])
        if not self._subscribed.wait(CONNECT_S):
            raise LinkDown(cause("customs.silent_subscription", place=where))
        self.check()

    def overhear(self, topic: str) -> None:
        """Subscribes to one more, without which the connection is whole."""
        self._client.subscribe([self._wish(topic)])

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> int:
        """Hands one packet over; its id. Raises LinkDown."""
        info = self._client.publish(topic, payload, qos=1, retain=retain)
        if info.rc not in (paho.MQTT_ERR_SUCCESS, paho.MQTT_ERR_NO_CONN):
            raise LinkDown(cause("customs.cannot_publish", error=paho.error_string(info.rc)))
        if info.rc == paho.MQTT_ERR_NO_CONN:
            self.check()
        return info.mid

    @property
    def older_next(self) -> bool:
        """The broker wanted no MQTT 5: the next connection speaks 3.1.1."""
        return self.five and self._place in _v5_refused

    def check(self) -> None:
        """Raises LinkDown if the connection is lost."""
        if self._lost:
            raise LinkDown(self._lost)

    def stood_s(self) -> float | None:
        """How long the connection has stood, or stood until it was lost; None if it never did."""
        if self._up_at is None:
            return None
        return self.lost_at - self._up_at

    @property
    def lost_at(self) -> float:
        """Monotonic; now, while it stands."""
        return self._lost_at or time.monotonic()

    def leave(self, payload: bytes) -> None:
        """Says the last word, retained, and waits for its acknowledgement; without one the
        connection is cut, so that the broker says the will."""
        info = self._client.publish(self._status, payload, qos=1, retain=True)
        with contextlib.suppress(ValueError, RuntimeError):
            info.wait_for_publish(LEAVE_S)
            if info.is_published():
                return
        with contextlib.suppress(OSError):
            if isinstance(line := self._client.socket(), socket.socket):
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.up = False
        for end in (self._client.disconnect, self._client.loop_stop):
            UNHANDLED.guarded("closing customs", end)()

    # --- the library's thread ---

    def _prepare(self) -> None:
        """Password and TLS from their files. Raises LinkDown naming the file."""
        config = self._config
        if config.username:
            password = ""
            if config.password_file is not None:
                try:
                    password = secret_of(config.password_file)
                except SecretError as error:
                    raise LinkDown(cause("customs.password_file", error=error)) from None
            self._client.username_pw_set(config.username, password)
        if config.tls:
            if config.ca_file is not None:
                _text(config.ca_file, "ca_file")
            try:
                context = client_context(config.ca_file)
            except ssl.SSLError:
                raise LinkDown(cause("customs.ca_file", file=config.ca_file)) from None
            if config.cert_file is not None:
                _text(config.cert_file, "cert_file")
                if config.key_file is not None:
                    _text(config.key_file, "key_file")
                try:
                    context.load_cert_chain(config.cert_file, config.key_file)
                except ssl.SSLError as error:
                    raise LinkDown(
                        cause(
                            "customs.cert_file",
                            cert=config.cert_file,
                            key=config.key_file,
                            error=error.reason,
                        )
                    ) from None
            self._client.tls_set_context(context)

    def _wish(self, topic: str) -> tuple[str, Any]:
        """Asks MQTT 5 brokers to keep the retain flag, so that a command that was sent to be
        retained is recognised while we are connected."""
        if self.five and topic.endswith("/command"):
            return topic, SubscribeOptions(qos=1, retainAsPublished=True)
        return topic, SubscribeOptions(qos=1) if self.five else 1

    def _connected(
        self, client: Any, data: Any, flags: Any, reason: Any, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._refusal = _refusal(str(reason))
            if "protocol" in str(reason).lower():
                self._try_older()
        else:
            self.up, self._up_at = True, time.monotonic()
        self._answered.set()

    def _try_older(self) -> None:
        if self._config.version == "auto":
            if self.five:
                _v5_refused.add(self._place)
            else:
                _v5_refused.discard(self._place)

    def _disconnected(
        self, client: Any, data: Any, flags: Any, reason: Any, properties: Any
    ) -> None:
        if not self._answered.is_set():
            self._try_older()
            self._refusal = (
                cause("customs.closed_tls") if self._config.tls else cause("customs.closed")
            )
        place = f"{self._config.host}:{self._config.port}"
        self._lost = cause("customs.lost", place=place, error=reason)
        self._lost_at = time.monotonic()
        self.taken_over = self.five and reason.value == TAKEN_OVER
        self.up = False
        self._answered.set()
        self._subscribed.set()
        self.on_wake()

    def _came(self, client: Any, data: Any, message: paho.MQTTMessage) -> None:
        self.on_message(Message(message.topic, bytes(message.payload), bool(message.retain)))

    def _suback(self, client: Any, data: Any, mid: int, reasons: Any, properties: Any) -> None:
        if self._subscribed.is_set():
            # Of `overhear`: whoever may not read it does without.
            return
        refused = zip(self._topics, reasons, strict=False)
        self.denied = tuple(topic for topic, reason in refused if reason.is_failure)
        self._subscribed.set()

    def _puback(self, client: Any, data: Any, mid: int, reason: Any, properties: Any) -> None:
        failure: str = ""
        if reason.is_failure:
            failure = cause("customs.refuses_event", error=reason)
        elif reason.value == NO_SUBSCRIBERS:
            failure = cause("customs.no_subscriber")
        self.on_published(mid, failure)


def _text(file: Path, key: str) -> str:
    """The file's text without the white space around it. Raises LinkDown naming file and key."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise LinkDown(cause("customs.unreadable", key=key, file=file, error=error)) from None


def _refusal(reason: str) -> str:
    cures = {
        "not authorized": cause("customs.check_acl"),
        "bad user name or password": cause("customs.check_password"),
        "unsupported protocol version": cause("customs.set_version"),
        "client identifier not valid": cause("customs.other_id"),
    }
    cure = cures.get(reason.lower(), cause("customs.ask_operator"))
    return cause("customs.refuses", error=reason, cure=cure)
