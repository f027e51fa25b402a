"""What a scenario expects, as its file says it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simulator.scenario.named import (
    AlarmName,
    FigureName,
    ReasonName,
    Seconds,
    Section,
    WayName,
    When,
)


class Expectation(Section):
    """One thing that must be so. Name exactly one of: alarm, no_alarm, recorded, crosses,
    admitted_by, never_opens_for, reason, guided_to, figure, customs,
    nobody_crosses_unrecorded."""

    who: str = ""
    lane: str = ""
    alarm: AlarmName | None = Field(None, description="It is raised; in `lane`, within, after.")
    no_alarm: AlarmName | None = Field(None, description="It is never raised.")
    recorded: list[WayName] | None = Field(None, description="`who` is recorded as one of these.")
    crosses: bool | None = Field(None, description="Whether `who` crosses in the end; within.")
    admitted_by: Literal["gate", "person", "nobody"] | None = None
    never_opens_for: str | None = Field(None, description="The gate admits this one never.")
    reason: ReasonName | None = Field(None, description="A decision about `who` has this reason.")
    guided_to: str | None = Field(
        None, description="`who` is sent to this lane of the scenario, and to no other."
    )
    figure: FigureName | None = Field(None, description="Of the report: at_least, at_most.")
    customs: Literal["holds all"] | None = None
    nobody_crosses_unrecorded: Literal[True] | None = None
    stands: When | None = Field(
        None, description="At that moment the alarm stands: raised, and not cleared yet."
    )
    within_s: Seconds | None = None
    after: When | None = None
    at_least: float | None = None
    at_most: float | None = None


KINDS_OF_EXPECTATION = (
    "alarm", "no_alarm", "recorded", "crosses", "admitted_by", "never_opens_for", "reason",
    "guided_to", "figure", "customs", "nobody_crosses_unrecorded",
)  # fmt: skip
