"""Real plates put together anew, so that their few texts do not become a habit.

Characters change places between real plates: each is cut out of one and set into another, with the
other's light. Provinces that the real plates hardly show are drawn. Without this a reader trained
on plates of one province reads that province everywhere.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from edge.domain.plate import CN_CODES, CN_LETTERS, DIGITS, PROVINCES, VN_SERIES, parse
from simulator.plates.drawing import glyph
from training.recogniser_cells import Cell, Cells
from training.recogniser_net import COLOURS
from training.recogniser_real import Sample

DRAWN = 0.55
"""Share of the changed provinces that are drawn rather than transplanted."""


Bank = dict[str, list[tuple[Cells, Cell]]]
"""Where each character is to be had."""


class Splicer:
    """Puts plates together from the cells of real ones."""

    def __init__(self, plates: list[Cells], faces: list[Path], rng: random.Random) -> None:
        self._rng = rng
        self._faces = faces
        self.bases: dict[str, list[Cells]] = {}
        self._bank: dict[tuple[str, bool, int], Bank] = {}
        for plate in plates:
            self.bases.setdefault(plate.sample.source, []).append(plate)
            for character, cell in zip(plate.sample.text, plate.cells, strict=True):
                kind = self._bank.setdefault((*_family(plate.sample), _row(cell)), {})
                kind.setdefault(character, []).append((plate, cell))

    def plate(self, source: str) -> Sample:
        """A new plate on the ground of a real one of the source."""
        rng = self._rng
        base = rng.choice(self.bases[source])
        sample = base.sample
        picture = sample.picture.copy()
        text = list(sample.text)
        family = _family(sample)
        share = rng.choice((0.15, 0.4, 0.8))
        for i, cell in enumerate(base.cells):
            bank = self._bank[(*family, _row(cell))]
            if text[i] in PROVINCES:
                if rng.random() < 0.75:
                    text[i] = self._province(picture, cell, bank)
                continue
            if rng.random() > share:
                continue
            fitting = [c for c in _alternatives(text[i], i, family[0]) if c in bank]
            fitting = [c for c in fitting if parse("".join((*text[:i], c, *text[i + 1 :])))]
            if fitting:
                text[i] = rng.choice(fitting)
                donor, place = rng.choice(bank[text[i]])
                _transplant(picture, cell, donor.sample.picture, place)
        if parse("".join(text)) is None:
            return sample
        return replace(sample, picture=picture, text="".join(text))

    def _province(self, picture: np.ndarray, cell: Cell, bank: Bank) -> str:
        province = self._rng.choice(PROVINCES)
        if province in bank and self._rng.random() > DRAWN:
            donor, place = self._rng.choice(bank[province])
            _transplant(picture, cell, donor.sample.picture, place)
        else:
            _draw(picture, cell, province, self._rng, str(self._rng.choice(self._faces)))
        return province


def _family(sample: Sample) -> tuple[str, bool]:
    """Plates whose characters may change places: same country, same sort of ground."""
    known = parse(sample.text)
    country = known.country if known else "?"
    if known and known.kind == "military":
        return country, False
    light = country == "VN" or sample.colour == COLOURS.index("yellow")
    return country, light


def _row(cell: Cell) -> int:
    """0 a plate's only row, 1 the upper, 2 the lower."""
    return 0 if cell[3] - cell[1] > 0.9 else 1 if cell[3] < 0.6 else 2


def _alternatives(character: str, i: int, country: str) -> str:
    """What may stand in the character's place."""
    if country == "CN":
        return CN_CODES if i == 1 else CN_LETTERS + DIGITS
    return DIGITS if character in DIGITS else VN_SERIES


def _box(cell: Cell, picture: np.ndarray) -> tuple[int, int, int, int]:
    h, w = picture.shape[:2]
    x1, y1, x2, y2 = cell
    return round(x1 * w), round(y1 * h), max(round(x1 * w) + 2, round(x2 * w)), round(y2 * h)


def _transplant(picture: np.ndarray, cell: Cell, other: np.ndarray, place: Cell) -> None:
    """Sets `other`'s cell into the picture's, in the picture's light."""
    x1, y1, x2, y2 = _box(cell, picture)
    a, b, c, d = _box(place, other)
    old = picture[y1:y2, x1:x2].astype(np.float32)
    if old.size == 0 or other[b:d, a:c].size == 0:
        return
    new = cv2.resize(other[b:d, a:c], (x2 - x1, y2 - y1), interpolation=cv2.INTER_AREA)
    new = new.astype(np.float32)
    spread = np.clip((old.std((0, 1)) + 3) / (new.std((0, 1)) + 3), 0.3, 3.0)
    new = (new - new.mean((0, 1))) * spread + old.mean((0, 1))
    picture[y1:y2, x1:x2] = np.clip(new, 0, 255).astype(np.uint8)


def _draw(picture: np.ndarray, cell: Cell, character: str, rng: random.Random, face: str) -> None:
    """Draws a character over the one in the cell, in the picture's own colours."""
    x1, y1, x2, y2 = _box(cell, picture)
    part = picture[y1:y2, x1:x2].astype(np.float32)
    if min(part.shape[:2]) < 5:
        return
    height, width = part.shape[:2]
    grey = part.mean(2)
    middle = grey[height // 5 : -(height // 5), :]
    dark, bright = np.percentile(middle, (30, 92))
    ground = part[(grey <= dark)].mean(0)
    ink = part[(grey >= bright)].mean(0)
    if np.abs(ink - ground).sum() < 30:
        return
    if grey[height // 4 : -height // 4, 2:-2].size and _is_dark_ink(picture):
        ground, ink = (
            part[grey >= np.percentile(middle, 70)].mean(0),
            part[grey <= np.percentile(middle, 8)].mean(0),
        )
    top, bottom = rng.uniform(0.14, 0.24), rng.uniform(0.76, 0.88)
    left, right = rng.uniform(0.04, 0.16), rng.uniform(0.86, 0.98)
    y, x = round(top * height), round(left * width)
    h, w = max(4, round((bottom - top) * height)), max(4, round((right - left) * width))
    shape = glyph(character, face)
    if rng.random() < 0.5:
        n = rng.choice((3, 5, 7))
        shape = (cv2.erode if rng.random() < 0.6 else cv2.dilate)(shape, np.ones((n, n), np.uint8))
    mask = np.zeros((height, width), np.float32)
    mask[y : y + h, x : x + w] = (
        cv2.resize(shape, (w, h), interpolation=cv2.INTER_AREA)[: height - y, : width - x] / 255
    )
    mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.3, 0.9))[..., None]
    # The old glyph away, the plate's own rim and shade kept.
    blank = part.copy()
    y1_, y2_ = round(0.1 * height), round(0.92 * height)
    shade = cv2.GaussianBlur(part, (0, 0), max(1.0, width / 3))[y1_:y2_]
    blank[y1_:y2_] = ground + 0.35 * (shade - shade.mean((0, 1)))
    noise = np.random.default_rng(rng.randrange(1 << 30)).normal(0, 3, part.shape)
    picture[y1:y2, x1:x2] = np.clip(blank * (1 - mask) + ink * mask + noise, 0, 255).astype(
        np.uint8
    )


def _is_dark_ink(picture: np.ndarray) -> bool:
    """Dark characters on light ground: most of the plate is then lighter than its mean."""
    grey = picture.mean(2)
    h, w = grey.shape
    middle = grey[h // 4 : -(h // 4), w // 8 : -(w // 8)]
    return float(np.median(middle)) > float(middle.mean())
