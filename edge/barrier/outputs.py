"""PURE. From deeds to writes: never open and close at once, and a dead time between them.

A deed that must wait for the dead time is kept until it may go; any newer deed replaces it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from edge.barrier.state import Drive, Effect, Light
from edge.barrier.table import Deed


@dataclass(frozen=True, slots=True)
class Pulse:
    output: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Set:
    output: str
    on: bool


Write = Pulse | Set
_OPPOSITE = {"open": "close", "close": "open"}


@dataclass(frozen=True, slots=True)
class Outputs:
    """`ends`: when the last pulse of an output ends (monotonic). `waiting`: a pulse that waits for
    the dead time."""

    wired: frozenset[str]
    pulse_s: float
    dead_time_s: float
    ends: Mapping[str, float] = field(default_factory=dict)
    waiting: str = ""

    def asked(self, effect: Effect, now: float) -> tuple[Outputs, list[Write]]:
        """What to write for one effect, most urgent first."""
        match effect:
            case Light(green):
                order = [Set("red", not green), Set("green", green)]
                lamps = order if not green else order[::-1]
                # The lamp that goes out goes first, so that both never burn together.
                return self, [
                    w for w in sorted(lamps, key=lambda w: w.on) if w.output in self.wired
                ]
            case Drive(Deed.OPEN):
                return self._pulse("open", now)
            case Drive(Deed.CLOSE):
                return self._pulse("close", now)
            case Drive(Deed.STOP):
                out, writes = self._released(now)
                if "stop" in self.wired:
                    writes = [*writes, Pulse("stop", self.pulse_s)]
                return out, writes
            case _:
                return self._released(now)

    def due(self, now: float) -> tuple[Outputs, list[Write]]:
        """The pulse that waited, once its dead time is over."""
        if not self.waiting or now < self._free_at(self.waiting):
            return self, []
        name = self.waiting
        return self._started(name, now), [Pulse(name, self.pulse_s)]

    def _pulse(self, name: str, now: float) -> tuple[Outputs, list[Write]]:
        other = _OPPOSITE[name]
        writes: list[Write] = []
        out = replace(self, waiting="")
        if out.ends.get(other, 0.0) > now:
            writes.append(Set(other, False))
            out = replace(out, ends={**out.ends, other: now})
        if name not in out.wired:
            return out, writes
        if now < out._free_at(name):
            return replace(out, waiting=name), writes
        return out._started(name, now), [*writes, Pulse(name, self.pulse_s)]

    def _free_at(self, name: str) -> float:
        end = self.ends.get(_OPPOSITE[name])
        return end + self.dead_time_s if end is not None else 0.0

    def _started(self, name: str, now: float) -> Outputs:
        return replace(self, waiting="", ends={**self.ends, name: now + self.pulse_s})

    def _released(self, now: float) -> tuple[Outputs, list[Write]]:
        writes: list[Write] = [Set(n, False) for n in ("open", "close") if n in self.wired]
        ends = {n: min(end, now) for n, end in self.ends.items()}
        return replace(self, waiting="", ends=ends), writes
