"""Vehicles on a lane, and the boxes in which a camera's detector would find them: the truth of each
box is known. Boxes tremble, some are missed, plates are read now and then; all of it seeded.

Metres are measured along the lane, upwards towards the barrier; `front` is a vehicle's foremost
point, its rear is `front` less its length.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from edge.vision.detection import within
from edge.vision.frame_result import FrameResult, SeenPlate, SeenVehicle
from edge.vision.reading import Reading

WIDTH, HEIGHT = 1280, 720
LENGTHS = {"truck": 12.0, "bus": 11.0, "car": 4.5, "motorcycle": 2.0}
HEIGHTS = {"truck": 3.7, "bus": 3.2, "car": 1.55, "motorcycle": 1.6}
WIDTHS = {"truck": 2.5, "bus": 2.5, "car": 1.85, "motorcycle": 0.8}


@dataclass
class Vehicle:
    """`side`: metres right of the lane's middle."""

    text: str
    front: float
    kind: str = "truck"
    side: float = 0.0
    colour: int = 0

    @property
    def rear(self):
        return self.front - LENGTHS[self.kind]


def a_reading(text, confidence=0.97, accepted=True, country="VN"):
    rest = ((text, 1.0),)
    return Reading(text, text, country, "white", 1, confidence, accepted, rest, 90)


class SideCamera:
    """Looks across the lane from beside it: x runs with the lane, 12 pixels a metre; the barrier
    (60 m) is at x = 720."""

    scale = 12.0

    def box(self, v):
        low = 500.0 + 40 * v.side
        return (
            self.scale * v.rear,
            low - self.scale * HEIGHTS[v.kind],
            self.scale * v.front,
            low,
        )

    def plate(self, v):
        _, _, x2, y2 = self.box(v)
        return (x2 - 12, y2 - 14, x2 - 2, y2 - 8)


class FrontCamera:
    """Hangs behind the barrier and looks at the fronts, as simulator/scene.py draws them; the
    barrier (60 m) is 6 m before it."""

    focal, high, horizon, at = 1350.0, 2.3, 235.0, 66.0

    def box(self, v):
        away = self.at - v.front
        if away < 4.5:
            return None
        low = self.horizon + self.focal * self.high / away
        half = self.focal * WIDTHS[v.kind] / away / 2
        x = WIDTH / 2 + self.focal * v.side / away
        return (x - half, low - self.focal * HEIGHTS[v.kind] / away, x + half, low)

    def plate(self, v):
        x1, y1, x2, y2 = self.box(v)
        w, h = x2 - x1, y2 - y1
        return (x1 + 0.4 * w, y1 + 0.83 * h, x1 + 0.6 * w, y1 + 0.87 * h)


class Detecting:
    """What a detector finds. `misses`, `reads`: share of boxes missed and of plates read; `wrong`:
    share of the readings that are another text, unsure."""

    def __init__(self, camera, seed=1, misses=0.1, reads=0.5, wrong=0.0, tremble=0.015):
        self.camera, self.rng = camera, random.Random(seed)
        self.misses, self.reads, self.wrong, self.tremble = misses, reads, wrong, tremble

    def result(self, vehicles):
        """(frame result, by its box the vehicle it is)."""
        boxes = [(v, self.camera.box(v)) for v in vehicles]
        shown = [(v, _clipped(box)) for v, box in boxes if box is not None and _clipped(box)]
        # The nearest is drawn last and hides what is behind it.
        shown.sort(key=lambda pair: pair[1][3])
        truth, seen = {}, []
        for n, (v, box) in enumerate(shown):
            hidden = any(within(box, other) > 0.5 for _, other in shown[n + 1 :])
            if hidden or self.rng.random() < self.misses:
                continue
            box = self._trembling(box)
            truth[box] = v
            seen.append(
                SeenVehicle(v.kind, 0.9, box, self._plate(v, shown[n + 1 :]), appearance_of(v))
            )
        plates = tuple(s.plate for s in seen if s.plate)
        return FrameResult(tuple(seen), plates), truth

    def _plate(self, v, nearer):
        box = self.camera.plate(v)
        if not v.text or any(within(box, other) > 0.2 for _, other in nearer):
            return None
        if self.rng.random() >= self.reads:
            return SeenPlate(box, 0.7)
        if self.rng.random() < self.wrong:
            return SeenPlate(box, 0.8, a_reading(v.text[:4] + "7" + v.text[5:], 0.6, False))
        return SeenPlate(box, 0.8, a_reading(v.text))

    def _trembling(self, box):
        side = (box[2] - box[0] + box[3] - box[1]) / 2
        return tuple(c + self.rng.gauss(0, self.tremble / 2) * side for c in box)


def appearance_of(v):
    """Colours: vehicles of one `colour` appearance the same."""
    shares = [0.02] * 20
    shares[v.colour % 20] = 0.62
    return tuple(shares)


def _clipped(box):
    x1, y1, x2, y2 = max(0, box[0]), max(0, box[1]), min(WIDTH, box[2]), min(HEIGHT, box[3])
    return (x1, y1, x2, y2) if x2 - x1 > 20 and y2 - y1 > 12 else None
