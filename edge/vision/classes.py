"""The meaning of a detector's boxes and class names for the gate, whichever engine runs the
network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from edge.system.causes import cause
from edge.vision.detection import KINDS, PLATE, Detection, overlap
from edge.vision.weights import WeightsError

SIZE = (320, 544)
"""The network's input for video, height and width: wide like a camera's picture. Own weights that
were exported with a size of their own keep it."""

CAREFUL_SIZE = (640, 640)
"""Input size for single photographs, upright ones too: there is time, and no next picture."""

SURE_VEHICLE = 0.35
SURE_PLATE = 0.15
CAREFUL_PLATE = 0.08
"""A plate is read anyway, and what is none is then not read; a vehicle is not."""

ALSO = {
    "motorbike": "motorcycle",
    "lorry": "truck",
    "van": "car",
    "license_plate": PLATE,
    "licence_plate": PLATE,
    "number_plate": PLATE,
    "lp": PLATE,
}
"""Other names that own weights may have for the classes."""


def kinds_of(names: Mapping[int, object], weights: Path) -> dict[int, str | None]:
    """The gate's name for each class of the detector; None for one that the gate does not use.
    Raises WeightsError where none is a plate."""
    kinds = {number: _kind(name) for number, name in names.items()}
    if PLATE not in kinds.values():
        known = ", ".join(str(n) for n in list(names.values())[:8])
        raise WeightsError(cause("weights.no_plate", file=weights, known=known))
    return kinds


def unusable(weights: Path, engine: str, error: Exception) -> WeightsError:
    """The refusal of weights that an engine does not take; each format has its own errors."""
    why = " ".join(str(error).split())[:160]
    return WeightsError(cause("weights.unusable", file=weights, engine=engine, error=why))


def detections(rows: Iterable[Sequence[float]], kinds: Mapping[int, str | None]) -> list[Detection]:
    """The detections among rows (x1, y1, x2, y2, confidence, class) whose class the gate uses,
    surest first."""
    found = []
    for x1, y1, x2, y2, confidence, number in rows:
        kind = kinds.get(int(number))
        if kind == PLATE or (kind is not None and confidence >= SURE_VEHICLE):
            found.append(Detection(kind, confidence, (x1, y1, x2, y2)))
    return _once(sorted(found, key=lambda d: -d.confidence))


def _kind(name: object) -> str | None:
    plain = str(name).strip().lower().replace("-", "_").replace(" ", "_")
    plain = ALSO.get(plain, plain)
    return plain if plain in KINDS else None


def _once(found: list[Detection]) -> list[Detection]:
    """One vehicle that is seen as car and as truck is the surer of both."""
    kept: list[Detection] = []
    for d in found:
        same = [k for k in kept if (k.kind == PLATE) == (d.kind == PLATE)]
        if not any(overlap(d.box, k.box) > 0.6 for k in same):
            kept.append(d)
    return kept
