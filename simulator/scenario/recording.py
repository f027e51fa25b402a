"""A scenario from a live gate's journal, to be played, changed and kept.

The events are CloudEvents, one JSON object a line, as `gate journal export` writes them. What a
journal does not know (how he drove, how long the vehicle was) is what would lead to such a record.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from edge.domain.events import GATE_SUBJECT
from edge.domain.plate import canonical
from simulator.judging import ABANDONED, ALARM, COMPLETED, Said, said
from simulator.scenario.library import SCHEMA
from simulator.scenario.reading import NoScenario, read

APPROACH_S = 6.0
"""So long before he arrives at the loop he comes into sight."""

MOST = 500
"""Vehicles of one scenario."""

CLEARED = "alarm.cleared"
FAULTS = {"wire_lost": "wire_silent", "camera": "camera_dark"}
SHORTEST_S, LASTS_S = 1.0, 30.0
DECLARED: Mapping[str, str] = {
    "held": 'state = "held"',
    "cancelled": 'state = "cancelled"',
    "wrong_lane": 'lanes = ["elsewhere"]',
    "wrong_direction": 'direction = "other"',
    "expired": "valid_from_s = -7200, valid_to_s = -3600",
    "not_yet_valid": "valid_from_s = 3600, valid_to_s = 7200",
    "clearance_pending": 'clearances = { customs = "pending" }',
    "clearance_refused": 'clearances = { customs = "refused" }',
}
"""Reason -> how his assignment was."""

DRIVES: Mapping[str, str] = {
    "tailgated": "follows_m = 1.0, ignores_light = true",
    "passed_unadmitted": "breaks_through_s = 5",
    "turned_back": "turns_back_s = 1",
    "reversed_out": "turns_back_at_m = 0.5",
}
KINDS = ("truck", "bus", "car", "motorcycle")


def record(
    events: Annotated[Path, typer.Argument(help="Of `gate journal export`; -: standard input.")],
    into: Annotated[Path, typer.Argument(help="The scenario's file; it must not be there.")],
    direction: Annotated[str, typer.Option(help="Of the lanes: export or import.")] = "export",
) -> None:
    """Make a scenario of what a live gate has recorded.

    Example: gate journal export --config /etc/gate/gate.toml | gate-sim record - monday.toml
    """
    if direction not in ("export", "import"):
        typer.echo("gate-sim record: --direction is export or import", err=True)
        raise typer.Exit(2)
    try:
        text = sys.stdin.read() if str(events) == "-" else events.read_text(encoding="utf-8")
        made = recorded(said(json.loads(line) for line in text.splitlines() if line), direction)
        with into.open("x", encoding="utf-8") as file:
            file.write(made)
        scenario = read(into)
    except (OSError, ValueError, KeyError, TypeError) as error:
        told = str(error) if isinstance(error, OSError | NoScenario) else f"no events: {error!r}"
        typer.echo(f"gate-sim record: {told}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{into}: {len(scenario.traffic)} vehicles, {len(scenario.faults)} faults")


def recorded(events: Iterable[Said], direction: str = "export") -> str:
    """The scenario's text. Raises ValueError where nobody came."""
    heard = sorted(events, key=lambda e: e.at)
    passages = [e for e in heard if e.type in (COMPLETED, ABANDONED)][:MOST]
    if not passages:
        raise ValueError("nobody came")
    passages.sort(key=_arrived)
    start = _arrived(passages[0])
    lanes = sorted({e.lane for e in passages})
    parts = [
        f"#:schema {SCHEMA}\nabout = "
        + _text(f"Recorded from {start:%Y-%m-%d %H:%M} UTC: {len(passages)} vehicles."),
        *(f"[lanes.{_text(lane)}]\ndirection = {_text(direction)}" for lane in lanes),
        *(_vehicle(e, (_arrived(e) - start).total_seconds()) for e in passages),
        *_faults(heard, lanes, start),
        '[[expect]]\ncustoms = "holds all"',
        "[[expect]]\nnobody_crosses_unrecorded = true",
    ]
    return "\n\n".join(parts) + "\n"


def _arrived(event: Said) -> datetime:
    told = event.data.get("arrived_at") or event.data.get("entered_at")
    return datetime.fromisoformat(str(told)) if told else event.at


def _vehicle(event: Said, at: float) -> str:
    data = event.data
    plate = canonical(str(data.get("plate") or ""))
    way = str(data.get("outcome") or "")
    by = str(data.get("by") or "")
    admitted = event.type == COMPLETED and data.get("verdict") == "allow"
    lines = ["[[traffic]]", f"lane = {_text(event.lane)}", f"at_s = {round(at + APPROACH_S, 1)}"]
    kind = str(data.get("kind") or "")
    if kind in KINDS:
        lines.append(f"vehicle = {_text(kind)}")
    if plate:
        lines.append(f"plate = {_text(plate)}")
    lines.append(f"read = {_text(_read(data, plate, by))}")
    reason = str(data.get("reason") or "")
    if reason in DECLARED:
        lines.append(f"declaration = {{ {DECLARED[reason]} }}")
    elif not data.get("assignment"):
        lines.append("declared = false")
    by_person = admitted and by != "gate"
    if by_person:
        lines += ["may_pass = false", 'person = "admits"']
    lines.append(f'must = "{"pass" if admitted else "anything"}"')
    if way in DRIVES:
        lines.append(f"driver = {{ {DRIVES[way]} }}")
    elif admitted:
        lines.append("driver = { patience_s = 300 }")
    if way:
        lines.append(f"recorded = [{_text(way)}]")
    return "\n".join(lines)


def _read(data: Mapping[str, Any], plate: str, by: str) -> str:
    """How his plate was read."""
    seen = canonical(str(data.get("read_plate") or ""))
    if not seen:
        return "never"
    if data.get("corrected") or seen != plate:
        return "unsure"
    return "sure" if by == "gate" or not by else "unsure"


def _faults(events: list[Said], lanes: list[str], start: datetime) -> Iterator[str]:
    """Alarms that say what was wrong, as that fault."""
    for event in events:
        name = FAULTS.get(str(event.data.get("code"))) if event.type == ALARM else None
        at = (event.at - start).total_seconds() + APPROACH_S
        if name is None or event.lane in ("", GATE_SUBJECT) or event.lane not in lanes or at < 0:
            continue
        over = (
            (e.at - event.at).total_seconds()
            for e in events
            if e.type == CLEARED
            and e.lane == event.lane
            and e.at >= event.at
            and e.data.get("code") == event.data.get("code")
        )
        lasts = round(max(SHORTEST_S, next(over, LASTS_S)), 1)
        yield (
            f"[[faults]]\nname = {_text(name)}\nlane = {_text(event.lane)}\n"
            f"at_s = {round(at, 1)}\nfor_s = {lasts}"
        )


def _text(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False)
