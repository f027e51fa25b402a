"""The result of one picture: vehicles, their plates, and the plates' texts.

A plate that is too small in the whole picture is searched again in the vehicle's own part of it,
enlarged. A plate without a vehicle still counts: a bonnet that fills the picture is often not
detected as a vehicle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from edge.vision.appearance import Appearance, appearance
from edge.vision.detection import PLATE, Box, Detection, Detector, cut, grown, overlap, within
from edge.vision.reading import Picture, PlateReader, Reading

MARGINS = ((0.04, 0.02), (0.09, 0.10))
"""Around the detected plate, as shares of its box, so that no character is cut off; the wider where
the first view is not sure, because boxes of leaning plates are often too small."""

WIDER = ((0.25, 0.20), (0.5, 0.25))
"""Further margins, for photographs, where a box has cut a plate: a video shows it again anyway."""

VIEW = 2.5
"""Side of the enlarged view of a plate, as a multiple of its longer side."""

SMALLEST_VIEW = 12
SMALLEST_VEHICLE = 40
SHARPEST = 4
"""Maximum plates of one picture that are read."""


@dataclass(frozen=True, slots=True)
class SeenPlate:
    box: Box
    sure: float
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class SeenVehicle:
    """`plate`: the one that belongs to it, if any was found; `appearance`: its colours, if it is
    large enough."""

    kind: str
    confidence: float
    box: Box
    plate: SeenPlate | None = None
    appearance: Appearance | None = None


@dataclass(frozen=True, slots=True)
class FrameResult:
    """The result of one picture; `plates` has all, with and without a vehicle."""

    vehicles: tuple[SeenVehicle, ...]
    plates: tuple[SeenPlate, ...]


def _all(box: Box) -> bool:
    return True


def detect(
    picture: Picture,
    detector: Detector,
    reader: PlateReader,
    closer: int = 3,
    most: int = SHARPEST,
    fitter: Detector | None = None,
    wanted: Callable[[Box], bool] = _all,
    mine: Callable[[Box], bool] = _all,
) -> FrameResult:
    """Detects, looks closer at up to `closer` vehicles that show no plate, reads up to `most`.

    `fitter` fits the box of a plate that is not surely read anew and reads again: for photographs.
    `wanted`: whether what is in a box (a vehicle, a plate) is still to be read; `mine`: whether a
    vehicle in that box is looked at at all. A plate is its vehicle's, wherever it hangs.
    """
    found = detector.find(picture)
    vehicles = [d for d in found if d.kind != PLATE]
    plates = [SeenPlate(d.box, d.confidence) for d in found if d.kind == PLATE]
    bare = [v for v in vehicles if not any(within(p.box, v.box) > 0.6 for p in plates)]
    # The nearest first: its lower edge is lowest.
    due_bare = [v for v in bare if mine(v.box) and wanted(v.box)]
    for vehicle in sorted(due_bare, key=lambda v: -v.box[3])[:closer]:
        plates += _closer(picture, vehicle, detector)
    plates = sorted(plates, key=lambda p: -p.sure)
    due = [p for p in plates if mine(_bearer(p, vehicles)) and wanted(p.box)][:most]
    read = _distinct([_read(picture, p, reader, fitter) if p in due else p for p in plates])
    dressed = (_with_plate(v, vehicles, read, appearance(picture, v.box)) for v in vehicles)
    return FrameResult(tuple(dressed), tuple(read))


def read_plate(
    picture: Picture, box: Box, reader: PlateReader, careful: bool = False
) -> Reading | None:
    """Reads the plate in the box; looks again, wider, where a view is not sure.

    A box that has cut a plate reads differently when it is wider. Where it reads the same, and yet
    seemed not to show all of it, something else has cut the plate: then no view is believed more.
    """
    height, width = picture.shape[:2]
    seen: list[Reading] = []
    for margin_x, margin_y in (*MARGINS, *WIDER) if careful else MARGINS:
        reading = reader.read(cut(picture, grown(box, margin_x, margin_y, width, height)))
        if reading is not None:
            seen.append(reading)
            if reading.accepted:
                break
    best = max(seen, key=lambda r: r.confidence, default=None)
    doubts = [r for r in seen if best is not None and r.part and r.text == best.text]
    return min(doubts, key=lambda r: r.confidence) if doubts else best


def _read(
    picture: Picture, plate: SeenPlate, reader: PlateReader, detector: Detector | None
) -> SeenPlate:
    """The plate with its reading; where that is not sure, `detector` fits the box anew."""
    first = replace(plate, reading=read_plate(picture, plate.box, reader, detector is not None))
    if detector is None or (first.reading is not None and first.reading.accepted):
        return first
    box = _fitted(picture, plate.box, detector)
    if box is None:
        return first
    second = replace(first, box=box, reading=read_plate(picture, box, reader, careful=True))
    return max(first, second, key=lambda p: p.reading.confidence if p.reading else -1.0)


def _fitted(picture: Picture, box: Box, detector: Detector) -> Box | None:
    """The plate's box as the detector sees it in an enlarged view, or None."""
    side = VIEW * max(box[2] - box[0], box[3] - box[1]) / 2
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    left, top = max(0, round(x - side)), max(0, round(y - side))
    part = cut(picture, (left, top, x + side, y + side))
    if min(part.shape[:2]) < SMALLEST_VIEW:
        return None
    for d in detector.find(part):
        a, b, c, e = d.box
        moved = (a + left, b + top, c + left, e + top)
        if d.kind == PLATE and overlap(moved, box) > 0.3:
            return moved
    return None


