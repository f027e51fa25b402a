"""The connection of a twin device to a broker: it comes back by itself, and leaves a will."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion


class Device:
    """`hear` gets topic and text on the library's thread; `birth` runs after each connection."""

    def __init__(
        self,
        broker: tuple[str, int],
        topics: list[str],
        will: tuple[str, str],
        hear: Callable[[str, str], None],
        birth: Callable[[], None],
    ) -> None:
        self._broker = broker
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.will_set(will[0], will[1], retain=True)
        self._client.reconnect_delay_set(1, 1)

        def connected(client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
            client.subscribe([(topic, 0) for topic in topics])
            birth()

        def came(client: Any, data: Any, message: paho.MQTTMessage) -> None:
            hear(message.topic, bytes(message.payload).decode())

        self._client.on_connect = connected
        self._client.on_message = came

    def publish(self, topic: str, text: str, retain: bool = False) -> None:
        self._client.publish(topic, text, retain=retain)

    def start(self) -> None:
        self._client.connect(*self._broker, keepalive=5)
        self._client.loop_start()

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
