"""paho's client with a bound on what it receives.

MQTT allows messages of 256 MB, and paho keeps each whole in memory. Of a longer message only the
beginning is kept, which is still longer than anything that the gate accepts. MQTT 5 could have the
broker hold it back (Maximum Packet Size), but then nobody would record a command that is too large.
"""

from __future__ import annotations

import paho.mqtt.client as paho

LARGEST_PACKET = 65_536
"""Bytes; the longest that a gate heeds is a command of 8,192."""

PIECE = 16_384


class BoundedClient(paho.Client):
    """Holds no more than LARGEST_PACKET and a piece of what comes in. A message that was longer is
    longer than LARGEST_PACKET / 2 still, and otherwise as if it ended there."""

    def _sock_recv(self, bufsize: int) -> bytes:
        data = super()._sock_recv(min(bufsize, PIECE))
        if self._in_packet["have_remaining"]:
            del self._in_packet["packet"][LARGEST_PACKET:]
        return data
