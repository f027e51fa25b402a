"""The booth in real time: a person who looks and decides over the console's HTTP, as a browser's
user does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from edge.domain.facts import Arm
from edge.gate.port import Unanswered
from edge.system.causes import Cause
from simulator.fast.booth import ROUND_S, Booth
from simulator.fast.guests import Guest
from simulator.service import Service
from simulator.world import LaneWorld

log = logging.getLogger(__name__)

ENDS_S = 30.0
"""So long a decision may still wait for the arm when the scenario is over."""


@dataclass(frozen=True, slots=True)
class SeenBarrier:
    arm: Arm
    in_service: bool


@dataclass(frozen=True, slots=True)
class SeenLane:
    lane: str
    waiting: bool
    passage: str | None
    plate: str
    version: int
    barrier: SeenBarrier


@dataclass(frozen=True, slots=True)
class SeenAlarm:
    code: str
    lane: str


@dataclass(frozen=True, slots=True)
class SeenGate:
    lanes: tuple[SeenLane, ...]
    alarms: tuple[SeenAlarm, ...]


class ConsoleBooth:
    """Implements booth.BoothOperations over HTTP; httpx.HTTPError while there is no service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def view(self) -> SeenGate:
        body = self._service.get("/api/gate")
        return SeenGate(
            tuple(_lane(lane) for lane in body["lanes"]),
            tuple(SeenAlarm(str(a["code"]), str(a["lane"])) for a in body["alarms"]),
        )

    def acknowledge_alarm(self, code: str, lane: str, user: str, /) -> None:
        self._post("/api/acknowledge", {"code": code, "lane": lane})

    def order(self, lane: str, action: str, reason: str, user: str, /) -> None:
        self._post("/api/order", {"lane": lane, "action": action, "reason": reason})

    def decide(
        self, lane: str, passage: str, admit: bool, plate: str, reason: str, user: str,
        version: int | None, /,
    ) -> None:  # fmt: skip
        body = {"lane": lane, "passage": passage, "admit": admit, "plate": plate, "reason": reason}
        self._post("/api/decide", {**body, "version": version})

    def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = self._service.post(path, body)
        if answer.is_client_error:
            raise Unanswered(Cause(answer.text[:300]))
        answer.raise_for_status()


class RealBooth:
    """One person for all lanes, on a thread of his own."""

    def __init__(self, service: Service, worlds: Mapping[str, LaneWorld]) -> None:
        self._booth, self._worlds = ConsoleBooth(service), worlds
        self._guests: Callable[[], list[Guest]] = list
        self.booth = Booth(worlds, self._guest_at)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sits, name="booth", daemon=True)

    def start(self, guests: Callable[[], list[Guest]]) -> None:
        """`guests`: who has come so far."""
        self._guests = guests
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join(ENDS_S)

    def _sits(self) -> None:
        while not self._ended.wait(ROUND_S):
            try:
                self.booth.round(self._booth, time.monotonic())
            except (httpx.HTTPError, RuntimeError, OSError, ValueError, KeyError) as error:
                # The service is away, or a client of it was closed beside him: he looks again.
                log.debug("the console does not answer the booth: %s", error)

    def _guest_at(self, lane: str) -> Guest | None:
        first = self._worlds[lane].first()
        if first is None or first.arrived_at is None:
            return None
        return next((guest for guest in self._guests() if guest.vehicle is first), None)


def _lane(body: Mapping[str, Any]) -> SeenLane:
    barrier = SeenBarrier(Arm(body["barrier"]["arm"]), bool(body["barrier"]["in_service"]))
    passage = body["passage"]
    return SeenLane(
        str(body["lane"]), bool(body["waiting"]), None if passage is None else str(passage),
        str(body["plate"]), int(body["version"]), barrier,
    )  # fmt: skip
