"""PURE. The list of a drop folder, JSON or CSV, into assignments and what is wrong with the rest.

CSV: UTF-8, comma or semicolon, a first line with the column names. Needed: `assignment_id`,
`plates` (tractor, then trailers, joined by `+`: `24C12345+51R01234`), `direction`, `lanes` (joined
by spaces), `valid_from`, `valid_to` (ISO 8601 with zone). May be there: `state` (active),
`revision`, `vehicle_kind`, `priority`, `goods`, `clearances` (`customs=done border_guard=pending`;
what is not named is pending).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Any

from edge.config import PlatformWords
from edge.domain.assignment import Assignment
from edge.domain.foreign_text import shown
from edge.domain.plate import StrangePlate, parse, plate_text
from edge.sync.platform.answers import parsed
from edge.sync.platform.items import NotUnderstood, id_of, read_item, strange_item
from edge.sync.platform.vocabulary import OUR_WORDS

NEEDED = ("assignment_id", "plates", "direction", "lanes", "valid_from", "valid_to")


class Wrong(str):
    """What is wrong with a row; `id` and `strange`: what can be read of it all the same."""

    id: str = ""
    strange: Assignment | None = None


Read = tuple[list[Assignment], list[Wrong]]


def read_json(text: str, words: PlatformWords = OUR_WORDS) -> Read:
    """A list of the platform's items, or an object with them under `items`."""
    try:
        raw = parsed(text)
    except (ValueError, RecursionError) as error:
        return [], [Wrong(f"not JSON: {error}")]
    rows = raw.get("items") if isinstance(raw, dict) else raw
    if not isinstance(rows, list):
        return [], [Wrong("a list of assignments is expected, or an object with one under items")]
    return _understood([(f"item {n}", row) for n, row in enumerate(rows, 1)], words)


def read_csv(text: str, words: PlatformWords = OUR_WORDS) -> Read:
    """Rows under a line of column names."""
    try:
        return _csv(text, words)
    except csv.Error as error:
        return [], [Wrong(f"no CSV: {error}")]


def _csv(text: str, words: PlatformWords) -> Read:
    lines = list(io.StringIO(text, newline=""))
    delimiter = ";" if ";" in "".join(lines[:1]) else ","
    reader = csv.DictReader(lines, delimiter=delimiter)
    columns = reader.fieldnames or ()
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        return [], [Wrong(f"line 1: columns are missing: {', '.join(missing)}")]
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        return [], [Wrong(f"line 1: columns stand there twice: {shown(', '.join(twice))}")]
    rows, wrong, end = [], list[Wrong](), reader.line_num
    for row in reader:
        place = f"line {reader.line_num}"
        begin, end = end + 1, reader.line_num
        several = range(begin, end + 1) if end > begin else ()
        swallowed = [n for n in several if _fields(lines[n - 1], delimiter) == len(columns)]
        if len(swallowed) > 1:
            why = "a quotation mark is opened and not closed"
            wrong += [Wrong(f"line {n}: {why}") for n in swallowed]
            continue
        try:
            rows.append((place, _item(row)))
        except ValueError as error:
            wrong.append(Wrong(f"{place}: {error}"))
    items, more = _understood(rows, words)
    return items, wrong + more


def _fields(line: str, delimiter: str) -> int:
    """Number of fields of a single line."""
    return sum(map(len, csv.reader([line], delimiter=delimiter)))


def _item(row: dict[str | None, Any]) -> dict[str, Any]:
    """A row as the platform would write it."""
    values = {str(k): v.strip() for k, v in row.items() if isinstance(v, str)}
    if None in row or len(values) < len(row):
        raise ValueError("it has more or fewer fields than the first line")
    plates = [p for p in values["plates"].split("+") if p.strip()]
    item: dict[str, Any] = {
        **{name: values[name] for name in NEEDED if name not in ("plates", "lanes")},
        "plates": [
            {"text": p, "country": _country(p), "role": "trailer" if n else "tractor"}
            for n, p in enumerate(plates)
        ],
        "lanes": values["lanes"].split(),
        "state": values.get("state") or "active",
        "clearances": [_clearance(part) for part in values.get("clearances", "").split()],
    }
    optional = {n: values[n] for n in ("vehicle_kind", "goods") if values.get(n)}
    numbers = {n: int(values[n]) for n in ("revision", "priority") if values.get(n)}
    return {**item, **optional, **numbers}


def _country(plate: str) -> str:
    """The country of a plate; a text that is no plate is refused with its item."""
    try:
        known = parse(plate_text(plate))
    except StrangePlate:
        known = None
    return known.country if known else "?"


def _clearance(part: str) -> dict[str, str]:
    authority, _, state = part.partition("=")
    return {"authority": authority, "state": state}


def _understood(rows: list[tuple[str, Any]], words: PlatformWords) -> Read:
    items: list[Assignment] = []
    wrong: list[Wrong] = []
    for place, row in rows:
        try:
            items.append(read_item(row, words))
        except NotUnderstood as error:
            why = Wrong(f"{place}: {error}")
            why.id, why.strange = id_of(row), strange_item(row, str(error), words)
            wrong.append(why)
    return items, wrong
