"""PURE. Which lane a vehicle is sent to, that stands in one where it may not pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.domain.decision_rows import ROWS
from edge.domain.reason import Decision, Reason, Verdict

ELSEWHERE = frozenset({Reason.WRONG_LANE.value})
"""Rows that another lane of the assignment settles."""

NOWHERE = {row.reason.value for row in ROWS if row.verdict is Verdict.REFUSE} - ELSEWHERE
"""Rows that refuse in every lane: out of a closed one, too, nobody is sent on by them."""


@dataclass(frozen=True, slots=True)
class OpenLane:
    """`queue`: vehicles that wait in it (None: nobody counts)."""

    direction: str
    queue: int | None = None


def sent_elsewhere(decision: Decision) -> bool:
    """Whether the vehicle may pass in another lane, as far as the list says."""
    if decision.verdict is Verdict.ALLOW:
        return False
    closed = decision.reason is Reason.LANE_CLOSED and decision.row not in NOWHERE
    return closed or decision.row in ELSEWHERE


def right_lane(
    here: str,
    direction: str,
    assigned: Sequence[str],
    open_lanes: Mapping[str, OpenLane],
    before: str = "",
) -> str:
    """Of the lanes that the assignment names, the open one with the shortest queue; of equals the
    first named. One that was told `before` stays, whatever the queues do. "": there is none."""
    may = [
        name
        for name in assigned
        if name != here and name in open_lanes and open_lanes[name].direction == direction
    ]
    if before in may:
        return before
    return min(may, key=lambda name: open_lanes[name].queue or 0, default="")


@dataclass(frozen=True, slots=True)
class Balance:
    """How even the queues of a direction are. `fullest`, `emptiest`: lanes; `apart`: vehicles more
    in the first than in the second."""

    direction: str
    fullest: str
    emptiest: str
    apart: int


def balances(open_lanes: Mapping[str, OpenLane]) -> list[Balance]:
    """Of each direction with several open lanes whose queues are counted."""
    found = []
    for direction in sorted({lane.direction for lane in open_lanes.values()}):
        counted = {
            name: lane.queue
            for name, lane in open_lanes.items()
            if lane.direction == direction and lane.queue is not None
        }
        if len(counted) > 1:
            fullest = max(counted, key=lambda name: counted[name])
            emptiest = min(counted, key=lambda name: counted[name])
            apart = counted[fullest] - counted[emptiest]
            found.append(Balance(direction, fullest, emptiest, apart))
    return found
