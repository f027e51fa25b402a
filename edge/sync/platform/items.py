"""PURE. Assignments as the platform writes them (docs/platform.openapi.yaml), and back.

Every value is bounded here, where it is read. A moment outside EARLIEST..LATEST counts as that end:
systems write the year 9999 for "for ever", and no arithmetic on it may fail later.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from edge.config import PlatformWords
from edge.domain.assignment import (
    TRACTOR,
    TRAILER,
    AssignedPlate,
    Assignment,
    AssignmentState,
    Clearance,
)
from edge.domain.foreign_text import shown
from edge.domain.moment import iso
from edge.domain.plate import plate_text
from edge.sync.journal.chain import LARGEST_INTEGER
from edge.sync.platform.answers import doubled
from edge.sync.platform.item_faults import at, wrong
from edge.sync.platform.vocabulary import OUR_WORDS, in_our_words
from edge.system.causes import Cause, cause, kept, revived

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)
"""Two days below the largest date: zones and tolerances stay within it."""

LONGEST_ID = 80
LONGEST_WORD = 80
LONGEST_GOODS = 500
"""Characters; the rest of a longer text is left out, for it only is shown."""

NUMBER = re.compile(r"-?[0-9]{1,20}\Z", re.ASCII)
LEAP_SECOND = re.compile(r"(?<=^.{10}[Tt ])([0-9]{2}:[25]9:)60(?=[.Zz+-]|\Z)", re.ASCII)

MOST_PLATES = 16
MOST_LANES = 64
MOST_CLEARANCES = 32
HIGHEST_PRIORITY = 1_000_000


def _moment(value: object) -> object:
    """Only text as RFC 3339 has it: a number may be seconds, milliseconds or a date."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt ]", value[:11]):
        raise ValueError(cause("item.moment"))
    # A leap second, which no date of ours has, is the second before it.
    return LEAP_SECOND.sub(r"\g<1>59", value)


def _whole(value: object) -> object:
    """A JSON number, or its digits as text: `true` and "1_000" are none."""
    if isinstance(value, bool) or (isinstance(value, str) and not NUMBER.match(value)):
        raise ValueError(cause("item.whole"))
    return value


def _within(moment: datetime) -> datetime:
    try:
        return min(LATEST, max(EARLIEST, moment.astimezone(UTC)))
    except OverflowError:
        return LATEST if moment.year > EARLIEST.year else EARLIEST


def _cut(value: object) -> object:
    return value[:LONGEST_GOODS] if isinstance(value, str) else value


def _writable(value: str) -> str:
    """Half a character (a lone surrogate) could be neither kept nor sent."""
    if any("\ud800" <= c <= "\udfff" or c == "\0" for c in value):
        raise ValueError(cause("item.no_text", text=shown(value)))
    return value


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError(cause("item.unprintable", text=shown(value)))
    return value


Id = Annotated[str, Field(min_length=1, max_length=LONGEST_ID), AfterValidator(_printable)]
Word = Annotated[str, Field(max_length=LONGEST_WORD), AfterValidator(_writable)]
Whole = Annotated[int, BeforeValidator(_whole)]
When = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_within)]


