"""The lane's display: an LED sign on its own serial port, or a text topic over MQTT.

Serial: the Alpha Sign Communications Protocol (Adaptive Micro Systems, document 9708-8061), which
many one-line LED signs speak: five NUL, SOH, type "Z" (all signs), address "00", STX, command "A"
(write text) to file "A", ESC, position, mode "b" (hold), the text, EOT. The sign answers nothing.
"""

from __future__ import annotations

from typing import Protocol

from edge.barrier.wires.mqtt import CONNECT_S, MqttLine
from edge.barrier.wires.port import NoAnswer, WireGone
from edge.barrier.wires.raw import RawLine

LONGEST = 60
HEAD = b"\x00" * 5 + b"\x01Z00\x02AA\x1b b"
END = b"\x04"


class Sign(Protocol):
    """Not thread-safe. `open` and `show` raise port.WireGone."""

    @property
    def ascii_only(self) -> bool: ...

    def open(self) -> None: ...

    def show(self, text: str) -> None: ...

    def close(self) -> None: ...


def frame(text: str) -> bytes:
    """The frame that shows a line; ASCII, control characters left out."""
    letters = bytes(c for c in text.encode("ascii", "replace") if 0x20 <= c < 0x7F)
    return HEAD + letters[:LONGEST] + END


class AlphaSign:
    """Implements Sign."""

    ascii_only = True

    def __init__(self, port: str, baud: int, parity: str = "none", stop_bits: int = 1) -> None:
        self._line = RawLine(port, baud, parity=parity, stop_bits=stop_bits)

    def open(self) -> None:
        self._line.open()

    def show(self, text: str) -> None:
        self._line.send(frame(text))

    def close(self) -> None:
        self._line.close()


class MqttSign:
    """Implements Sign: the text as it is, on a topic."""

    ascii_only = False

    def __init__(self, line: MqttLine, topic: str) -> None:
        self._line = line
        self._topic = topic

    def open(self) -> None:
        self._line.open()
        self._line.connected(2 * CONNECT_S)

    def show(self, text: str) -> None:
        try:
            self._line.publish(self._topic, text)
        except NoAnswer as error:
            raise WireGone(*error.args) from None

    def close(self) -> None:
        self._line.close()
