"""What was played, as one HTML file that needs nothing else: a timeline for every lane."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from simulator.scenario.played import Played
from simulator.scenario.timeline import LEVELS, LaneLine, Mark, Span

WIDE = 1100
"""Of the picture, in pixels; names stand in the first part."""

LEFT, ROW, ARM_HIGH, MARGIN = 130, 18, 44, 120
"""Behind the end there is room for the texts that begin there."""

NARROW = 6
"""Pixels that a letter of a mark needs."""

TICKS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
KINDS = {
    "reading": "readings", "decision": "decisions", "record": "records", "person": "people",
    "alarm": "alarms", "cleared": "cleared",
}  # fmt: skip
IMPORTANT = (
    "vehicles", "passages", "opened", "refused", "wrongly_opened", "let_in_by_order",
    "crossed_unadmitted", "untold",
    "lost", "duplicates", "safety_violations", "recorded_nobody",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    wide: float
    y: float
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    y: float
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A lane's picture. `rows`: (y, name)."""

    lane: str
    high: float
    rows: list[tuple[float, str]]
    bars: list[Bar]
    labels: list[Label]
    arm: str
    ticks: list[tuple[float, str]]


def write(played: Sequence[Played], file: Path) -> None:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("report.html").render(
        played=sorted(played, key=lambda one: (not one.failures, one.theme, one.name)),
        failed=sum(bool(one.failures) for one in played),
        made=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        drawn=drawn,
        figures=_figures,
        as_text=lambda jpeg: base64.b64encode(jpeg).decode(),
        wide=WIDE,
        left=LEFT,
        row=ROW,
    )
    file.write_text(text, encoding="utf-8")


def _figures(one: Played) -> Mapping[str, Any]:
    return {name: one.figures[name] for name in IMPORTANT if name in one.figures}


def drawn(line: LaneLine, lanes: Sequence[LaneLine]) -> Drawn:
    """`lanes`: all of the scenario's, which share their time."""
    end = max(1.0, *(_end(each) for each in lanes))
    scale = (WIDE - LEFT - MARGIN) / end

    def x(at: float) -> float:
        return round(LEFT + min(end, max(0.0, at)) * scale, 1)

    y = 24.0
    rows: list[tuple[float, str]] = []
    bars: list[Bar] = []
    labels: list[Label] = []

    def row(name: str, spans: Sequence[Span], kind: str) -> None:
        nonlocal y
        for n, apart in enumerate(_apart(spans)):
            rows.append((y, name if n == 0 else ""))
            for span in apart:
                wide = max(2.0, round((span.end - span.start) * scale, 1))
                bars.append(Bar(x(span.start), wide, y, span.what if kind != "level" else "", kind))
            y += ROW

    row("vehicles", line.vehicles, "vehicle")
    if line.faults:
        row("faults", line.faults, "fault")
    for level in LEVELS:
        if level in line.levels:
            row(
                level.replace("_", " "),
                line.levels[level],
                "light" if level == "green" else "level",
            )
    rows.append((y + ARM_HIGH / 2 - ROW / 2, "arm"))
    top, bottom = y + 4, y + ARM_HIGH - 4
    arm = " ".join(
        f"{x(at)},{round(bottom - p * (bottom - top), 1)}" for at, p in _to(line.arm, end)
    )
    y += ARM_HIGH
    for kind, name in KINDS.items():
        marks = sorted((m for m in line.marks if m.kind == kind), key=lambda m: m.at)
        for n, level_ in enumerate(_beside(marks, scale)):
            rows.append((y, name if n == 0 else ""))
            labels += [Label(x(mark.at), y, mark.text, kind) for mark in level_]
            y += ROW
    every = next((t for t in TICKS if end / t <= 14), TICKS[-1])
    ticks = [(x(t), f"{t} s") for t in range(0, int(end) + 1, every)]
    return Drawn(line.lane, y + 8, rows, bars, labels, arm, ticks)


def _end(line: LaneLine) -> float:
    spans = [*line.vehicles, *line.faults, *(s for some in line.levels.values() for s in some)]
    return max((*(s.end for s in spans), *(m.at for m in line.marks), 1.0)) + 2


def _to(arm: Sequence[tuple[float, float]], end: float) -> list[tuple[float, float]]:
    return [*arm, (end, arm[-1][1])] if arm else []


def _apart(spans: Sequence[Span]) -> list[list[Span]]:
    """In as many rows as are needed so that none lies over another."""
    lines: list[list[Span]] = []
    for span in sorted(spans, key=lambda s: s.start):
        free = next((line for line in lines if line[-1].end <= span.start), None)
        if free is None:
            lines.append([span])
        else:
            free.append(span)
    return lines


def _beside(marks: Sequence[Mark], scale: float) -> list[list[Mark]]:
    """In as many rows as their texts need."""
    lines: list[list[Mark]] = []
    for mark in marks:

        def ends(line: list[Mark]) -> float:
            return line[-1].at * scale + (len(line[-1].text) + 2) * NARROW

        free = next((line for line in lines if ends(line) <= mark.at * scale), None)
        if free is None:
            lines.append([mark])
        else:
            free.append(mark)
    return lines
