"""Mistakes planted into a copy of the product, for scenarios to find."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BY_LINK = {"weights", "static", "templates", "texts"}
"""Folders of the product that hold no code."""


@dataclass(frozen=True)
class Planted:
    """`old`, which stands once in that file of edge/, becomes `new`; `caught_by`: scenarios that
    must fail then."""

    name: str
    file: str
    old: str
    new: str
    caught_by: tuple[str, ...]


def a_copy(folder):
    """The product's code, to be changed, beside the simulator as it is."""

    def links(at, names):
        for name in BY_LINK & set(names):
            target = folder / "edge" / Path(at).relative_to(ROOT / "edge") / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(Path(at) / name)
        return {"__pycache__"} | (BY_LINK & set(names))

    shutil.copytree(ROOT / "edge", folder / "edge", ignore=links, dirs_exist_ok=True)
    (folder / "simulator").symlink_to(ROOT / "simulator")
    return folder


def plant(copy, mistake):
    file = copy / "edge" / mistake.file
    text = file.read_text(encoding="utf-8")
    assert text.count(mistake.old) == 1, f"{mistake.file} has changed: {mistake.old!r}"
    file.write_text(text.replace(mistake.old, mistake.new), encoding="utf-8")


def heal(copy, mistake):
    shutil.copyfile(ROOT / "edge" / mistake.file, copy / "edge" / mistake.file)


def failed(copy, mistake, *how):
    """The scenarios about it that fail with it."""
    return {one["name"] for one in told(copy, mistake, *how) if not one["passed"]}


def told(copy, mistake, *how):
    """What is said of each scenario about it."""
    plant(copy, mistake)
    try:
        done = run(copy, "run", *mistake.caught_by, *how, "--json")
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert {one["name"] for one in found} == set(mistake.caught_by), done.stderr[-2000:]
        return found
    finally:
        heal(copy, mistake)


def run(copy, *arguments):
    """`gate-sim` over the copy."""
    return subprocess.run(
        [sys.executable, "-m", "simulator", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
    )
