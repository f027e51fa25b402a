"""Loops, a beam and dry contacts: geometry, their own delays, bouncing, and how they fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tests.barrier.second_world.drivers import Vehicle

LEAST_METAL_M = 0.25
"""So much of a loop must be under metal."""


@dataclass(slots=True)
class Contact:
    """What a wire to the board shows: the truth after the detector's own delays, bouncing for a
    moment at each change. `lies`: a constant it shows instead; `flips`: when it is wrong."""

    on_s: float = 0.0
    off_s: float = 0.0
    bounce_s: float = 0.0
    raw: bool = False
    shown: bool = False
    raw_at: float = -1e9
    changed_at: float = -1e9
    on_since: float = -1e9
    lies: bool | None = None
    flips: list[tuple[float, float]] = field(default_factory=list)
    dice: Random = field(default_factory=Random)

    def feed(self, raw: bool, now: float) -> None:
        if raw is not self.raw:
            self.raw, self.raw_at = raw, now
        if self.raw is not self.shown and now - self.raw_at >= (self.on_s if raw else self.off_s):
            self.shown, self.changed_at = self.raw, now
            if self.shown:
                self.on_since = now

    def read(self, now: float) -> bool:
        """As the board samples it."""
        seen = self.shown if self.lies is None else self.lies
        if self.flips:
            self.flips = [f for f in self.flips if now <= f[1]]
            if any(a <= now for a, b in self.flips):
                return not seen
        if self.bounce_s and now - self.changed_at < self.bounce_s:
            return self.dice.random() < 0.5
        return seen


@dataclass(slots=True)
class Loop:
    """Metal lower than `reach` over it. `drops_s`: a limited presence tunes a vehicle out."""

    start: float
    end: float
    reach: float
    drops_s: float | None = None
    sees_motorcycles: bool = True
    dead: bool = False
    covered_since: float | None = None

    def over(self, vehicles: list[Vehicle], now: float) -> bool:
        if self.dead:
            return False
        on = any(self._sees(v) for v in vehicles)
        if not on:
            self.covered_since = None
            return False
        if self.covered_since is None:
            self.covered_since = now
        return self.drops_s is None or now - self.covered_since < self.drops_s

    def _sees(self, v: Vehicle) -> bool:
        if v.x < self.start or v.rear > self.end:
            return False
        if v.shape.name == "motorcycle" and not self.sees_motorcycles:
            return False
        for part in v.shape.parts:
            if part.metal and part.floor < self.reach:
                a, b = v.x - part.rear, v.x - part.front
                if min(b, self.end) - max(a, self.start) >= LEAST_METAL_M:
                    return True
        return False


@dataclass(slots=True)
class Beam:
    """A light beam across the lane at `x`, `height` above the road."""

    x: float
    height: float
    dead: bool = False

    def broken(self, vehicles: list[Vehicle]) -> bool:
        if self.dead:
            return False
        for v in vehicles:
            if v.beside_beam or not v.rear <= self.x <= v.x:
                continue
            for part in v.shape.parts:
                if v.x - part.rear <= self.x <= v.x - part.front and (
                    part.floor <= self.height <= part.roof
                ):
                    return True
        return False
