"""PURE. The ways of a camera drawn into its picture, as an installer sees them and on the live
picture: areas, travel, lines, zone and stop line."""

from __future__ import annotations

import cv2
import numpy as np

from edge.config import CameraConfig
from edge.config.ways import ARM
from edge.vision import lettering
from edge.vision.geometry import ground
from edge.vision.reading import Picture

COLOURS = {"approach": (200, 160, 60), "waiting": (60, 200, 240), "exit": (80, 200, 80)}
TRAVEL, LINE, ARM_LINE, STOP, ZONE = (
    (240, 240, 240), (200, 90, 200), (60, 60, 230), (90, 90, 200), (150, 150, 150),
)  # fmt: skip
WHOLE = (0.0, 0.0, 1.0, 1.0)


def draw_ways(picture: Picture, config: CameraConfig, named: bool = False) -> None:
    """Draws into the picture itself; with the names beside them where `named`."""
    height, width = picture.shape[:2]
    thick = max(1, round(width / 640))
    drawn = ground(config.ways, width, height)
    for name, corners in drawn.areas.items():
        _area(picture, corners, COLOURS[name], thick, name if named else "")
    for name, line in drawn.lines.items():
        colour = ARM_LINE if name == ARM else LINE
        a, b = _pixel(line.a), _pixel(line.b)
        cv2.line(picture, a, b, colour, 2 * thick, cv2.LINE_AA)
        if named:
            _text(picture, name, a, colour)
    if config.ways.travel is not None:
        x1, y1, x2, y2 = config.ways.travel
        a, b = _pixel((x1 * width, y1 * height)), _pixel((x2 * width, y2 * height))
        cv2.arrowedLine(picture, a, b, TRAVEL, 2 * thick, cv2.LINE_AA, tipLength=0.1)
    if config.zone != WHOLE and named:
        x1, y1, x2, y2 = config.zone
        corner, other = (x1 * width, y1 * height), (x2 * width - 1, y2 * height - 1)
        cv2.rectangle(picture, _pixel(corner), _pixel(other), ZONE, thick)
        _text(picture, "zone", _pixel(corner), ZONE)
    if "waiting" not in drawn.areas:
        y = round(config.stop_line * height)
        cv2.line(picture, (0, y), (width, y), STOP, thick)
        if named:
            _text(picture, "stop_line", (4, y), STOP)


def _area(
    picture: Picture,
    corners: tuple[tuple[float, float], ...],
    colour: tuple[int, int, int],
    thick: int,
    name: str,
) -> None:
    outline = np.array([_pixel(corner) for corner in corners], np.int32)
    if name:
        filled = picture.copy()
        cv2.fillPoly(filled, [outline], colour)
        cv2.addWeighted(filled, 0.25, picture, 0.75, 0, picture)
        _text(picture, name, _pixel(corners[0]), colour)
    cv2.polylines(picture, [outline], True, colour, thick, cv2.LINE_AA)


def _text(picture: Picture, text: str, at: tuple[int, int], colour: tuple[int, int, int]) -> None:
    height, width = picture.shape[:2]
    scale, thick = max(0.4, width / 1400), max(1, round(width / 640))
    w, h = lettering.size(text, scale, thick)
    place = (min(max(2, at[0] + 4), max(2, width - w - 2)), min(max(h + 2, at[1] - 6), height - 4))
    lettering.write(picture, text, place, scale, colour, thick)


def _pixel(at: tuple[float, float]) -> tuple[int, int]:
    return round(at[0]), round(at[1])


def draw_grid(picture: Picture, parts: int) -> None:
    """Faint lines at every part of width and height, with the fractions beside them."""
    height, width = picture.shape[:2]
    faint = picture.copy()
    for n in range(1, parts):
        x, y = round(n * width / parts), round(n * height / parts)
        cv2.line(faint, (x, 0), (x, height), TRAVEL, 1)
        cv2.line(faint, (0, y), (width, y), TRAVEL, 1)
    cv2.addWeighted(faint, 0.4, picture, 0.6, 0, picture)
    for n in range(1, parts):
        x, y = round(n * width / parts), round(n * height / parts)
        _text(picture, f"{n / parts:.1f}", (x, round(0.03 * height)), TRAVEL)
        _text(picture, f"{n / parts:.1f}", (0, y), TRAVEL)
