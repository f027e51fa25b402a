"""Judges by what really is: bodies, the arm, and what the wires really showed.

It knows nothing of the guard but its commands at the drive's contacts and what it told.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from edge.domain.facts import (
    BarrierFact,
    GuardAlarm,
    TailgateSeen,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
)
from tests.barrier.second_world.arm import Arm
from tests.barrier.second_world.drivers import Vehicle
from tests.barrier.second_world.sensors import Contact

SAFETY = ("safety_loop", "photocell")

PLANE_M = 0.05

NEAR_M = -8.0
"""Whoever is this near may be about to come under the arm."""

SAFETY_M = -2.5
"""No safety sensor shows anybody whose front has not come so far: what it showed was another's."""

FRONT_S = 0.24
"""A sensor that shows something for less may have shown a glitch: 0.16 s, and some polls."""

APART_S = 0.25
"""A break of the entry loop that is shorter is a moment that it misses: 0.15 s after two polls, of
41 ms each where two lanes share a line, and its bouncing."""

PASSED_S = 0.5
"""So long nothing is seen under the arm before the one that was there has passed."""


@dataclass(slots=True)
class Descent:
    """One coming down of the arm. `seen`: since when each sensor that the gate can read showed
    something, at the order and at the touch."""

    at: float
    why: str
    under: str = ""
    seen_at_order: dict[str, float] = field(default_factory=dict)
    entry_since: float | None = None
    touched: str = ""
    touched_at: float = 0.0
    drove_in: bool = False
    seen_at_touch: dict[str, float] = field(default_factory=dict)
    unseen: str = ""
    """why nothing showed who was under it, at the order or else at the touch"""
    seen_after: float | None = None
    entered: bool = False
    """a safety sensor has shown the front of the one under the arm, or of one behind it"""
    stuck: bool = False
    """a safety sensor was stuck on since the one under the arm came there"""
    from_p: float = 1.0
    left_at: float | None = None
    """when the upper switch was seen to be left"""
    pressed: bool = False
    """the gate hears that the stop is pressed, and heard it before that switch was left"""
    under_since: float = 0.0
    halted_at: float | None = None
    over: bool = False
    told: list[str] = field(default_factory=list)
    verdict: str = ""
    reason: str = ""
    timeline: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Crossing:
    vehicle: Vehicle
    at: float
    admitted: str | None
    tellable: bool
    how: str
    first_under: float = 0.0


