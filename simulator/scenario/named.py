"""Names and moments as scenarios write them, checked: a name out of a list is told with the nearest
ones."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from edge.domain.alarm_codes import AlarmCode
from edge.domain.plate import canonical
from edge.domain.reason import Reason
from edge.lane.vocabulary import Outcome as WAYS
from simulator.barrier.hardware import KINDS as BARRIERS
from simulator.faults.catalogue import FAULTS


def known(known: Collection[str], what: str) -> Callable[[str], str]:
    """Checks for a name out of a list; another is told with the nearest ones."""

    def check(name: str) -> str:
        if name in known:
            return name
        near = difflib.get_close_matches(name, known, 3) or sorted(known)[:5]
        raise ValueError(f"no {what} {name!r}; near: {', '.join(near)}")

    return check


def listed(known: Collection[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": sorted(known)})


FaultName = Annotated[str, AfterValidator(known(FAULTS, "fault")), listed(FAULTS)]
AlarmName = Annotated[str, AfterValidator(known({*AlarmCode}, "alarm")), listed({*AlarmCode})]
WayName = Annotated[str, AfterValidator(known({*WAYS}, "way out")), listed({*WAYS})]
ReasonName = Annotated[str, AfterValidator(known({*Reason}, "reason")), listed({*Reason})]
BarrierName = Annotated[str, AfterValidator(known(BARRIERS, "barrier")), listed(BARRIERS)]


def _a_plate(text: str) -> str:
    """Raises ValueError, or plate.StrangePlate, whose phrase pages say in their language."""
    if text and (written := canonical(text)) != text:
        raise ValueError(f"{text!r} is not canonical; {written!r} is")
    return text


def _a_name(text: str) -> str:
    if not re.fullmatch(r"\w*", text):
        raise ValueError(f"{text!r} is no name: letters, digits and _ alone, with no space")
    return text


Plate = Annotated[str, AfterValidator(_a_plate)]
Name = Annotated[
    str, AfterValidator(_a_name), WithJsonSchema({"type": "string", "pattern": r"^\S*$"})
]
"""Names of people, in any alphabet: JSON Schema's own \\w knows ASCII alone."""

FIGURES = (
    "vehicles", "passages", "opened", "refused", "wrongly_opened", "wrongly_refused", "tailgates",
    "let_in_by_order", "crossed_unadmitted", "untold", "events", "acknowledged", "lost",
    "duplicates", "safety_violations", "seconds",
)  # fmt: skip
"""Numbers of every report."""

FAST_FIGURES = (
    "sent_again", "recorded_nobody", "concluded_wrongly", "used_twice", "touched_by_the_arm",
    "drove_into_the_arm", "asked_a_person", "arm_turned", "customs_waited_s",
)  # fmt: skip
"""Numbers that a report of virtual time has besides."""

REAL_FIGURES = ("platform_lacks",)
"""Numbers that a report of real time has besides."""

_ALL_FIGURES = {*FIGURES, *FAST_FIGURES, *REAL_FIGURES}
FigureName = Annotated[str, AfterValidator(known(_ALL_FIGURES, "figure")), listed(_ALL_FIGURES)]
When = Annotated[
    str,
    Field(
        description='As soon as this is so: "first waits" (a name of the traffic, and nears, '
        'waits, is let in, enters, stops, crosses, is gone), or of the lane: "arm rises", '
        '"arm is up", "arm falls", "arm is down", "service is away".'
    ),
]
Seconds = Annotated[float, Field(ge=0, le=3600)]

DAY_S = 86400.0


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)
