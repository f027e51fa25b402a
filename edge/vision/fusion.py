"""PURE. From the readings of several pictures of one vehicle to one.

Each reading lends its probability to the texts it considered, by its weight. The text with the
most support wins. How probable it is then follows from its share of all that could have been lent
and from the surest reading of it, by a fit to sequences of real plates (training/fit_frames.py):
pictures of one vehicle err alike, so that many tell less than their number. One picture alone is
never enough to be accepted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from edge.domain.plate import withdrawn
from edge.vision.reading import Reading

BEST, SHARE, OFFSET = 0.487, 1.021, -0.058
"""The log-odds of the fused text: these times the log-odds of its surest reading and of its share
of the support, and a constant."""

ACCEPT = 0.975
"""The probability from which a fused reading counts as sure, where none is configured. Of held-out
plates in worn views, of two to six each, one or two in a thousand are then sure but wrong."""

FEWEST = 2
"""Pictures that must agree before a reading is accepted."""

CLEAR_LEAD = 0.75
"""The winner's least share of all support."""

_T = TypeVar("_T")

KEPT = 40
MOST = 0.9995
NEVER_SURER = 1e-4
"""No probability is taken to be nearer to nothing or to certainty."""


@dataclass(frozen=True, slots=True)
class Support:
    """What speaks for the likeliest text. `agreeing`: the readings of it, surest first; `share`: of
    all that `known` readings could lend; `clear`: enough of them, and no rival; `rival`: the share
    of all support that the second likeliest text has."""

    agreeing: tuple[Reading, ...]
    share: float
    clear: bool
    known: int
    rival: float = 0.0

    @property
    def best(self) -> Reading:
        return self.agreeing[0]

    @property
    def confidence(self) -> float:
        """The probability that the text is right."""
        if self.known == 1:
            return self.best.confidence
        z = BEST * log_odds(self.best.confidence) + SHARE * log_odds(self.share) + OFFSET
        return min(MOST, 1 / (1 + math.exp(-z)))


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

    def support(self) -> Support | None:
        """The text with the most support; None where no plate of a known format was read."""
        known = [r for r in self.readings if r.country != "?"]
        if not known:
            return None
        lent: dict[str, float] = {}
        for reading in known:
            weight = _weight(reading)
            rest = max(0.0, 1 - reading.confidence)
            for text, part in reading.candidates or ((reading.text, 1.0),):
                p = reading.confidence if text == reading.text else rest * part
                lent[text] = lent.get(text, 0.0) + weight * p
        text = max(lent, key=lambda t: lent[t])
        agreeing = sorted((r for r in known if r.text == text), key=lambda r: -r.confidence)
        if not agreeing:
            return None
        total = sum(lent.values())
        lead = lent[text] / total if total > 0 else 0.0
        clear = len(agreeing) >= FEWEST and lead >= CLEAR_LEAD and not withdrawn(text)
        second = max((s for t, s in lent.items() if t != text), default=0.0)
        rival = second / total if total > 0 else 0.0
        share = lent[text] / sum(map(_weight, known))
        return Support(tuple(agreeing), share, clear, len(known), rival)

    def result(self, accept: float = ACCEPT) -> Reading | None:
        """The fused reading; where no plate of a known format was read, the surest of the others,
        or None."""
        believed = self.support()
        if believed is None:
            strange = [r for r in self.readings if r.country == "?"]
            return max(strange, key=lambda r: r.confidence, default=None)
        confidence = believed.confidence
        return replace(
            believed.best,
            confidence=confidence,
            accepted=confidence >= accept and believed.clear,
            lines=_usual([r.lines for r in believed.agreeing]),
            colour=_usual([r.colour for r in believed.agreeing]),
            width=max(r.width for r in believed.agreeing),
            rival=believed.rival,
        )


def _weight(reading: Reading) -> float:
    """Weight of a reading. Larger plates count more, up to the size beyond which more pixels help
    no more; doubtful ones less."""
    return min(1.0, max(0.2, reading.width / 100)) * max(0.1, reading.confidence)


def log_odds(p: float) -> float:
    """Of a probability; bounded."""
    p = min(max(p, NEVER_SURER), 1 - NEVER_SURER)
    return math.log(p / (1 - p))


def _usual(values: Sequence[_T]) -> _T:
    return max(values, key=values.count)
