"""PURE. A recorded wire before the guard's core: what it believes, decides and tells.

A trace does not know who asked for a motion. A recorded opening that the core has not decided by
itself is therefore taken as an authorisation, a recorded closing as a person's order. What was
recorded beside a guard tells when that guard's core went on, which a busy computer may delay; in
any other trace it goes on with each reading, and ten times a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from enum import Enum
from typing import Any

from edge.barrier.core.equipment import Equipment
from edge.barrier.core.polling import DEAD_AFTER
from edge.barrier.core.safety import (
    Authorised,
    Elapsed,
    Input,
    Missed,
    Ordered,
    Sampled,
    Stalled,
    WireLost,
    begin,
    step,
)
from edge.barrier.core.state import Barrier, Drive, Limits
from edge.barrier.core.table import ArmAction
from edge.domain.commands import Action, Order
from edge.domain.facts import BarrierFact

TICK_S = 0.1


def decisions(
    entries: Iterable[dict[str, Any]], lane: str, limits: Limits, wired: frozenset[str]
) -> Iterator[dict[str, Any]]:
    """One line per change: {"t", "phase"}, {"t", "deed"}, {"t", "told"}, {"t", "recorded"}."""
    equipment = Equipment(lane, wired)
    core = _Core(begin(lane, limits, equipment.guarded))
    for entry in _steps(entries):
        now = entry["t"]
        if "inputs" in entry:
            equipment, inputs, facts = equipment.read(entry["inputs"], now)
            yield from (_reported(fact, now) for fact in facts)
            yield from core.feed(Sampled(inputs, entry["asked"]), now)
        elif "given" in entry:
            yield from core.feed(entry["given"], now)
        elif entry.get("pulse") in ("open", "close"):
            yield {"t": now, "recorded": f"pulse {entry['pulse']}"}
            yield from core.claimed(entry["pulse"], now)


def _steps(entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The pulses, and what the core went on with: {"t", "given"} or {"t", "inputs", "asked"}."""
    recorded = list(entries)
    beside = any("step" in entry for entry in recorded)
    return _as_stepped(recorded) if beside else _as_read(recorded)


def _as_stepped(entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    inputs, why = dict[str, bool](), ""
    for entry in entries:
        inputs, why = entry.get("inputs", inputs), entry.get("missed", entry.get("gone", why))
        match entry.get("step"):
            case "read":
                yield {"t": entry["t"], "inputs": inputs, "asked": entry["asked"]}
            case "missed":
                yield {"t": entry["t"], "given": Missed()}
            case "lost":
                yield {"t": entry["t"], "given": WireLost(why)}
            case "stalled":
                yield {"t": entry["t"], "given": Stalled(entry["stood"])}
            case "time":
                yield {"t": entry["t"], "given": Elapsed()}
            case _ if "pulse" in entry:
                yield entry


def _as_read(entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    misses, at = 0, 0.0
    for entry in entries:
        now = entry["t"]
        while now - at > TICK_S:
            at += TICK_S
            yield {"t": at, "given": Elapsed()}
        if "inputs" in entry:
            misses, at = 0, now
            yield {"t": now, "inputs": entry["inputs"], "asked": now}
        elif "missed" in entry or "gone" in entry:
            misses, at = misses + 1, now
            lost = misses >= DEAD_AFTER or "gone" in entry
            why = str(entry.get("missed", entry.get("gone")))
            yield {"t": now, "given": WireLost(why) if lost else Missed()}
        elif "pulse" in entry:
            yield entry


class _Core:
    def __init__(self, barrier: Barrier) -> None:
        self._barrier = barrier
        self._decided: list[str] = []
        self._asked = 0

    def feed(self, given: Input, now: float) -> Iterator[dict[str, Any]]:
        before = self._barrier.phase
        done = step(self._barrier, given, now)
        self._barrier = done.barrier
        if done.barrier.phase is not before:
            yield {"t": now, "phase": done.barrier.phase.value}
        for effect in done.effects:
            if isinstance(effect, Drive):
                yield {"t": now, "deed": effect.action.value}
                if effect.action in (ArmAction.OPEN, ArmAction.CLOSE):
                    self._decided.append(effect.action.value)
        yield from (_reported(fact, now) for fact in done.facts)

    def claimed(self, motion: str, now: float) -> Iterator[dict[str, Any]]:
        """A recorded pulse: the core's own decision, or somebody's wish."""
        if motion in self._decided:
            self._decided.remove(motion)
            return
        self._asked += 1
        name = f"recorded-{self._asked}"
        wish: Input = Authorised(name)
        if motion == "close":
            wish = Ordered(Order(name, Action.CLOSE, "trace", "as recorded"))
        yield from self.feed(wish, now)
        if motion in self._decided:
            self._decided.remove(motion)


def _reported(fact: BarrierFact, now: float) -> dict[str, Any]:
    words = {k: _plain(v) for k, v in asdict(fact).items() if k != "lane"}
    return {"t": now, "told": type(fact).__name__, **words}


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value
