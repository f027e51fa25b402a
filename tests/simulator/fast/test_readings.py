"""Readings are drawn from the rates that docs/accuracy.md states."""

import random
import re
from pathlib import Path

import pytest

from edge.domain.plate import parse
from simulator.fast import readings
from simulator.fast.readings import EXACT, NOT_FOUND, PLATES, SURE_AFTER, SURE_BUT_WRONG, drawn

PAGE = (Path(__file__).parents[3] / "docs" / "accuracy.md").read_text(encoding="utf-8")
VIEWS = re.compile(
    r"^\| views of held-out plates \| (?P<frames>\d) \| \d+ \| (?P<exact>[\d.]+) % \|"
    r" (?P<sure>[\d.]+) % \| (?P<wrong>[\d.]+) %",
    re.M,
)
DRAWN = 40_000


@pytest.fixture(scope="module")
def many():
    rng = random.Random(1)
    return [drawn("24C12345", rng) for _ in range(DRAWN)]


def share(readings, true):
    return sum(map(true, readings)) / len(readings)


def test_the_rates_are_those_that_the_page_on_accuracy_states():
    rows = {int(m["frames"]): m for m in VIEWS.finditer(PAGE)}
    told = [(max(2, n), float(m["sure"]) / 100) for n, m in sorted(rows.items())]
    assert [(n, pytest.approx(s)) for n, s in SURE_AFTER] == told
    assert pytest.approx(float(rows[6]["exact"]) / 100) == EXACT
    assert pytest.approx(float(rows[6]["wrong"]) / 100) == SURE_BUT_WRONG
    assert PAGE.count("the plate was not found") == NOT_FOUND
    assert f"| all | {PLATES} |" in PAGE


def test_what_is_drawn_has_these_rates(many):
    found = [r for r in many if r.text]
    assert 1 - len(found) / DRAWN == pytest.approx(NOT_FOUND / PLATES, abs=0.002)
    for frames, rate in SURE_AFTER:
        sure = share(found, lambda r, n=frames: r.frames is not None and r.frames <= n)
        assert sure == pytest.approx(rate, abs=0.01)
    wrong = share(found, lambda r: r.frames is not None and r.text != "24C12345")
    assert wrong == pytest.approx(SURE_BUT_WRONG, abs=0.0015)
    assert share(found, lambda r: r.text == "24C12345") == pytest.approx(EXACT, abs=0.005)


def test_a_misread_plate_is_still_one_and_another():
    rng = random.Random(1)
    texts = {readings.misread("24C12345", rng) for _ in range(200)}
    assert "24C12345" not in texts
    assert all(parse(text) for text in texts)
    assert len(texts) > 20


def test_a_vehicle_without_a_plate_is_never_read():
    assert drawn("", random.Random(1)) == readings.UNREADABLE
