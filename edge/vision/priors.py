"""PURE. What the recogniser expects beside what it sees: how rare a plate's form is.

A reading is weighed by it, as one expects 2 rather than Z in `59-Z2` or `59-2Z`. It is no rule of
plates (those are in edge/domain/plate.py) and refuses none.
"""

from __future__ import annotations

from functools import lru_cache

from edge.domain.plate import CN_LETTERS, VN_SERIES, parse

MOST_LETTERS = 2
"""Maximum letters of a Chinese serial (GA 36-2018)."""

LETTER_TOO_MANY = -3.0
"""Log-probability of each further letter: plates chosen by their owner have them."""

CODE_O = -4.0
"""Log-probability of O as a Chinese city code: the police's, long withdrawn, and on the plate the
very same as a zero or nearly a D."""

HABIT = {"皖": -1.0}
"""Log-probability by province that makes up for the training pictures: most Chinese plates in them
are of one province, so a doubtful one of it is likelier another's."""

TWO_LETTERS = -2.0
"""Log-probability of a motorcycle's series of two letters: of 600 seen, 20."""


@lru_cache(maxsize=4096)
def usualness(text: str) -> float:
    """Log-probability of a plate's form against the common forms of its country, as training met
    them; 0 for the common ones, and for a text that is no plate."""
    known = parse(text)
    if known is None:
        return 0.0
    if known.country == "CN" and known.kind == "standard":
        letters = sum(c in CN_LETTERS for c in text[2:])
        code = CODE_O if text[1] == "O" else 0.0
        code += HABIT.get(text[0], 0.0)
        return code + LETTER_TOO_MANY * max(0, letters - MOST_LETTERS)
    if known.kind in ("motorcycle", "motorcycle-old") and text[3] in VN_SERIES:
        return TWO_LETTERS
    return 0.0
