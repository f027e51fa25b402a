"""`gate-sim check-receiver`: is a receiver what docs/customs.md asks?"""

from __future__ import annotations

from simulator.conformance.forgeries import Forgeries
from simulator.conformance.histories import Histories
from simulator.conformance.report import Step, steps_of
from simulator.conformance.stream import Stream

STEPS = (
    "asks",
    "acknowledges",
    "doubled",
    "early",
    "lost",
    "unsigned",
    "another-key",
    "changed",
    "forged-series",
    "forged-result",
    "poison",
    "grows",
    "canonical",
    "of-another",
    "gap",
    "new-series",
    "series-in-its-place",
    "early-of-before",
    "given-twice",
    "killed",
    "away",
    "flood",
    "another-history",
    "retained",
)
"""In this order; each is a method, whose first paragraph is what is asked."""


class ReceiverKit(Stream, Forgeries, Histories):
    """All steps, in their order."""

    def steps(self) -> list[Step]:
        return steps_of(self, STEPS)