class Monitor:
    def __init__(self, arm: Arm, vehicles: list[Vehicle], contacts: dict[str, Contact]) -> None:
        self.arm = arm
        self.vehicles = vehicles
        self.contacts = contacts
        self.wired: frozenset[str] = frozenset()
        self.lines: deque[str] = deque(maxlen=120)
        self.descents: list[Descent] = []
        self.now: Descent | None = None
        self.facts: list[tuple[float, BarrierFact]] = []
        self.t = 0.0
        self.eff: dict[str, bool] = {}
        self.eff_at: dict[str, float] = {}
        self.crossings: list[Crossing] = []
        self._crossed: set[str] = set()
        self._under_at: dict[str, float] = {}
        self._arrived_at: dict[str, float] = {}
        self.pending_close_at: float | None = None
        self._close_made: Descent | None = None
        self.behind: list[float] = []
        """How long the arm took to come down with nobody near it, in seconds."""
        self.last_near = 0.0
        self._alone: float | None = None
        self.why_unseen: Callable[[], str] = lambda: ""
        self.closings = 0
        self.on_close: Callable[[], None] = lambda: None
        self._entered_at = -math.inf
        """When a safety sensor showed the last front since the entry loop has had no break."""
        self._near_at: dict[str, float] = {}
        """A safety sensor has come on since the entry loop did, which is on."""
        self._first_under: dict[str, float] = {}
        self._stuck_at: dict[str, float] = {}
        """When each safety sensor that the gate can read was stuck on, last."""
        self._told_apart: dict[str, str] = {}
        self._clear_for: float | None = 0.0
        self.edge_m = 0.0
        """Where the sensor begins that tells fronts apart."""
        self._came_at: float | None = None
        """Since when the safety sensors show somebody, or did until they were clear for long."""
        self._exit_on: float | None = None
        self._exit_left = False
        """The exit loop has been come to and left since then."""
        self._clear_at: float | None = None

    def keep_all(self) -> None:
        """The whole timeline, and not its end alone."""
        self.lines = deque(self.lines)

    def note(self, text: str) -> None:
        where = " ".join(f"{v.name}@{v.x:.1f}/{v.rear:.1f}" for v in self.vehicles if v.x > -15)
        self.lines.append(f"{self.t:9.3f} p={self.arm.p:.2f} {text} [{where}]")

    # --- the drive ---

    def relay(self, name: str, on: bool) -> None:
        """What the gate's own board does at the drive's contacts."""
        if name == "permit" and not on and self.now is not None and self.now.halted_at is None:
            self.now.halted_at = self.t
        if name not in ("open", "close", "stop"):
            return
        self.note(f"relay {name} {'on' if on else 'off'}")
        if not on:
            return
        if name == "close":
            self._close_made = self._descent("guard")
            self.closings += 1
            self.on_close()
        elif self.now is not None and self.now.halted_at is None:
            self.now.halted_at = self.t

    def command(self, what: str, why: str) -> None:
        """What the drive takes up."""
        self.note(f"drive: {what} ({why})")
        if what == "close":
            if why == "guard" and self._close_made is not None:
                self._start(self._close_made)
                self._close_made = None
            elif why != "guard" and self.arm.p > 0.02 and self.arm.wants >= 0:
                self._start(self._descent(why))

    def _descent(self, why: str) -> Descent:
        under = next((v.name for v in self.vehicles if v.over(-PLANE_M, PLANE_M)), "")
        d = Descent(self.t, why, under, self._seen())
        if self.eff.get("entry_loop"):
            d.entry_since = self.eff_at["entry_loop"]
            d.entered = self._entered_at >= self._near_at.get(under, math.inf)
        if under:
            d.unseen = "" if d.seen_at_order else self.why_unseen()
            d.under_since = self._under_at.get(under, self.t)
            d.stuck = any(at >= d.under_since for at in self._stuck_at.values())
        return d

    def _start(self, d: Descent) -> None:
        if self.now is not None:
            self.now.over = True
        d.from_p = self.arm.p
        self.now = d
        self.descents.append(d)

    def _seen(self) -> dict[str, float]:
        return {n: self.eff_at[n] for n in SAFETY if n in self.wired and self.eff.get(n)}

    # --- bodies ---

    def move(self, t: float, dt: float) -> None:
        self.t = t
        for name, contact in self.contacts.items():
            shown = contact.shown if contact.lies is None else contact.lies
            if self.eff.get(name) is not shown:
                self.eff[name], self.eff_at[name] = shown, t
                if name == "limit_open" and not shown and self.now is not None:
                    self.now.left_at = self.now.left_at or t
                if name != "stop":
                    self.note(f"{name} {'on' if shown else 'off'}")
            if contact.lies and name in SAFETY and name in self.wired:
                self._stuck_at[name] = t
        arm = self.arm
        if self.eff.get("entry_loop"):
            came = self.eff_at["entry_loop"]
            seen = self._seen().values()
            fronts = [since for since in seen if since >= came and t - since >= FRONT_S]
            self._entered_at = max([self._entered_at, *fronts])
        else:
            self._entered_at = -math.inf
        if arm.rests:
            arm.rests = self._lies() is not None
        for v in self.vehicles:
            over = v.over(-PLANE_M, PLANE_M)
            if over:
                self._under_at.setdefault(v.name, t)
                self._first_under.setdefault(v.name, t)
            else:
                self._under_at.pop(v.name, None)
            if v.x > SAFETY_M:
                self._near_at.setdefault(v.name, t)
        if self.now is not None and not self.now.over:
            d = self.now
            if arm.falling and not d.touched:
                self._touch(d, t)
            if d.touched and d.seen_after is None and self._seen():
                d.seen_after = t
            if d.touched and not d.timeline and t - d.touched_at > 3.0:
                d.timeline = list(self.lines)
            if (arm.p <= 0.001 or (arm.p >= 0.999 and t - d.at > 1.0)) and arm.v == 0:
                if d.touched and not d.timeline:
                    d.timeline = list(self.lines)
                d.over = not d.touched or t - d.touched_at > 3.0
        self._closes_behind(t)
        self._fronts(t)
        self._exits(t)
        for v in self.vehicles:
            if v.rear > 1.5 and v.name not in self._crossed and not v.turning:
                self._crossed.add(v.name)
                how = self._told_apart.get(v.name, "")
                first = self._first_under.get(v.name, t)
                self.crossings.append(Crossing(v, t, None, bool(how), how, first))
                self.note(f"TRUTH {v.name} ({v.shape.name}, {v.mind}) has crossed {how}")

    def _closes_behind(self, t: float) -> None:
        near = any(v.over(NEAR_M, 1.5) for v in self.vehicles)
        if near:
            self._alone, self.last_near = None, t
        elif self.arm.p > 0.5:
            self._alone = t if self._alone is None else self._alone
        elif self.arm.p < 0.05 and self._alone is not None:
            self.behind.append(t - self._alone)
            self._alone = None

    def _fronts(self, t: float) -> None:
        """Who could be told apart from the one in front: the entry loop showed a break between them
        while that one was on its way out; without an entry loop, all sensors did."""
        wired = self.wired
        entry = "entry_loop" in wired
        watched = (
            ["entry_loop"] if entry else [n for n in ("safety_loop", "photocell") if n in wired]
        )
        clear = all(not self.eff.get(n) for n in watched)
        if clear:
            self._clear_for = self._clear_for or t
        elif self._clear_for is not None:
            if t - self._clear_for >= APART_S:
                front = next((v for v in self.vehicles if v.rear < 1.5), None)
                ahead = None
                for v in self.vehicles:
                    if (
                        v.x > self.edge_m
                        and v.rear < self.edge_m
                        and v.name not in self._told_apart
                    ):
                        front = v
                        break
                    ahead = v
                del ahead
                if front is not None:
                    self._told_apart[front.name] = f"a break of {t - self._clear_for:.2f} s"
            self._clear_for = None

    def _exits(self, t: float) -> None:
        """Who could be told apart by the exit loop: the one in front has come to it and left it,
        and the safety sensors have been clear since, while he was on the entry loop."""
        if not {"entry_loop", "exit_loop"} <= self.wired:
            return
        if self._seen():
            self._came_at, self._clear_at = self._came_at or t, None
        elif self._clear_at is None:
            self._clear_at = t
        if self.eff.get("exit_loop"):
            self._exit_on = self._exit_on or t
        elif self._exit_on is not None:
            came = self._came_at is not None and self._exit_on - self._came_at >= FRONT_S
            self._exit_left = came and t - self._exit_on >= FRONT_S
            self._exit_on = None
        clear = self._clear_at is not None and t - self._clear_at >= PASSED_S
        if not clear or self._exit_on is not None:
            return
        if self._exit_left:
            # Whoever has come to the safety loop is not seen by it yet with his first metre.
            first = next((v for v in self.vehicles if v.name not in self._first_under), None)
            if first is not None and first.x > self.edge_m + 0.5:
                self._told_apart.setdefault(first.name, "the exit loop was left before it came")
        self._came_at, self._exit_left = None, False

    def _lies(self) -> Vehicle | None:
        """On whom the arm lies."""
        for v in self.vehicles:
            if not v.over(-PLANE_M, PLANE_M):
                continue
            height = self.arm.height(v.shape.near)
            for part in v.shape.parts:
                if v.x - part.rear < PLANE_M and v.x - part.front > -PLANE_M and part.roof > height:
                    return v
        return None

    def _touch(self, d: Descent, t: float) -> None:
        v = self._lies()
        if v is None or v.breaks_through:
            return
        self.arm.rests = True
        d.touched, d.touched_at = f"{v.name} ({v.shape.name})", t
        d.seen_at_touch = self._seen()
        if not d.seen_at_touch:
            d.unseen = self.why_unseen()
        d.under_since = self._under_at.get(v.name, t)
        stop = self.eff.get("stop") and "stop" in self.wired
        d.pressed = bool(stop) and d.left_at is not None and self.eff_at["stop"] <= d.left_at
        d.drove_in = d.under_since > d.at and v.v > 0.2
        self.note(f"TOUCH {v.name}, arm v={self.arm.v:.2f}")

    # --- what was told ---

    def told(self, fact: BarrierFact) -> None:
        self.facts.append((self.t, fact))
        if isinstance(
            fact, GuardAlarm | TailgateSeen | VehicleBackedOff | VehicleCrossed | VehicleEntered
        ):
            self.note(f"TOLD {fact}")
            name = type(fact).__name__
            if isinstance(fact, GuardAlarm):
                name = fact.code if fact.active else ""
            if self.now is not None and name:
                self.now.told.append(name)
        else:
            more = getattr(fact, "arm", "") or getattr(fact, "outcome", "")
            self.note(f"told {type(fact).__name__} {more} {getattr(fact, 'why', '')}")
