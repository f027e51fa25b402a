"""The pages about the house are true: what they name is there, and the picture is of today."""

import ast
import re
import tomllib
from pathlib import Path

import grimp
import pytest

from tools.draw_rooms import svg
from tools.only_contract import OnlyContract

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"(?<![\w/.])(?:edge|simulator|tests|tools|training|config|docs)/[\w./-]*\w/?")


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_every_file_and_folder_that_a_page_names_is_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    named = {name.rstrip(".") for name in NAMED.findall(text)}
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_readme_names_every_folder_of_the_tree_and_the_page_every_room():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    left_out = {"edge", "data", "demo-data", "shared"}
    folders = {path.parent.name for path in ROOT.glob("*/*") if not path.is_dir()} - left_out
    folders = {name for name in folders if name[0] != "." and not name.endswith(".egg-info")}
    assert {name for name in folders if f"`{name}/`" not in text} == set()
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rooms = {f"edge/{path.parent.name}" for path in ROOT.glob("edge/*/*.py")}
    assert {room for room in rooms if f"`{room}/`" not in text} == set()
    inside = {"barrier": ("core", "guard", "boards", "wires"),
              "sync": ("journal", "customs", "platform", "partners")}  # fmt: skip
    rooms |= {f"edge/{of}/{room}" for of, inner in inside.items() for room in inner}
    rooms -= {f"edge/{of}" for of in ("barrier", "sync")}
    assert {room for room in rooms if f"`{room}/`" not in page} == set()


def docstrings(text):
    """Of a file: each with the line at which it begins."""
    for node in ast.walk(ast.parse(text)):
        said = getattr(node, "value", None) if isinstance(node, ast.Expr) else None
        if isinstance(said, ast.Constant) and isinstance(said.value, str):
            yield node.lineno, said.value


def test_every_module_that_a_docstring_names_is_there():
    tops = ("edge", "simulator", "training", "tools", "tests", "docs")
    there = [f.relative_to(ROOT).as_posix() for top in tops for f in (ROOT / top).rglob("*.py")]
    whole = "\n".join(["", *there, ""])
    found = [
        f"{file}:{line}: {name}"
        for file in there
        for line, text in docstrings((ROOT / file).read_text(encoding="utf-8"))
        for name in re.findall(r"(?<![\w/.-])(?:\w+/)*\w+\.py\b", text)
        if not re.search(rf"[\n/]{re.escape(name)}\n", whole)
    ]
    assert found == []


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


PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
LINTED = tomllib.loads(PROJECT)["tool"]["importlinter"]
PURE, _ = [contract for contract in LINTED["contracts"] if contract["type"] == "only"]


@pytest.fixture(scope="module")
def imports():
    return grimp.build_graph("edge", include_external_packages=True, cache_dir=None)


def pure(graph):
    return OnlyContract(PURE["name"], LINTED, PURE).check(graph, verbose=False).kept


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("edge.domain.plate", "urllib"),
        ("edge.lane.table", "time"),
        ("edge.lane.policy", "edge.config.reading"),
        ("edge.barrier.core.outputs", "edge.config"),
        ("edge.lane.table", "concurrent"),
        ("edge.barrier.core.outputs", "edge.barrier.wires.mqtt"),
        ("edge.barrier.core.outputs", "edge.system.clock"),
        ("edge.barrier.wires.port", "serial"),
    ],
)
def test_no_pure_module_can_import_what_is_impure(imports, module, imported):
    assert pure(imports)
    imports.add_import(importer=module, imported=imported)
    try:
        assert not pure(imports)
    finally:
        imports.remove_import(importer=module, imported=imported)


IMPURE_CALLS = {"now", "today", "utcnow", "open", "print", "input", "exec", "eval", "__import__"}
"""What needs no import, or comes with one that is allowed."""


def test_no_pure_module_asks_a_clock_or_opens_a_file_without_an_import():
    found = []
    for room in (ROOT / module.replace(".", "/") for module in PURE["source_modules"]):
        for file in sorted(room.rglob("*.py")) if room.is_dir() else [room.with_suffix(".py")]:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                called = getattr(node, "func", None)
                name = getattr(called, "attr", getattr(called, "id", ""))
                if name in IMPURE_CALLS:
                    found.append(f"{file.relative_to(ROOT)}:{node.lineno}: {name}()")
    assert found == []


def constants(tree):
    """(line, docstring) of the constants of a module."""
    for before, node in zip(tree.body, tree.body[1:], strict=False):
        said = getattr(node, "value", None) if isinstance(node, ast.Expr) else None
        if isinstance(before, ast.Assign | ast.AnnAssign) and isinstance(said, ast.Constant):
            yield node.lineno, str(said.value)


def test_no_constant_is_described_by_a_riddle():
    """A noun phrase, its unit and its reason; not "So often is said what may be said twice"."""
    riddle = re.compile(r"^(so |\.\.\.)|\bso (often|many|much|soon)\b|\bfor so long\b", re.I)
    found = [
        f"{file.relative_to(ROOT)}:{line}: {text}"
        for file in sorted((ROOT / "edge").rglob("*.py"))
        for line, text in constants(ast.parse(file.read_text(encoding="utf-8")))
        if riddle.search(text)
    ]
    assert found == []
