"""Picks the drivers that the settings name: the only place of the barrier that does."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from edge.barrier.boards.composite import CompositeBoard, CompositeWire
from edge.barrier.boards.lane_part import LanePart
from edge.barrier.boards.trace import Trace, TracedBoard, TraceError
from edge.barrier.guard.guards import Guards
from edge.barrier.guard.site_inputs import SiteInputs
from edge.barrier.guard.wire_loop import WireGuards
from edge.barrier.port import GuardRunner
from edge.barrier.wires.port import BoardDriver, Wire
from edge.barrier.wires.reconnecting import ReconnectingBoard, ReconnectingWire
from edge.config import BarrierConfig, Settings
from edge.config.barrier import WiredBarrier
from edge.config.board_kind import BoardKind
from edge.config.board_kinds import kind_of, on_wire, sensing
from edge.config.channels import contacts, effective
from edge.system.clock import Clock

log = logging.getLogger(__name__)


def build(settings: Settings, clock: Clock) -> GuardRunner:
    """All guards of the gate. Raises BoardError for a profile that cannot be used."""
    guards = []
    barriers = [effective(c.barrier, settings.wires) for c in settings.lanes.values()]
    site = SiteInputs(name for barrier in barriers for name in barrier.inputs)
    for names in _groups(settings):
        wiring = Wiring(
            {name: _line(settings, name) for name in names}, reconnecting=len(names) > 1
        )
        boards, traces = [], {}
        for lane, config in settings.lanes.items():
            if config.barrier.wire in names:
                barrier = effective(config.barrier, settings.wires)
                trace = _trace(barrier.trace, lane)
                driver = _driver(settings, wiring, barrier, trace)
                boards.append((lane, barrier, driver))
                if trace is not None:
                    traces[lane] = trace
        wire = WireGuards(wiring.whole(), boards, clock, site)
        for lane, trace in traces.items():
            wire.record_to(lane, trace.stepped)
        guards.append(wire)
    return Guards(guards)


def _trace(file: Path | None, lane: str) -> Trace | None:
    """A wire that cannot be recorded is driven all the same."""
    try:
        return None if file is None else Trace(file, lane)
    except TraceError as error:
        log.error("the wire of lane %s is not recorded: %s", lane, error)
        return None


def board(settings: Settings, lane: str, record: Path | None = None) -> tuple[Wire, BoardDriver]:
    """One lane's wire and driver, for commissioning without guards; `record` its trace. Raises
    BoardError."""
    barrier = effective(settings.lanes[lane].barrier, settings.wires)
    wiring = Wiring({n: _line(settings, n) for n in _wires(barrier)}, reconnecting=False)
    trace = None if record is None else Trace(record, lane)
    driver = _driver(settings, wiring, barrier, trace)
    return wiring.whole(), driver


def _wires(barrier: BarrierConfig) -> list[str]:
    return [n for n in dict.fromkeys((barrier.wire, barrier.inputs_wire)) if n]


def _groups(settings: Settings) -> list[list[str]]:
    """Wires that must have one owner: each lane's wires belong together."""
    groups: list[list[str]] = []
    for config in settings.lanes.values():
        mine = _wires(config.barrier)
        apart = []
        for group in groups:
            if set(group) & set(mine):
                mine = [*group, *(n for n in mine if n not in group)]
            else:
                apart.append(group)
        groups = [*apart, mine]
    return groups


class DriverModule(Protocol):
    """A module of this room that drives one kind of board (config/board_kinds.py)."""

    def line(self, wire: Any, lanes: Sequence[BarrierConfig]) -> Wire:
        """The wire that carries the bytes. `wire`: its section; `lanes`: those that use it."""

    def board(self, line: Any, part: LanePart) -> BoardDriver:
        """One lane's part of a board on that line."""


def driver_module(kind: BoardKind) -> DriverModule:
    """It has the kind's name; only what the site has is loaded."""
    return cast(DriverModule, import_module(f"edge.barrier.boards.{kind.name}"))


class Wiring:
    """The lines of one guard thread by name. `reconnecting`: each is opened anew by itself, so that
    its loss is that of its own boards only."""

    def __init__(self, lines: dict[str, Wire], reconnecting: bool) -> None:
        self.lines = lines
        self._reconnecting = (
            {n: ReconnectingWire(line) for n, line in lines.items()} if reconnecting else {}
        )

    def whole(self) -> Wire:
        """All of them as one wire."""
        parts: list[Wire] = list((self._reconnecting or self.lines).values())
        return parts[0] if len(parts) == 1 else CompositeWire(parts)

    def over(self, name: str, driver: BoardDriver) -> BoardDriver:
        """A board on the line of that name."""
        wire = self._reconnecting.get(name)
        return driver if wire is None else ReconnectingBoard(driver, wire)


def _line(settings: Settings, name: str) -> Wire:
    wire = settings.wires[name]
    lanes = [c.barrier for c in settings.lanes.values() if name in _wires(c.barrier)]
    # All kinds on a wire travel on the same line.
    return driver_module(on_wire(wire)[0]).line(wire, lanes)


def _driver(
    settings: Settings, wiring: Wiring, barrier: WiredBarrier, trace: Trace | None
) -> BoardDriver:
    """The lane's driver."""
    driver = _untraced(settings, wiring, barrier, trace)
    return driver if trace is None else TracedBoard(driver, trace)


def _untraced(
    settings: Settings, wiring: Wiring, barrier: WiredBarrier, trace: Trace | None
) -> BoardDriver:
    def made(name: str, kind: BoardKind) -> BoardDriver:
        mine = [c for c in contacts(barrier, settings.wires) if c.wire == name and c.board is kind]
        outputs = {c.name: c.channel for c in mine if c.kind == "output"}
        inputs = {c.name: c.channel for c in mine if c.kind == "input"}
        part = LanePart(barrier, settings.wires[name], outputs, inputs, trace)
        return wiring.over(name, driver_module(kind).board(wiring.lines[name], part))

    kind = kind_of(barrier, settings.wires)
    actuator = made(barrier.wire, kind)
    board = sensing(settings.wires[barrier.inputs_wire]) if barrier.inputs_wire else None
    if board is None:
        return actuator
    outputs = kind.commands if kind.commands is not None else frozenset(barrier.outputs)
    return CompositeBoard(
        actuator, made(barrier.inputs_wire, board), outputs, frozenset(barrier.reported)
    )
