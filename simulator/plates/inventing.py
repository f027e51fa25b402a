"""Invents plates: every format, in the colours and layouts it is seen in."""

from __future__ import annotations

import random
from dataclasses import dataclass

from edge.domain.plate import (
    CN_CODES,
    CN_LETTERS,
    DIGITS,
    FORMATS,
    PROVINCES,
    VN_PROVINCES,
    Format,
    parse,
)

_WEIGHTS = {
    "car": 14,
    "car-old": 3,
    "temporary": 0.5,
    "special": 0.4,
    "special-old": 0.1,
    "motorcycle": 5,
    "motorcycle-old": 3,
    "moped": 1.5,
    "moped-old": 0.3,
    "foreign": 1.2,
    "military": 4,
    "standard": 26,
    "trailer": 4,
    "learner": 2,
    "police": 2,
    "border": 1.5,
    "mission": 0.6,
    "embassy": 0.4,
    "embassy-old": 0.3,
    "energy-small": 5,
    "energy-large": 3,
}
"""How often each format is drawn; rare ones more often than on the road."""

_CODES = sorted(VN_PROVINCES)


@dataclass(frozen=True, slots=True)
class Invented:
    text: str
    country: str
    colour: str
    lines: int
    """Rows: 1, 2, or 3 on some mopeds."""


def invent(rng: random.Random, country: str | None = None, kind: str | None = None) -> Invented:
    """A plate that parses; `country` and `kind` narrow the choice."""
    choices = [
        f for f in FORMATS if country in (None, f.country) and (kind is None or f.kind == kind)
    ]
    while True:
        format = rng.choices(choices, [_WEIGHTS[f.kind] for f in choices])[0]
        text = _text(format, rng)
        known = parse(text)
        if known is not None:
            return Invented(text, format.country, _colour(format, rng), _lines(format, rng))


def _text(format: Format, rng: random.Random) -> str:
    out = "".join(rng.choice(place) for place in format.places)
    if format.country == "VN" and format.kind != "military":
        return rng.choice(_CODES) + out[2:]
    if format.kind in ("standard", "trailer", "learner", "police"):
        # On the road mostly digits, with up to two letters.
        body = [rng.choice(DIGITS) for _ in range(5)]
        for _ in range(rng.choice((0, 1, 1, 2))):
            body[rng.randrange(5)] = rng.choice(CN_LETTERS)
        last = out[6] if format.kind != "standard" else body[4]
        return rng.choice(PROVINCES) + rng.choice(CN_CODES) + "".join(body[:4]) + last
    return out


def _colour(format: Format, rng: random.Random) -> str:
    if format.country == "VN" and len(format.colours) == 3:
        return rng.choices(format.colours, (5, 4, 1))[0]
    if format.kind == "standard":
        return rng.choices(("blue", "yellow"), (6, 4))[0]
    return rng.choice(format.colours)


def _lines(format: Format, rng: random.Random) -> int:
    if not format.split:
        return 1
    if format.kind.startswith("moped") and rng.random() < 0.2:
        return 3
    if format.kind.startswith(("motorcycle", "moped")):
        return 2 if rng.random() < 0.9 else 1
    if format.country == "VN":
        return rng.choice((1, 2))
    if format.kind == "trailer":
        return 2
    if format.kind == "standard":
        return 2 if rng.random() < 0.3 else 1
    return 1
