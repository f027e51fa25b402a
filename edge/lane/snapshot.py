"""PURE. What of a lane is committed with its events, and the lane that begins again from it.

Tracks and the entry loop are not remembered: they are looked at anew. Monotonic times do not
survive a start, so the wait for a reading begins again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from edge.domain.moment import Moment
from edge.lane.state import Lane, LaneState, Turn


@dataclass(frozen=True, slots=True)
class _Memory:
    state: LaneState
    turn: Turn | None
    since: datetime | None


_MEMORY = TypeAdapter(_Memory)


def key(lane: str) -> str:
    """Under which the journal keeps the lane's state."""
    return f"lane:{lane}"


def dump(lane: Lane) -> dict[str, Any]:
    """The lane as JSON-able values."""
    memory: dict[str, Any] = _MEMORY.dump_python(
        _Memory(lane.state, lane.turn, lane.since), mode="json"
    )
    return memory


def revive(lane: str, kept: Mapping[str, Any] | None, now: Moment, read_wait_s: float) -> Lane:
    """The lane at a start; what cannot be understood is an empty lane (a person looks)."""
    if kept is None:
        return Lane(lane, restored=True, since=now.wall)
    try:
        memory = _MEMORY.validate_python(dict(kept), strict=False)
    except ValidationError:
        return Lane(lane, restored=True, since=now.wall)
    turn = memory.turn
    if turn is not None:
        turn = replace(turn, read_by=now.mono + read_wait_s, track="")
    return Lane(lane, memory.state, turn, since=memory.since, restored=True)
