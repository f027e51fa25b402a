"""The gate's computer: the real line, driver and guard under virtual time, as one process that may
stand still, be asked to end, or just be gone.

Computing itself takes a fraction of a millisecond a round; all other time passes while it waits.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from edge.barrier.boards.modbus import ModbusBoard
from edge.barrier.guard.guard import Guard
from edge.barrier.guard.wire_loop import WireGuards
from edge.barrier.wires.serial import SerialLine
from edge.barrier.wires.tcp import TcpLine
from edge.config import BarrierConfig
from edge.config.board import profile
from edge.domain.facts import BarrierFact
from edge.domain.moment import Moment
from tests.barrier.second_world.cable import Cable, Port
from tests.barrier.second_world.network import Network
from tests.barrier.second_world.world import World

WALL = datetime(2026, 11, 1, tzinfo=UTC)


class Gone(BaseException):
    """The process is no more: not even its exception handlers run."""


class Computer:
    """`pause(at, seconds, calls)`: it stands still after that many calls of the system from then
    on, so that a pause lies inside an exchange as often as between two. `kill`: likewise."""

    def __init__(
        self,
        world: World,
        cable: Cable | Network,
        dice: Random,
    ) -> None:
        self.world = world
        self._cable = cable
        self._lanes: list[tuple[str, BarrierConfig]] = []
        self._reports: dict[str, Callable[[BarrierFact], None]] = {}
        self._dice = dice
        self._guards: WireGuards | None = None
        self._inside = False
        self.starts_at = world.t
        self.starts = 0
        self.ending = False
        self.orderly = True
        self.woken = False
        self._pauses: list[tuple[float, float, int]] = []
        self._kill: tuple[float, int] | None = None
        self.down_s = 3.0

    # --- what the process sees ---

    def now(self) -> Moment:
        self._touch()
        return Moment(self.world.t, WALL + timedelta(seconds=self.world.t))

    def _mono(self) -> float:
        self._touch()
        return self.world.t

    def _sleep(self, seconds: float) -> None:
        self._touch()
        self.world.run(self.world.t + seconds)

    def _touch(self) -> None:
        if not self._inside:
            return
        if self._kill is not None and self.world.t >= self._kill[0]:
            at, calls = self._kill
            if calls <= 0:
                self._kill = None
                raise Gone
            self._kill = (at, calls - 1)
        if self._pauses and self.world.t >= self._pauses[0][0]:
            at, seconds, calls = self._pauses[0]
            if calls > 0:
                self._pauses[0] = (at, seconds, calls - 1)
                return
            self._pauses.pop(0)
            self.world.deaf.append((self.world.t, self.world.t + seconds, "process paused"))
            self.world.run(self.world.t + seconds)

    # --- what happens to it ---

    def pause(self, at: float, seconds: float, calls: int) -> None:
        self._pauses.append((at, seconds, calls))
        self._pauses.sort()

    def kill(self, at: float, calls: int, down_s: float) -> None:
        self._kill, self.down_s = (at, calls), down_s

    def end(self, down_s: float) -> None:
        """SIGTERM: the round is finished, then the guard leaves in order."""
        self.ending, self.down_s = True, down_s

    def vanish(self, down_s: float) -> None:
        """As SIGTERM would be without an orderly end; no guard is meant to do so."""
        self.end(down_s)
        self.orderly = False

    def guard_of(self, lane: str) -> Guard | None:
        """To be asked by the lane, as another thread would."""
        return None if self._guards is None or self.ending else self._guards.guards[lane]

    def add(self, lane: str, config: BarrierConfig, report: Callable[[BarrierFact], None]) -> None:
        """One more lane on the same line; before the first start."""
        self._lanes.append((lane, config))
        self._reports[lane] = report

    def _report(self, fact: BarrierFact) -> None:
        self._reports[fact.lane](fact)

    def wake(self) -> None:
        self.woken = True

    # --- its life ---

    def _boot(self) -> None:
        def connect() -> Port:
            self._touch()
            assert isinstance(self._cable, Cable)
            port = self._cable.connect()
            port.touched = self._touch
            return port

        line: SerialLine | TcpLine
        if isinstance(self._cable, Network):
            network = self._cable
            line = TcpLine(
                "192.168.1.5",
                502,
                connect=lambda _, s: network.connect(self._touch, s),
                now=self._mono,
            )
        else:
            line = SerialLine(
                "/dev/ttyUSB0",
                round(10 / self._cable.byte_s),
                self._lanes[0][1].quiet_gap_s,
                connect=connect,
                now=self._mono,
            )
        lanes = [
            (
                name,
                c,
                ModbusBoard(line, c.address, profile(c.board), c.outputs, c.inputs, c.inverted),
            )
            for name, c in self._lanes
        ]
        self._guards = WireGuards(line, lanes, self)
        self._guards.report_to(self._report)
        self.starts += 1
        self.ending, self.orderly = False, True

    def _died(self, orderly: bool) -> None:
        self._guards = None
        self._cable.drop()
        self.starts_at = self.world.t + self.down_s
        where, why = (
            (self.world.ended, "process ended") if orderly else (self.world.deaf, "process killed")
        )
        where.append((self.world.t, self.starts_at, why))

    def run(self, until: float) -> None:
        world = self.world
        while world.t < until:
            if self._guards is None:
                if world.t < self.starts_at:
                    world.run(min(until, self.starts_at))
                    continue
                self._boot()
            self._inside = True
            try:
                assert self._guards is not None
                wait = self._guards.round()
                if self.ending and self.orderly:
                    self._guards.leave(self._sleep)
            except Gone:
                self._inside = False
                self._died(orderly=False)
                continue
            if self.ending:
                self._inside = False
                self._died(orderly=True)
                continue
            self._inside = False
            world.run(world.t + 0.0002 + self._dice.random() * 0.0004)
            if wait > 0:
                wakes = world.t + wait
                self.woken = False
                while world.t < wakes and not self.woken and not self.ending:
                    world.step(wakes)
