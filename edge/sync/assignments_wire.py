"""PURE. Assignments as the platform writes them (docs/platform.openapi.yaml), and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from edge.assignment import AssignedPlate, Assignment, AssignmentState, Clearance
from edge.clock import iso
from edge.config import PlatformWords
from edge.plate import canonical
from edge.sync.platform_words import OUR_WORDS, in_our_words


class _Wire(BaseModel):
    """Unknown keys are let by: the platform may grow."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Plate(_Wire):
    text: Annotated[str, Field(min_length=4, max_length=16)]
    country: str = "?"
    role: str = "tractor"


class _Clearance(_Wire):
    authority: str
    state: Literal["pending", "done", "refused"]
    at: AwareDatetime | None = None


class _Item(_Wire):
    assignment_id: Annotated[str, Field(min_length=1)]
    revision: int = 0
    state: AssignmentState
    direction: Literal["export", "import"]
    plates: Annotated[list[_Plate], Field(min_length=1)]
    vehicle_kind: str = ""
    lanes: list[str]
    valid_from: AwareDatetime
    valid_to: AwareDatetime
    priority: int = 0
    clearances: list[_Clearance] = []
    goods: str = ""


class NotUnderstood(Exception):
    """An item that is no assignment; the text names it and what is wrong."""


def read_item(raw: object, words: PlatformWords = OUR_WORDS) -> Assignment:
    """One assignment, in the platform's words. Raises NotUnderstood."""
    try:
        item = _Item.model_validate(in_our_words(raw, words))
    except ValidationError as error:
        name = raw.get("assignment_id", "?") if isinstance(raw, Mapping) else "?"
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"]) or "item"
        found = f" (found {first['input']!r})" if isinstance(first["input"], str) else ""
        raise NotUnderstood(f"assignment {name}: {place}: {first['msg']}{found}") from None
    return Assignment(
        item.assignment_id,
        item.revision,
        item.state,
        item.direction,
        tuple(AssignedPlate(canonical(p.text), p.country, p.role) for p in item.plates),
        item.vehicle_kind,
        tuple(item.lanes),
        item.valid_from,
        item.valid_to,
        item.priority,
        tuple(Clearance(c.authority, c.state, c.at) for c in item.clearances),
        item.goods,
    )


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
    }
