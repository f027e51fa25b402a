"""One fast run from its seed to its report."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.fast.day import Day
from simulator.fast.outcome import Outcome, outcome
from simulator.fast.plan import plan

MEMORY = Path("/dev/shm")
"""Where nothing waits for a disk."""


def run(
    vehicles: int,
    seed: int,
    only: Collection[str] = (),
    say: Callable[[str], None] = lambda text: None,
    more: str = "",
    without: frozenset[str] = frozenset(),
) -> Outcome:
    """Plays it. `only`: these awkward cases; `more`, `without`: see House."""

    def progress(crossed: int) -> None:
        say(f"{crossed} have crossed after {(day.now - day.began) / 3600:.1f} hours")

    with folder_in_memory() as folder, quiet():
        day = Day(folder, seed, plan(vehicles, seed, only), more=more, without=without)
        try:
            day.run(progress)
            return outcome(day)
        finally:
            day.close()


def shown(outcome: Outcome) -> Iterator[str]:
    """For a terminal: the figures, every case and what became of its vehicles, the failures."""
    for name, value in outcome.figures.items():
        text = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        yield f"{name:20} {text}"
    yield ""
    for name, case in sorted(outcome.cases.items()):
        became = ", ".join(f"{n} {what}" for what, n in sorted(case.became.items()))
        ways = ", ".join(f"{way} {n}" for way, n in sorted(case.recorded.items()))
        yield f"{name:42} {case.visits:4} {became}; recorded as {ways or 'nothing'}"
    yield ""
    for name, case in sorted(outcome.cases.items()):
        for text in case.unseen:
            yield f"no sensor tells: {name}: {text}"
    for failure in outcome.failures:
        yield f"FAILED {failure}"
    yield "passed" if not outcome.failures else f"{len(outcome.failures)} failures"


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    where = str(MEMORY) if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="gate-fast-", dir=where) as folder:
        yield Path(folder)


@contextmanager
def quiet() -> Iterator[None]:
    """The product's log tells what happens in a day in seconds; the journal has it."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(before)
