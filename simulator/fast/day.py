"""A day at the gate in virtual time: visits come, the house works, the booth looks, all in turns.

Everything happens on one thread, in the same order for the same seed.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from edge.system.clock import ManualClock
from simulator.barrier.bad_wires import Clean
from simulator.fast.booth import ROUND_S, Booth
from simulator.fast.customs import MemoryCustoms
from simulator.fast.eyes import FRAME_S, DrawnEyes
from simulator.fast.guests import Guest, Makes, Visit
from simulator.fast.house import House
from simulator.fast.order_giver import OperationsOrderGiver, OrderGiver
from simulator.fast.readings import Expected
from simulator.fast.wire import VirtualTime
from simulator.faults.catalogue import Value
from simulator.faults.fast import begin
from simulator.faults.switches import Switches
from simulator.judging import Heard
from simulator.world import LaneWorld, Vehicle

LANES = {
    "out1": "export",
    "out2": "export",
    "in1": "import",
    "in2": "import",
    "in3": "import",
}
"""As at control gate No. 1 of Kim Thành: two out, three in."""

MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
ARM_S = 3.0
"""The arm's travel."""

BUSY_S, QUIET_S, NOISY_S = 0.1, 0.2, 0.02
"""Between two questions to one board, with something moving near a sensor and without.
Over a bad wire all that it gives is needed."""

QUEUE = 2
"""So many vehicles are kept in a lane."""

SENT_S = 0.2
"""So often the delivery to customs looks."""

SETTLES_S, DRAINS_S = 30.0, 300.0
"""After the last vehicle: what is still told; until customs has it all, at most."""

HEARD_S = 10.0
"""So often the platform answers."""

AWAKE_S = 2.0
"""After a start the inputs are read and the lanes have looked; what entered before, nobody saw."""

LONGEST_VISIT_S = 900.0
"""A visit that lasts longer has gone wrong."""

Maker = Callable[[Makes], Visit]


@dataclass(slots=True)
class Played:
    """`late`: cases whose visit did not end by itself."""

    visits: list[Visit] = field(default_factory=list)
    late: list[Visit] = field(default_factory=list)


