"""PURE. A platform's list, as it came over HTTP or lies in a folder, into rows for the cache.

A row has what is looked up of an assignment (id, revision, plates, when it ends) beside the item as
it is kept, so that nobody who looks one up reads another. As lines of bytes they pass from the
process that reads long lists (list_reader.py) to the service.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from edge.config import PlatformWords
from edge.domain.assignment import Assignment, AssignmentState
from edge.domain.foreign_text import shown
from edge.sync.platform.answers import parsed, speaks_of_error
from edge.sync.platform.folder_list import read_csv, read_json
from edge.sync.platform.item_faults import at
from edge.sync.platform.items import (
    NotUnderstood,
    id_of,
    read_item,
    strange_item,
    write_item,
)
from edge.system.causes import Cause, cause, kept, revived

HTTP, JSON_FILE, CSV_FILE = "http", "assignments.json", "assignments.csv"
MOST_REPORTED = 200
"""Items not understood that are named; the others are counted."""

MOST_ITEMS = 200_000
LONGEST_CURSOR = 1000

Row = tuple[str, int, int, bool, str, bytes]
"""Id, revision, `valid_to` in Unix seconds, whether it is over (used or cancelled), its plates
joined by `+`, and the item as JSON."""

STRANGE = b'"state":"not_understood"'
"""As `row_of` writes it. Within a text of an item its quotation marks would be escaped."""

OVER = (AssignmentState.USED, AssignmentState.CANCELLED)


class UnreadableList(Exception):
    """The data is no list; the text says why."""


@dataclass(slots=True)
class Answer:
    """A list, or the changes of one. `wrong`: how many items are not understood, of which
    `reported` names some, `doubted` has the ids that can be read, and `strange` those of which a
    plate can be."""

    cursor: str = ""
    full: bool = True
    rows: list[Row] = field(default_factory=list)
    wrong: int = 0
    reported: list[str] = field(default_factory=list)
    doubted: set[str] = field(default_factory=set)
    strange: list[Row] = field(default_factory=list)

    @property
    def mostly_wrong(self) -> bool:
        """More of its items are strange than not: a mistake of the whole, that empties no list."""
        return self.wrong > len(self.rows)

    def found_wrong(self, why: str, id: str = "", strange: Assignment | None = None) -> None:
        self.wrong += 1
        if len(self.reported) < MOST_REPORTED:
            self.reported.append(why)
        if id:
            self.doubted.add(id)
        if strange is not None:
            self.strange.append(row_of(strange))


def is_strange(row: Row) -> bool:
    return STRANGE in row[5]


def row_of(assignment: Assignment) -> Row:
    a = assignment
    body = json.dumps(write_item(a), ensure_ascii=False, separators=(",", ":")).encode()
    plates = "+".join(dict.fromkeys(p.text for p in a.plates))
    return a.assignment_id, a.revision, int(a.valid_to.timestamp()), a.state in OVER, plates, body


def read_list(kind: str, data: bytes, words: PlatformWords) -> Answer:
    """`kind`: HTTP, or the name of a folder's list. Raises UnreadableList."""
    if kind == HTTP:
        return _http(data, words)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableList(cause("list.utf16"))
    text = data.decode("utf-8-sig", errors="replace")
    items, wrong = (read_json if kind == JSON_FILE else read_csv)(text, words)
    answer = Answer(rows=[row_of(item) for item in _bounded(items)])
    for why in wrong:
        answer.found_wrong(why.why, why.id, why.strange)
    _doubt_contradictions(answer)
    return answer


def _http(data: bytes, words: PlatformWords) -> Answer:
    try:
        body = parsed(data)
        if not isinstance(body, dict):
            raise UnreadableList(cause("list.object", found=shown(body)))
        if speaks_of_error(body):
            raise UnreadableList(cause("list.error"))
        cursor, full, raw = body["cursor"], body["full"], body["items"]
        if not isinstance(full, bool) or not isinstance(raw, list):
            raise UnreadableList(cause("list.shape"))
        cursor = "" if cursor is None else cursor
        whole = isinstance(cursor, int) and not isinstance(cursor, bool)
        if not (isinstance(cursor, str) or whole) or len(str(cursor)) > LONGEST_CURSOR:
            raise UnreadableList(cause("list.cursor", found=shown(cursor)))
        str(cursor).encode()
    except KeyError as error:
        raise UnreadableList(cause("list.lacks", name=error)) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise UnreadableList(shown(str(error), 100)) from None
    answer = Answer(str(cursor), full)
    for one in _bounded(raw):
        try:
            answer.rows.append(row_of(read_item(one, words)))
        except NotUnderstood as error:
            answer.found_wrong(error.why, id_of(one), strange_item(one, error.why, words))
    _doubt_contradictions(answer)
    return answer


def _doubt_contradictions(answer: Answer) -> None:
    """Of one assignment the highest revision counts; where two of the same revision differ, which
    one is meant cannot be known."""
    highest: dict[str, tuple[int, bytes]] = {}
    unclear: set[str] = set()
    for id, revision, *_, body in answer.rows:
        before = highest.get(id)
        if before is None or revision > before[0]:
            highest[id] = (revision, body)
            unclear.discard(id)
        elif (revision, body) != before and revision == before[0]:
            unclear.add(id)
    for id in sorted(unclear):
        answer.found_wrong(contradicted(id), id)


def contradicted(id: str) -> Cause:
    return at(id, "", cause("item.contradicts"))


def _bounded(items: list[Any]) -> list[Any]:
    if len(items) > MOST_ITEMS:
        raise UnreadableList(cause("list.many", items=len(items), most=MOST_ITEMS))
    return items


# --- from process to process ---


def lines(answer: Answer) -> Iterator[bytes]:
    """An id, and whatever else stands before an item, has no tab and no end of line in it."""
    for what, rows in ((b"a", answer.rows), (b"s", answer.strange)):
        for id, revision, ends, over, plates, body in rows:
            yield b"%s\t%s\t%d\t%d\t%d\t%s\t%s\n" % (
                what, id.encode(), revision, ends, over, plates.encode(), body
            )  # fmt: skip
    for why in answer.reported:
        yield b"w\t%s\n" % json.dumps([why, kept(why)]).encode()
    for id in answer.doubted:
        yield b"d\t%s\n" % json.dumps(id).encode()
    yield b"e\t%s\n" % json.dumps([answer.cursor, answer.full, answer.wrong]).encode()


def unreadable(why: str) -> bytes:
    return b"x\t%s\n" % json.dumps([why, kept(why)]).encode()


def from_lines(lines: Iterable[bytes]) -> Answer:
    """Raises UnreadableList, also where the lines end too soon."""
    answer = Answer()
    for line in lines:
        what, rest = line.rstrip(b"\n").split(b"\t", 1)
        match what:
            case b"a" | b"s":
                id, revision, ends, over, plates, body = rest.split(b"\t", 5)
                (answer.rows if what == b"a" else answer.strange).append(
                    (id.decode(), int(revision), int(ends), over == b"1", plates.decode(), body)
                )
            case b"w":
                answer.reported.append(revived(*json.loads(rest)))
            case b"d":
                answer.doubted.add(json.loads(rest))
            case b"e":
                answer.cursor, answer.full, answer.wrong = json.loads(rest)
                return answer
            case _:
                raise UnreadableList(revived(*json.loads(rest)))
    raise UnreadableList(cause("list.broken_off"))
