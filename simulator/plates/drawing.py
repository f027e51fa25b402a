"""Draws one plate, clean and head-on.

Layouts: Vietnam long 470 x 110 mm, square 280 x 200 mm, three rows 190 x 200 mm; China 440 x
140 mm, large rear plate 440 x 220 mm, new energy 480 x 140 mm. Glyphs are fitted into
their cells, so any bold face gives the proportions of the standard.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from edge.domain.plate import DIGITS, parse

Picture = NDArray[np.uint8]

FONTS = Path(__file__).parent / "fonts"

COLOURS: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "white": ((235, 235, 235), (25, 25, 25)),
    "yellow": ((30, 185, 240), (20, 20, 20)),
    "blue": ((165, 75, 15), (245, 245, 245)),
    "green": ((120, 190, 90), (20, 20, 20)),
    "red": ((35, 30, 190), (240, 240, 240)),
    "black": ((25, 25, 25), (240, 240, 240)),
}
"""Ground and glyphs, BGR."""

RED = (40, 30, 190)
IN_RED = "警使领"
"""Characters that stand in red on Chinese plates of every colour (GA 36-2018)."""

Cell = tuple[str, float, float, float, float]
"""A character and its box x, y, width, height in millimetres."""


def fonts_shipped() -> tuple[Path, Path]:
    """The Latin and the Chinese face that come with the simulator."""
    return FONTS / "latin.ttf", FONTS / "chinese.otf"


def draw(
    text: str,
    country: str,
    colour: str,
    lines: int,
    height: int = 80,
    fonts: tuple[Path, Path] | None = None,
    stroke: int = 0,
) -> Picture:
    """The plate as (height, width, 3) BGR. `text` canonical; `fonts`: Latin and Chinese face;
    `stroke`: so many pixels of a 120-pixel glyph its strokes are thicker, or thinner where < 0."""
    size, cells = _layout(text, country, lines)
    scale = height / size[1]
    # Drawn larger and shrunk, so that edges are as soft as a camera's.
    big = max(1.0, 160 / size[1])
    w, h = round(size[0] * big), round(size[1] * big)
    ground, ink = COLOURS[colour]
    if country == "VN" and "NG" in text and colour == "white":
        ink = RED
    plate = np.empty((h, w, 3), np.uint8)
    plate[:] = ground
    if colour == "green" and text[-1] in DIGITS:
        fade = np.linspace(1.0, 0.0, h)[:, None, None]
        plate = (plate * (1 - fade) + 235 * fade).astype(np.uint8)
    elif colour == "green":
        plate[:, : round(132 * big)] = COLOURS["yellow"][0]
    edge = max(1, round(3 * big))
    rim = ink if country == "VN" or colour in ("yellow", "white", "green") else (230, 230, 230)
    cv2.rectangle(plate, (edge, edge), (w - edge - 1, h - edge - 1), rim, max(1, round(2 * big)))
    faces = fonts or fonts_shipped()
    for character, x, y, cw, ch in cells:
        box = (round(x * big), round(y * big), max(1, round(cw * big)), max(1, round(ch * big)))
        _stamp(plate, character, box, RED if character in IN_RED else ink, faces, stroke)
    if lines == 1 or country == "VN":
        _marks(plate, text, country, lines, size, big, ink)
    out = cv2.resize(plate, (max(8, round(size[0] * scale)), height), interpolation=cv2.INTER_AREA)
    return out.astype(np.uint8)


def _layout(text: str, country: str, lines: int) -> tuple[tuple[int, int], list[Cell]]:
    """Plate size in millimetres and the cell of every character."""
    known = parse(text)
    split = known.split if known and known.split else 2
    if known and known.kind == "military":
        pairs = (text[:2], text[2:4], text[4:])
        if lines == 1:
            return (470, 110), [
                c for i, p in enumerate(pairs) for c in _row(p, 22 + 154 * i, 17, 118, 76)
            ]
        return (280, 200), [
            *_row(pairs[0], 85, 16, 110, 78),
            *_row(pairs[1], 18, 106, 108, 78),
            *_row(pairs[2], 154, 106, 108, 78),
        ]
    if country == "VN":
        if lines == 1:
            tail = len(text) - split
            return (470, 110), [
                *_row(text[:split], 22, 20, 165 if split == 3 else 190, 70),
                *_row(text[split:], 205 if split == 3 else 228, 20, 243 if tail == 5 else 200, 70),
            ]
        top, bottom = text[:split], text[split:]
        if lines == 3:
            return (190, 200), [
                *_row(top[:2], 50, 10, 90, 56),
                *_row(top[2:], 30, 72, 130, 56),
                *_row(bottom, 12, 134, 166, 56),
            ]
        if len(top) > 3:
            # Motorcycles: a dash between the province and the series.
            return (280, 200), [
                *_row(top[:2], 30, 16, 90, 78),
                *_row(top[2:], 146, 16, 104 if len(top) == 4 else 122, 78),
                *_row(bottom, 14, 106, 252, 78),
            ]
        width = 62 * len(top)
        return (280, 200), [
            *_row(top, (280 - width) / 2, 16, width, 78),
            *_row(bottom, 14, 106, 252, 78),
        ]
    if lines == 2:
        return (440, 220), [
            *_row(text[:2], 110, 15, 220, 60, 30),
            *_row(text[2:], 27, 90, 386, 110),
        ]
    if len(text) == 8:
        return (480, 140), [*_row(text[:2], 15, 25, 108, 90), *_row(text[2:], 146, 25, 320, 90)]
    return (440, 140), [*_row(text[:2], 15, 25, 102, 90), *_row(text[2:], 150, 25, 274, 90)]


def _row(text: str, x: float, y: float, width: float, height: float, gap: float = 9) -> list[Cell]:
    """Characters side by side over the given width."""
    n = max(1, len(text))
    each = (width - gap * (n - 1)) / n
    return [(c, x + i * (each + gap), y, each, height) for i, c in enumerate(text)]


def _marks(
    plate: Picture,
    text: str,
    country: str,
    lines: int,
    size: tuple[int, int],
    big: float,
    ink: Sequence[int],
) -> None:
    """Dashes and dots, which carry no information but must not be read as characters."""
    r = max(1, round(4.5 * big))
    tone = tuple(int(v) for v in ink)
    if country == "CN":
        if len(text) == 7:
            cv2.circle(plate, (round(133 * big), round(70 * big)), r, tone, -1, cv2.LINE_AA)
        return
    known = parse(text)
    if known and known.kind == "military":
        thick, y = max(1, round(9 * big)), 55 if lines == 1 else 145
        for x in (151, 305) if lines == 1 else (134,):
            ends = (round(x * big), round(y * big)), (round((x + 13) * big), round(y * big))
            cv2.line(plate, *ends, tone, thick)
        return
    split = known.split if known and known.split else 3
    tail = len(text) - split
    if lines == 1:
        x = 196 if split == 3 else 220
        a, b = round((x - 7) * big), round((x + 5) * big)
        cv2.line(plate, (a, round(55 * big)), (b, round(55 * big)), tone, max(1, round(6 * big)))
        if tail == 5:
            dot = 205 + 243 * 0.6 if split == 3 else 228 + 243 * 0.6
            cv2.circle(plate, (round(dot * big), round(84 * big)), r, tone, -1, cv2.LINE_AA)
        return
    thick = max(1, round(8 * big))
    if lines == 2 and split > 3:
        y = round(55 * big)
        cv2.line(plate, (round(126 * big), y), (round(140 * big), y), tone, thick)
    if tail == 5 and lines == 2:
        dot = 14 + 252 * 0.6
        cv2.circle(plate, (round(dot * big), round(178 * big)), r, tone, -1, cv2.LINE_AA)


def _stamp(
    plate: Picture,
    character: str,
    box: tuple[int, int, int, int],
    ink: Sequence[int],
    faces: tuple[Path, Path],
    stroke: int,
) -> None:
    """One glyph, stretched into its cell."""
    x, y, w, h = box
    shape = glyph(character, str(faces[1] if ord(character) > 255 else faces[0]), stroke)
    if character in "1I":
        inner = round(w * 0.55)
        x, w = x + (w - inner) // 2, max(1, inner)
    mask = cv2.resize(shape, (w, h), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None]
    part = plate[y : y + h, x : x + w]
    mask = mask[: part.shape[0], : part.shape[1]] / 255
    part[:] = (part * (1 - mask) + np.array(ink, np.float32) * mask).astype(np.uint8)


@lru_cache(maxsize=2048)
def glyph(character: str, face: str, stroke: int = 0) -> Picture:
    """The glyph cut to its ink, (h, w) 0..255."""
    font = ImageFont.truetype(face, 120)
    canvas = Image.new("L", (220, 220))
    ImageDraw.Draw(canvas).text((40, 30), character, font=font, fill=255)
    pixels = np.asarray(canvas)
    if stroke:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(stroke) + 1,) * 2)
        change = cv2.dilate if stroke > 0 else cv2.erode
        pixels = change(pixels, kernel).astype(np.uint8)
    rows, columns = np.nonzero(pixels > 40)
    if rows.size == 0:
        return np.zeros((10, 10), np.uint8)
    cut = pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return np.ascontiguousarray(cut)
