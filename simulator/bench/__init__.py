"""The contract's figures, each measured by its own module."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

BENCHES = ("vision", "barrier", "opening", "sync", "service", "start", "pause", "console")


def figures(bench: str) -> Iterator[dict[str, Any]]:
    """One at a time, as each is measured. `bench`: one of BENCHES; only its module is loaded."""
    yield from import_module(f"simulator.bench.{bench}").figures()


def figure(name: str, value: float, unit: str) -> dict[str, Any]:
    return {"figure": name, "value": round(value, 2), "unit": unit}
