"""PURE. A vehicle before the barrier: tracks that show it, and its passage."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from edge.domain.facts import CodeShown, Heading, PlateView
from edge.domain.reason import Decision, Reason
from edge.lane.vocabulary import Outcome

LIKELY = 0.5
"""Probability from which an unsure reading is named as the passage's plate."""


@dataclass(frozen=True, slots=True)
class Track:
    """A vehicle as vision sees it now; `seen`, and `at_line_since` it stands at the barrier (None:
    it does not), in monotonic seconds; `headings`: all that it has had; `makes_way`: it was there
    when one was refused; `moved_at`: when something had last moved in its picture. The rest as in
    VehicleSeen."""

    track: str
    kind: str
    plate: PlateView | None
    frames_read: int
    at_barrier: bool
    evidence: tuple[str, ...]
    seen: float
    camera: str = ""
    sees: str = "front"
    heading: Heading = Heading.UNKNOWN
    dwell_s: float = 0.0
    headings: frozenset[Heading] = frozenset()
    makes_way: bool = False
    at_line_since: float | None = None
    moved_at: float = math.inf


@dataclass(frozen=True, slots=True)
class Passage:
    """One vehicle's passage from its arrival to its end. `by`: who decided, "gate" or
    "operator:<name>". `plate` is what counts (corrected by a person or read); `view` what was read,
    `trailers` what was as surely read of trailers that an assignment names with it; `reads` the
    last of each text that was read of it or beside it. `recorded` is the text last recorded as
    plate.read, `recorded_sure` those recorded as sure. `before`: plates of the vehicle that stood
    there, where it is read anew; `earlier`: the passage as it was for that one; `frames_needed`:
    so many pictures of its track are read before their text counts. `asked`: why the gate had
    not let it pass when a person decided; `perhaps`: how it has passed unseen, if another stands in
    its place; `taken_back`: it was admitted, and is no more; `guided_to`: the lane that it is sent
    to, or "". `other_code`: one that counts too, for another assignment than `code`. `read_by`
    monotonic: when a person is asked. `version` rises with all that a person sees of it."""

    id: str
    arrived_at: datetime
    read_by: float
    track: str = ""
    kind: str = ""
    view: PlateView | None = None
    frames: int = 0
    evidence: tuple[str, ...] = ()
    recorded: tuple[str, bool] | None = None
    decision: Decision | None = None
    by: str = "gate"
    corrected: str = ""
    decided_at: datetime | None = None
    entered_at: datetime | None = None
    trailers: tuple[PlateView, ...] = ()
    reads: tuple[PlateView, ...] = ()
    recorded_sure: tuple[str, ...] = ()
    before: tuple[str, ...] | None = None
    version: int = 0
    camera: str = ""
    code: CodeShown | None = None
    views: tuple[str, ...] = ()
    said_by: tuple[tuple[str, str], ...] = ()
    dwell_s: float = field(default=0.0, compare=False)
    reversed: bool = False
    queue: int | None = None
    earlier: Passage | None = None
    frames_needed: int = 0
    asked: Reason | None = None
    perhaps: Outcome | None = None
    taken_back: bool = False
    guided_to: str = ""
    other_code: CodeShown | None = None

    @property
    def trailer_texts(self) -> tuple[str, ...]:
        return tuple(view.text for view in self.trailers)

    @property
    def recorded_texts(self) -> frozenset[str]:
        last = {self.recorded[0]} if self.recorded and self.recorded[1] else set()
        return frozenset({*self.recorded_sure, *last})

    @property
    def settled_by_person(self) -> bool:
        return self.by != "gate"

    @property
    def plate(self) -> str:
        if self.corrected:
            return self.corrected
        return self.view.text if self.view else ""

    @property
    def named(self) -> str:
        """The plate as far as it may be named: nothing that is likelier wrong than right."""
        likely = self.view is not None and (self.view.accepted or self.view.confidence >= LIKELY)
        return self.plate if self.corrected or likely else ""

    @property
    def shown(self) -> tuple[Any, ...]:
        """What a person sees of it and decides on."""
        second = self.view.second if self.view else ""
        return (
            self.track,
            self.named,
            self.trailers,
            self.kind,
            self.decision,
            self.code,
            self.other_code,
            second,
        )
