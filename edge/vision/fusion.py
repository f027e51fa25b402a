"""PURE. From the readings of several pictures of one vehicle to one.

Each reading lends its probability to the texts it considered. The text with the most support wins;
its probability grows with repeated sight, but slowly, because pictures of one vehicle err alike,
and falls with the support of any rival. One picture alone is never enough to be accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from edge.domain.plate import withdrawn
from edge.vision.reading import Reading

ALIKE = 0.15
"""How much a further picture adds to the first: 1 independent, 0 the same picture again. A worn
character misleads every picture alike, so six agreeing pictures prove little more than two."""

FEWEST = 2
"""Pictures that must agree before a reading is accepted."""

CLEAR_LEAD = 0.75
"""The winner's least share of all support."""

_T = TypeVar("_T")

KEPT = 40
MOST = 0.9995


@dataclass(frozen=True, slots=True)
class Fusion:
    """The readings of one track so far; immutable."""

    readings: tuple[Reading, ...] = field(default=())

    def with_reading(self, reading: Reading) -> Fusion:
        return Fusion((*self.readings, reading)[-KEPT:])

    def settled(self, result: Reading | None, enough: int) -> bool:
        """Whether the last `enough` readings all have the text of `result`, and it is sure."""
        last = self.readings[-enough:]
        return (
            result is not None
            and result.accepted
            and len(last) == enough
            and all(r.text == result.text for r in last)
        )

    def result(self, accept: float) -> Reading | None:
        """The fused reading, or None where no plate of a known format was read."""
        known = [r for r in self.readings if r.country != "?"]
        if not known:
            return max(self.readings, key=lambda r: r.confidence, default=None)
        support: dict[str, float] = {}
        for reading in known:
            weight = _weight(reading)
            rest = max(0.0, 1 - reading.confidence)
            for text, share in reading.candidates or ((reading.text, 1.0),):
                p = reading.confidence if text == reading.text else rest * share
                support[text] = support.get(text, 0.0) + weight * p
        text = max(support, key=lambda t: support[t])
        total = sum(support.values())
        lead = support[text] / total if total > 0 else 0.0
        agreeing = sorted((r for r in known if r.text == text), key=lambda r: -r.confidence)
        if not agreeing:
            return None
        best = agreeing[0]
        doubt = 1.0
        for n, reading in enumerate(agreeing):
            doubt *= (1 - reading.confidence) ** (1.0 if n == 0 else ALIKE)
        confidence = min(MOST, (1 - doubt) * min(1.0, lead / CLEAR_LEAD) ** 2)
        clear = len(agreeing) >= FEWEST and lead >= CLEAR_LEAD
        accepted = confidence >= accept and clear and not withdrawn(text)
        return replace(
            best,
            confidence=confidence,
            accepted=accepted,
            lines=_usual([r.lines for r in agreeing]),
            colour=_usual([r.colour for r in agreeing]),
            width=max(r.width for r in agreeing),
        )


def _weight(reading: Reading) -> float:
    """Weight of a reading. Larger plates count more, up to the size beyond which more pixels help
    no more; doubtful ones less."""
    return min(1.0, max(0.2, reading.width / 100)) * max(0.1, reading.confidence)


def _usual(values: Sequence[_T]) -> _T:
    return max(values, key=values.count)
