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
from edge.lane.state import RESUMING, Lane, LaneState
from edge.lane.vehicle import Passage
from edge.lane.vocabulary import Stage


@dataclass(frozen=True, slots=True)
class _Memory:
    """As the journal keeps it; `turn` is the open passage, under its key there. `stage`: states
    from before there were stages lack it."""

    state: LaneState
    turn: Passage | None
    since: datetime | None
    stage: Stage | None = None


_MEMORY = TypeAdapter(_Memory)

_KEYS = {"id": "passage", "recorded": "told"}
"""Fields of a passage -> their keys in the journal, where the two differ: what an earlier version
has written is read for ever."""

_RESUMED = {
    LaneState.EMPTY: Stage.RESUMING_EMPTY,
    LaneState.READING: Stage.RESUMING_STANDING,
    LaneState.WAITING: Stage.RESUMING_STANDING,
    LaneState.ADMITTED: Stage.RESUMING_ADMITTED,
    LaneState.CROSSING: Stage.RESUMING_CROSSING,
}

_RESUMED_AS = {
    Stage.REJECTED: Stage.RESUMING_REJECTED,
    Stage.DOUBTED: Stage.RESUMING_REJECTED,
    Stage.CROSSING_UNADMITTED: Stage.RESUMING_UNADMITTED,
    Stage.TAILGATING: Stage.RESUMING_UNADMITTED,
}
"""Stages that do not go on as others of their state do."""


def key(lane: str) -> str:
    """Under which the journal keeps the lane's state."""
    return f"lane:{lane}"


def dump(lane: Lane) -> dict[str, Any]:
    """The lane as JSON-able values."""
    kept = _Memory(lane.state, lane.passage, lane.since, lane.stage)
    return _keyed(_MEMORY.dump_python(kept, mode="json"), _KEYS)


def _keyed(memory: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    """The memory with the keys of its passage exchanged."""
    turn = memory.get("turn")
    if not isinstance(turn, Mapping):
        return dict(memory)
    return {**memory, "turn": {keys.get(name, name): value for name, value in turn.items()}}


def revive(lane: str, kept: Mapping[str, Any] | None, now: Moment, read_wait_s: float) -> Lane:
    """The lane at a start; what cannot be understood is an empty lane (a person looks)."""
    empty = Lane(lane, Stage.RESUMING_EMPTY, since=now.wall)
    if kept is None:
        return empty
    try:
        fields = {key: name for name, key in _KEYS.items()}
        memory = _MEMORY.validate_python(_keyed(kept, fields), strict=False)
    except ValidationError:
        return empty
    passage = memory.turn
    if passage is None:
        return replace(empty, since=memory.since)
    passage = replace(passage, read_by=now.mono + read_wait_s, track="", views=())
    return Lane(lane, _stage(memory), passage, since=memory.since)


def _stage(memory: _Memory) -> Stage:
    stage, passage = memory.stage, memory.turn
    if stage is not None and stage in RESUMING:
        return stage
    if stage is None and memory.state is LaneState.WAITING and passage is not None:
        # Of before there were stages: a person had said no.
        stage = Stage.REJECTED if passage.settled_by_person else Stage.REFERRED
    return _RESUMED_AS.get(stage or Stage.EMPTY, _RESUMED[memory.state])
