"""PURE. From a gate's events: which plates people corrected, referred or confirmed, and the kept
pictures that show them. What a reader can learn from at its own site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from edge.domain.events import PASSAGE_ABANDONED, PASSAGE_COMPLETED, PASSAGE_DECIDED, PLATE_READ

Data = Mapping[str, Any]

MOST_OPEN = 10_000
"""Passages without an end that are remembered; the oldest is then taken as ended."""


class How(StrEnum):
    """How the truth is known."""

    CORRECTED = "corrected"  # a person typed another plate than the one that was read
    CONFIRMED = "confirmed"  # a person admitted the vehicle with the plate that was read
    REFERRED = "referred"  # a person was asked and told no plate: its text is not known


@dataclass(frozen=True, slots=True)
class SiteReading:
    """One vehicle's plate. `text`: its canonical text, "" where nobody told it; `read`: what was
    read, "" for nothing, with its `confidence`. `plate`, `vehicle`: names of kept pictures, or
    ""."""

    passage: str
    lane: str
    time: str
    how: How
    text: str
    read: str
    confidence: float
    accepted: bool
    country: str
    colour: str
    lines: int
    plate: str
    vehicle: str


@dataclass(slots=True)
class _Passage:
    reads: dict[str, Data] = field(default_factory=dict)
    decided: Data | None = None
    person: Data | None = None
    referred: bool = False
    lane: str = ""
    time: str = ""


def gathered(events: Iterable[Mapping[str, Any]]) -> Iterator[SiteReading]:
    """`events`: CloudEvents in their order. One reading a passage, when the passage has ended."""
    passages: dict[str, _Passage] = {}
    for event in events:
        kind = str(event["type"]).removeprefix("bordergate.").removesuffix(".v1")
        if kind not in (PLATE_READ, PASSAGE_DECIDED, PASSAGE_COMPLETED, PASSAGE_ABANDONED):
            continue
        data = event["data"]
        name = str(data.get("passage", ""))
        passage = passages.setdefault(name, _Passage())
        if kind == PLATE_READ:
            passage.reads[str(data["plate"])] = data
        elif kind == PASSAGE_DECIDED:
            passage.lane, passage.time = str(event["subject"]), str(event["time"])
            passage.decided = data
            if str(data.get("by", "")).startswith("operator:"):
                passage.person = data
            elif data.get("verdict") == "refer":
                passage.referred = True
        ended = kind in (PASSAGE_COMPLETED, PASSAGE_ABANDONED)
        if ended or len(passages) > MOST_OPEN:
            first = name if ended else next(iter(passages))
            yield from _reading(first, passages.pop(first))
    for name, passage in passages.items():
        yield from _reading(name, passage)


def _reading(name: str, passage: _Passage) -> Iterator[SiteReading]:
    said = passage.person or passage.decided
    if said is None or not (passage.person or passage.referred):
        return
    read = str(said.get("read_plate", ""))
    view = passage.reads.get(read, {})
    how, text = _truth(passage.person, read)
    pictures = [str(p) for p in view.get("evidence") or said.get("evidence") or ()]
    yield SiteReading(
        name, passage.lane, passage.time, how, text, read,
        float(said.get("confidence", view.get("confidence", 0.0))),
        bool(view.get("accepted", False)),
        str(said.get("country", "?")), str(view.get("colour", "?")), int(view.get("lines", 0)),
        next((p for p in pictures if p.endswith("-plate.jpg")), ""),
        next((p for p in pictures if p.endswith("-vehicle.jpg")), ""),
    )  # fmt: skip


def _truth(person: Data | None, read: str) -> tuple[How, str]:
    """A plate typed by a person is the truth; one that he let stand where he admitted is, too."""
    typed = str(person.get("plate", "")) if person else ""
    if typed and typed != read:
        return How.CORRECTED, typed
    if typed and person and person.get("verdict") == "allow":
        return How.CONFIRMED, typed
    return How.REFERRED, ""