class Day:
    """`plan`: the makers of each lane's visits, in order. `run` plays them all."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        plan: Mapping[str, Sequence[Maker]],
        lanes: Mapping[str, str] = LANES,
        more: str = "",
        without: frozenset[str] = frozenset(),
        rears: Collection[str] = (),
        policy: str = "",
        lines: Collection[str] = (),
        cached: bool = False,
    ) -> None:
        self.clock = ManualClock(MORNING)
        self.time = VirtualTime(self.clock)
        self._zero = self.clock.now()
        self._jumps: list[tuple[float, float]] = []
        self.worlds = {lane: LaneWorld(lane, lambda: self.time.mono, ARM_S) for lane in lanes}
        self._guests: dict[int, Guest] = {}
        self.eyes = DrawnEyes(self.worlds, self.clock, self._expected, rears, lines)
        self.customs = MemoryCustoms(self.clock, random.Random(f"customs-{seed}"))
        self.house = House(
            folder, self.worlds, lanes, self.time, self.eyes, self.customs, self.wait,
            random.Random(f"wire-{seed}"), more, without, policy, cached,
        )  # fmt: skip
        self.booth = Booth(self.worlds, self._guest_at)
        numbers = count(1)
        self.makes = {
            lane: Makes(lane, way, random.Random(f"{lane}-{seed}"), self.true_wall, numbers)
            for lane, way in lanes.items()
        }
        self._plan = {lane: list(plan.get(lane, ())) for lane in lanes}
        self._active: list[Visit] = []
        self.played = Played()
        self._starts_at: float | None = None
        self._looked_at = self._booth_at = self._heard_at = self._sent_at = self.time.mono
        self.rounds = 0
        self._over = False
        self._away: list[tuple[float, float]] = []
        self.platform_away = False
        self.switches = Switches()
        self.note_fault: Callable[[str, str], Callable[[], None]] = lambda lane, name: lambda: None
        """Told of each fault that begins, it gives what is told of its end."""
        self.heard = Heard()
        """All that was said, once the day is over."""
        self.began = self.now

    @property
    def now(self) -> float:
        return self.time.mono

    def wall(self, mono: float) -> datetime:
        """By the gate's clock."""
        jumped = sum(seconds for at, seconds in self._jumps if at <= mono)
        return self._zero.wall + timedelta(seconds=mono - self._zero.mono + jumped)

    def true_wall(self, mono: float | None = None) -> datetime:
        """By everybody else's clock; now, where no moment is told."""
        return self._zero.wall + timedelta(seconds=(mono or self.now) - self._zero.mono)

    # --- what visits may do ---

    def join(self, lane: str, guest: Guest, case: str) -> None:
        """At the end of the lane's queue."""
        guest.vehicle.case = case
        self._guests[id(guest.vehicle)] = guest
        self.worlds[lane].add(guest.vehicle)

    def hand_over(self, lane: str, old: Guest, new: Guest) -> None:
        """Another vehicle stands in the place of one that is gone."""
        new.vehicle.case = old.vehicle.case
        self._guests[id(new.vehicle)] = new
        self.worlds[lane].exchange(old.vehicle, new.vehicle)

    def kill(self, seconds: float) -> None:
        """The service is killed and started again so many seconds later."""
        if self.house.running:
            self.house.kill()
            self._starts_at = self.now + seconds
            self._away.append((self.now, self._starts_at + AWAKE_S))

    def jump(self, seconds: float) -> None:
        """The gate's clock jumps."""
        self._jumps.append((self.now, seconds))
        self.clock.jump_wall(seconds)

    @property
    def order_giver(self) -> OrderGiver:
        return OperationsOrderGiver(lambda: self.house.operations, self.house.commands.send)

    @property
    def running(self) -> bool:
        """Whether the service is there."""
        return self.house.running

    def declare(self, item: Mapping[str, Any]) -> None:
        self.house.declare(item)

    def drop(self, assignment: str) -> None:
        self.house.declared.leaves(assignment)

    def begin_fault(self, name: str, lane: str, value: Value) -> Callable[[], None]:
        """It happens now; what ends it."""
        return begin(self, name, lane, value)

    def nobody_saw(self, moment: float) -> bool:
        """Whether the service was away at that moment of the world: the lamp stays as it was."""
        return any(start <= moment <= end for start, end in self._away)

    def back_after(self, moment: float) -> float | None:
        """When the service was there again that was away at that moment; None where it was not."""
        return next((end for start, end in self._away if start <= moment <= end), None)

    def away_during(self, visit: Visit) -> bool:
        """Whether the service was away while it lasted."""
        return self.away_between(visit.began, visit.ended)

    def away_between(self, first: float, last: float) -> bool:
        """Whether it was at any moment from one to the other."""
        return any(first <= end and start <= last for start, end in self._away)

    # --- the run ---

    def run(
        self,
        progress: Callable[[int], None] = lambda done: None,
        each: Callable[[], None] = lambda: None,
    ) -> None:
        """Until everybody has come and gone. `each`: after every round."""
        self.house.start()
        self.house.heard()
        while any(self._plan.values()) or self._active or self._busy():
            self.round()
            each()
            if self.rounds % 2000 == 0:
                progress(sum(len(w.truth.crossings) for w in self.worlds.values()))
        self._over = True
        settled, given_up = self.now + SETTLES_S, self.now + DRAINS_S
        while self.now < settled or not self.house.running:
            self.round()
            each()
        while self.customs.through < self.house.journal.last_sequence() and self.now < given_up:
            self.round()
            each()

    def close(self) -> None:
        if self.house.running:
            self.house.kill()
        self.house.declared.close()

    def _busy(self) -> bool:
        return any(world.vehicles for world in self.worlds.values())

    def round(self) -> None:
        """One turn of everybody, the booth last."""
        self._round()
        if self.house.running and self.now - self._booth_at >= ROUND_S:
            self._booth_at = self.now
            self.booth.round(self.house.operations, self.now)
        for lane in self.worlds:
            self._feed(lane)
        for visit in list(self._active):
            self._step(visit)

    def wait(self, answered: threading.Event, seconds: float) -> bool:
        """For the guard's answer to a person's order: everything else goes on meanwhile."""
        until = self.now + seconds
        while not answered.is_set() and self.now < until:
            self._round()
        return answered.is_set()

    def _round(self) -> None:
        self.rounds += 1
        rest = self.house.round() if self.house.running else 0.0
        self.time.forward(self.now + max(rest, self._pace()))
        for world in self.worlds.values():
            world.step()
        now = self.now
        if self.house.running:
            if now - self._looked_at >= FRAME_S:
                self._looked_at = now
                self.eyes.look(lambda v: self._guests[id(v)].number)
            if now - self._sent_at >= SENT_S:
                self._sent_at = now
                self.customs.round(outages=not self._over)
            if now - self._heard_at >= HEARD_S and not self.platform_away:
                self._heard_at = now
                self.house.heard()
        elif self._starts_at is not None and now >= self._starts_at:
            self._starts_at = None
            self.house.start()

    def _pace(self) -> float:
        """Until the next question to the next board."""
        quiet = all(world.quiet for world in self.worlds.values())
        each = QUIET_S if quiet else BUSY_S
        if not isinstance(self.house.line.fault, Clean):
            each = NOISY_S
        return each / len(self.worlds)

    def _feed(self, lane: str) -> None:
        world, plan = self.worlds[lane], self._plan[lane]
        alone = any(visit.alone and visit.lane == lane for visit in self._active)
        if not plan or alone or len(world.vehicles) >= QUEUE:
            return
        visit = plan.pop(0)(self.makes[lane])
        visit.lane, visit.began = lane, self.now
        for item in visit.items:
            self.house.declare(item)
        for guest in (g for g in visit.guests if g not in visit.later):
            self.join(lane, guest, visit.case)
        self._active.append(visit)
        self.played.visits.append(visit)

    def _step(self, visit: Visit) -> None:
        gone = all(g.vehicle.gone for g in visit.guests)
        while visit.steps and visit.steps[0][0](self):
            visit.steps.pop(0)[1](self)
        for beside in visit.beside:
            beside.go_on(self)
        gone = gone and not any(beside.under_way for beside in visit.beside)
        late = self.now - visit.began > LONGEST_VISIT_S + visit.last_s
        if gone or late:
            self._active.remove(visit)
            visit.ended = self.now
        if late and not gone:
            self.played.late.append(visit)

    # --- who is who ---

    def guest_of(self, number: int) -> Guest:
        return next(g for g in self._guests.values() if g.number == number)

    def _expected(self, vehicle: Vehicle) -> Mapping[str, Expected]:
        return self._guests[id(vehicle)].expected

    def _guest_at(self, lane: str) -> Guest | None:
        """Who stands at the line, as a person sees him."""
        first = self.worlds[lane].first()
        if first is None or first.arrived_at is None:
            return None
        return self._guests[id(first)]
