"""PURE. Whether a box of this picture is the vehicle that was followed until now.

By where it should be after its own motion, by its size, by what is read on it, and, where the place
alone leaves doubt, by its colours. A vehicle does not jump back while it drives forward, and does
not grow by half between two pictures; another that takes its place does.
"""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from edge.vision.appearance import Appearance, differ
from edge.vision.detection import Box, overlap, within
from edge.vision.frame_result import SeenVehicle
from edge.vision.reading import Reading

SAME = 0.25
"""Overlap from which on two boxes are one vehicle."""

AT_HOME = 0.5
"""Overlap from which on the place alone tells enough."""

NEAR = 0.6
"""Maximum distance of the centres of two boxes without overlap, in each direction as a share of the
smaller one's side in it."""

COAST_S = 0.6
"""Seconds for which a vehicle is expected to go on as it went."""

GROWN = 1.6
"""Ratio of sizes from which on two boxes are two vehicles."""

JUMPED = 0.5
"""Distance from where it was expected, as a share of its size, from which on it has jumped."""

AGAIN = 0.6
"""Overlap from which on one that was unseen for long, and stood, is the same."""

HALF_SURE = 0.5
"""Confidence from which on a reading can speak against a track."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A followed vehicle, as far as a new box is compared with it. `box` when it was last seen,
    `gap_s` seconds ago; `moving` in pixels a second; `known`: its kind is."""

    box: Box
    gap_s: float
    moving: tuple[float, float]
    known: bool
    appearance: Appearance | None
    said: Reading | None
    returned: bool


def likeness(of: Expected, seen: SeenVehicle, known: bool) -> float:
    """How probably what is seen is the followed vehicle, 0 for surely not. `known`: it was detected
    as a vehicle; else only its plate was, and `box` is a guess."""
    box, appearance = seen.box, seen.appearance
    read = seen.plate.reading if seen.plate else None
    if contradicts(of.said, read):
        return 0.0
    if of.said and read and read.accepted and of.said.text == read.text:
        return 2.5
    here, there = overlap(of.box, box), overlap(_moved(of), box)
    shared = max(here, there)
    if of.returned:
        alike = not differ(of.appearance, appearance)
        return shared if shared > AGAIN and alike else 0.0
    if not (of.known and known):
        held = max(within(of.box, box), within(box, of.box))
        if seen.plate is not None and of.known:
            held = max(held, within(seen.plate.box, of.box), within(seen.plate.box, _moved(of)))
        if shared <= SAME and held > 0.7:
            return 0.9
    elif shared < AT_HOME and (_jumped(of, box) or differ(of.appearance, appearance)):
        return 0.0
    if shared > SAME:
        return shared + 1
    distance = min(_distance(of.box, box), _distance(_moved(of), box))
    return 0.5 * (1 - distance) if distance < NEAR else 0.0


def contradicts(said: Reading | None, read: Reading | None) -> bool:
    """Whether both are surely read, and differ in more than a slip."""
    return said is not None and read is not None and read.accepted and unlike(said.text, read.text)


def speaks_against(said: Reading | None, read: Reading | None) -> bool:
    """Whether the reading, sure or not, is rather another plate's than this one's read wrongly."""
    if said is None or read is None or read.country == "?" or read.confidence < HALF_SURE:
        return False
    return unlike(said.text, read.text)


def unlike(a: str, b: str) -> bool:
    """Whether two texts differ in at least half of their characters: no slip of the reader."""
    return Levenshtein.distance(a, b) >= max(3, max(len(a), len(b)) / 2)


def _moved(of: Expected) -> Box:
    """Where it should be now."""
    ahead = min(of.gap_s, COAST_S)
    dx, dy = of.moving[0] * ahead, of.moving[1] * ahead
    x1, y1, x2, y2 = of.box
    return x1 + dx, y1 + dy, x2 + dx, y2 + dy


def _jumped(of: Expected, box: Box) -> bool:
    """Whether the box has another size, or lies back from where the vehicle was and drove to."""
    ratio = _side(box) / _side(of.box)
    if max(ratio, 1 / ratio) > GROWN:
        return True
    dx, dy = _step(of.box, box)
    speed = (of.moving[0] ** 2 + of.moving[1] ** 2) ** 0.5
    if speed * max(of.gap_s, 0.1) < 0.05 * _side(of.box):
        return False
    back = -(dx * of.moving[0] + dy * of.moving[1]) / speed
    return back > JUMPED * _side(of.box)


def _side(box: Box) -> float:
    return max(1.0, (box[2] - box[0] + box[3] - box[1]) / 2)


def _step(a: Box, b: Box) -> tuple[float, float]:
    """From the centre of the one to that of the other."""
    return (b[0] + b[2] - a[0] - a[2]) / 2, (b[1] + b[3] - a[1] - a[3]) / 2


def _distance(a: Box, b: Box) -> float:
    """Of the centres, in sides of the smaller box; 1 where that is under a pixel."""
    dx, dy = _step(a, b)
    wide, high = min(a[2] - a[0], b[2] - b[0]), min(a[3] - a[1], b[3] - b[1])
    if wide < 1 or high < 1:
        return 1.0
    return float(((dx / wide) ** 2 + (dy / high) ** 2) ** 0.5)
