"""PURE. On which line of a TOML text each table and key begins."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TABLE = re.compile(r"^\s*(\[{1,2})\s*([\w.\-\"' ]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([\w\-\"']+(?:\s*\.\s*[\w\-\"']+)*)\s*=")
_LONG = re.compile(r"\"\"\"|'''")

Path = tuple[str | int, ...]


def lines_of(text: str) -> dict[Path, int]:
    """Place -> line from 1, for a text that is TOML: ("traffic", 0, "plate") -> 12."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    quoted = False
    for number, line in enumerate(text.splitlines(), 1):
        inside, quoted = quoted, quoted != (len(_LONG.findall(line)) % 2 == 1)
        if inside:
            continue
        if found := _TABLE.match(line):
            table = _open(_names(found[2]), found[1] == "[[", counts)
            lines.setdefault(table, number)
        elif found := _KEY.match(line):
            lines.setdefault((*table, *_names(found[1])), number)
    return lines


def line_of(place: Sequence[str | int], lines: dict[Path, int]) -> int:
    """The line of what stands there, or of the nearest thing around it."""
    for end in range(len(place), 0, -1):
        if (line := lines.get(tuple(place[:end]))) is not None:
            return line
    return 1


def _names(dotted: str) -> list[str]:
    return [name.strip().strip("\"'") for name in dotted.split(".")]


def _open(names: list[str], several: bool, counts: dict[Path, int]) -> Path:
    """The table that a header opens; of a list of tables the next, or the last one so far."""
    path: Path = ()
    for n, name in enumerate(names):
        path = (*path, name)
        if several and n == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path
