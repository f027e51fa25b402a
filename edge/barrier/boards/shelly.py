"""Shelly relays over HTTP.

Source: shelly-api-docs.shelly.cloud. From generation 2 on: /rpc/Switch.Set with `toggle_after`, the
time after which the device switches back by itself, sign-in by Digest with SHA-256, the user always
"admin". Generation 1: /relay/N with `timer`, in whole seconds, sign-in by Basic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from edge.barrier.boards.http_relay import HttpRelayBoard, Steps
from edge.barrier.boards.lane_part import LanePart
from edge.barrier.wires.http import LONGEST, Ask, HttpLine
from edge.config import BarrierConfig
from edge.config.wires import ShellyWire
from edge.domain.strict_json import strict_json


class Gen2:
    """Generation 2 and later; implements http_relay.Dialect."""

    def status(self) -> Ask:
        return Ask("/rpc/Switch.GetStatus?id=0")

    def understood(self, page: str) -> bool:
        return isinstance(_json(page).get("output"), bool)

    def pulse(self, relay: int, seconds: float, page: str) -> Steps:
        path = f"/rpc/Switch.Set?id={relay - 1}&on=true&toggle_after={seconds:g}"
        return [(Ask(path), _was_on)]

    def switch(self, relay: int, on: bool, page: str) -> Steps:
        return [(Ask(f"/rpc/Switch.Set?id={relay - 1}&on={str(on).lower()}"), _was_on)]


class Gen1:
    """Generation 1; implements http_relay.Dialect."""

    def status(self) -> Ask:
        return Ask("/relay/0")

    def understood(self, page: str) -> bool:
        return isinstance(_json(page).get("ison"), bool)

    def pulse(self, relay: int, seconds: float, page: str) -> Steps:
        path = f"/relay/{relay - 1}?turn=on&timer={math.ceil(seconds)}"
        return [(Ask(path), lambda text: _json(text).get("has_timer") is True)]

    def switch(self, relay: int, on: bool, page: str) -> Steps:
        path = f"/relay/{relay - 1}?turn={'on' if on else 'off'}"
        return [(Ask(path), lambda text: _json(text).get("ison") is on)]


def _was_on(text: str) -> bool:
    return isinstance(_json(text).get("was_on"), bool)


def _json(text: str) -> dict[str, Any]:
    """An answer's members; none where it is no object."""
    try:
        found = strict_json(text.encode(), LONGEST)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def line(wire: ShellyWire, lanes: Sequence[BarrierConfig]) -> HttpLine:
    digest = wire.generation > 1
    return HttpLine(
        wire.url, wire.username, wire.password_file, wire.answer_s, wire.ca_file, digest
    )


def board(line: HttpLine, part: LanePart) -> HttpRelayBoard:
    first = getattr(part.wire, "generation", 2) == 1
    return HttpRelayBoard(line, Gen1() if first else Gen2(), part.outputs)
