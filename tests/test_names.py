"""None of the names that docs/names.md calls old is used any more."""

import re
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
        if re.search(rf"(?<![\w/]){re.escape(name)}(?!\w)", text)
    ]  # fmt: skip
    assert found == []


def test_no_module_is_back_at_its_old_place():
    news = {new for _, new in pairs("Modules")}
    assert [n for n, _ in pairs("Modules") if n not in news and (ROOT / n).exists()] == []


def test_no_class_or_function_has_its_old_name(sources):
    found = [
        f"{file}: {old}, now {new}" for old, new in pairs("Classes and functions")
        for file, text in sources if re.search(rf"\b{re.escape(old)}\b", text)
    ]  # fmt: skip
    assert found == []
