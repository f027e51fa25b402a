"""The fit of what several pictures of one vehicle tell together."""

import math
import random

import numpy as np
import pytest

pytest.importorskip("torch", reason="a slim installation trains nothing (./install.sh)")

from edge.domain.plate import parse
from edge.vision import fusion
from edge.vision.fusion import Fusion
from edge.vision.reading import Reading
from training.fit_frames import Outcome, _outcome, fitted


def test_the_fit_finds_what_the_sequences_follow():
    rng, truth = random.Random(3), (0.5, 1.0, -0.2)
    outcomes = []
    for n in range(8000):
        best, share = rng.gauss(2, 2), rng.gauss(2, 2)
        z = truth[0] * best + truth[1] * share + truth[2]
        outcomes.append(
            Outcome(str(n), 2, best, share, rng.random() < 1 / (1 + math.exp(-z)), True)
        )
    assert np.allclose(fitted(outcomes), truth, atol=0.1)


def test_a_sequence_is_judged_by_the_text_that_the_gate_would_believe():
    def reading(text, confidence):
        known = parse(text)
        return Reading(
            text, text, known.country, "white", 2, confidence, False, ((text, 1.0),), 120
        )

    seen = [reading("29A12345", 0.9), None, reading("29A12345", 0.8), reading("29A12346", 0.3)]
    outcome = _outcome("29A12345", 4, seen)
    assert outcome.right
    assert outcome.best == fusion.log_odds(0.9)
    believed = Fusion(tuple(r for r in seen if r)).support()
    assert outcome.share == fusion.log_odds(believed.share)
    assert not _outcome("29A12346", 4, seen).right
    assert _outcome("29A12345", 4, [None] * 4) is None
