"""PURE. The alarms that stand at the gate.

A condition (a lost wire, a stalled camera) stands until it is over. An occurrence (a tailgate)
stands until a person acknowledges it. Raising one that stands changes nothing and tells nobody
twice; only one whose figures have grown is told again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from edge.domain.alarm_codes import Kind, Param, Params, known


@dataclass(frozen=True, slots=True)
class Alarm:
    """`text`: in English, for programs and the log; `variant` and `params`: what it says in any
    language. An alarm kept by an older version has its text alone: `variant` is None."""

    code: str
    lane: str
    text: str
    since: datetime
    acknowledged_by: str = ""
    variant: str | None = None
    params: Params = field(default_factory=dict)

    @property
    def ends_when_seen(self) -> bool:
        """Whether acknowledging it ends it. An alarm whose code this version does not know would
        otherwise stand for ever."""
        code = known(self.code)
        return code is None or code.kind is Kind.OCCURRENCE


@dataclass(frozen=True, slots=True)
class Alarms:
    """Immutable; each change gives a new one, or the same if nothing changed."""

    standing: tuple[Alarm, ...] = ()

    def raised(self, alarm: Alarm) -> Alarms:
        if self._find(alarm.code, alarm.lane):
            return self
        return Alarms((*self.standing, alarm))

    def retold(self, alarm: Alarm) -> Alarms:
        """As raised; one that stands gets the new text and stands as long as before."""
        found = self._find(alarm.code, alarm.lane)
        if found is None or found.text == alarm.text:
            return self.raised(alarm)
        reported = replace(found, text=alarm.text, variant=alarm.variant, params=alarm.params)
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
        if found.ends_when_seen:
            return self.cleared(code, lane)
        seen = replace(found, acknowledged_by=user)
        return Alarms(tuple(seen if a is found else a for a in self.standing))

    def _find(self, code: str, lane: str) -> Alarm | None:
        return next((a for a in self.standing if (a.code, a.lane) == (code, lane)), None)


_ALARMS = TypeAdapter(tuple[Alarm, ...])
_PARAMS = TypeAdapter(dict[str, Param])


def dump(alarms: Alarms) -> dict[str, Any]:
    return {"standing": _ALARMS.dump_python(alarms.standing, mode="json")}


def dump_params(params: Params) -> dict[str, Any]:
    """As plain JSON, for an event or the API."""
    dumped: dict[str, Any] = _PARAMS.dump_python(dict(params), mode="json")
    return dumped


def revive_params(kept: object) -> dict[str, Param] | None:
    """Those of an event; None if they cannot be understood."""
    try:
        return _PARAMS.validate_python(kept)
    except ValidationError:
        return None


def revive(kept: Mapping[str, Any] | None) -> Alarms:
    """The alarms that stood at the last commit; none if they cannot be understood."""
    try:
        return Alarms(_ALARMS.validate_python((kept or {}).get("standing", ())))
    except ValidationError:
        return Alarms()
