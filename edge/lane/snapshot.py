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
from edge.lane.state import Lane, LaneState, Passage


@dataclass(frozen=True, slots=True)
class _Memory:
    """As the journal keeps it; `turn` is the open passage, under its key there."""

    state: LaneState
    turn: Passage | None
    since: datetime | None


_MEMORY = TypeAdapter(_Memory)

_KEYS = {"id": "passage", "recorded": "told"}
"""Fields of a passage -> their keys in the journal, where the two differ: what an earlier version
has written is read for ever."""


def key(lane: str) -> str:
    """Under which the journal keeps the lane's state."""
    return f"lane:{lane}"


def dump(lane: Lane) -> dict[str, Any]:
    """The lane as JSON-able values."""
    memory = _MEMORY.dump_python(_Memory(lane.state, lane.passage, lane.since), mode="json")
    return _keyed(memory, _KEYS)


def _keyed(memory: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    """The memory with the keys of its passage exchanged."""
    turn = memory.get("turn")
    if not isinstance(turn, Mapping):
        return dict(memory)
    return {**memory, "turn": {keys.get(name, name): value for name, value in turn.items()}}


def revive(lane: str, kept: Mapping[str, Any] | None, now: Moment, read_wait_s: float) -> Lane:
    """The lane at a start; what cannot be understood is an empty lane (a person looks)."""
    if kept is None:
        return Lane(lane, restored=True, since=now.wall)
    try:
        fields = {key: name for name, key in _KEYS.items()}
        memory = _MEMORY.validate_python(_keyed(kept, fields), strict=False)
    except ValidationError:
        return Lane(lane, restored=True, since=now.wall)
    passage = memory.turn
    if passage is not None:
        passage = replace(passage, read_by=now.mono + read_wait_s, track="")
    return Lane(lane, memory.state, passage, since=memory.since, restored=True)
