"""Hikvision ISAPI: the barrier behind a camera or an entrance controller.

Source: ISAPI, Parking service: `barrierGate` (PUT ctrlMode) and `barrierGateStatus` (0 none,
1 closed, 2 open). `lock` at the device persists and refuses later openings; it is somebody else's
and is never undone here. The device has no safety inputs that we can read: they need another wire.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from edge.barrier.boards.lane_part import LanePart
from edge.barrier.wires.isapi import IsapiLine
from edge.barrier.wires.port import Answered
from edge.config import BarrierConfig, IsapiWire

MODES = ("open", "close")


class IsapiBarrier:
    """One channel; implements port.BoardDriver. Its status stands in for limit switches: the end
    that the last command leads to counts only from a status that was asked for after it."""

    def __init__(self, line: IsapiLine, channel: int) -> None:
        self._line = line
        self._channel = channel
        self._last = ""
        self._last_at = float("-inf")
        line.watch(channel)

    def __repr__(self) -> str:
        return f"<IsapiBarrier {self._channel} at {self._line.place}>"

    @property
    def asked_at(self) -> None:
        return None

    def read_inputs(self) -> dict[str, bool]:
        status = self._line.status(self._channel)
        led_to = self._last if status.asked_at < self._last_at else ""
        return {
            "limit_open": status.value == "2" and led_to != "open",
            "limit_closed": status.value == "1" and led_to != "close",
        }

    def read_outputs(self) -> dict[str, bool]:
        return {}

    def pulse(self, output: str, seconds: float) -> bool:
        """The line looks after the command itself: there is no contact that would be released."""
        if output in MODES:
            self._line.post(self._channel, output)
            self._last, self._last_at = output, time.monotonic()
        return True

    def set(self, output: str, on: bool) -> bool:
        """A command is over when done: there is nothing to release."""
        return True

    def tend(self, now: float) -> Sequence[Answered]:
        return ()


def line(wire: IsapiWire, lanes: Sequence[BarrierConfig]) -> IsapiLine:
    return IsapiLine(wire.url, wire.username, wire.password_file, wire.answer_s, wire.ca_file)


def board(line: IsapiLine, part: LanePart) -> IsapiBarrier:
    return IsapiBarrier(line, part.barrier.channel)
