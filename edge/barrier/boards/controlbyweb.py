"""ControlByWeb (Xytronix) relays with numbered outputs over HTTP: WebRelay-10 and its like.

Source: the WebRelay-10 users manual, XML control: state.xml?relayNState=2 is a pulse, whose length
pulseTimeN gives for that pulse alone; 0 and 1 switch; the answer repeats all states. Sign-in by
Basic.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from edge.barrier.boards.http_relay import HttpRelayBoard, Steps
from edge.barrier.boards.lane_part import LanePart
from edge.barrier.wires.http import Ask, HttpLine
from edge.config import BarrierConfig
from edge.config.wires import ControlByWebWire


class StateXml:
    """Implements http_relay.Dialect."""

    def status(self) -> Ask:
        return Ask("/state.xml")

    def understood(self, page: str) -> bool:
        return _state(page, 1) is not None

    def pulse(self, relay: int, seconds: float, page: str) -> Steps:
        path = f"/state.xml?relay{relay}State=2&pulseTime{relay}={seconds:g}"
        return [(Ask(path), lambda text: _state(text, relay) == "1")]

    def switch(self, relay: int, on: bool, page: str) -> Steps:
        path = f"/state.xml?relay{relay}State={int(on)}"
        return [(Ask(path), lambda text: _state(text, relay) == str(int(on)))]


def _state(page: str, relay: int) -> str | None:
    """The state of one relay on the device's page: "0" or "1"."""
    found = re.search(rf"<relay{relay}state>\s{{0,9}}([01])\s{{0,9}}</relay{relay}state>", page)
    return found[1] if found is not None else None


def line(wire: ControlByWebWire, lanes: Sequence[BarrierConfig]) -> HttpLine:
    return HttpLine(
        wire.url, wire.username, wire.password_file, wire.answer_s, wire.ca_file, digest=False
    )


def board(line: HttpLine, part: LanePart) -> HttpRelayBoard:
    return HttpRelayBoard(line, StateXml(), part.outputs)
