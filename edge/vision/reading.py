"""Reading one plate from one picture: the port, and what a reading is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.domain.plate import parse

Picture = NDArray[np.uint8]
"""(height, width, 3), BGR."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands on a plate. `confidence`: the probability that `text` is right; `accepted`: it
    reaches the threshold and fits a national format. `candidates`: the likeliest texts with their
    share of the belief, for the fusion over frames. `width`: of the plate in pixels. `part`:
    the plate does not seem to show fully. `rival`: the share of all support that the
    second likeliest text has, of a fused reading and of one that other looks contradict."""

    text: str
    display: str
    country: str
    colour: str
    lines: int
    confidence: float
    accepted: bool
    candidates: tuple[tuple[str, float], ...]
    width: int
    part: bool = False
    rival: float = 0.0


class PlateReader(Protocol):
    """Reads tight crops of plates."""

    def read(self, crop: Picture) -> Reading | None:
        """The reading, or None where nothing plate-like is seen."""


def shown(text: str) -> tuple[str, str]:
    """Display form and country of a text."""
    known = parse(text)
    return (known.display, known.country) if known else (text, "?")
