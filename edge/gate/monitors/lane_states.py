"""Each lane's retained state on the broker, when it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edge.gate.port import GateView


class LaneStates:
    """`publish` sends a lane's state if it is another than before."""

    def __init__(
        self,
        view: Callable[[], GateView],
        publish: Callable[[str, Mapping[str, Any]], None],
    ) -> None:
        self._view, self._publish = view, publish

    def check(self) -> None:
        for lane in self._view().lanes:
            state = {
                "state": lane.state,
                "plate": lane.plate,
                "verdict": lane.verdict,
                "reason": lane.reason,
                "arm": lane.barrier.arm.value,
                "light": lane.barrier.light,
                "camera": lane.camera.state,
                "queue": lane.queue,
                "passage": lane.passage or "",
                "version": lane.version,
                "mode": lane.mode,
                "guided_to": lane.guidance.to if lane.guidance else "",
            }
            self._publish(lane.lane, state)
