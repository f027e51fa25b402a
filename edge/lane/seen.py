"""PURE. Whether an order still finds what it was given for."""

from __future__ import annotations

from edge.domain.commands import LETTING_PASS, Action, Seen
from edge.lane.state import Lane
from edge.lane.vehicle import Passage


def changed_meanwhile(lane: Lane, seen: Seen | None, action: Action) -> bool:
    """Whether another vehicle stands there than the one the order is for, or it is otherwise than
    it was seen. `seen`: None where that was not said. Only what lets somebody pass is void then."""
    if seen is None or action not in LETTING_PASS:
        return False
    passage = lane.passage
    if passage is None or passage.id != seen.passage:
        return bool(seen.passage) or passage is not None
    return seen.version is not None and passage.version != seen.version


def stale_word(passage: Passage, version: int | None) -> bool:
    """Whether a person's word on the passage is on what he has not seen. Without a `version` it is
    on whatever stands there, but not where another may have taken its place."""
    if version is None:
        return passage.before is not None
    return version != passage.version
