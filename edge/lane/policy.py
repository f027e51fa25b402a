"""PURE. A lane's rules for the decision, from the settings."""

from __future__ import annotations

from datetime import timedelta

from edge.config import LaneConfig, Settings
from edge.domain.decision import LanePolicy


def policy_of(settings: Settings, name: str, lane: LaneConfig) -> LanePolicy:
    """What the lane asks of a vehicle."""
    needed = lane.clearances_needed
    return LanePolicy(
        name,
        lane.direction,
        settings.authorities if needed is None else needed,
        timedelta(seconds=lane.offline_hold_s),
        lane.read_wait_s,
        "entry_loop" in lane.barrier.inputs,
    )
