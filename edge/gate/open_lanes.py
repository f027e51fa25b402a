"""The lanes into which vehicles may be sent now."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Protocol

from edge.barrier.port import BarrierGuard
from edge.config import Settings
from edge.domain.guidance import OpenLane
from edge.domain.mode import LaneMode
from edge.gate.policies import Policies
from edge.lane.state import Lane

log = logging.getLogger(__name__)


class Guards(Protocol):
    """What of the guards is used; barrier.port.GuardRunner."""

    def guard(self, lane: str) -> BarrierGuard: ...


class OpenLanes:
    """Any thread."""

    def __init__(self, settings: Settings, policies: Policies, guards: Guards) -> None:
        self._directions = {name: lane.direction for name, lane in settings.lanes.items()}
        self._policies, self._guards = policies, guards

    def is_open(self, name: str) -> bool:
        """Whether vehicles may be sent there. A guard that cannot be asked lets nobody in."""
        if self._policies.mode(name) in (LaneMode.CLOSED, LaneMode.SHADOW):
            return False
        try:
            status = self._guards.guard(name).status()
        except Exception:
            log.exception("lane %s cannot be asked whether it is open", name)
            return False
        return status.in_service and not status.locked

    def among(self, lanes: Mapping[str, Lane]) -> dict[str, OpenLane]:
        """Those of them that are open, each with its queue."""
        return {
            name: OpenLane(self._directions[name], lane.queue)
            for name, lane in lanes.items()
            if self.is_open(name)
        }
