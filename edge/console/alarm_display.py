"""An alarm's text in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from edge.domain.alarm_codes import Severity
from edge.domain.alarms import revive_params
from edge.gate.alarm_texts import alarm_text
from edge.gate.port import AlarmView

_SOONEST = {severity.value: -n for n, severity in enumerate(Severity)}


def urgent_first(alarms: Sequence[AlarmView]) -> list[AlarmView]:
    """What must be done at once comes first, then what stands longest."""
    return sorted(alarms, key=lambda a: (_SOONEST.get(a.severity, 0), a.since))


def translated_alarm(
    language: str, code: str, variant: object, params: object, recorded: str
) -> str:
    """`variant` and `params` as they stand in an event or an alarm; `recorded`: its text, for one
    that an older version recorded, or a newer."""
    found = revive_params(params)
    if not isinstance(variant, str) or found is None:
        return recorded
    try:
        return alarm_text(language, code, variant, found)
    except (LookupError, ValueError, TypeError):
        return recorded
