"""None of the names that docs/names.md calls old is used any more."""

import ast
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "names.md"
ROW = re.compile(r"^\| `(?P<old>[^`]+)` \| `(?P<new>[^`]+)` \|$", re.M)

DECISIONS = "docs/decisions/"
"""Records of their day may use its names."""


def pairs(heading):
    """(old, new) of the table under a heading of the page."""
    part = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found = [(m["old"], m["new"]) for m in ROW.finditer(part)]
    assert found, heading
    return found


def texts():
    for top, kinds in {
        "edge": (".py", ".html", ".js"), "simulator": (".py",), "tests": (".py",),
        "training": (".py",), "docs": (".md", ".yaml"), "tools": (".py",),
    }.items():  # fmt: skip
        for file in sorted((ROOT / top).rglob("*")):
            name = file.relative_to(ROOT).as_posix()
            if file.suffix in kinds and file != PAGE and not name.startswith(DECISIONS):
                yield name, file.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sources():
    return list(texts())


def test_no_module_has_its_old_path(sources):
    old = [name for name, new in pairs("Modules") if not (ROOT / name).exists()]
    assert len(old) > 50
    found = [
        f"{file}: {name}" for name in old for file, text in sources
        if name in text and re.search(rf"(?<![\w/]){re.escape(name)}(?!\w)", text)
    ]  # fmt: skip
    assert found == []


def test_no_module_is_back_at_its_old_place():
    news = {new for _, new in pairs("Modules")}
    assert [n for n, _ in pairs("Modules") if n not in news and (ROOT / n).exists()] == []


def test_no_class_or_function_has_its_old_name(sources):
    found = [
        f"{file}: {old}, now {new}" for old, new in pairs("Classes and functions")
        for file, text in sources if old in text and re.search(rf"\b{re.escape(old)}\b", text)
    ]  # fmt: skip
    assert found == []


STORED = {"edge/lane/snapshot.py": {"turn"}}
"""Names of what is stored, which keep it."""


def identifiers(text):
    """(name, line) of everything that a module names or asks for by name."""
    for node in ast.walk(ast.parse(text)):
        for part in ("id", "attr", "arg", "name"):
            if isinstance(name := getattr(node, part, None), str):
                yield name, getattr(node, "lineno", 0)


def renamed_in(file):
    """{old: new} of the identifiers that have another name in this file. What the new name of
    something else is there may stand."""
    page = PAGE.read_text(encoding="utf-8").partition("## Other identifiers\n")[2]
    rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \| (`.*`) \|$", page, re.M)
    assert len(rows) > 50
    places = {row: re.findall(r"`([^`]+)`", row[2]) for row in rows}
    mine = [r for r in rows if any(p == "everywhere" or fnmatch(file, p) for p in places[r])]
    news = {new for _, new, _ in mine} | STORED.get(file, set())
    return {old: new for old, new, _ in mine if old not in news}


def test_no_identifier_has_its_old_name_where_it_was_renamed(sources):
    found = []
    for file, text in sources:
        if file.endswith(".py") and (old := renamed_in(file)):
            named = {(line, name) for name, line in identifiers(text) if name in old}
            found += [f"{file}:{line}: {name}, now {old[name]}" for line, name in sorted(named)]
    assert found == []


PROSE = ("kept book", "consensus", "desk", "deed", "set aside", "handing over")
"""Old words that mean nothing else; the others (look, turn, told) are English too."""


def test_no_text_uses_an_old_word(sources):
    # In quotes it is a key of what is stored or printed, which keeps its name.
    old = re.compile(rf"(?<!\")\b({'|'.join(PROSE)})s?\b(?!\")", re.I)
    here = Path(__file__).relative_to(ROOT).as_posix()
    found = [
        f"{file}:{text[: hit.start()].count(chr(10)) + 1}: {hit[0]}"
        for file, text in sources if file != here for hit in old.finditer(text)
    ]  # fmt: skip
    assert found == []
