"""Every worker of a parallel run must find the same tests, whenever and however it was started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def names(seed: str) -> list[str]:
    """The names of all tests as a fresh interpreter with this hash seed finds them."""
    collect = ["-m", "pytest", "--collect-only", "-q", "-o", "addopts=", "-p", "no:xdist"]
    found = subprocess.run(
        [sys.executable, *collect],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert found.returncode == 0, found.stdout[-2000:] + found.stderr[-2000:]
    return [line for line in found.stdout.splitlines() if "::" in line]


@pytest.mark.long
def test_the_names_of_the_tests_depend_on_no_clock_and_no_order_of_a_set():
    first, second = names("1"), names("2")
    assert len(first) > 1000
    assert [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]] == []
