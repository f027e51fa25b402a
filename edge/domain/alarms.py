"""PURE. The alarms that stand at the gate.

A condition (a lost wire, a stalled camera) stands until it is over. An occurrence (a tailgate)
stands until a person acknowledges it. Raising one that stands changes nothing and tells nobody
twice; only one whose figures have grown is told again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

OCCURRENCES = frozenset(
    {
        "tailgate",
        "passage_unobserved",
        "passage_unidentified",
        "journal_dropped",
        "lane_failed",
        "data_lost",
    }
)


@dataclass(frozen=True, slots=True)
class Alarm:
    code: str
    lane: str
    text: str
    since: datetime
    acknowledged_by: str = ""


@dataclass(frozen=True, slots=True)
class Alarms:
    """Immutable; each change gives a new one, or the same if nothing changed."""

    standing: tuple[Alarm, ...] = ()

    def raised(self, code: str, lane: str, text: str, now: datetime) -> Alarms:
        if self._find(code, lane):
            return self
        return Alarms((*self.standing, Alarm(code, lane, text, now)))

    def retold(self, code: str, lane: str, text: str, now: datetime) -> Alarms:
        """As raised; one that stands gets the new text and stands as long as before."""
        found = self._find(code, lane)
        if found is None or found.text == text:
            return self.raised(code, lane, text, now)
        reported = replace(found, text=text)
        return Alarms(tuple(reported if a is found else a for a in self.standing))

    def stands(self, code: str, lane: str) -> bool:
        return self._find(code, lane) is not None

    def cleared(self, code: str, lane: str) -> Alarms:
        found = self._find(code, lane)
        return Alarms(tuple(a for a in self.standing if a is not found)) if found else self

    def acknowledged(self, code: str, lane: str, user: str) -> Alarms:
        """An occurrence ends with it; a condition stands on, marked as seen."""
        found = self._find(code, lane)
        if found is None:
            return self
        if code in OCCURRENCES:
            return self.cleared(code, lane)
        seen = replace(found, acknowledged_by=user)
        return Alarms(tuple(seen if a is found else a for a in self.standing))

    def _find(self, code: str, lane: str) -> Alarm | None:
        return next((a for a in self.standing if (a.code, a.lane) == (code, lane)), None)


_ALARMS = TypeAdapter(tuple[Alarm, ...])


def dump(alarms: Alarms) -> dict[str, Any]:
    return {"standing": _ALARMS.dump_python(alarms.standing, mode="json")}


def revive(kept: Mapping[str, Any] | None) -> Alarms:
    """The alarms that stood at the last commit; none if they cannot be understood."""
    try:
        return Alarms(_ALARMS.validate_python((kept or {}).get("standing", ())))
    except ValidationError:
        return Alarms()
