"""A scenario from a live gate's journal, to be played, changed and kept.

The events are CloudEvents, one JSON object a line, as `gate journal export` writes them. What a
journal does not know (how he drove, how long the vehicle was) is what would lead to such a record.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from edge.domain.events import GATE_SUBJECT
from edge.domain.plate import canonical
from simulator.judging import ABANDONED, ALARM, COMPLETED, Said, said
from simulator.scenario.library import SCHEMA
from simulator.scenario.reading import NoScenario, read
from simulator.scenario.shortening import shortened

APPROACH_S = 6.0
"""So long before he arrives at the loop he comes into sight."""

MOST = 500
"""Vehicles of one scenario."""

LEAVES_S = 30.0
"""So long after his passage has ended he may be in sight."""

LONGEST_GAP_S = 900.0
DIRECTIONS = ("export", "import")

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
    direction: Annotated[
        list[str] | None,
        typer.Option(
            help="export or import, of all lanes; LANE=import of one. A journal does not name it."
        ),
    ] = None,
    longest_gap: Annotated[
        float,
        typer.Option(min=0, help="Seconds; longer quiet times are shortened to it. 0: none is."),
    ] = LONGEST_GAP_S,
) -> None:
    """Make a scenario of what a live gate has recorded.

    Examples: gate journal export --config /etc/gate/gate.toml | gate-sim record - monday.toml
              gate-sim record monday.jsonl monday.toml --direction export --direction in1=import
              gate-sim record monday.jsonl monday.toml --longest-gap 0
    """
    try:
        text = sys.stdin.read() if str(events) == "-" else events.read_text(encoding="utf-8")
        heard = said(json.loads(line) for line in text.splitlines() if line)
        longest = timedelta(seconds=longest_gap) if longest_gap else timedelta.max
        ways = _directions(direction or (), {e.lane for e in heard})
        made = recorded(heard, ways, longest)
        with into.open("x", encoding="utf-8") as file:
            file.write(made)
        scenario = read(into)
    except (OSError, ValueError, KeyError, TypeError) as error:
        told = str(error) if isinstance(error, OSError | NoScenario) else f"no events: {error!r}"
        typer.echo(f"gate-sim record: {told}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{into}: {len(scenario.traffic)} vehicles, {len(scenario.faults)} faults")
    if SHORTENED in scenario.about:
        typer.echo(f"{scenario.about.partition('; ')[2]}; --longest-gap 0 keeps them")


def _directions(told: Sequence[str], lanes: Iterable[str]) -> dict[str, str]:
    """Each lane's. Raises typer.Exit."""
    ways = dict.fromkeys(lanes, DIRECTIONS[0])
    # What is said of one lane counts before what is said of all.
    for text in sorted(told, key=lambda text: "=" in text):
        lane, named, way = text.rpartition("=")
        wrong = way not in DIRECTIONS or (named and lane not in ways)
        if wrong:
            known = ", ".join(sorted(ways))
            text = f"{text!r} is neither export or import, nor LANE=... of one of {known}"
            typer.echo(f"gate-sim record: --direction: {text}", err=True)
            raise typer.Exit(2)
        ways |= {lane: way} if named else dict.fromkeys(ways, way)
    return ways


SHORTENED = "quiet times shortened by"


def recorded(
    events: Iterable[Said],
    directions: Mapping[str, str] = {},
    longest_gap: timedelta = timedelta.max,
) -> str:
    """The scenario's text. `directions`: by lane; no quiet time is longer than `longest_gap`.
    Raises ValueError where nobody came."""
    heard = sorted(events, key=lambda e: e.at)
    passages = [e for e in heard if e.type in (COMPLETED, ABANDONED)][:MOST]
    if not passages:
        raise ValueError("nobody came")
    passages.sort(key=_arrived)
    start = _arrived(passages[0])
    lanes = sorted({e.lane for e in passages})
    faults = [fault for event in heard if (fault := _fault(event, heard, lanes, start)) is not None]
    approach, leaves = timedelta(seconds=APPROACH_S), timedelta(seconds=LEAVES_S)
    there = [(_arrived(e) - approach, e.at + leaves) for e in passages]
    wrong = [(at, at + timedelta(seconds=lasts)) for _, _, at, lasts in faults]
    moved = shortened([*there, *wrong], longest_gap)
    last = max(ends for _, ends in [*there, *wrong])
    cut = last - moved(last)
    about = f"Recorded from {start:%Y-%m-%d %H:%M} UTC: {len(passages)} vehicles"
    if cut:
        about += f"; {SHORTENED} {round(cut.total_seconds() / 60)} minutes"

    def seconds(at: datetime) -> float:
        return round((moved(at) - start).total_seconds() + APPROACH_S, 1)

    parts = [
        f"#:schema {SCHEMA}\nabout = " + _text(about),
        *(
            f"[lanes.{_text(lane)}]\ndirection = {_text(directions.get(lane, DIRECTIONS[0]))}"
            for lane in lanes
        ),
        *(_vehicle(e, seconds(_arrived(e))) for e in passages),
        *(
            f"[[faults]]\nname = {_text(name)}\nlane = {_text(lane)}\n"
            f"at_s = {seconds(at)}\nfor_s = {lasts}"
            for name, lane, at, lasts in faults
        ),
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
    lines = ["[[traffic]]", f"lane = {_text(event.lane)}", f"at_s = {at}"]
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


Fault = tuple[str, str, datetime, float]
"""Its name, its lane, when it began, and for how many seconds."""


def _fault(
    event: Said, events: Sequence[Said], lanes: Sequence[str], start: datetime
) -> Fault | None:
    """An alarm that says what was wrong, as that fault."""
    name = FAULTS.get(str(event.data.get("code"))) if event.type == ALARM else None
    early = (event.at - start).total_seconds() + APPROACH_S < 0
    if name is None or event.lane in ("", GATE_SUBJECT) or event.lane not in lanes or early:
        return None
    over = (
        (e.at - event.at).total_seconds()
        for e in events
        if e.type == CLEARED
        and e.lane == event.lane
        and e.at >= event.at
        and e.data.get("code") == event.data.get("code")
    )
    return name, event.lane, event.at, round(max(SHORTEST_S, next(over, LASTS_S)), 1)


def _text(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False)
