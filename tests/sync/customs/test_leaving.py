"""A gate that ends is known to be offline, whatever the broker does with its last word."""

import socket
import threading

from edge.config import CustomsConfig
from edge.sync.customs import mqtt_link
from edge.sync.customs.mqtt_link import MqttLink
from tests.support.waiting import wait_for

CONNECT, PUBLISH, SUBSCRIBE, DISCONNECT = 1, 3, 8, 14
"""Packet types of MQTT 3.1.1, section 2.2.1."""


class Broker:
    """Takes one connection and notes the kinds of its packets; `acknowledges` them or not."""

    def __init__(self, acknowledges):
        self.acknowledges, self.kinds, self.ended = acknowledges, [], False
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        line, _ = self._server.accept()
        with line, self._server, line.makefile("rb") as packets:
            while head := packets.read(2):
                body = packets.read(head[1])
                kind = head[0] >> 4
                self.kinds.append(kind)
                if kind == CONNECT:
                    line.sendall(b"\x20\x02\x00\x00")
                elif kind == SUBSCRIBE:
                    line.sendall(b"\x90\x03" + body[:2] + b"\x01")
                elif kind == PUBLISH and self.acknowledges:
                    at = 2 + int.from_bytes(body[:2], "big")
                    line.sendall(b"\x40\x02" + body[at : at + 2])
            self.ended = True


def left(acknowledges):
    broker = Broker(acknowledges)
    config = CustomsConfig(host="127.0.0.1", port=broker.port, version="3.1.1")
    link = MqttLink(config, "gate", "status", b"will")
    link.connect(["ack"])
    link.leave(b"offline")
    link.close()
    wait_for(lambda: broker.ended)
    return broker.kinds


def test_a_last_word_that_was_taken_ends_the_connection_in_order():
    assert left(acknowledges=True) == [CONNECT, SUBSCRIBE, PUBLISH, DISCONNECT]


def test_without_an_acknowledgement_the_broker_says_the_will(monkeypatch):
    """It does so for every connection that ends without a DISCONNECT."""
    monkeypatch.setattr(mqtt_link, "LEAVE_S", 0.2)
    assert DISCONNECT not in left(acknowledges=False)
