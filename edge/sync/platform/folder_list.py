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
from dataclasses import dataclass
from typing import Any

from edge.config import PlatformWords
from edge.domain.assignment import Assignment
from edge.domain.foreign_text import shown
from edge.domain.plate import StrangePlate, parse, plate_text
from edge.sync.platform.answers import parsed
from edge.sync.platform.items import NotUnderstood, id_of, read_item, strange_item
from edge.sync.platform.vocabulary import OUR_WORDS
from edge.system.causes import Cause, cause, cause_of

NEEDED = ("assignment_id", "plates", "direction", "lanes", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a row; `id` and `strange`: what can be read of it all the same."""

    why: Cause
    id: str = ""
    strange: Assignment | None = None


Read = tuple[list[Assignment], list[Wrong]]


def read_json(text: str, words: PlatformWords = OUR_WORDS) -> Read:
    """A list of the platform's items, or an object with them under `items`."""
    try:
        raw = parsed(text)
    except (ValueError, RecursionError) as error:
        return [], [Wrong(cause("rows.no_json", error=error))]
    rows = raw.get("items") if isinstance(raw, dict) else raw
    if not isinstance(rows, list):
        return [], [Wrong(cause("rows.no_list"))]
    return _understood(
        [(cause("rows.item", number=n), row) for n, row in enumerate(rows, 1)], words
    )


def read_csv(text: str, words: PlatformWords = OUR_WORDS) -> Read:
    """Rows under a line of column names."""
    try:
        return _csv(text, words)
    except csv.Error as error:
        return [], [Wrong(cause("rows.no_csv", error=error))]


def _csv(text: str, words: PlatformWords) -> Read:
    lines = list(io.StringIO(text, newline=""))
    delimiter = ";" if ";" in "".join(lines[:1]) else ","
    reader = csv.DictReader(lines, delimiter=delimiter)
    columns = reader.fieldnames or ()
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        return [], [Wrong(_at(1, cause("rows.columns_lack", names=", ".join(missing))))]
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        return [], [Wrong(_at(1, cause("rows.columns_twice", names=shown(", ".join(twice)))))]
    rows, wrong, end = [], list[Wrong](), reader.line_num
    for row in reader:
        begin, end = end + 1, reader.line_num
        several = range(begin, end + 1) if end > begin else ()
        swallowed = [n for n in several if _fields(lines[n - 1], delimiter) == len(columns)]
        if len(swallowed) > 1:
            wrong += [Wrong(_at(n, cause("rows.quotation"))) for n in swallowed]
            continue
        try:
            rows.append((cause("rows.line", number=end), _item(row)))
        except ValueError as error:
            wrong.append(Wrong(_at(end, cause_of(error))))
    items, more = _understood(rows, words)
    return items, wrong + more


def _fields(line: str, delimiter: str) -> int:
    """Number of fields of a single line."""
    return sum(map(len, csv.reader([line], delimiter=delimiter)))


def _item(row: dict[str | None, Any]) -> dict[str, Any]:
    """A row as the platform would write it."""
    values = {str(k): v.strip() for k, v in row.items() if isinstance(v, str)}
    if None in row or len(values) < len(row):
        raise ValueError(cause("rows.fields"))
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
    numbers = {n: _whole(n, values[n]) for n in ("revision", "priority") if values.get(n)}
    return {**item, **optional, **numbers}


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(cause("at", place=name, why=cause("item.whole"))) from None


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


def _at(line: int, why: str) -> Cause:
    return cause("at", place=cause("rows.line", number=line), why=why)


def _understood(rows: list[tuple[Cause, Any]], words: PlatformWords) -> Read:
    items: list[Assignment] = []
    wrong: list[Wrong] = []
    for place, row in rows:
        try:
            items.append(read_item(row, words))
        except NotUnderstood as error:
            strange = strange_item(row, error.why, words)
            wrong.append(Wrong(cause("at", place=place, why=error.why), id_of(row), strange))
    return items, wrong
