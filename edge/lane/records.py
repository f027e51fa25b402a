"""PURE. What the events of a passage say (docs/schemas)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from edge.domain.facts import PlateView
from edge.domain.moment import iso
from edge.lane.state import Passage


def read_data(passage: Passage, view: PlateView) -> dict[str, Any]:
    return {
        "passage": passage.id,
        "plate": view.text,
        "display": view.display,
        "country": view.country,
        "colour": view.colour,
        "lines": view.lines,
        "confidence": round(view.confidence, 4),
        "accepted": view.accepted,
        "kind": passage.kind,
        "frames": passage.frames,
        "evidence": list(passage.evidence),
    }


def _common(passage: Passage) -> dict[str, Any]:
    decision = passage.decision
    return {
        "passage": passage.id,
        "plate": passage.plate,
        "country": passage.view.country if passage.view else "?",
        "kind": passage.kind,
        "verdict": decision.verdict.value if decision else "",
        "reason": decision.reason.value if decision else "",
        "assignment": decision.assignment if decision else "",
        "trailers": [{"text": view.text, "country": view.country} for view in passage.trailers],
    }


def decided_data(passage: Passage) -> dict[str, Any]:
    return {
        **_common(passage),
        "by": passage.by,
        "read_plate": passage.view.text if passage.view else "",
        "confidence": round(passage.view.confidence, 4) if passage.view else 0.0,
        "evidence": list(passage.evidence),
    }


def completed_data(passage: Passage, completed_at: datetime, observed: bool) -> dict[str, Any]:
    return {
        **_common(passage),
        "by": passage.by if passage.decision else "",
        "read_plate": passage.view.text if passage.view else "",
        "arrived_at": iso(passage.arrived_at),
        "decided_at": iso(passage.decided_at) if passage.decided_at else "",
        "entered_at": iso(passage.entered_at) if passage.entered_at else "",
        "completed_at": iso(completed_at),
        "observed": observed,
        "evidence": list(passage.evidence),
    }


def abandoned_data(passage: Passage, why: str) -> dict[str, Any]:
    return {**_common(passage), "why": why}
