"""One place with its barrier, wired and built by chance from a seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from edge.config import BarrierConfig
from edge.config.board import profile
from edge.domain.facts import BarrierFact
from tests.barrier.second_world.arm import Arm, Make
from tests.barrier.second_world.board import Board
from tests.barrier.second_world.cable import Cable
from tests.barrier.second_world.computer import Computer
from tests.barrier.second_world.drivers import BEGINS_M, DriverView, Vehicle
from tests.barrier.second_world.faults import KINDS, Kind
from tests.barrier.second_world.lane import Lane
from tests.barrier.second_world.monitor import Monitor
from tests.barrier.second_world.network import Network
from tests.barrier.second_world.sensors import Beam, Contact, Loop
from tests.barrier.second_world.shapes import LONGEST_GAP_M
from tests.barrier.second_world.traffic import Traffic
from tests.barrier.second_world.world import World

OUTPUTS = {"open": 1, "close": 2, "stop": 3, "green": 4, "red": 5, "permit": 6}
INPUTS = {
    "entry_loop": 1,
    "safety_loop": 2,
    "photocell": 3,
    "limit_open": 4,
    "limit_closed": 5,
    "stop": 6,
    "exit_loop": 7,
}


@dataclass(slots=True)
class Wiring:
    """What is wired to the gate. All of it is there in the world; the gate may not be shown it."""

    loop: bool = True
    beam: bool = True
    entry: bool = True
    limit_open: bool = True
    limit_closed: bool = True
    stop_in: bool = True
    stop_out: bool = True
    lamps: bool = True
    permit: bool = False
    exit: bool = False
    baud: int = 9600
    tcp: bool = False

    def __str__(self) -> str:
        names = ("loop", "beam", "entry", "limit_open", "limit_closed", "stop_in", "stop_out")
        lacking = [n for n in names if not getattr(self, n)]
        permit = "permit, " if self.permit else ""
        permit += "exit loop, " if self.exit else ""
        line = "Modbus TCP" if self.tcp else f"{self.baud} baud"
        return f"{line}, {permit}" + ("without " + ", ".join(lacking) if lacking else "all wired")

    @staticmethod
    def of(dice: Random) -> Wiring:
        """Most sites have most of it."""
        w = Wiring(baud=dice.choice((9600, 9600, 19200, 38400)))
        w.stop_out = dice.random() < 0.6
        w.stop_in = dice.random() < 0.8
        w.lamps = dice.random() < 0.85
        which = dice.random()
        if which < 0.12:
            w.beam = False
        elif which < 0.22:
            w.loop = False
        which = dice.random()
        if which < 0.08:
            w.limit_open = False
        elif which < 0.16:
            w.limit_closed = False
        elif which < 0.2:
            w.limit_open = w.limit_closed = False
        # Without limit_open there is no green, and orderly drivers would wait for ever.
        w.lamps = w.lamps and w.limit_open
        w.permit = dice.random() < 0.3
        w.tcp = dice.random() < 0.25
        w.exit = dice.random() < 0.25
        return w


@dataclass
class Site:
    """`traffic` brings vehicles until `vehicles` have come; `play` lets it all happen."""

    seed: int
    wiring: Wiring | None = None
    traffic_rules: Traffic = field(default_factory=Traffic)
    kind: Kind = KINDS["none"]
    beside: Site | None = None
    mistake: Exception | None = None

    def __post_init__(self) -> None:
        dice = Random(f"site {self.seed}")
        self.world = self.beside.world if self.beside else World()
        self.address: int = self.beside.address + 1 if self.beside else 1
        self.wiring = self.wiring or Wiring.of(dice)
        w = self.wiring
        w.tcp = w.tcp or self.kind.tcp
        self.arm = Arm(Make.of(dice))
        self.vehicles: list[Vehicle] = []
        length = dice.uniform(4.4, 6.0)
        near = dice.uniform(1.2, 1.8)
        self.entry = Loop(-near - length, -near, dice.uniform(0.6, 1.1))
        self.safety = Loop(-dice.uniform(0.6, 1.2), dice.uniform(0.8, 1.4), dice.uniform(0.6, 1.0))
        self.exit = Loop(LONGEST_GAP_M + 1.5, LONGEST_GAP_M + 3.5, dice.uniform(0.6, 1.1))
        self.beam = Beam(dice.choice((-0.1, -0.1, 0.1, 0.4)), dice.uniform(0.6, 0.8))
        self.contacts = {
            "entry_loop": self._contact(dice, True),
            "safety_loop": self._contact(dice, True),
            "photocell": self._contact(dice, False),
            "exit_loop": self._contact(dice, True),
            "limit_open": Contact(bounce_s=dice.uniform(0, 0.015), dice=Random(f"b1 {self.seed}")),
            "limit_closed": Contact(
                bounce_s=dice.uniform(0, 0.015), dice=Random(f"b2 {self.seed}")
            ),
            "stop": Contact(),
        }
        self._order = list(INPUTS)
        works = dice.uniform(0.001, 0.008)
        self.board = Board(self.world, self.address, self._inputs, self._relay, works_s=works)
        self.config = self._config(dice)
        self.monitor = Monitor(self.arm, self.vehicles, self.contacts)
        self.monitor.wired = frozenset(self.config.inputs)
        self.monitor.edge_m = self.entry.start if w.entry else self.safety.start
        if w.permit:
            self.arm.permit = False
        self.arm.on_command = self.monitor.command
        self.cable, self.computer = self._line(w)
        self.computer.add(str(self.address), self.config, self._told)
        self.lane = Lane(
            self.world,
            self.computer,
            self.vehicles,
            self.arm,
            Random(f"lane {self.seed}"),
            self.monitor.note,
            str(self.address),
        )
        self.lane.admit_delay_s = dice.uniform(0.1, 1.5)
        self._fate = Random(f"fate {self.seed} {self.kind.name}")
        self.monitor.why_unseen = self._why_unseen
        self.monitor.on_close = self._closing
        if self.kind.always is not None:
            self.kind.always(self, self._fate)
        self.world.moves.append(self._move)
        if self.kind.minds is not None:
            self.traffic_rules.minds = self.kind.minds
        self.traffic_rules.begin(self, Random(f"traffic {self.seed}"))
        self.lane.begin()

    def _line(self, w: Wiring) -> tuple[Cable | Network, Computer]:
        """A line and a computer of its own, or those of the lane beside."""
        if self.beside is not None:
            self.beside.cable.boards.append(self.board)
            return self.beside.cable, self.beside.computer
        carrier = Network if w.tcp else Cable
        cable = carrier(self.world, self.board, w.baud, Random(f"cable {self.seed}"))
        return cable, Computer(self.world, cable, Random(f"cpu {self.seed}"))

    def _contact(self, dice: Random, loop: bool) -> Contact:
        on = dice.uniform(0.02, 0.1) if loop else dice.uniform(0.005, 0.02)
        off = dice.uniform(0.05, 0.25) if loop else dice.uniform(0.005, 0.05)
        return Contact(on, off, dice.uniform(0, 0.012), dice=Random(f"c{loop} {self.seed}"))

    def _config(self, dice: Random) -> BarrierConfig:
        w, make = self.wiring, self.arm.make
        assert w is not None
        outputs = dict(OUTPUTS)
        inputs = dict(INPUTS)
        for name, wired in (
            ("entry_loop", w.entry),
            ("exit_loop", w.exit),
            ("safety_loop", w.loop),
            ("photocell", w.beam),
            ("limit_open", w.limit_open),
            ("limit_closed", w.limit_closed),
            ("stop", w.stop_in),
        ):
            if not wired:
                del inputs[name]
        if not w.stop_out:
            del outputs["stop"]
        if not w.permit:
            del outputs["permit"]
        if not w.lamps:
            del outputs["green"], outputs["red"]
        slowest = max(make.up_s, make.down_s) + make.start_s + make.ramp_s
        return BarrierConfig(
            wire="line",
            address=self.address,
            outputs=outputs,
            inputs=inputs,
            inverted=("stop",) if w.stop_in else (),
            travel_s=round(slowest, 2),
            travel_margin_s=3.0,
            pulse_s=profile("waveshare").lasts_s(dice.choice((0.3, 0.5, 0.5))),
            dead_time_s=dice.choice((0.3, 0.5)),
            clear_before_close_s=dice.choice((0.5, 1.0, 2.0, 2.0)),
        )

    # --- what hangs on the board ---

    def _inputs(self) -> int:
        now, byte = self.world.t, 0
        for bit, name in enumerate(self._order):
            contact = self.contacts[name]
            if name == "stop":
                if not contact.read(now):
                    byte |= 1 << bit
            elif contact.read(now):
                byte |= 1 << bit
        return byte

    def _relay(self, channel: int, on: bool) -> None:
        for name, wired in OUTPUTS.items():
            if wired == channel + 1:
                if name == "permit" and self.arm.permit is not None:
                    self.arm.permit = on
                if name in ("open", "close", "stop"):
                    self.arm.contact(name, on, self.world.t)
                self.monitor.relay(name, on)

    def _told(self, fact: BarrierFact) -> None:
        try:
            self.monitor.told(fact)
            self.lane.told(fact)
        except Exception as error:
            # The guard bears what raises in its rounds; a mistake of this world must show.
            self.mistake = error
            raise

    def _closing(self) -> None:
        """With each closing of the gate something may go wrong, and somebody may come in."""
        if self.traffic_rules.done:
            return
        if self.kind.at_close is not None:
            self.kind.at_close(self, self._fate)
        if self._fate.random() < self.kind.provoke:
            self.world.after(self._fate.uniform(0.0, 0.3), self._intrude)

    def _intrude(self) -> None:
        self.world.settle()
        self.traffic_rules.intrude()

    def _why_unseen(self) -> str:
        """Why no safety sensor that the gate reads shows who is under the arm."""
        for name in ("safety_loop", "photocell"):
            if name in self.config.inputs and self.contacts[name].lies is False:
                return "a sensor was dead"
        covered, shown = self.safety.covered_since, self.contacts["safety_loop"].raw
        if self.safety.drops_s is not None and covered is not None and not shown:
            return "a loop tuned it out"
        return "outside of what the wired sensors see"

    # --- bodies ---

    def _move(self, now: float, dt: float) -> None:
        arm = self.arm
        arm.move(now, dt)
        green = None
        if self.wiring is not None and self.wiring.lamps:
            green = self.board.relays[OUTPUTS["green"] - 1]
        sight = DriverView(arm.p, arm.falling, green)
        ahead: Vehicle | None = None
        gone = False
        for v in self.vehicles:
            v.move(now, dt, ahead, sight)
            ahead = v
            gone = gone or v.gone
        if self.kind.minds is not None and not arm.torn:
            self._broken()
        feed = self.contacts
        vehicles = self.vehicles
        feed["entry_loop"].feed(self.entry.over(vehicles, now), now)
        feed["safety_loop"].feed(self.safety.over(vehicles, now), now)
        feed["exit_loop"].feed(self.exit.over(vehicles, now), now)
        feed["photocell"].feed(self.beam.broken(vehicles), now)
        feed["limit_open"].feed(arm.p >= arm.make.upper and not arm.torn, now)
        feed["limit_closed"].feed(arm.p <= arm.make.lower, now)
        self.monitor.move(now, dt)
        if gone:
            for v in [v for v in vehicles if v.gone]:
                vehicles.remove(v)

    def _broken(self) -> None:
        """Somebody drives through the arm: it swings out, and is hung in again some time later."""
        for v in self.vehicles:
            if v.breaks_through and v.over(-0.05, 0.05) and self.arm.height(v.shape.near) < 1.4:
                self.arm.torn = True
                self.monitor.note(f"{v.name} breaks through")
                mend = self._fate.uniform(3.0, 15.0)
                self.world.after(mend, lambda: setattr(self.arm, "torn", False))

    def play(self, longest_s: float = 36_000.0) -> None:
        """Until everybody has gone and the arm has had time to come down."""
        play_beside([self], longest_s)


STAYS_S = 300.0
"""Whoever has been here for longer is stuck; whoever has come lately goes on."""


def stay(sites: list[Site]) -> bool:
    """Whether somebody is stuck."""
    return any(v.born_at < s.world.t - STAYS_S for s in sites for v in s.vehicles)


def play_beside(sites: list[Site], longest_s: float) -> None:
    """All lanes of one line, the first of which holds the others; after `longest_s` for as long as
    nobody is stuck."""
    world, computer = sites[0].world, sites[0].computer
    end = world.t + longest_s

    def run(seconds: float) -> None:
        computer.run(world.t + seconds)
        for site in sites:
            if site.mistake is not None:
                raise site.mistake

    while not all(s.traffic_rules.done for s in sites) and (world.t < end or not stay(sites)):
        run(2.0)
    run(15.0)
    # What is due and is not done must be told after `close_alarm_s`.
    until = world.t + 3 * max(s.config.close_alarm_s for s in sites)
    while world.t < until and any(s.arm.p > 0.1 and not s.lane.alarms for s in sites):
        run(2.0)
    world.settle()


__all__ = ["BEGINS_M", "OUTPUTS", "Site", "Wiring"]
