"""The fit of the confidence, its threshold, and the pages about them."""

import random
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="a slim installation trains nothing (./install.sh)")

from training.calibrate import (
    WRONG_AT_MOST,
    Fit,
    Fits,
    Point,
    _body,
    _fitted,
    _outcome,
    _threshold,
    _weights,
)
from training.reliability import drawn


def points(count, fit, seed=1):
    """Pictures whose readings are right as often as the fit says."""
    rng = random.Random(seed)
    found = []
    for n in range(count):
        first = (rng.gauss(2, 3), rng.uniform(0, 8), rng.uniform(2, 6))
        both = (first[0] + rng.uniform(0, 1), *first[1:])
        right = [rng.random() < fit(np.array([e]))[0] for e in (first, both)]
        found.append(Point(f"plate {n}", first, right[0], both, right[1]))
    return found


def test_the_fit_finds_what_the_readings_follow():
    truth = Fit(0.8, 0.4, 0.6, -1.0)
    found = _fitted(points(14000, truth)).first
    assert abs(found.scale - truth.scale) < 0.1
    assert abs(found.lead - truth.lead) < 0.1
    assert abs(found.whole - truth.whole) < 0.1
    middle = found.offset + 4 * found.whole, truth.offset + 4 * truth.whole
    assert abs(middle[0] - middle[1]) < 0.3


def test_several_views_have_a_fit_of_their_own():
    made = points(8000, Fit(0.8, 0.4, 0.6, -1.0))
    misled = [
        replace(p, together_right=p.together_right and n % 2 == 0) for n, p in enumerate(made)
    ]
    first, together = vars(_fitted(misled)).values()
    seen = np.array([[4.0, 6.0, 4.0]])
    assert first(seen)[0] > 0.95
    assert 0.3 < together(seen)[0] < 0.7


def test_what_is_said_is_what_is_found():
    body = _body(points(4000, Fit(0.8, 0.4, 0.6, -1.0)))
    for row in body["reliability"]:
        if row["n"] > 150:
            assert abs(row["said"] - row["found"]) < 0.08


def test_at_the_threshold_few_accepted_readings_are_wrong():
    fit = Fit(0.8, 0.4, 0.6, -1.0)
    made = points(3000, fit)
    accept = _threshold(lambda a: _outcome(made, Fits(fit, fit), a), np.ones(len(made)))
    p, right = _outcome(made, Fits(fit, fit), accept)
    assert ((p >= accept) & (right < 0.5)).mean() <= WRONG_AT_MOST


def test_a_reader_that_is_always_sure_and_often_wrong_is_hardly_accepted():
    p, right = np.full(1000, 0.99), np.tile([1.0, 0.0], 500)
    assert _threshold(lambda _: (p, right), np.ones(1000)) > 0.99


def test_one_worn_plate_seen_often_does_not_decide_for_all():
    many = [Point(f"plate {n}", (9.0, 9.0), True, (9.0, 9.0), True) for n in range(2400)]
    worn = [Point("worn", (9.0, 9.0), False, (9.0, 9.0), False)] * 200
    p = np.full(2600, 0.99)
    right = np.array([float(q.first_right) for q in many + worn])
    assert _threshold(lambda _: (p, right), np.ones(2600)) > 0.99
    assert _threshold(lambda _: (p, right), _weights(many + worn)) <= 0.99


def test_the_reliability_curve_is_a_picture_with_every_point():
    rows = [{"said": 0.2, "found": 0.3, "n": 10}, {"said": 0.99, "found": 1.0, "n": 500}]
    root = ET.fromstring(drawn(rows, 0.95))
    circles = [e for e in root.iter() if e.tag.endswith("circle")]
    assert len(circles) == len(rows)


def test_no_text_is_surer_than_that_its_plate_is_whole():
    reported = Fit(0.8, 0.4, 0.1, -1.0)(np.array([[11.0, 13.0, w] for w in (-3.0, 0.0, 3.0)]))
    assert reported[0] < 0.05
    assert reported[1] == 0.5
    assert reported[2] > 0.99
