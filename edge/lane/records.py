"""PURE. What the events of a passage say (docs/schemas): one document of it that grows to its end.

A reading that is likelier wrong than right stands in no `plate`: it is among the `reads`, with how
sure it was, and below a fifth nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from edge.domain.evidence import described
from edge.domain.facts import PlateView
from edge.domain.moment import iso
from edge.domain.plate import parse
from edge.domain.question import LanePolicy
from edge.lane.state import Context, Motion
from edge.lane.vehicle import LIKELY, Passage
from edge.lane.vocabulary import Outcome

RECORDED_FROM = 0.2
"""Probability from which a reading is named at all."""


def worth_recording(view: PlateView) -> bool:
    return view.accepted or view.confidence >= RECORDED_FROM


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
        "evidence_files": described(passage.evidence),
        **_second(view),
    }


def _common(passage: Passage, policy: LanePolicy) -> dict[str, Any]:
    decision, view = passage.decision, passage.view
    likely = view is not None and (view.accepted or view.confidence >= LIKELY)
    read_country = view.country if view and likely else "?"
    return {
        "passage": passage.id,
        "plate": passage.named,
        "country": _country(passage) if passage.corrected else read_country,
        "kind": passage.kind,
        "verdict": decision.verdict.value if decision else "",
        "reason": decision.reason.value if decision else "",
        "assignment": decision.assignment if decision else "",
        "trailers": [{"text": view.text, "country": view.country} for view in passage.trailers],
        "by": passage.by if decision else "",
        "asked": passage.asked.value if passage.asked else "",
        "read_plate": view.text if view and likely else "",
        "evidence": list(passage.evidence),
        "evidence_files": described(passage.evidence),
        "detail": decision.detail if decision else "",
        "policy": policy.version,
        "policy_number": policy.number,
        "mode": policy.mode.value,
        "code": _code(passage),
        "row": decision.row if decision else "",
        "rule": decision.rule if decision else "",
        "corrected": passage.corrected,
        "reads": [_read(view) for view in _reads(passage)],
        "version": passage.version,
        "dwell_s": round(passage.dwell_s, 1),
        "reversed": passage.reversed,
        "queue": passage.queue,
        "guided_to": passage.guided_to,
    }


def _code(passage: Passage) -> dict[str, str]:
    """The code that was shown for it, and for what another one stands; empty: none was."""
    code, other = passage.code, passage.other_code
    if code is None:
        return {}
    return {
        "id": code.id,
        "assignment": code.assignment,
        "source": code.source,
        "refused": code.refused,
        "other": other.assignment if other else "",
    }


def _country(passage: Passage) -> str:
    """Of the plate that a person gave, which need not be that of the one that was read."""
    found = parse(passage.corrected)
    return found.country if found else "?"


def _reads(passage: Passage) -> list[PlateView]:
    """The last of each text, the surest first."""
    views = {view.text: view for view in (*passage.reads, *passage.trailers)}
    if passage.view is not None:
        views[passage.view.text] = passage.view
    found = [v for v in views.values() if worth_recording(v)]
    return sorted(found, key=lambda v: -v.confidence)


def _read(view: PlateView) -> dict[str, Any]:
    return {
        "text": view.text,
        "country": view.country,
        "confidence": round(view.confidence, 4),
        "accepted": view.accepted,
        **_second(view),
    }


def _second(view: PlateView) -> dict[str, Any]:
    """What the camera's own reader read of the same vehicle."""
    if not view.second:
        return {}
    sure = view.second_confidence
    return {
        "second_reader": {
            "text": view.second,
            "confidence": None if sure is None else round(sure, 4),
        }
    }


def decided_data(passage: Passage, policy: LanePolicy) -> dict[str, Any]:
    confidence = round(passage.view.confidence, 4) if passage.view else 0.0
    return {**_common(passage, policy), "confidence": confidence}


def _ended(
    passage: Passage, outcome: Outcome, motions: Sequence[Motion], context: Context
) -> dict[str, Any]:
    since = [m for m in motions if m.at >= passage.arrived_at]
    return {
        **_common(passage, context.policy),
        "outcome": outcome.value,
        "arrived_at": iso(passage.arrived_at),
        "decided_at": _time(passage.decided_at),
        "entered_at": _time(passage.entered_at),
        "motions": [{"arm": m.arm.value, "cause": m.cause, "at": iso(m.at)} for m in since],
    }


def completed_data(
    passage: Passage,
    outcome: Outcome,
    motions: Sequence[Motion],
    context: Context,
    observed: bool,
) -> dict[str, Any]:
    return {
        **_ended(passage, outcome, motions, context),
        "completed_at": iso(context.now.wall),
        "observed": observed,
    }


def abandoned_data(
    passage: Passage, outcome: Outcome, why: str, motions: Sequence[Motion], context: Context
) -> dict[str, Any]:
    return {
        **_ended(passage, outcome, motions, context),
        "ended_at": iso(context.now.wall),
        "why": why,
    }


def _time(at: datetime | None) -> str:
    return iso(at) if at else ""
