"""The result of one picture: vehicles, their plates, and the plates' texts.

A plate that is too small in the whole picture is searched again in the vehicle's own part of it,
enlarged, and in other looks at it, picture by picture in turn. A plate without a vehicle still
counts: a bonnet that fills the picture is often not detected as a vehicle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from edge.vision.appearance import Appearance, appearance
from edge.vision.detection import PLATE, Box, Detection, Detector, cut, grown, overlap, within
from edge.vision.detector_passes import OTHERS, DetectorPass, as_it_is, other, part, parts, steep
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

RIVAL = 0.5
"""Confidence from which another text read on the same plate speaks against the surest."""

NEARLY = 0.9
"""Confidence in a close view from which a wide one may make the same text sure."""

LEGIBLE = 0.5
"""Confidence from which a plate counts as found: a larger look would show nothing new."""


@dataclass(frozen=True, slots=True)
class SeenPlate:
    box: Box
    sure: float
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """A plate where a look shows it: `box` in the look's own pixels."""

    view: DetectorPass
    box: Box
    sure: float

    @property
    def seen(self) -> SeenPlate:
        return SeenPlate(self.view.in_picture(self.box), self.sure)


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
    number: int = 0,
) -> FrameResult:
    """Detects, looks closer at up to `closer` vehicles that show no plate, reads up to `most`.

    `fitter` fits the box of a plate that is not surely read anew and reads again, and looks in
    other ways at a picture of which nothing is surely read: for photographs.
    `wanted`: whether what is in a box (a vehicle, a plate) is still to be read; `mine`: whether a
    vehicle in that box is looked at at all. A plate is its vehicle's, wherever it hangs.
    `number`: of the picture in a video; chooses the look at a vehicle that shows no plate.
    """
    detected = detector.find(picture)
    vehicles = [d for d in detected if d.kind != PLATE]
    straight = as_it_is(picture)
    found = [_Found(straight, d.box, d.confidence) for d in detected if d.kind == PLATE]
    bare = [v for v in vehicles if not any(within(f.box, v.box) > 0.6 for f in found)]
    # The nearest first: its lower edge is lowest.
    due_bare = [v for v in bare if mine(v.box) and wanted(v.box)]
    for vehicle in sorted(due_bare, key=lambda v: -v.box[3])[:closer]:
        found += _closer(picture, vehicle, detector, number)
    found = sorted(found, key=lambda f: -f.sure)
    due = [f for f in found if mine(_bearer(f.seen, vehicles)) and wanted(f.seen.box)][:most]
    read = _distinct([_read(f, reader, fitter) if f in due else f.seen for f in found])
    if fitter is not None:
        read = _read_again(picture, read, reader, fitter, most)
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
            if (margin_x, margin_y) in WIDER:
                reading = _no_surer(reading, seen)
            seen.append(reading)
            if reading.accepted:
                break
    best = max(seen, key=lambda r: r.confidence, default=None)
    doubts = [r for r in seen if best is not None and r.part and r.text == best.text]
    return min(doubts, key=lambda r: r.confidence) if doubts else best


def _no_surer(wide: Reading, closer: list[Reading]) -> Reading:
    """What a wide view reads; where a closer one reads the same and is far from sure of it, no
    surer than that: the more views, the likelier one of them is sure of an error."""
    near = max((r.confidence for r in closer if r.text == wide.text), default=NEARLY)
    if near >= NEARLY or wide.confidence <= near:
        return wide
    return replace(wide, confidence=near, accepted=False)


def _read(found: _Found, reader: PlateReader, detector: Detector | None) -> SeenPlate:
    """The plate with its reading; where that is not sure, `detector` fits the box anew."""
    picture = found.view.picture
    careful = detector is not None
    first = replace(found.seen, reading=read_plate(picture, found.box, reader, careful))
    if detector is None or (first.reading is not None and first.reading.accepted):
        return first
    box = _fitted(picture, found.box, detector)
    if box is None:
        return first
    reading = read_plate(picture, box, reader, careful=True)
    if reading is not None and first.reading is not None:
        reading = _no_surer(reading, [first.reading])
    second = replace(first, box=found.view.in_picture(box), reading=reading)
    return _distinct([first, second])[0]


