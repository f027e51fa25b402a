"""The guard's core over the simulator's road, without wires or threads: vehicles as they are built
and driven, inputs sampled as often, as late and as badly as is asked for."""

from dataclasses import dataclass

from edge.barrier.core.contacts import Contacts
from edge.barrier.core.outputs import Outputs, Pulse
from edge.barrier.core.safety import Authorised, Missed, Sampled, begin, step
from edge.barrier.core.sensing import blocked
from edge.barrier.core.signals import whereabouts
from edge.barrier.core.state import Light, Limits
from edge.domain.facts import VehicleArrived
from simulator.world import Driver, Look, Road, Vehicle
from tests.support.barrier.lane_play import EXIT

CLOSING_S = 0.02
"""So often a closing arm is looked at."""

PULSE_S, MARGIN_S = 0.5, 3.0


@dataclass(frozen=True, slots=True)
class Wire:
    """`poll_s`: between two questions; `late`: the share of them that comes up to 0.45 s later, and
    of the answers that come up to 0.2 s late; `lost`: the share of the answers that never come."""

    poll_s: float = 0.1
    late: float = 0.0
    lost: float = 0.0


@dataclass(frozen=True, slots=True)
class Arm:
    stop: bool = True
    travel_s: float = 3.0


class RoadPlay:
    """The first `admits` who come to the entry loop are admitted. `facts`: what the guard tells."""

    def __init__(self, rng, wired=EXIT, wire=Wire(), arm=Arm(), admits=1):
        self.rng, self.wire, self.wired, self.admits = rng, wire, wired, admits
        travel = max(2.0, arm.travel_s + 0.5)
        limits = Limits(0.5, travel, MARGIN_S, 2.0, 30.0, 1, True, 2 * PULSE_S)
        self.barrier = begin("out1", limits, wired)
        outputs = frozenset({"open", "close", "stop"} if arm.stop else {"open", "close"})
        fall_s = PULSE_S + travel + MARGIN_S
        self.outputs = Outputs(Contacts(outputs, PULSE_S, PULSE_S, fall_s))
        self.road = Road("out1", 0.0, arm.travel_s)
        self.now, self.facts, self._ends, self._admitted = 0.0, [], [], 0
        self.came_down_on = {}
        """Where the front of each was, as the arm was sent down that came down on him, by plate."""
        self._fronts = {}

    def joins(self, shape, driver, plate=""):
        """One more at the end of the queue."""
        look = Look("truck", (0, 0, 0), len(self.road.vehicles), plate, "VN", "white", 1)
        self.road.join(Vehicle(look, max(p.rear for p in shape), True, driver, shape))
        return self

    def play(self, until=120.0):
        """Until nobody is there any more."""
        while self.now < until and self.road.vehicles:
            wait = self.wire.poll_s * self.rng.uniform(0.8, 1.2)
            wait = min(wait, CLOSING_S) if self.barrier.phase == "closing" else wait
            self._go(wait + self._late(0.45))
            at = self.now
            sample = {n: on for n, on in self.road.inputs().items() if n in self.wired}
            self._go(self._late(0.2))
            lost = self.rng.random() < self.wire.lost
            for fact in self._give(Missed() if lost else Sampled(sample, at)):
                if isinstance(fact, VehicleArrived) and self._admitted < self.admits:
                    self._admitted += 1
                    self._give(Authorised(f"a{self._admitted}"))
            self._look_after()
        return self

    def _late(self, most):
        return self.rng.uniform(0, most) if self.rng.random() < self.wire.late else 0.0

    def _go(self, seconds):
        """On, with pulses that end at their own moments."""
        to = self.now + seconds
        for end, output in sorted(e for e in self._ends if e[0] <= to):
            self.road.advance(end)
            self.road.contact(output, False)
        self._ends = [e for e in self._ends if e[0] > to]
        self.road.advance(to)
        self.now = to
        for v in self.road.vehicles:
            if v.look.plate in self.road.truth.violations:
                self.came_down_on.setdefault(v.look.plate, self._fronts[v.look.plate])

    def _give(self, given):
        done = step(self.barrier, given, self.now)
        self.barrier = done.barrier
        for effect in done.effects:
            if isinstance(effect, Light):
                self.road.contact("green", effect.green)
            else:
                self.outputs, writes = self.outputs.asked(effect, self.now)
                self._write(writes)
        self.facts += done.facts
        return done.facts

    def _look_after(self):
        self.outputs, writes = self.outputs.due(self.now, False)
        self._write(writes)
        place, seen = whereabouts(self.barrier, self.now), blocked(self.barrier.input_state)
        self.outputs, writes = self.outputs.unwatched(place, False, seen, self.now)
        self._write(writes)

    def _write(self, writes):
        for write in writes:
            self.outputs, more = self.outputs.answered(write, True, self.now)
            if isinstance(write, Pulse):
                if write.output == "close":
                    self._fronts = {v.look.plate: v.front for v in self.road.vehicles}
                self.road.contact(write.output, True)
                self._ends.append((self.now + write.seconds, write.output))
            self._write(more)


def halts(place, seconds, **more):
    """A driver who stops with his front there, and has time."""
    return Driver(stops=(place, seconds), patience_s=1e9, **more)
