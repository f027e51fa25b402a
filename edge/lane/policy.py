"""PURE. A lane's rules for the decision, from the settings."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from edge.config import LaneConfig, Settings
from edge.domain.decision_rows import ROWS
from edge.domain.mode import LaneMode
from edge.domain.policy import BUILT_IN, Policy
from edge.domain.question import LanePolicy

VERSION_LENGTH = 12
"""Hexadecimal digits of a policy's version: enough to tell any two a site ever had apart."""


def policy_of(
    settings: Settings,
    name: str,
    lane: LaneConfig,
    policy: Policy = BUILT_IN,
    mode: LaneMode = LaneMode.AUTOMATIC,
) -> LanePolicy:
    """What the lane asks of a vehicle, by its settings and the gate's policy, in a mode."""
    needed = lane.clearances_needed
    asked = LanePolicy(
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
    asked = replace(
        asked,
        rulings=policy.rulings,
        number=policy.number,
        second_key=policy.second_key.weighs(name),
        mode=mode,
        trailer_needed=lane.waits_for_trailer,
    )
    return replace(asked, version=version_of(asked, policy.content))


def version_of(policy: LanePolicy, content: str = "") -> str:
    """The same for the same rows, settings and policy, another for any others. `content`: the
    policy's hash; "": none was made to count."""
    rows = [(row.reason.value, row.verdict.value, row.condition) for row in ROWS]
    asked = (
        policy.lane,
        policy.direction,
        sorted(policy.clearances),
        policy.book_max_age.total_seconds(),
        policy.two_way,
        policy.journey.total_seconds(),
        sorted(policy.watched),
        policy.trailer_needed,
    )
    whole = (rows, asked, content) if content else (rows, asked)
    return hashlib.sha256(repr(whole).encode()).hexdigest()[:VERSION_LENGTH]
