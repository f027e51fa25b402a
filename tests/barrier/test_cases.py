"""The table of docs/barrier.md that names a test for each case on each kind of wire."""

import re
from pathlib import Path

from simulator.barrier.hardware import KINDS

NAMED = re.compile(r"`(tests/[a-z_/]+\.py)::(test_[a-z_]+)`")
CALLED = {"cover": "MQTT covers", "lcus": "LCUS", "tcp": "TCP", "isapi": "ISAPI", "onvif": "ONVIF"}


def test_each_test_that_the_table_of_cases_names_is_there():
    named = NAMED.findall(Path("docs/barrier.md").read_text(encoding="utf-8"))
    assert len(named) > 20
    gone = [t for f, t in named if f"def {t}(" not in Path(f).read_text(encoding="utf-8")]
    assert gone == []


def test_the_table_of_cases_has_every_kind_of_wire():
    rules = Path("docs/barrier.md").read_text(encoding="utf-8")
    all_kinds = next(line for line in rules.splitlines() if line.startswith("*All* are"))
    missing = [k for k in KINDS if CALLED.get(k, k).lower() not in all_kinds.lower()]
    assert missing == []
    assert "GPIO" in all_kinds
