"""Writes into docs/schemas/ which values the code gives today, as `x-extensible-enum`:

    python -m tools.list_values

More may come with any version (docs/contract.md), so receivers do not refuse what is not listed. A
test keeps the lists current.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from edge.barrier.core.state import CloseWish, OpenedBy, Withdrawal
from edge.barrier.core.table import Signal
from edge.domain.alarm_codes import AlarmCode
from edge.domain.evidence import Kind
from edge.domain.facts import Arm
from edge.domain.guard_refusal import GuardRefusal
from edge.domain.mode import LaneMode
from edge.domain.plate import COUNTRIES as OF_PLATES
from edge.domain.reason import Reason
from edge.domain.referral import ReferralState, ReferralWhy
from edge.domain.second_key import CodeRefusal
from edge.lane.vocabulary import Outcome
from edge.sync.customs.port import Refusal
from edge.vision.detection import KINDS, PLATE
from edge.vision.port import PICTURE_STATES
from edge.vision.recogniser import COLOURS

SCHEMAS = Path(__file__).parents[1] / "docs" / "schemas"
LISTED = "x-extensible-enum"
UNKNOWN, NONE = "?", ""
CAUSES = [*dict.fromkeys((*OpenedBy, *CloseWish, *Signal, "safety", "fire"))]
VEHICLES = [*(kind for kind in KINDS if kind != PLATE), NONE]
COUNTRIES = [*OF_PLATES, UNKNOWN]
OF_PASSAGES: Mapping[str, Iterable[str]] = {
    "country": COUNTRIES,
    "kind": VEHICLES,
    "reason": [*Reason, NONE],
    "outcome": [*Outcome],
    "cause": CAUSES,
    "mode": [*LaneMode],
}
VALUES: Mapping[str, Mapping[str, Iterable[str]]] = {
    "plate.read": {
        "country": COUNTRIES,
        "kind": VEHICLES,
        "colour": [*COLOURS, UNKNOWN],
    },
    "passage.decided": OF_PASSAGES,
    "passage.completed": OF_PASSAGES,
    "passage.abandoned": OF_PASSAGES,
    "state": {"reason": [*Reason, NONE], "mode": [*LaneMode]},
    "barrier.moved": {"cause": CAUSES},
    "alarm.raised": {"code": [*AlarmCode]},
    "alarm.cleared": {"code": [*AlarmCode]},
    "code.presented": {
        "source": ["scanner", "camera", "attendant"],
        "why": [*CodeRefusal, NONE],
    },
    "referral.changed": {
        "state": [*ReferralState],
        "reason": [*Reason, NONE],
        "why": [*dict.fromkeys((*ReferralWhy, *GuardRefusal, *Withdrawal, NONE))],
    },
    "device.state": {
        "device": ["camera", "service"],
        "state": ["live", "failed", *PICTURE_STATES.values()],
        "arm": [*Arm],
        "arm_before": [*Arm, NONE],
    },
}
"""By schema: the values of each field of that name, at whatever depth."""

WITHIN: Mapping[str, Mapping[str, Iterable[str]]] = {
    "evidence_files": {"kind": [kind.partition(".")[0] for kind in Kind]},
}
"""By field: those within it, where the same name means something else."""

REFUSALS = f"a word of the guide ({', '.join(Refusal)}), or the guard's own reason in English"


def listed(schema: dict[str, Any], values: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """The schema with the values in it."""
    made = {
        k: listed(v, WITHIN.get(k, values)) if isinstance(v, dict) else v for k, v in schema.items()
    }
    fields = made.get("properties", {})
    for name in values.keys() & fields.keys():
        kept = {k: v for k, v in fields[name].items() if k not in ("enum", "type", LISTED)}
        fields[name] = {"type": "string", **kept, LISTED: [str(v) for v in values[name]]}
    return made


def written() -> dict[Path, str]:
    """What each file is to hold."""
    made = {}
    for name, values in VALUES.items():
        schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
        made[SCHEMAS / f"{name}.json"] = _text(listed(schema, values))
    for name in ("result", "command.handled"):
        schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
        schema["properties"]["why"]["description"] = REFUSALS
        made[SCHEMAS / f"{name}.json"] = _text(schema)
    return made


def _text(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file, text in written().items():
        file.write_text(text, encoding="utf-8")
