"""PURE. What the events of a turn say (docs/schemas)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from edge.domain.facts import PlateView
from edge.domain.moment import iso
from edge.lane.state import Turn


def read_data(turn: Turn, view: PlateView) -> dict[str, Any]:
    return {
        "passage": turn.passage,
        "plate": view.text,
        "display": view.display,
        "country": view.country,
        "colour": view.colour,
        "lines": view.lines,
        "confidence": round(view.confidence, 4),
        "accepted": view.accepted,
        "kind": turn.kind,
        "frames": turn.frames,
        "evidence": list(turn.evidence),
    }


def _common(turn: Turn) -> dict[str, Any]:
    decision = turn.decision
    return {
        "passage": turn.passage,
        "plate": turn.plate,
        "country": turn.view.country if turn.view else "?",
        "kind": turn.kind,
        "verdict": decision.verdict.value if decision else "",
        "reason": decision.reason.value if decision else "",
        "assignment": decision.assignment if decision else "",
        "trailers": [{"text": view.text, "country": view.country} for view in turn.trailers],
    }


def decided_data(turn: Turn) -> dict[str, Any]:
    return {
        **_common(turn),
        "by": turn.by,
        "read_plate": turn.view.text if turn.view else "",
        "confidence": round(turn.view.confidence, 4) if turn.view else 0.0,
        "evidence": list(turn.evidence),
    }


def completed_data(turn: Turn, completed_at: datetime, observed: bool) -> dict[str, Any]:
    return {
        **_common(turn),
        "by": turn.by if turn.decision else "",
        "read_plate": turn.view.text if turn.view else "",
        "arrived_at": iso(turn.arrived_at),
        "decided_at": iso(turn.decided_at) if turn.decided_at else "",
        "entered_at": iso(turn.entered_at) if turn.entered_at else "",
        "completed_at": iso(completed_at),
        "observed": observed,
        "evidence": list(turn.evidence),
    }


def abandoned_data(turn: Turn, why: str) -> dict[str, Any]:
    return {**_common(turn), "why": why}
