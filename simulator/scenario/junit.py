"""What was played, as JUnit XML."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

from simulator.scenario.played import Played


def write(played: Sequence[Played], file: Path) -> None:
    failed = sum(bool(one.failures) for one in played)
    suite = ElementTree.Element(
        "testsuite", name="gate-sim", tests=str(len(played)), failures=str(failed)
    )
    for one in played:
        case = ElementTree.SubElement(
            suite, "testcase", classname=one.theme, name=one.name, time=f"{one.seconds:.3f}"
        )
        for failure in one.failures:
            told = ElementTree.SubElement(case, "failure", message=_printable(failure))
            told.text = f"again: {one.again}"
    ElementTree.ElementTree(suite).write(file, encoding="utf-8", xml_declaration=True)


def _printable(text: str) -> str:
    """XML takes no control characters."""
    return "".join(c if c.isprintable() else " " for c in text)
