"""PURE. Why the answer is what it is: the readings of each frame and what was made of them, as a
small JSON file beside the pictures."""

from __future__ import annotations

import json
from typing import Any

from edge.domain.moment import iso
from edge.domain.plate import agree
from edge.vision.plate_events import CameraReading
from edge.vision.read_scheduler import FrameRead, TrackHistory
from edge.vision.reading import Reading

VERSION = 1
MOST_CANDIDATES = 3
"""Likeliest texts of one frame that are named."""


def reads_file(lane: str, camera: str, known: TrackHistory, accept: float) -> bytes:
    """`accept`: the probability from which a reading counts as sure."""
    support = known.fusion.support()
    body = {
        "version": VERSION,
        "lane": lane,
        "camera": camera,
        "frames_read": known.read,
        "frames": [_frame(one) for one in known.frames],
        "result": _result(known.result),
        "second": _second(known.second),
        "why": {
            "accept_from": accept,
            "agreeing": len(support.agreeing) if support else 0,
            "of": support.known if support else 0,
            "share": round(support.share, 4) if support else 0.0,
            "no_rival": bool(support and support.clear),
            "second_agrees": _agrees(known),
        },
    }
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _frame(one: FrameRead) -> dict[str, Any]:
    return {
        "at": iso(one.at),
        "text": one.reading.text,
        "confidence": round(one.reading.confidence, 4),
        "width": one.reading.width,
        "box": [round(v) for v in one.box],
        "candidates": [
            {"text": text, "share": round(share, 4)}
            for text, share in one.reading.candidates[:MOST_CANDIDATES]
        ],
    }


def _second(second: CameraReading | None) -> dict[str, Any] | None:
    """What the camera read itself, by its own word and clock."""
    if second is None:
        return None
    return {
        "text": second.text,
        "country": second.country,
        "confidence": second.confidence,
        "at": iso(second.at) if second.at else "",
    }


def _agrees(known: TrackHistory) -> bool | None:
    """Whether the camera has read the same; None where one of both has read nothing. Where it has
    not, a sure reading is none (second_reading.py)."""
    if known.second is None or known.result is None:
        return None
    return agree(known.result.text, known.second.text)


def _result(result: Reading | None) -> dict[str, Any] | None:
    if result is None:
        return None
    return {
        "text": result.text,
        "country": result.country,
        "confidence": round(result.confidence, 4),
        "accepted": result.accepted,
    }
