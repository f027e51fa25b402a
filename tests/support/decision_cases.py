"""What several tests share: the cases of docs/lane_cases.csv, as questions to the decision."""

import csv
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from edge.domain.assignment import (
    AssignedPlate,
    Assignment,
    AssignmentBook,
    AssignmentState,
    Clearance,
)
from edge.domain.facts import PlateView
from edge.domain.question import Journey, LanePolicy, Vehicle
from tests.support.builders import AUTHORITIES, NOON

FILE = Path(__file__).parents[2] / "docs" / "lane_cases.csv"
ASSIGNMENT = ("declared", "state", "direction", "lanes", "valid", "clearances", "kind")
"""Columns that describe an assignment; `other` may name each of them for a second one."""

FACTORS = {
    "sure": (0.99, True, 0.0),
    "unsure": (0.6, False, 0.0),
    "rival": (0.99, True, 0.22),
    "contradicted": (0.99, False, 0.0, "29C99999", 0.9),
}


@dataclass(frozen=True)
class Case:
    """A line of the file. What it leaves empty is in order."""

    name: str
    words: dict

    def asked(self):
        """The arguments of `decide`."""
        return (
            tuple(_view(word) for word in _list(self.words["read"], " + ")),
            Vehicle(
                _kind(self.words["seen"]),
                tuple(_journey(w) for w in _list(self.words["last_passage"], ";")),
                self.words["clock"] != "free",
            ),
            AssignmentBook(tuple(_assignments(self.words)), _as_of(self.words["list"])),
            _policy(self.words),
            NOON,
        )

    @property
    def told(self):
        return tuple(self.words[name] for name in ("verdict", "reason", "assignment", "detail"))


def cases():
    with FILE.open(encoding="utf-8", newline="") as file:
        return [Case(words["case"], words) for words in csv.DictReader(file)]


def _kind(word):
    return "" if word == "unknown" else word or "truck"


def _list(text, by):
    return [w.strip() for w in text.split(by) if w.strip() and w.strip() != "nothing"]


def _view(word):
    how, text = word.split()
    return PlateView(text, text, "VN", "yellow", 1, *FACTORS[how])


def _journey(word):
    direction, minutes = re.fullmatch(r"(\w+) (\d+) min ago", word).groups()
    return Journey(direction, NOON - timedelta(minutes=int(minutes)))


def _as_of(word):
    if word == "never fetched":
        return None
    if not word:
        return NOON
    count, unit, way = re.fullmatch(r"(\d+) (h|min) (old|ahead)", word).groups()
    span = timedelta(**{{"h": "hours", "min": "minutes"}[unit]: int(count)})
    return NOON - span if way == "old" else NOON + span


def _policy(words):
    lane = _list(words["lane"], " + ")
    assert set(lane) <= {"one-way", "trailer needed"}
    return LanePolicy(
        "out1", "export", AUTHORITIES, timedelta(hours=4), 6.0,
        two_way="one-way" not in lane,
        trailer_needed="trailer needed" in lane,
        watched=frozenset(_list(words["watch_list"], " + ")),
    )  # fmt: skip


def _assignments(words):
    if words["declared"] == "nothing":
        return
    yield _assignment("A1", words)
    if words["other"]:
        given = dict(part.split("=") for part in _list(words["other"], ";"))
        assert given.keys() <= {*ASSIGNMENT, "all"}
        yield _assignment("A2", {name: given.get(name, "") for name in ASSIGNMENT})


def _assignment(id, words):
    start, end = re.fullmatch(
        r"from (\S+) to (\S+) min", words["valid"] or "from -60 to 480 min"
    ).groups()
    plates = tuple(
        AssignedPlate(w.split()[-1], "VN", "trailer" if w.startswith("trailer") else "tractor")
        for w in _list(words["declared"] or "24C12345", " + ")
    )
    said = {name: "done" for name in AUTHORITIES}
    for word in _list(words["clearances"], "/"):
        name, state = word.split()
        said[name] = state
    return Assignment(
        id, 1, AssignmentState(words["state"] or "active"), words["direction"] or "export", plates,
        _kind(words["kind"]), tuple(_list(words["lanes"] or "out1", "/")),
        NOON + timedelta(minutes=int(start)), NOON + timedelta(minutes=int(end)), 0,
        tuple(Clearance(n, s) for n, s in said.items() if s != "silent"),
    )  # fmt: skip
