"""A person who orders (fast/order_giver.py) over the console's HTTP, as a program of the office."""

from __future__ import annotations

from typing import Any

import httpx

from edge.domain.commands import Seen
from edge.system.causes import Cause
from simulator.fast.order_giver import DECISIONS, DONE, WHY
from simulator.service import Service


class ConsoleOrderGiver:
    """Over the console's HTTP."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def standing(self, lane: str) -> Seen | None:
        lanes = self._service.get("/api/gate")["lanes"]
        shown = next(one for one in lanes if one["lane"] == lane)
        return Seen(str(shown["passage"]), int(shown["version"])) if shown["passage"] else None

    def command(
        self, lane: str, action: str, seen: Seen | None, valid_s: float, late_s: float
    ) -> str:
        raise ValueError("commands from outside are played in virtual time alone")

    def order(self, lane: str, action: str, seen: Seen | None, by: str) -> str:
        body: dict[str, Any] = {"lane": lane, "reason": WHY}
        try:
            whom = seen or (self.standing(lane) if action in DECISIONS else None)
            if action in DECISIONS and whom is None:
                return "nobody waits there"
            if whom is not None:
                body |= {"passage": whom.passage, "version": whom.version}
            if action == "escalate":
                del body["version"]
                answer = self._service.post("/api/referral", {**body, "what": action})
            elif action in DECISIONS:
                answer = self._service.post("/api/decide", {**body, "admit": action == "admit"})
            else:
                answer = self._service.post("/api/order", {**body, "action": action})
        except httpx.HTTPError as error:
            return str(error) or type(error).__name__
        return DONE if answer.is_success else str(Cause(answer.text[:300]))
