"""Writes what is made from the scenarios' sections and the faults' catalogue:

    python -m tools.draw_scenarios

the JSON Schema that editors complete scenarios by, and docs/faults.md. A test keeps both current.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from simulator.faults.catalogue import by_group
from simulator.scenario.command import clocks_of, takes_of
from simulator.scenario.library import SCHEMA
from simulator.scenario.model import Scenario

PAGE = Path(__file__).parents[1] / "docs" / "faults.md"
HEAD = """# Faults by name

Drawn by `python -m tools.draw_scenarios` from `simulator/faults/catalogue.py`; a test keeps it
current.

What can go wrong at a simulated gate, and what a good controller does then. `gate-sim faults NAME`
explains one and shows how a scenario names it ([testing.md](testing.md)). Beside `gate-sim serve`
it happens by hand: `gate-sim fault NAME`. *fast*: in virtual time (`gate-sim run --fast`);
*real*: on real wires.
"""
COLUMNS = "| fault | clocks | what happens | value | a good controller |\n"


def schema() -> str:
    made = Scenario.model_json_schema()
    made["$schema"] = "http://json-schema.org/draft-07/schema#"
    made["title"] = "A scenario of gate-sim"
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def page() -> str:
    return HEAD + "".join(_groups())


def _groups() -> Iterator[str]:
    for group, faults in by_group():
        yield f"\n## {group.value}\n\n{COLUMNS}|---|---|---|---|---|\n"
        for fault in faults:
            takes = "" if fault.takes is None else takes_of(fault.takes)
            cells = (f"`{fault.name}`", clocks_of(fault), fault.happens, takes, fault.good)
            yield f"| {' | '.join(cells)} |\n"


def main() -> None:
    SCHEMA.write_text(schema(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
