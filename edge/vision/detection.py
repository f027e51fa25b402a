"""Finding vehicles and plates in a picture: the port and its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from edge.vision.reading import Picture

PLATE = "plate"
KINDS = ("car", "motorcycle", "bus", "truck", PLATE)

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 in pixels."""


@dataclass(frozen=True, slots=True)
class Detection:
    kind: str
    confidence: float
    box: Box


class Detector(Protocol):
    def find(self, picture: Picture) -> list[Detection]:
        """Vehicles and plates, surest first."""


def area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    inner = area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))
    whole = area(a) + area(b) - inner
    return inner / whole if whole > 0 else 0.0


def within(inner: Box, outer: Box) -> float:
    """The share of `inner` that lies in `outer`."""
    cut = (
        max(inner[0], outer[0]),
        max(inner[1], outer[1]),
        min(inner[2], outer[2]),
        min(inner[3], outer[3]),
    )
    return area(cut) / area(inner) if area(inner) > 0 else 0.0


def grown(box: Box, share_x: float, share_y: float, width: int, height: int) -> Box:
    """The box, enlarged by this share of its size on each side and kept in the picture."""
    dx, dy = (box[2] - box[0]) * share_x, (box[3] - box[1]) * share_y
    return (
        max(0.0, box[0] - dx),
        max(0.0, box[1] - dy),
        min(float(width), box[2] + dx),
        min(float(height), box[3] + dy),
    )


def cut(picture: Picture, box: Box) -> Picture:
    """The part of the picture in the box; may be empty."""
    x1, y1, x2, y2 = (round(v) for v in box)
    return picture[max(0, y1) : max(0, y2), max(0, x1) : max(0, x2)]
