"""A lane's barrier hardware of each kind: its twin, and how the gate's settings name it.

The kinds are the gate's rows (edge/config/board_kinds.py); the twin of a row is the module of its
name, whose `before_lane` puts it before a lane. Where a kind has no inputs of its own, the lane's
board on the serial bus has them, and the lamps that the kind lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from edge.config.board_kind import BoardKind
from edge.config.board_kinds import KINDS as ROWS
from simulator.barrier.lane_place import OUTPUTS, Hardware, LanePlace, Twin
from simulator.barrier.modbus_board import Board
from simulator.contacts import LaneHardware

__all__ = ["KINDS", "OUTPUTS", "Hardware", "Twin", "hardware", "names_of"]

BeforeLane = Callable[[LanePlace], Hardware]


def names_of(row: BoardKind) -> list[str]:
    """As scenarios call it: by its section of the barrier, or by the wires that it hangs on."""
    if row.part:
        return [row.part]
    return [str(s.model_json_schema()["properties"]["kind"]["const"]) for s in row.wires]


def _twins() -> Iterator[tuple[str, BeforeLane]]:
    for row in ROWS:
        before_lane = getattr(import_module(f"simulator.barrier.{row.name}"), "before_lane", None)
        if before_lane is not None:
            yield from ((name, before_lane) for name in names_of(row))


_BEFORE_LANE = dict(_twins())
KINDS = tuple(_BEFORE_LANE)


def hardware(
    kind: str, lane: str, world: LaneHardware, board: Board, broker: tuple[str, int], folder: Path
) -> Hardware:
    """The hardware of one lane beside the serial bus. Raises ValueError for an unknown kind."""
    if kind not in _BEFORE_LANE:
        raise ValueError(f"no kind {kind!r} of barrier; known: {', '.join(KINDS)}")
    return _BEFORE_LANE[kind](LanePlace(kind, lane, world, board, broker, folder))
