"""Builders with defaults: what a test does not name is ordinary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from edge.domain.assignment import (
    AssignedPlate,
    Assignment,
    AssignmentBook,
    AssignmentState,
    Clearance,
)
from edge.domain.facts import PlateView, VehicleSeen
from edge.domain.question import LanePolicy
from edge.lane.state import Context
from edge.system.clock import ManualClock

NOON = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)
AUTHORITIES = ("border_guard", "customs")


def a_plate_view(
    text: str = "24C12345", confidence: float = 0.99, accepted: bool = True
) -> PlateView:
    return PlateView(text, text, "VN", "yellow", 1, confidence, accepted)


def a_vehicle_seen(
    plate: PlateView | None = None,
    track: str = "t1",
    at_barrier: bool = True,
    lane: str = "out1",
    **more: Any,
) -> VehicleSeen:
    return VehicleSeen(lane, track, "truck", plate, 5, at_barrier, ("a.jpg",), **more)


def an_assignment(
    text: str = "24C12345",
    *,
    id: str = "A1",
    state: str = "active",
    lanes: Sequence[str] = ("out1",),
    direction: str = "export",
    valid_from: datetime = NOON - timedelta(hours=1),
    valid_to: datetime = NOON + timedelta(hours=8),
    clearances: Sequence[tuple[str, str]] = (("border_guard", "done"), ("customs", "done")),
    revision: int = 1,
    priority: int = 0,
    trailers: Sequence[str] = (),
    goods: str = "",
) -> Assignment:
    return Assignment(
        id,
        revision,
        AssignmentState(state),
        direction,
        (
            AssignedPlate(text, "VN", "tractor"),
            *(AssignedPlate(trailer, "VN", "trailer") for trailer in trailers),
        ),
        "truck",
        tuple(lanes),
        valid_from,
        valid_to,
        priority,
        tuple(Clearance(a, s) for a, s in clearances),
        goods,
    )


def a_book(*items: Assignment, as_of: datetime | None = NOON) -> AssignmentBook:
    return AssignmentBook(items or (an_assignment(),), as_of)


def a_policy(needs_loop: bool = True) -> LanePolicy:
    return LanePolicy("out1", "export", AUTHORITIES, timedelta(hours=4), 6.0, needs_loop)


class Ids:
    """p1, p2, ... in order."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def __call__(self) -> str:
        return f"p{next(self._numbers)}"


def a_context(
    clock: ManualClock | None = None,
    book: AssignmentBook | None = None,
    ids: Ids | None = None,
    needs_loop: bool = True,
) -> Context:
    moment = (clock or ManualClock(NOON)).now()
    return Context(moment, book or a_book(), a_policy(needs_loop), ids or Ids())


def a_configuration(
    more: str = "",
    *,
    gate: str = "g",
    port: str = "absent",
    camera: str = 'source = "absent.mp4"',
    barrier: str = "",
) -> str:
    """The text of a gate.toml with one lane, `out1`, on a serial wire. `camera`, `barrier`: lines
    of these sections; `more`: whole sections."""
    return f"""
site = "s"
gate = "{gate}"
data_folder = "data"
[wires.bus]
kind = "serial"
port = "{port}"
[lanes.out1]
direction = "export"
[lanes.out1.camera]
{camera}
[lanes.out1.barrier]
wire = "bus"
{barrier}
{more}
"""
