"""PURE. From samples of the inputs to what may be believed of them.

"Occupied" takes one sample; "clear" takes CLEAR_SAMPLES fresh ones in a row. An input that is not
wired is None for ever; one that is wired but not freshly known counts as occupied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

CLEAR_SAMPLES = 2
"""So many clear samples in a row are believed (invariant 2)."""

SAFETY = ("safety_loop", "photocell")
"""The inputs that stand between the arm and a vehicle."""


@dataclass(frozen=True, slots=True)
class Senses:
    """What is believed. `clear_runs`: clear samples in a row per input, none counted across a
    reading that failed; `read_at`: monotonic time of the last good sample, None before the
    first."""

    wired: frozenset[str]
    believed: Mapping[str, bool]
    clear_runs: Mapping[str, int]
    read_at: float | None = None

    def on(self, name: str) -> bool | None:
        """True or False as believed, None where not wired or not yet known."""
        return self.believed.get(name)

    def steady(self, name: str) -> bool:
        """Whether it is believed on and the last good sample said so too: for what permits
        something by being on, as the limit switches do."""
        return bool(self.on(name)) and self.clear_runs.get(name, 0) == 0

    def fresh(self, now: float, within_s: float) -> bool:
        return self.read_at is not None and 0 <= now - self.read_at < within_s


def unknowing(wired: frozenset[str]) -> Senses:
    """Before the first sample, and after the wire was lost."""
    return Senses(wired, {}, {})


def sampled(senses: Senses, sample: Mapping[str, bool], now: float) -> Senses:
    """After one good sample. A wired input that the sample lacks is not known any more."""
    believed = dict(senses.believed)
    runs = dict(senses.clear_runs)
    for name in senses.wired:
        if name not in sample:
            believed.pop(name, None)
            runs[name] = 0
            continue
        if sample[name]:
            believed[name] = True
            runs[name] = 0
            continue
        runs[name] = min(CLEAR_SAMPLES, runs.get(name, 0) + 1)
        if runs[name] >= CLEAR_SAMPLES:
            believed[name] = False
    return Senses(senses.wired, believed, runs, now)


def doubted(senses: Senses) -> Senses:
    """After a reading that failed: nothing seen clear before counts."""
    return replace(senses, clear_runs={})


def settled(senses: Senses) -> bool:
    """Whether every wired input has been believed at least once."""
    return all(name in senses.believed for name in senses.wired)


def blocked(senses: Senses) -> bool:
    """Whether something is seen under the arm."""
    return any(senses.on(name) for name in SAFETY)


def obstructed(senses: Senses) -> bool:
    """Whether anything is, or may be, under the arm: whatever has not been seen clear often enough
    in a row. With no safety input wired: always."""
    inputs = [name for name in SAFETY if name in senses.wired]
    return not inputs or any(senses.clear_runs.get(name, 0) < CLEAR_SAMPLES for name in inputs)
