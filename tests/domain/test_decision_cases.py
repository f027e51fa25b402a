"""The cases of docs/lane_cases.csv hold every row of the decision in its place."""

import dataclasses
import itertools
import json
from pathlib import Path

import pytest

from edge.domain import decision
from edge.domain.decision import decide
from edge.domain.decision_rows import ROWS
from edge.domain.question import Question
from edge.domain.reason import Reason, Verdict
from tests.support.decision_cases import Case, cases

CASES = cases()
STATIC = Path(__file__).parents[2] / "edge" / "console" / "static"


def questions(case):
    """What the rows are asked of a case: once for each assignment."""
    asked = Question(*case.asked(), ())
    found = asked.book.for_vehicle(asked.sure) if asked.sure else ()
    return [Question(*case.asked(), found, a) for a in found or (None,)]


def told(case):
    found = decide(*case.asked())
    return (found.verdict.value, found.reason.value, found.assignment, found.detail)


def failing(rows, monkeypatch):
    """The name of a case that these rows decide otherwise, or None."""
    monkeypatch.setattr(decision, "ROWS", rows)
    return next((case.name for case in CASES if told(case) != case.told), None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_case_is_decided_as_the_file_says(case):
    assert told(case) == case.told


def test_there_are_enough_cases_each_with_a_name_of_its_own():
    assert len(CASES) >= 200
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("at", range(len(ROWS)), ids=lambda at: ROWS[at].reason.value)
def test_no_row_can_be_left_out_unnoticed(at, monkeypatch):
    assert failing((*ROWS[:at], *ROWS[at + 1 :]), monkeypatch)


def test_no_two_rows_can_change_places_unnoticed(monkeypatch, possible):
    for i, j in itertools.combinations(range(len(ROWS)), 2):
        rows = list(ROWS)
        rows[i], rows[j] = rows[j], rows[i]
        if not failing(tuple(rows), monkeypatch):
            # Neither ever holds with the other, nor with one that stands between them.
            passed = {(i, k) for k in range(i + 1, j + 1)} | {(k, j) for k in range(i, j)}
            assert not passed & possible


@pytest.mark.parametrize("at", range(len(ROWS)), ids=lambda at: ROWS[at].reason.value)
def test_no_row_can_give_another_verdict_unnoticed(at, monkeypatch):
    for verdict in Verdict:
        if verdict is not ROWS[at].verdict:
            row = dataclasses.replace(ROWS[at], verdict=verdict)
            assert failing((*ROWS[:at], row, *ROWS[at + 1 :]), monkeypatch)


def together(case):
    """The pairs of rows that hold at once in the case, for one assignment."""
    pairs = set()
    for question in questions(case):
        held = [n for n, row in enumerate(ROWS) if row.holds(question)]
        pairs |= set(itertools.combinations(held, 2))
    return pairs


POOLS = {
    "read": ["nothing", "sure 24C12345", "unsure 24C12345", "rival 24C12345",
             "contradicted 24C12345", "sure 51R00001", "sure 51R00001 + unsure 24C12345",
             "rival 51R00001",
             "sure 51R00001 + sure 51R00002", "sure 24C12345 + sure 29C11111",
             "rival 24C12345 + sure 29C11111"],
    "seen": ["", "motorcycle"],
    "list": ["", "never fetched", "5 h old"],
    "declared": ["", "nothing", "24C12345 + trailer 51R00001"],
    "state": ["", "cancelled", "used", "held", "not_understood"],
    "direction": ["", "import"],
    "lanes": ["", "out2"],
    "valid": ["", "from 60 to -60 min", "from 60 to 10 min", "from -120 to -60 min",
              "from 60 to 120 min", "from -60 to 10 min", "from 10 to 60 min",
              "from -60 to -10 min", "from 10 to -10 min", "from -10 to -60 min"],
    "clearances": ["", "customs refused", "customs pending", "customs refused/yard done",
                   "customs refused/border_guard pending"],
    "last_passage": ["", "export 3 min ago", "import 3 min ago"],
    "clock": ["", "free"],
    "lane": ["", "one-way", "trailer needed", "one-way + trailer needed"],
    "watch_list": ["", "24C12345", "51R00001"],
}  # fmt: skip
"""Words of the file's columns; each row depends on four of them or fewer."""


@pytest.fixture(scope="module")
def possible():
    """The pairs of rows that can hold together."""
    columns = CASES[0].words.keys()
    ordinary = dict.fromkeys(columns, "") | {"read": "sure 24C12345", "lane": "trailer needed"}
    found = set()
    for names in itertools.combinations(POOLS, 3):
        for values in itertools.product(*(POOLS[n] for n in names)):
            words = {**ordinary, **dict(zip(names, values, strict=True))}
            found |= together(Case("", words))
    return found


def test_every_two_rows_that_can_both_hold_have_a_case(possible):
    told_of = set().union(*(together(case) for case in CASES))
    lacking = [(ROWS[i].reason.value, ROWS[j].reason.value) for i, j in sorted(possible - told_of)]
    assert lacking == []
    assert len(possible) > 200


def test_every_code_of_a_decision_has_words_in_every_language():
    for language in ("vi", "en", "zh"):
        words = json.loads((STATIC / f"catalogue-{language}.json").read_text(encoding="utf-8"))
        for reason in Reason:
            assert words.get(f"reason_{reason.value}"), (language, reason)
        for row in ROWS:
            if row.verdict is not Verdict.ALLOW:
                assert words.get(f"do_{row.reason.value}"), (language, row.reason)


def test_the_default_asks_a_person(monkeypatch):
    assert failing((), monkeypatch)
    assert {told(case)[0] for case in CASES} == {"refer"}
