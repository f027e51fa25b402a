"""The gate's state as JSON, for the live page and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from edge.console.statistics import Bar
from edge.domain.guidance import OpenLane, balances
from edge.domain.moment import iso
from edge.gate.port import GateView, LaneView
from edge.sync.journal.port import Recorded
from edge.sync.platform.port import ParkedPassage

Item = TypeVar("Item")

PIECE = 100
"""Items written at a time: a millisecond."""


def view_json(view: GateView) -> dict[str, Any]:
    return _plain(asdict(view))


def waiting_first(view: GateView) -> list[LaneView]:
    """The lanes where a vehicle waits for a person: what was passed on first, then by the priority
    of its goods, then by time."""

    def rank(lane: LaneView) -> tuple[bool, int, datetime]:
        passed_on = lane.referral is not None and bool(lane.referral.raised_by)
        return (not passed_on, -lane.declared.priority if lane.declared else 0, lane.since)

    return sorted((lane for lane in view.lanes if lane.waiting), key=rank)


def lane_json(lane: LaneView) -> dict[str, Any]:
    return _plain(asdict(lane))


def guidance_json(view: GateView) -> dict[str, Any]:
    """The queues, how even they are, and who is sent where."""
    lanes = {lane.lane: OpenLane(lane.direction, lane.queue) for lane in view.lanes if lane.open}
    return {
        "lanes": [
            {
                "lane": lane.lane,
                "name": lane.name,
                "direction": lane.direction,
                "mode": lane.mode,
                "open": lane.open,
                "queue": lane.queue,
                "guided": asdict(lane.guidance) if lane.guidance else None,
                "plate": lane.plate if lane.guidance else "",
            }
            for lane in view.lanes
        ],
        "balance": [asdict(balance) for balance in balances(lanes)],
    }


def event_json(recorded: Recorded) -> dict[str, Any]:
    event = recorded.event
    return {
        "sequence": recorded.sequence,
        "id": recorded.id,
        "type": event.type,
        "lane": event.lane,
        "time": iso(event.time),
        "hash": recorded.hash,
        "data": dict(event.data),
    }


def parked_json(parked: ParkedPassage) -> dict[str, Any]:
    """`passage` is what the platform is to get."""
    passage = parked.passage
    return {
        "sequence": passage.sequence,
        "id": passage.id,
        "why": parked.why,
        "tries": parked.tries,
        "since": iso(parked.since),
        "passage": dict(passage.body),
    }


def chart_json(charts: Mapping[str, Sequence[Bar]]) -> dict[str, Any]:
    """Each chart as pairs of label and count."""
    return {
        name: [{"label": bar.label, "count": bar.value} for bar in bars]
        for name, bars in charts.items()
    }


def json_pieces(items: Iterable[Item], write: Callable[[Item], object]) -> Iterator[str]:
    """A JSON array of any length in pieces, so that no list is written in one go: a stop would wait
    for that."""
    yield "["
    left, comma = iter(items), ""
    while piece := [json.dumps(write(item)) for item in islice(left, PIECE)]:
        yield comma + ",".join(piece)
        comma = ","
    yield "]"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return iso(value) if isinstance(value, datetime) else value
