"""Boxes and readings drawn into a picture, for people."""

from __future__ import annotations

from collections.abc import Iterable

import cv2

from edge.vision import lettering
from edge.vision.detection import Box
from edge.vision.reading import Picture, Reading

VEHICLE = (200, 160, 60)
SURE, UNSURE = (60, 200, 60), (40, 160, 240)


def annotated(
    picture: Picture,
    vehicles: Iterable[tuple[str, Box]],
    plates: Iterable[tuple[Reading | None, Box]],
) -> Picture:
    """A copy with vehicles (kind, box) and plates (reading, box): green where sure, else orange."""
    drawn = picture.copy()
    for kind, box in vehicles:
        _box(drawn, box, VEHICLE, kind, above=True)
    for reading, box in plates:
        sure = reading is not None and reading.accepted
        reported = "" if reading is None else f"{reading.text} {reading.confidence:.0%}"
        _box(drawn, box, SURE if sure else UNSURE, reported, above=False)
    return drawn


def _box(
    picture: Picture, box: Box, colour: tuple[int, int, int], reported: str, above: bool
) -> None:
    height, width = picture.shape[:2]
    thick = max(1, round(width / 640))
    scale = max(0.4, width / 1600)
    x1, y1, x2, y2 = (round(v) for v in box)
    cv2.rectangle(picture, (x1, y1), (x2, y2), colour, thick)
    w, h = lettering.size(reported, scale, thick)
    x = max(0, min(x1, width - w))
    y = max(h + 2, y1 - 4) if above else min(height - 4, y2 + h + 6)
    lettering.write(picture, reported, (x, y), scale, colour, thick)
