"""The pages about the house are true: what they name is there, and the picture is of today."""

import ast
import re
from pathlib import Path

import pytest

from tools.draw_rooms import svg

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"(?<![\w/.])(?:edge|simulator|tests|training|config|docs)/[\w./-]*\w/?")


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_every_file_and_folder_that_a_page_names_is_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    named = {name.rstrip(".") for name in NAMED.findall(text)}
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_picture_of_the_rooms_is_drawn_from_the_imports_of_today():
    drawn = (ROOT / "docs/pictures/rooms.svg").read_text(encoding="utf-8")
    assert drawn == svg(), "run: python -m tools.draw_rooms docs/pictures/rooms.svg"


def test_no_test_module_imports_another():
    """Helpers do: the judge of the mutants runs the tests of single rules."""
    found = []
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names = [str(node.module), *(f"{node.module}.{a.name}" for a in node.names)]
                if any(re.search(r"^tests\.(.*\.)?test_\w+$", name) for name in names):
                    found.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_every_folder_of_tests_is_a_room_or_is_named_here():
    """The tests lie as the rooms do; the rest plays on several of them."""
    others = {"acceptance", "bare", "contract", "real", "simulator", "support", "training"}
    rooms = {path.name for path in (ROOT / "edge").iterdir() if path.is_dir()}
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/*.py")}
    assert folders - rooms - others == set()
