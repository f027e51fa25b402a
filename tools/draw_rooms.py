"""The rooms of edge/ as a picture, drawn from its imports and from the floors in pyproject.toml.

`python -m tools.draw_rooms docs/pictures/rooms.svg` draws it anew.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]

EVERYBODYS = ("edge.config", "edge.domain", "edge.system")
"""Rooms that nearly all import, and `ROOTS`, which import nearly all: their lines would hide the
others."""

ROOTS = ("edge.__main__", "edge.cli", "edge.assembly")

WIDTH, ROW, BOX_H, MARGIN, GAP = 1040, 74, 40, 20, 18


def floors(container: str) -> list[list[str]]:
    """The container's floors, highest first, as modules."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for contract in settings["tool"]["importlinter"]["contracts"]:
        if contract.get("containers") == [container]:
            return [
                [f"{container}.{room.strip()}" for room in floor.split("|")]
                for floor in contract["layers"]
            ]
    raise LookupError(f"pyproject.toml has no layers of {container}")


def room_of(module: str) -> str:
    """The room that a module lies in: one level down, in barrier and sync two."""
    parts = module.split(".")
    return ".".join(parts[: 3 if parts[1:2] in (["barrier"], ["sync"]) else 2])


def arrows() -> set[tuple[str, str]]:
    """(importing room, imported room), each once."""
    found = set()
    for file in sorted((ROOT / "edge").rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        here = room_of(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("edge"):
                continue
            for name in node.names:
                there = room_of(f"{node.module}.{name.name}")
                if not _is_room(there):
                    there = room_of(str(node.module))
                if there != here and _is_room(there) and _is_room(here):
                    found.add((here, there))
    return found


def _is_room(module: str) -> bool:
    path = ROOT / module.replace(".", "/")
    return module != "edge" and (path.is_dir() or path.with_suffix(".py").is_file())


def places() -> dict[str, tuple[float, float, float]]:
    """Room -> left, top, width. Rooms alone on their floor are as wide as the picture; of barrier
    and sync, which have floors of their own, each has a column."""
    found: dict[str, tuple[float, float, float]] = {}
    top = float(MARGIN)
    for floor in floors("edge"):
        column = (WIDTH - 2 * MARGIN - (len(floor) - 1) * GAP) / len(floor)
        deepest = 1
        for n, room in enumerate(floor):
            left = MARGIN + n * (column + GAP)
            inner = floors(room) if room in ("edge.barrier", "edge.sync") else [[room]]
            deepest = max(deepest, len(inner))
            for level, row in enumerate(inner):
                width = (column - (len(row) - 1) * GAP) / len(row)
                for k, part in enumerate(row):
                    found[part] = (left + k * (width + GAP), top + level * ROW, width)
        top += deepest * ROW
    return found


def svg() -> str:
    """The whole picture."""
    place = places()
    height = max(y for _, y, _ in place.values()) + BOX_H + 2 * MARGIN
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        'font-family="sans-serif" font-size="14">',
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    order = list(place)
    for here, there in sorted(arrows()):
        if there.startswith(EVERYBODYS) or here in ROOTS or here not in place or there not in place:
            continue
        (x1, y1, w1), (x2, y2, w2) = place[here], place[there]
        # Who imports the same room stands beside the others, not upon them.
        end = x2 + w2 * (order.index(here) + 1) / (order.index(there) + 1)
        start = min(max(end, x1 + 12), x1 + w1 - 12)
        low, high = y1 + BOX_H, y2
        out.append(
            f'<path d="M{start:.0f} {low:.0f} '
            f'C{start:.0f} {low + 20:.0f} {end:.0f} {high - 20:.0f} {end:.0f} {high:.0f}" '
            'fill="none" stroke="#7a8a99" stroke-width="1.2"/>'
        )
    for room, (x, y, w) in place.items():
        colour = {"edge.barrier": "#fde9d9", "edge.sync": "#e2efda"}.get(
            ".".join(room.split(".")[:2]), "#e8eef7"
        )
        if room in ("edge.domain", "edge.lane", "edge.barrier.core"):
            colour = "#fff6c8"
        name = room.removeprefix("edge.").replace(".", "/")
        out.append(
            f'<rect x="{x:.0f}" y="{y:.0f}" width="{w:.0f}" height="{BOX_H}" rx="6" '
            f'fill="{colour}" stroke="#44546a"/>'
            f'<text x="{x + w / 2:.0f}" y="{y + 25:.0f}" text-anchor="middle">{name}</text>'
        )
    out.append(
        f'<text x="{MARGIN}" y="{height - 12:.0f}" font-size="12" fill="#44546a">A line goes down '
        "from who imports to what is imported. Left out: cli and assembly, which import all; "
        "config, system and domain, which all import. Yellow: pure.</text>"
    )
    return "\n".join([*out, "</svg>", ""])


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(svg(), encoding="utf-8")
