"""Where real pictures lie, where they are at hand (GATE_REAL_DATA)."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("GATE_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))


def needs(folder):
    if not (DATA / folder).exists():
        pytest.skip(f"no real pictures at {DATA / folder}")
