"""A lane's part of one board: its contacts, and how it is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.barrier.boards.trace import Trace
from edge.config import BarrierConfig
from edge.config import Wire as WireConfig


@dataclass(frozen=True, slots=True)
class LanePart:
    """`barrier`: the lane's effective settings; `wire`: the board's section; `outputs`, `inputs`:
    channels by name; `trace`: where the wire's exchanges are written down."""

    barrier: BarrierConfig
    wire: WireConfig
    outputs: Mapping[str, int]
    inputs: Mapping[str, int]
    trace: Trace | None = None
