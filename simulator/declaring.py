"""Assignments as the platform sends them (docs/platform.openapi.yaml), ordinary where not told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from edge.domain.moment import iso

AUTHORITIES = ("border_guard", "customs", "quarantine", "yard")
CLEARED_BEFORE_S = 1800

Plate = tuple[str, str]
"""Text and country."""


def assignment_item(
    id: str,
    lane: str,
    direction: str,
    kind: str,
    tractors: Sequence[Plate],
    now: datetime,
    trailers: Sequence[Plate] = (),
    clear: Mapping[str, str] | None = None,
    from_s: float = -3600,
    to_s: float = 12 * 3600,
    **change: Any,
) -> dict[str, Any]:
    """Cleared for this lane and valid now. `clear`: states of authorities that are otherwise;
    `from_s`, `to_s`: its validity, in seconds from now; `change`: fields that are otherwise."""
    cleared_at = iso(now - timedelta(seconds=CLEARED_BEFORE_S))
    states = {**dict.fromkeys(AUTHORITIES, "done"), **(clear or {})}
    roles = [("tractor", p) for p in tractors] + [("trailer", p) for p in trailers]
    return {
        "assignment_id": id,
        "revision": 1,
        "state": "active",
        "direction": direction,
        "plates": [{"text": text, "country": c, "role": role} for role, (text, c) in roles],
        "vehicle_kind": kind,
        "lanes": [lane],
        "valid_from": iso(now + timedelta(seconds=from_s)),
        "valid_to": iso(now + timedelta(seconds=to_s)),
        "priority": 0,
        "clearances": [
            {"authority": a, "state": s, "at": cleared_at if s == "done" else None}
            for a, s in states.items()
        ],
        "goods": "",
        **change,
    }
