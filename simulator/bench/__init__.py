"""The contract's figures, each measured by its own module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def _vision() -> Iterator[dict[str, Any]]:
    from simulator.bench.vision import figures

    yield from figures()


def _barrier() -> Iterator[dict[str, Any]]:
    from simulator.bench.barrier import figures

    yield from figures()


def _opening() -> Iterator[dict[str, Any]]:
    from simulator.bench.opening import figures

    yield from figures()


def _sync() -> Iterator[dict[str, Any]]:
    from simulator.bench.sync import figures

    yield from figures()


def _service() -> Iterator[dict[str, Any]]:
    from simulator.bench.service import figures

    yield from figures()


def _pause() -> Iterator[dict[str, Any]]:
    from simulator.bench.pause import figures

    yield from figures()


def _console() -> Iterator[dict[str, Any]]:
    from simulator.bench.console import figures

    yield from figures()


BENCHES: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
    "vision": _vision,
    "barrier": _barrier,
    "opening": _opening,
    "sync": _sync,
    "service": _service,
    "pause": _pause,
    "console": _console,
}


def figure(name: str, value: float, unit: str) -> dict[str, Any]:
    return {"figure": name, "value": round(value, 2), "unit": unit}
