"""PURE. From the recogniser's columns to texts: CTC beam search within the national formats.

The network gives, per column, log-probabilities over blank and every character. The search keeps
the likeliest texts that some format can still complete, so that grammar takes part in every step
and can only choose among what was seen, never add to it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from edge.domain.plate import ALPHABET, may_begin, parse

BEAMS = 10
CONSIDERED = 6
"""Number of characters of each column that are followed up."""

NEGLIGIBLE = -9.0
"""A character less likely than e^-9 in a column is not considered there."""

NEVER = -1e30


def best_texts(
    columns: NDArray[np.float32], within: Callable[[str], bool] | None = may_begin
) -> list[tuple[str, float]]:
    """(text, log-probability) of the likeliest texts, best first; `columns` (T, 1 + alphabet).
    `within` returns whether a text can still become a plate; None searches freely. Only complete
    plates are returned when it is set."""
    beams: dict[str, tuple[float, float]] = {"": (0.0, NEVER)}
    for column in columns:
        if column[0] > -1e-3:
            # A surely blank column changes nothing but the ending.
            beams = {t: (_add(b, n) + float(column[0]), NEVER) for t, (b, n) in beams.items()}
            continue
        order = np.argpartition(column[1:], -CONSIDERED)[-CONSIDERED:]
        likely = [(int(i), float(column[1 + i])) for i in order if column[1 + i] > NEGLIGIBLE]
        beams = _advanced(beams, float(column[0]), likely, column, within)
    scored = [(text, _add(b, n)) for text, (b, n) in beams.items()]
    if within is not None:
        scored = [(text, score) for text, score in scored if parse(text)]
    return sorted(scored, key=lambda item: -item[1])


def plainest(columns: NDArray[np.float32]) -> tuple[str, float]:
    """(text, probability of its likeliest path), free of any format: the best sign a column."""
    best = columns.argmax(1)
    signs = [ALPHABET[int(v) - 1] for t, v in enumerate(best) if v and (t == 0 or best[t - 1] != v)]
    return "".join(signs), math.exp(float(columns.max(1).sum()))


def _advanced(
    beams: dict[str, tuple[float, float]],
    blank: float,
    likely: list[tuple[int, float]],
    column: NDArray[np.float32],
    within: Callable[[str], bool] | None,
) -> dict[str, tuple[float, float]]:
    """One column further; the two numbers are ending in blank and not ending in blank."""
    fresh: dict[str, tuple[float, float]] = {}

    def put(text: str, ending_blank: float, ending_sign: float) -> None:
        b, n = fresh.get(text, (NEVER, NEVER))
        fresh[text] = (_add(b, ending_blank), _add(n, ending_sign))

    for text, (b, n) in beams.items():
        total = _add(b, n)
        put(text, total + blank, NEVER)
        if text:
            put(text, NEVER, n + float(column[1 + ALPHABET.index(text[-1])]))
        for index, score in likely:
            sign = ALPHABET[index]
            longer = text + sign
            if within is not None and not within(longer):
                continue
            # The same character again is a new one only after a blank.
            put(longer, NEVER, (b if text and text[-1] == sign else total) + score)
    kept = sorted(fresh.items(), key=lambda item: -_add(*item[1]))[:BEAMS]
    return dict(kept)


def _add(a: float, b: float) -> float:
    """log(e^a + e^b)."""
    if a < b:
        a, b = b, a
    return a if b <= NEVER / 2 else a + math.log1p(math.exp(b - a))
