"""A kind of board is one row: its file, its twin and its page are there, and nobody asks for a kind
by name."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from edge.barrier.boards.registry import driver_module
from edge.config import wires
from edge.config.board import BoardProfile
from edge.config.board_kind import PulseEnd
from edge.config.board_kinds import KINDS
from simulator.barrier.hardware import KINDS as PLAYED
from simulator.barrier.hardware import names_of

ROOT = Path(__file__).parents[2]

SECTIONS = {name for name in dir(wires) if name.endswith("Wire") and name != "Wire"}

NOT_BEFORE_A_LANE = {"gpio": "pins of this computer: the kernel plays them, or a library's twin"}

MAY_ASK = {
    "edge/config/board_kinds.py": "the rows",
    "edge/config/settings.py": "a display names the broker that it hangs on",
    "edge/display/displays.py": "a display opens the broker that it hangs on",
    "edge/barrier/boards/modbus.py": "one kind on two wires",
}


def wire_names(kind):
    """What `kind` says of each wire that it hangs on."""
    return [s.model_json_schema()["properties"]["kind"]["const"] for s in kind.wires]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_has_its_driver_its_twin_and_its_page(kind):
    module = driver_module(kind)
    assert callable(module.line)
    assert callable(module.board)
    twin = import_module(f"simulator.barrier.{kind.name}")
    assert kind.name in NOT_BEFORE_A_LANE or callable(twin.before_lane)
    assert kind.name in NOT_BEFORE_A_LANE or set(names_of(kind)) <= set(PLAYED)
    page = (ROOT / "docs/barrier.md").read_text()
    assert (
        any(f"`{name}`" in page for name in wire_names(kind)) or "profile is one TOML file" in page
    )
    if kind.part:
        assert f"[{kind.part}]" in page


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_is_held_to_the_contract_and_shown_to_whoever_wires_a_site(kind):
    """Boards with a profile have a contract of their own, tests/contract/test_boards.py."""
    contract = ast.parse((ROOT / "tests/contract/test_drivers.py").read_text(encoding="utf-8"))
    twins = {
        alias.name for node in ast.walk(contract)
        if isinstance(node, ast.ImportFrom) and node.module == "simulator.barrier"
        for alias in node.names
    }  # fmt: skip
    assert kind.profiled or kind.name in twins
    example = (ROOT / "config/site.example.toml").read_text(encoding="utf-8")
    assert all(f'"{name}"' in example for name in wire_names(kind))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_driver_of_each_kind_can_be_made_by_what_its_row_says(kind):
    """A board that tells ends or acts by name has no channels; one that nobody ends is known."""
    assert kind.commands is None or {"open", "close"} <= kind.commands
    assert kind.profiled == (kind.pulse_end is PulseEnd.PROFILE)
    assert not (kind.commands and kind.inputs), "an actuator by name has its inputs on another wire"


def test_nobody_asks_for_a_kind_of_wire():
    asked = set()
    for file in sorted((ROOT / "edge").rglob("*.py")):
        name = str(file.relative_to(ROOT))
        for node in ast.walk(ast.parse(file.read_text())):
            is_call = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance"
            what = (
                node.args[1] if is_call else node.cls if isinstance(node, ast.MatchClass) else None
            )
            if what is not None and SECTIONS & {n.id for n in ast.walk(what) if hasattr(n, "id")}:
                asked.add(name)
    assert asked <= set(MAY_ASK), asked - set(MAY_ASK)


NAMES = {name for kind in KINDS for name in (kind.name, *wire_names(kind))}


def compared_with(tree):
    """The texts that something is compared with, in an expression or a match."""
    for node in ast.walk(tree):
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        sides += [node.value] if isinstance(node, ast.MatchValue) else []
        for constant in (c for side in sides for c in ast.walk(side)):
            if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                yield constant.value


def test_nobody_compares_with_the_name_of_a_kind():
    found = [
        f"{file.relative_to(ROOT)}: {text}"
        for file in sorted((ROOT / "edge").rglob("*.py"))
        for text in compared_with(ast.parse(file.read_text(encoding="utf-8")))
        if text in NAMES
    ]
    assert found == []


def test_every_piece_of_the_worked_example_stands_in_the_file_that_it_names():
    page = (ROOT / "docs/adding-a-board.md").read_text()
    pieces = re.findall(r"```python\n# (\S+)\n(.*?)```", page, re.DOTALL)
    assert len(pieces) >= 5
    for file, text in pieces:
        assert text in (ROOT / file).read_text() + "\n", file


def test_every_key_of_a_board_profile_is_described():
    page = (ROOT / "docs/barrier.md").read_text()
    table = page.partition("| section | key |")[2].partition("\n\n")[0]
    schema = BoardProfile.model_json_schema()
    for section in (schema, *schema["$defs"].values()):
        for key, about in section["properties"].items():
            inner = "$ref" in str(about)
            assert (f"`[{key}]`" if inner else f"`{key}`") in table, key
