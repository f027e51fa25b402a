"""What the reader would say of a plate, drawn from measured error rates.

The rates are those of docs/accuracy.md, "Several frames against one": views of held-out plates that
are more worn than those of the sets, exact and sure after so many frames. A test compares them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

SURE_AFTER = ((2, 0.609), (3, 0.835), (6, 0.878))
"""Frames -> share of the vehicles that are surely read by then. One frame alone is never enough for
the fusion, so that what one frame reads surely is sure after two."""

EXACT = 0.968
"""Share of the texts that are right after six frames, sure or not."""

SURE_BUT_WRONG = 0.0024
"""Share of all vehicles that are surely misread after six frames."""

NOT_FOUND, PLATES = 3, 2613
"""So many of so many real plates the detector does not find (docs/accuracy.md); the rates above are
of found ones."""

ENOUGH_FRAMES = 6


@dataclass(frozen=True, slots=True)
class Expected:
    """What will be read of one plate: `text` in the end ("": never anything), surely from so many
    `frames` on (None: never), with that confidence; `rival`: the share of the text that is next."""

    text: str
    frames: int | None
    confidence: float
    rival: float = 0.0


def drawn(plate: str, rng: random.Random) -> Expected:
    """What will be read of a plate by chance."""
    if not plate or rng.random() < NOT_FOUND / PLATES:
        return UNREADABLE
    chance = rng.random()
    frames = next((n for n, share in SURE_AFTER if chance < share), None)
    if frames is not None:
        wrong = rng.random() < SURE_BUT_WRONG / SURE_AFTER[-1][1]
        text = misread(plate, rng) if wrong else plate
        return Expected(text, frames, rng.uniform(0.99, 0.9995))
    right_unsure = (EXACT - SURE_AFTER[-1][1] + SURE_BUT_WRONG) / (1 - SURE_AFTER[-1][1])
    return unsure(plate if rng.random() < right_unsure else misread(plate, rng), rng)


UNREADABLE = Expected("", None, 0.0)


def sure(plate: str, rng: random.Random) -> Expected:
    """Read rightly and surely."""
    return Expected(plate, rng.choice((2, 3, 6)), rng.uniform(0.99, 0.9995))


def two_texts(plate: str, rng: random.Random) -> Expected:
    """Read surely, and another text is nearly as likely."""
    return replace(sure(plate, rng), rival=0.4)


def unsure(text: str, rng: random.Random) -> Expected:
    """A text that never becomes sure."""
    return Expected(text, None, rng.uniform(0.55, 0.985))


def misread(plate: str, rng: random.Random) -> str:
    """One digit is another."""
    places = [n for n, c in enumerate(plate) if c.isdigit()]
    n = rng.choice(places[2:] or places)
    other = rng.choice([d for d in "0123456789" if d != plate[n]])
    return plate[:n] + other + plate[n + 1 :]
