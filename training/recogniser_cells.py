"""Where each character of a real plate stands: the plate set upright, one cell a character.

The recogniser itself tells the cells: the columns in which it sees the characters of the known
text. They let real plates be put together anew (training/recogniser_splice.py).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from edge.domain.plate import ALPHABET, parse
from edge.vision.recogniser import OpenVinoPlateReader
from edge.vision.upright import set_upright
from training.recogniser_net import COLUMNS
from training.recogniser_real import Sample, whole

LIKELY = -3.0
"""Log-probability of the known text below which the cells are not trusted."""

Cell = tuple[float, float, float, float]
"""x1, y1, x2, y2 in shares of the upright plate's size."""

CN_EDGES = (6.0, 66.0, 133.0, 201.5, 258.5, 315.5, 372.5, 434.0)
CN_CENTRES = (37.5, 94.5, 172.5, 229.5, 286.5, 343.5, 400.5)
"""Millimetres along a one-line Chinese plate of seven characters (GA 36-2018)."""


@dataclass(frozen=True, slots=True)
class Cells:
    """`sample`: upright, its quad the whole picture; one cell for each character of its text."""

    sample: Sample
    cells: tuple[Cell, ...]


def cells_of(sample: Sample, reader: OpenVinoPlateReader) -> Cells | None:
    """None where the text is not seen clearly enough to be cut."""
    upright = set_upright(_cut(sample))
    columns, *_ = reader.columns(upright)
    places, score = aligned(columns, sample.text)
    if score < LIKELY:
        return None
    cells = _cells(sample, places)
    if cells is None:
        return None
    return Cells(
        Sample(upright, whole(upright), sample.text, sample.colour, sample.lines, sample.source),
        cells,
    )


def _cut(sample: Sample) -> np.ndarray:
    """The plate with a little around it."""
    h, w = sample.picture.shape[:2]
    (x1, y1), (x2, y2) = sample.quad.min(0), sample.quad.max(0)
    mx, my = 0.04 * (x2 - x1), 0.06 * (y2 - y1)
    x1, y1, x2, y2 = max(0, x1 - mx), max(0, y1 - my), min(w, x2 + mx), min(h, y2 + my)
    return sample.picture[int(y1) : int(y2), int(x1) : int(x2)]


def aligned(columns: np.ndarray, text: str) -> tuple[list[float], float]:
    """(place of each character in columns, log-probability) of the likeliest CTC path."""
    signs = [0]
    for character in text:
        signs += [ALPHABET.index(character) + 1, 0]
    best = np.full(len(signs), -1e9)
    best[0], best[1] = columns[0, 0], columns[0, signs[1]]
    skips = np.array([i > 1 and s != 0 and s != signs[i - 2] for i, s in enumerate(signs)])
    back = np.zeros((len(columns), len(signs)), int)
    for t in range(1, len(columns)):
        one, two = np.roll(best, 1), np.roll(best, 2)
        one[0] = -1e9
        two[~skips] = -1e9
        choices = np.stack([best, one, two])
        back[t] = choices.argmax(0)
        best = choices.max(0) + columns[t, signs]
    state = len(signs) - 1 if best[-1] > best[-2] else len(signs) - 2
    score, path = float(best[state]), [state]
    for t in range(len(columns) - 1, 0, -1):
        state -= int(back[t, state])
        path.append(state)
    path.reverse()
    places = []
    for k in range(len(text)):
        where = [t for t, s in enumerate(path) if s == 2 * k + 1]
        places.append(float(np.average(where, weights=np.exp(columns[where, signs[2 * k + 1]]))))
    return places, score


def _cells(sample: Sample, places: list[float]) -> tuple[Cell, ...] | None:
    text = sample.text
    known = parse(text)
    if known is None:
        return None
    if sample.lines == 1:
        xs = [(p % COLUMNS + 0.5) / COLUMNS for p in places]
        if known.country == "CN" and len(text) == 7:
            # The province is told late or early; the six others give the plate's scale.
            slope, offset = np.polyfit(CN_CENTRES[1:], xs[1:], 1)
            edges = [float(slope * e + offset) for e in CN_EDGES]
        else:
            edges = _edges(xs)
        return _row(edges, 0.0, 1.0)
    if not known.split:
        return None
    top = [(p + 0.5) / COLUMNS for p in places[: known.split]]
    bottom = [(p - COLUMNS + 0.5) / COLUMNS for p in places[known.split :]]
    if max(top) > 1 or min(bottom) < 0:
        return None
    if known.country == "CN":
        return None
    rows = (_row(_edges(top), 0.02, 0.5), _row(_edges(bottom), 0.5, 0.98))
    return rows[0] + rows[1] if rows[0] and rows[1] else None


def _edges(xs: list[float]) -> list[float]:
    middles = [(a + b) / 2 for a, b in itertools.pairwise(xs)]
    first = xs[0] - (middles[0] - xs[0]) if middles else 0.0
    last = xs[-1] + (xs[-1] - middles[-1]) if middles else 1.0
    return [first, *middles, last]


def _row(edges: list[float], y1: float, y2: float) -> tuple[Cell, ...] | None:
    edges = [min(1.0, max(0.0, e)) for e in edges]
    if any(b - a < 0.04 for a, b in itertools.pairwise(edges)):
        return None
    return tuple((a, y1, b, y2) for a, b in itertools.pairwise(edges))
