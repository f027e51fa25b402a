"""Every test that the table of cases names is there: a case whose test was renamed or lost is held
by nothing."""

import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
TABLE = TESTS / "CASES.md"
NAMED = re.compile(r"\b((?:[\w.-]+/)*test_\w+\.py)|::(test_\w+)")


@cache
def defined(file: Path) -> tuple[str, ...]:
    text = file.read_text("utf-8")
    return tuple(re.findall(r"^\s*(?:async )?def (test_\w+)", text, re.MULTILINE))


def place(name: str, near: Path | None) -> Path | None:
    """The file of a name, which may be short: beside the file that was named last, or the only one
    of that name."""
    beside = near.parent / name if near else TESTS / name
    whole = TESTS.parent / name
    there = [file for file in (whole, beside) if file.is_file()] or list(TESTS.rglob(name))
    return there[0] if len(there) == 1 or there[:1] in ([whole], [beside]) else None


def missing(text: str) -> list[str]:
    """What the table names and is not there, with its line. A row that gives no file is about the
    file of the row above it; a name may be cut short."""
    found, file = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|"):
            continue
        for name, test in NAMED.findall(line):
            if name:
                file = place(name, file)
                if file is None:
                    found.append(f"line {number}: {name}")
            elif file is not None and not any(known.startswith(test) for known in defined(file)):
                found.append(f"line {number}: {test} in {file.relative_to(TESTS.parent)}")
    return found


def test_every_test_that_the_table_names_is_there():
    assert missing(TABLE.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "row",
    [
        "| a case | tests/test_nowhere.py | yes |",
        "| a case | tests/test_cases.py::test_that_is_not_there | yes |",
        "| a case | test_cases.py::test_every_test | yes |\n| another | ::test_lost | yes |",
    ],
)
def test_one_that_is_not_there_is_found(row):
    assert len(missing(row)) == 1
