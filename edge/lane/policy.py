"""PURE. A lane's rules for the decision, from the settings."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from edge.config import LaneConfig, Settings
from edge.domain.decision_rows import ROWS
from edge.domain.question import LanePolicy

VERSION_LENGTH = 12
"""Hexadecimal digits of a policy's version: enough to tell any two a site ever had apart."""


def policy_of(settings: Settings, name: str, lane: LaneConfig) -> LanePolicy:
    """What the lane asks of a vehicle."""
    needed = lane.clearances_needed
    policy = LanePolicy(
        name,
        lane.direction,
        settings.authorities if needed is None else needed,
        timedelta(seconds=lane.offline_hold_s),
        lane.read_wait_s,
        "entry_loop" in lane.barrier.inputs,
        lane.two_way,
        timedelta(seconds=lane.journey_s),
        frozenset(settings.watch_list),
    )
    return replace(policy, version=version_of(policy))


def version_of(policy: LanePolicy) -> str:
    """The same for the same rows and settings, another for any others."""
    rows = [(row.reason.value, row.verdict.value, row.condition) for row in ROWS]
    asked = (
        policy.lane,
        policy.direction,
        sorted(policy.clearances),
        policy.book_max_age.total_seconds(),
        policy.two_way,
        policy.journey.total_seconds(),
        sorted(policy.watched),
    )
    return hashlib.sha256(repr((rows, asked)).encode()).hexdigest()[:VERSION_LENGTH]
