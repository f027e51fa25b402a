"""Tells the platform where a vehicle is sent that stands in the wrong lane; once, while it stands
there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edge.domain.moment import iso
from edge.gate.port import GateView

Guide = Callable[[str, str, Mapping[str, Any]], None]
"""The lane, the key of what is told, and its body."""


class GuidanceMonitor:
    """`guide` is quick: what cannot be told now is told by another thread, or not at all."""

    def __init__(self, view: Callable[[], GateView], guide: Guide) -> None:
        self._view, self._guide = view, guide
        self._reported: dict[str, tuple[str, str]] = {}

    def check(self) -> None:
        view = self._view()
        for lane in view.lanes:
            sent = lane.guidance
            now = (lane.passage or "", sent.to) if sent else ("", "")
            if self._reported.get(lane.lane, ("", "")) == now:
                continue
            self._reported[lane.lane] = now
            if sent is None:
                continue
            body = {
                "lane": lane.lane,
                "passage": now[0],
                "plate": lane.plate,
                "assignment": lane.assignment,
                "to": sent.to,
                "reason": lane.reason,
                "at": iso(view.now),
            }
            self._guide(lane.lane, f"{now[0]}:{sent.to}", body)
