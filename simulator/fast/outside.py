"""Who commands from outside in virtual time: signed as customs and the platform sign, taken by the
product's own remote commands."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from edge.config import Settings
from edge.domain.commands import Seen
from edge.domain.moment import iso
from edge.gate.remote_commands import Remote
from edge.sync.customs.envelope import sign
from edge.sync.customs.keyring import Keyring
from edge.system.clock import Clock
from simulator.fast.order_giver import DONE, WHY

ISSUER = "platform"
ANSWER_S = 5.0
"""Seconds that an answer is waited for."""


class Outside:
    """`serve` with each service that starts; `send` is order_giver.Send. `wait`: for an answer,
    while everything else goes on."""

    def __init__(
        self, settings: Settings, clock: Clock, wait: Callable[[threading.Event, float], bool]
    ) -> None:
        self.keyring = Keyring(Path(settings.data_folder) / "keys")
        self._key, self._private = self.keyring.make(ISSUER)
        self._gate, self._clock, self._wait = settings.gate, clock, wait
        self._numbers = count(1)
        self._answers: dict[str, Mapping[str, Any]] = {}
        self._answered = threading.Event()
        self._remote: Remote | None = None

    def serve(self, remote: Remote) -> None:
        remote.answer = self._hears
        remote.resume()
        self._remote = remote

    def send(self, lane: str, action: str, seen: Seen | None, valid_s: float, late_s: float) -> str:
        assert self._remote is not None
        number = next(self._numbers)
        issued = self._clock.now().wall - timedelta(seconds=late_s)
        body = {
            "id": f"c{number}",
            "gate": self._gate,
            "lane": lane,
            "action": action,
            "reason": WHY,
            "issued_at": iso(issued),
            "expires_at": iso(issued + timedelta(seconds=valid_s)),
            "issuer": ISSUER,
            "counter": number,
            "key": self._key.key,
        }
        if seen is not None:
            body["seen"] = {"passage": seen.passage, "version": seen.version}
        self._answered.clear()
        self._remote.take(json.dumps(sign(body, self._private)).encode(), False)
        if not self._wait(self._answered, ANSWER_S):
            return "no answer"
        answer = self._answers[f"c{number}"]
        return DONE if answer["outcome"] == "done" else str(answer["why"] or answer["outcome"])

    def _hears(self, id: str, result: Mapping[str, Any]) -> None:
        self._answers[id] = result
        self._answered.set()
