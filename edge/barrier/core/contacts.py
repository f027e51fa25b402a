"""PURE. What the guard's outputs are, and what it remembers of them: contacts and their pulses, an
arm that may still come down, the lamps, what has been said and waits for its answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from edge.barrier.wires.port import Set, Write
from edge.domain.pulses import LONGEST_PULSE_S, SHORTEST_PULSE_S

TRIES = 5
"""Maximum attempts for a write that may be repeated; a pulse is none."""

LAMPS_AGAIN_S = 5.0
"""Seconds between two writes of an unchanged lamp: the board may have lost its power meanwhile."""

LATEST_S = 1.0
"""Maximum seconds until an answer that comes later than its write (port.BoardDriver)."""

LAMPS = ("red", "green")


@dataclass(frozen=True, slots=True)
class Contacts:
    """The outputs of one barrier, by name, and their times in seconds. `fall_s`: so long after its
    closing pulse the arm comes down at most."""

    wired: frozenset[str]
    pulse_s: float
    dead_time_s: float
    fall_s: float = math.inf

    def __post_init__(self) -> None:
        if not SHORTEST_PULSE_S <= self.pulse_s <= LONGEST_PULSE_S:
            raise ValueError(
                f"a pulse of {self.pulse_s} s: allowed are {SHORTEST_PULSE_S} to {LONGEST_PULSE_S}"
            )


@dataclass(frozen=True, slots=True)
class Fall:
    """An arm that may come down. `falling`: a closing pulse went out, and neither a pulse that the
    board confirmed nor the inputs have ended its motion; that is over at `lands_at` (monotonic).
    `until`: so long (monotonic) an arm may come down that was sent down before the start."""

    falling: bool = False
    until: float = 0.0
    lands_at: float = math.inf


@dataclass(frozen=True, slots=True)
class Lamps:
    """`green`: how the lamps should burn; `said_at`: when the board last confirmed each so."""

    green: bool = False
    said_at: Mapping[str, float] = field(default_factory=dict)

    def due(self, now: float) -> list[Set]:
        """Those that the board has not confirmed lately. The lamp that goes out goes first, so that
        both never burn together."""
        wanted = {"red": not self.green, "green": self.green}
        old = [n for n in LAMPS if now - self.said_at.get(n, -math.inf) >= LAMPS_AGAIN_S]
        return sorted([Set(n, wanted[n]) for n in old], key=lambda lamp: lamp.on)


@dataclass(frozen=True, slots=True)
class Said:
    """`again`: writes to repeat, and how often yet; `under_way`: writes whose answers are to come,
    and when they were sent."""

    again: Mapping[Write, int] = field(default_factory=dict)
    under_way: Mapping[Write, float] = field(default_factory=dict)

    def expects(self, write: Write, now: float) -> bool:
        """Whether its answer may still come."""
        return now < self.under_way.get(write, -math.inf) + LATEST_S

    def sent(self, write: Write, now: float) -> Said:
        """With a write whose answer comes later; it takes the place of an older one."""
        older = {w: at for w, at in self.under_way.items() if w.output != write.output}
        return replace(self, under_way={**older, write: now})

    def come(self, write: Write) -> Said:
        """With the answer to it, or its loss."""
        return replace(self, under_way={w: at for w, at in self.under_way.items() if w != write})

    def done(self, write: Write) -> Said:
        """Without its repetition."""
        return replace(self, again={w: n for w, n in self.again.items() if w != write})

    def lost(self, write: Write) -> Said:
        """After a lost answer: what may be said twice is said again, TRIES times altogether."""
        left = self.again.get(write, TRIES) - 1
        without = self.done(write)
        repeatable = isinstance(write, Set) or write.output == "stop"
        if not repeatable or left <= 0:
            return without
        return replace(without, again={**without.again, write: left})

    def but(self, write: Write, output: str) -> Said:
        """Without the repetitions that would undo a pulse that begins now."""
        kept = {w: n for w, n in self.again.items() if w != write and w.output != output}
        return replace(self, again=kept)