class _Wire(BaseModel):
    """Unknown keys are let by: the platform may grow."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Plate(_Wire):
    text: Annotated[str, AfterValidator(plate_text)]
    country: Word = "?"
    role: Literal["tractor", "trailer"] = "tractor"


class _Clearance(_Wire):
    authority: Word
    state: Literal["pending", "done", "refused"]
    at: When | None = None


class _Fields(_Wire):
    """What is the same for all."""

    assignment_id: Id
    revision: Annotated[Whole, Field(ge=0, le=LARGEST_INTEGER)] = 0
    plates: Annotated[list[_Plate], Field(min_length=1, max_length=MOST_PLATES)]
    vehicle_kind: Word = ""
    lanes: Annotated[list[Word], Field(max_length=MOST_LANES)]
    valid_from: When
    valid_to: When
    priority: Annotated[Whole, Field(ge=-HIGHEST_PRIORITY, le=HIGHEST_PRIORITY)] = 0
    clearances: Annotated[list[_Clearance], Field(max_length=MOST_CLEARANCES)] = []
    goods: Annotated[str, BeforeValidator(_cut), AfterValidator(_writable)] = ""

    @model_validator(mode="after")
    def _from_before_to(self) -> _Fields:
        if self.valid_to < self.valid_from:
            raise ValueError(cause("item.backwards"))
        return self


class _Item(_Fields):
    state: Literal["active", "held", "cancelled", "used"]
    direction: Literal["export", "import"]


class _Kept(_Fields):
    """As write_item wrote it, also for one that is not understood: of none or of several answers
    are its plates."""

    plates: list[_Plate]
    state: AssignmentState
    direction: Literal["export", "import", ""]
    trouble: str = ""
    trouble_phrase: dict[str, Any] | None = None


class NotUnderstood(Exception):
    """An item that is no assignment; the cause names it and what is wrong."""

    def __init__(self, why: Cause) -> None:
        super().__init__(why)
        self.why = why


def read_item(raw: object, words: PlatformWords = OUR_WORDS) -> Assignment:
    """One assignment, in the platform's words; what is null in it is absent. Raises
    NotUnderstood."""
    if isinstance(raw, Mapping) and doubled(raw):
        raise NotUnderstood(at(named(raw), "", cause("item.doubled")))
    try:
        item = _Item.model_validate(in_our_words(raw, words))
    except ValidationError as error:
        raise NotUnderstood(wrong(named(raw), error)) from None
    return _assignment(item)


def read_kept(raw: object) -> Assignment:
    """What `write_item` wrote. Raises ValueError for anything else."""
    item = _Kept.model_validate(raw)
    return _assignment(item, revived(item.trouble, item.trouble_phrase))


def strange_item(raw: object, why: str, words: PlatformWords = OUR_WORDS) -> Assignment | None:
    """An item that is not understood, for a list of such: with what can be read of its id, plates
    and end. None where it is no object. Where no plate can be read no vehicle is known by it."""
    item = in_our_words(raw, words)
    if not isinstance(item, Mapping):
        return None
    plates = tuple(_plates_of(item.get("plates")))
    try:
        ends = TypeAdapter(When).validate_python(item.get("valid_to"))
    except ValidationError:
        ends = LATEST
    id = id_of(item)
    if not id.isprintable() or not id:
        id = "?" + sha256(repr(sorted(map(str, item.items()))).encode(errors="replace")).hexdigest()
    return Assignment(
        id[:LONGEST_ID],
        0,
        AssignmentState.NOT_UNDERSTOOD,
        "",
        plates,
        "",
        (),
        EARLIEST,
        ends,
        0,
        (),
        trouble=why,
    )


def _plates_of(raw: object) -> Iterator[AssignedPlate]:
    for one in raw[:MOST_PLATES] if isinstance(raw, list) else ():
        if isinstance(one, Mapping) and not doubled(one) and isinstance(one.get("text"), str):
            with contextlib.suppress(ValueError):
                role = TRAILER if one.get("role") == TRAILER else TRACTOR
                yield AssignedPlate(plate_text(one["text"]), "?", role)


def _assignment(item: _Item | _Kept, trouble: str = "") -> Assignment:
    return Assignment(
        item.assignment_id,
        item.revision,
        AssignmentState(item.state),
        item.direction,
        tuple(AssignedPlate(p.text, p.country, p.role) for p in item.plates),
        item.vehicle_kind,
        tuple(item.lanes),
        item.valid_from,
        item.valid_to,
        item.priority,
        tuple(Clearance(c.authority, c.state, c.at) for c in item.clearances),
        item.goods,
        trouble,
    )


def id_of(raw: object) -> str:
    """The id of an item that need not be understood; "" where it has none that could be listed."""
    id = raw.get("assignment_id") if isinstance(raw, Mapping) else None
    return id if isinstance(id, str) and len(id) <= LONGEST_ID else ""


def named(raw: object) -> str:
    """The item's name for messages to people."""
    id = raw.get("assignment_id", "?") if isinstance(raw, Mapping) else "?"
    return id if isinstance(id, str) and len(id) <= LONGEST_ID and id.isprintable() else shown(id)


def write_item(assignment: Assignment) -> dict[str, Any]:
    """As the platform would send it; for the cache on disk."""

    def moment(value: datetime | None) -> str | None:
        return iso(value) if value else None

    a = assignment
    return {
        "assignment_id": a.assignment_id,
        "revision": a.revision,
        "state": a.state.value,
        "direction": a.direction,
        "plates": [{"text": p.text, "country": p.country, "role": p.role} for p in a.plates],
        "vehicle_kind": a.vehicle_kind,
        "lanes": list(a.lanes),
        "valid_from": iso(a.valid_from),
        "valid_to": iso(a.valid_to),
        "priority": a.priority,
        "clearances": [
            {"authority": c.authority, "state": c.state, "at": moment(c.at)} for c in a.clearances
        ],
        "goods": a.goods,
        **({"trouble": a.trouble, "trouble_phrase": kept(a.trouble)} if a.trouble else {}),
    }