def _distinct(plates: list[SeenPlate]) -> list[SeenPlate]:
    """Of several boxes on one plate the one that is read best."""

    def worth(plate: SeenPlate) -> tuple[float, float]:
        return (plate.reading.confidence if plate.reading else -1.0, plate.sure)

    kept: list[SeenPlate] = []
    for plate in sorted(plates, key=worth, reverse=True):
        if not any(max(within(plate.box, k.box), within(k.box, plate.box)) > 0.5 for k in kept):
            kept.append(plate)
    return kept


def _closer(picture: Picture, vehicle: Detection, detector: Detector) -> list[SeenPlate]:
    """Plates in the vehicle's own part of the picture."""
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = grown(vehicle.box, 0.02, 0.02, width, height)
    part = cut(picture, (x1, y1, x2, y2))
    if (
        min(part.shape[:2]) < SMALLEST_VEHICLE
        or part.shape[0] * part.shape[1] > 0.8 * height * width
    ):
        return []
    found = []
    for d in detector.find(part):
        if d.kind == PLATE:
            a, b, c, e = d.box
            found.append(SeenPlate((a + x1, b + y1, c + x1, e + y1), d.confidence))
    return [
        p for i, p in enumerate(found) if not any(overlap(p.box, q.box) > 0.4 for q in found[:i])
    ]


def _with_plate(
    vehicle: Detection,
    vehicles: list[Detection],
    plates: list[SeenPlate],
    seen_as: Appearance | None,
) -> SeenVehicle:
    """The vehicle with the plate that lies in it and in no nearer vehicle."""

    own = [p for p in plates if _owner(p, vehicles) is vehicle]
    best = max(
        own, key=lambda p: (p.reading.confidence if p.reading else 0.0, p.sure), default=None
    )
    return SeenVehicle(vehicle.kind, vehicle.confidence, vehicle.box, best, seen_as)


def _owner(plate: SeenPlate, vehicles: Sequence[Detection]) -> Detection | None:
    """The vehicle that the plate hangs on."""
    inside = [v for v in vehicles if within(plate.box, v.box) > 0.6]
    # Of vehicles one behind the other, the one whose lower edge is lowest is nearest.
    return max(inside, key=lambda v: v.box[3], default=None)


def _bearer(plate: SeenPlate, vehicles: Sequence[Detection]) -> Box:
    """The box of the vehicle that the plate hangs on, or of the one that probably does."""
    owner = _owner(plate, vehicles)
    return bearer(plate.box) if owner is None else owner.box


def bearer(plate: Box) -> Box:
    """The box of what probably carries a plate on which no vehicle was detected."""
    x1, y1, x2, y2 = plate
    width = x2 - x1
    return x1 - width, y1 - width, x2 + width, y2 + width / 3
