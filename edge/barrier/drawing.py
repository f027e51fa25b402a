"""The decision table as docs/barrier.md shows it.

`python -m edge.barrier.drawing docs/barrier.md` draws it anew.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from edge.barrier.core.table import TABLE, ArmAction, Phase, Signal


def markdown() -> str:
    """The table for docs/barrier.md."""
    head = "| signal | " + " | ".join(p.value for p in Phase) + " |"
    rule = "|---" * (len(Phase) + 1) + "|"
    lines = [head, rule]
    for signal in Signal:
        cells = []
        for phase in Phase:
            to, action = TABLE[phase, signal]
            moved = "·" if to is phase else to.value
            cells.append(moved if action is ArmAction.NONE else f"{moved} / **{action.value}**")
        lines.append(f"| {signal.value} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


_EVERYWHERE = (Signal.STOP_ORDERED, Signal.LOST, Signal.CONFLICT, Signal.STOP, Signal.RETIRED)
"""Left out of the diagram: they lead out of every phase alike."""


def mermaid() -> str:
    """The diagram for docs/barrier.md: what moves the arm or changes its phase."""
    lines = ["stateDiagram-v2"]
    for (phase, signal), (to, action) in TABLE.items():
        if to is not phase and signal not in _EVERYWHERE:
            what = signal.value if action is ArmAction.NONE else f"{signal.value} / {action.value}"
            lines.append(f"    {phase.value} --> {to.value}: {what}")
    return "\n".join(lines) + "\n"


def redrawn(document: str) -> str:
    """The document with today's table and diagram in place of the ones it has."""
    table = re.sub(r"\| signal \|.*?(?=\n\n)", lambda _: markdown().rstrip(), document, flags=re.S)
    return re.sub(r"stateDiagram-v2.*?(?=```)", lambda _: mermaid(), table, flags=re.S)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(redrawn(file.read_text(encoding="utf-8")), encoding="utf-8")