def _read_again(
    picture: Picture, read: list[SeenPlate], reader: PlateReader, detector: Detector, most: int
) -> list[SeenPlate]:
    """`read`, and what other looks at the picture show, until a plate is surely read."""
    legible = any(p.reading is not None and p.reading.confidence >= LEGIBLE for p in read)
    straight, straight_on = as_it_is(picture), read
    more = () if legible else chain(steep(straight), parts(picture))
    for view in chain((other(straight, n) for n in range(OTHERS)), more):
        if any(p.reading is not None and p.reading.accepted for p in read):
            break
        found = [
            _Found(view, d.box, d.confidence)
            for d in detector.find(view.picture)
            if d.kind == PLATE
        ]
        whole = [f for f in found if not view.cuts(f.box) and not _steeper(f, straight_on)][:most]
        fresh = [_held(_read(f, reader, detector), straight_on) for f in whole]
        read = _distinct([*read, *fresh])
    return read


def _steeper(found: _Found, before: list[SeenPlate]) -> bool:
    """Whether a shear shows the plate more sloping: the first look read it in a flatter box."""
    if not found.view.shears:
        return False
    box = found.view.in_picture(found.box)
    read = [p.box for p in before if p.reading is not None and p.reading.country != "?"]
    return any(_one(box, first) and _flatness(first) > _flatness(found.box) for first in read)


def _flatness(box: Box) -> float:
    return (box[2] - box[0]) / max(1.0, box[3] - box[1])


def _held(plate: SeenPlate, before: list[SeenPlate]) -> SeenPlate:
    """The plate of another look, no surer than the first look if that read the same in doubt."""
    if plate.reading is None:
        return plate
    first = [p.reading for p in before if p.reading is not None and _one(p.box, plate.box)]
    return replace(plate, reading=_no_surer(plate.reading, first))


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
    """Of several boxes on one plate the one that is read best; in doubt where another is read
    otherwise."""

    def worth(plate: SeenPlate) -> tuple[float, float]:
        return (plate.reading.confidence if plate.reading else -1.0, plate.sure)

    kept: list[SeenPlate] = []
    for plate in sorted(plates, key=worth, reverse=True):
        same = [i for i, k in enumerate(kept) if _one(plate.box, k.box)]
        if not same:
            kept.append(plate)
        for i in same:
            ours = kept[i].reading
            if ours is not None:
                kept[i] = replace(kept[i], reading=_contradicted(ours, plate.reading))
    return kept


def _one(a: Box, b: Box) -> bool:
    """Whether both boxes are on one plate."""
    return max(within(a, b), within(b, a)) > 0.5


def _contradicted(ours: Reading, rival: Reading | None) -> Reading:
    """The reading, no longer sure where another one of the same plate contradicts. One that does
    not seem to show all of it may well be shorter."""
    if rival is None or rival.part or rival.text == ours.text:
        return ours
    # One that is in doubt itself between two texts would have been surer of its own alone.
    if rival.country == "?" or rival.confidence + rival.rival < RIVAL:
        return ours
    share = ours.confidence / (ours.confidence + rival.confidence)
    return replace(ours, confidence=share, accepted=False, rival=1 - share)


def _closer(picture: Picture, vehicle: Detection, detector: Detector, number: int) -> list[_Found]:
    """Plates in the vehicle's own part of the picture, seen larger or otherwise."""
    height, width = picture.shape[:2]
    own = part(picture, grown(vehicle.box, 0.02, 0.02, width, height))
    if min(own.picture.shape[:2]) < SMALLEST_VEHICLE:
        return []
    larger = own.picture.shape[0] * own.picture.shape[1] <= 0.8 * height * width
    if not larger:
        view = other(own, number)
    else:
        view = other(own, number // 2) if number % 2 else own
    found = [
        _Found(view, d.box, d.confidence) for d in detector.find(view.picture) if d.kind == PLATE
    ]
    return [
        f for i, f in enumerate(found) if not any(overlap(f.box, g.box) > 0.4 for g in found[:i])
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
