"""PURE. Effects: what the gate shall do, in this order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge.domain.alarm_codes import AlarmCode


@dataclass(frozen=True, slots=True)
class Record:
    """Commit an event of this lane."""

    type: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Authorise:
    passage: str


@dataclass(frozen=True, slots=True)
class Revoke:
    passage: str


@dataclass(frozen=True, slots=True)
class Spend:
    """The assignment has been used by a passage."""

    assignment: str


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    code: AlarmCode


@dataclass(frozen=True, slots=True)
class Remember:
    """The plates have passed this way just now: a journey of theirs."""

    plates: tuple[str, ...]
    direction: str


Effect = Record | Authorise | Revoke | Spend | RaiseAlarm | Remember
