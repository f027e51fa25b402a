"""What happened in each lane, as a report draws it: seconds since the start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from simulator.judging import ABANDONED, ALARM, COMPLETED, Said
from simulator.world import LaneWorld

LEVELS = ("entry_loop", "safety_loop", "photocell", "exit_loop", "green")
SHOWN = {
    "plate.read": "reading",
    "passage.decided": "decision",
    COMPLETED: "record",
    ABANDONED: "record",
    ALARM: "alarm",
    "alarm.cleared": "cleared",
    "operator.acted": "person",
}
ARM_STEP = 0.04
"""The arm's line gets a new point when it has moved so far."""


@dataclass(slots=True)
class Span:
    """`what` was so from `start` to `end`."""

    what: str
    start: float
    end: float


@dataclass(slots=True)
class Mark:
    kind: str
    at: float
    text: str


@dataclass(slots=True)
class LaneLine:
    """`levels`: input or light -> spans; `arm`: (second, position); `vehicles`: from before the
    loop until they are gone; `faults`; `marks`: what the gate said."""

    lane: str
    levels: dict[str, list[Span]] = field(default_factory=dict)
    arm: list[tuple[float, float]] = field(default_factory=list)
    vehicles: list[Span] = field(default_factory=list)
    faults: list[Span] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


class Watch:
    """Notes what changes in the worlds, at each `look`. `now`: seconds of the worlds' clock;
    `name_of`: what a vehicle is called."""

    NEAR_M = -12.0

    def __init__(
        self,
        worlds: Mapping[str, LaneWorld],
        now: Callable[[], float],
        name_of: Callable[[int], str],
    ) -> None:
        self._worlds, self._now, self._name_of = worlds, now, name_of
        self.began = now()
        self.lanes = {lane: LaneLine(lane) for lane in worlds}
        self._open: dict[tuple[str, str], Span] = {}
        self._here: dict[int, Span] = {}

    def look(self) -> None:
        at = round(self._now() - self.began, 3)
        for lane, world in self._worlds.items():
            line = self.lanes[lane]
            levels = {**world.sense(), "green": world.green}
            for name in LEVELS:
                self._level(line, name, levels[name], at)
            position = round(world.arm.position, 3)
            if not line.arm or abs(line.arm[-1][1] - position) >= ARM_STEP or (
                position in (0.0, 1.0) and line.arm[-1][1] != position
            ):  # fmt: skip
                if line.arm:
                    line.arm.append((at, line.arm[-1][1]))
                line.arm.append((at, position))
            for v in list(world.vehicles):
                if v.front < self.NEAR_M and id(v) not in self._here:
                    continue
                span = self._here.get(id(v))
                if span is None:
                    plate = v.look.plate or "no plate"
                    name = self._name_of(v.look.seed)
                    span = self._here[id(v)] = Span(f"{name} {plate}".strip(), at, at)
                    line.vehicles.append(span)
                span.end = at

    def _level(self, line: LaneLine, name: str, on: bool, at: float) -> None:
        span = self._open.get((line.lane, name))
        if not on:
            self._open.pop((line.lane, name), None)
            return
        if span is None:
            span = self._open[line.lane, name] = Span(name, at, at)
            line.levels.setdefault(name, []).append(span)
        span.end = at

    def fault(self, lane: str, what: str) -> Callable[[], None]:
        """It has begun; what notes its end."""
        at = self._now() - self.began
        span = Span(what, at, at)
        for line in [self.lanes[lane]] if lane in self.lanes else self.lanes.values():
            line.faults.append(span)

        def end() -> None:
            span.end = self._now() - self.began

        return end

    def said(self, events: Iterable[Said], began: datetime) -> None:
        """What the gate said, each thing a mark."""
        for event in events:
            kind = SHOWN.get(event.type)
            if kind is None:
                continue
            at = (event.at - began).total_seconds()
            for line in (
                [self.lanes[event.lane]] if event.lane in self.lanes else self.lanes.values()
            ):
                line.marks.append(Mark(kind, at, _text(event)))


def _text(event: Said) -> str:
    data = event.data
    match SHOWN[event.type]:
        case "reading":
            sure = "" if data.get("accepted") else " (unsure)"
            return f"{data.get('plate') or data.get('text') or '?'}{sure}"
        case "decision":
            return f"{data.get('verdict')}: {data.get('reason')} {data.get('plate') or ''}".strip()
        case "record":
            way = data.get("outcome") or data.get("why")
            return f"{way} {data.get('plate') or 'nobody'}"
        case "person":
            return f"{data.get('action')} {data.get('user', '')}".strip()
    return str(data.get("code"))
