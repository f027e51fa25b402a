"""What is installed is imported, and what is imported is asked for by name."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

NOT_IMPORTED = {
    "python-multipart": "FastAPI reads forms with it",
    "tzdata": "zoneinfo reads it where the system brings no time zones",
}
"""Why each is asked for although no module of ours imports it."""

TOOLS = {
    "import-linter": "lint-imports",
    "mypy": "mypy",
    "pytest-timeout": "timeout",
    "pytest-xdist": "dist",
    "ruff": "ruff",
}
"""The word in Makefile or pyproject.toml that uses each."""

COMES_WITH = {
    "anyio": "fastapi",
    "certifi": "httpx",
    "pydantic-core": "pydantic",
    "starlette": "fastapi",
}
"""What is imported and comes, in the right version, with another."""


def wanted(requirements):
    return {re.split(r"[ =<>!;\[]", line)[0].lower() for line in requirements}


def imported(*folders):
    """Top names that the modules import, also within functions; ours and Python's left out."""
    found = set()
    for file in (file for folder in folders for file in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    # _typeshed exists for a type checker alone.
    ours = {"edge", "simulator", "tests", "tools", "training"}
    return found - sys.stdlib_module_names - ours - {"_typeshed"}


def packages(names):
    """The installed packages that bring these modules, as pyproject.toml would name them."""
    known = packages_distributions()
    found = {package for name in names for package in known.get(name, [name])}
    # Both bring cv2; without windows it is the one that is asked for (requirements/opencv-python).
    found = {"opencv-python-headless" if p == "opencv-python" else p for p in found}
    return {package.lower().replace("_", "-") for package in found}


PRODUCT = ("edge", "simulator")
EXTRAS = PROJECT["optional-dependencies"]


def test_every_package_that_is_installed_is_imported():
    asked = wanted(PROJECT["dependencies"])
    assert asked - packages(imported(*PRODUCT)) == NOT_IMPORTED.keys()


@pytest.mark.parametrize("extra", [*EXTRAS])
def test_every_package_of_an_extra_is_imported_or_a_tool_that_is_used(extra):
    asked = wanted(EXTRAS[extra])
    unused = asked - packages(imported(*PRODUCT, "tests", "tools", "training"))
    assert unused <= TOOLS.keys()
    used = (ROOT / "Makefile").read_text() + (ROOT / "pyproject.toml").read_text().partition(
        "[tool.setuptools"
    )[2]
    assert all(re.search(rf"\b{re.escape(TOOLS[name])}\b", used) for name in unused)


def test_every_package_that_is_imported_is_asked_for_by_name():
    asked = wanted(PROJECT["dependencies"]) | {
        name for extra in ("demo", "gpio") for name in wanted(EXTRAS[extra])
    }
    assert packages(imported(*PRODUCT)) - asked - COMES_WITH.keys() == set()
