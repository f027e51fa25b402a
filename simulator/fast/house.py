"""The product's house on the virtual clock: guards on their wire, journal, gate, operations.

What the service's composition root does with threads and real wires is done here round by round.
`start` and `kill` may be called as often as the service would be; the journal's file stays.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from edge.barrier.boards.modbus import ModbusBoard
from edge.barrier.guard.guards import Guards
from edge.barrier.guard.wire_loop import WireGuards
from edge.barrier.wires.serial import SerialLine
from edge.config import Settings, load
from edge.config.board import profile
from edge.config.channels import effective
from edge.domain.facts import AssignmentsChanged
from edge.gate.lanes import SPENT
from edge.gate.remote_commands import Remote
from edge.gate.shell import Shell
from edge.sync.journal.journal import SqliteJournal, open_journal
from edge.system.clock import ManualClock
from simulator.barrier.modbus_board import Board
from simulator.fast.cached import CachedList
from simulator.fast.customs import MemoryCustoms
from simulator.fast.declared import DeclaredList
from simulator.fast.eyes import DrawnEyes
from simulator.fast.outside import ISSUER, Outside
from simulator.fast.wire import MemoryLine, VirtualTime
from simulator.world import LaneWorld

PAGE = 1000
BAUD = 38400
"""Five lanes share a wire."""

OUTPUTS = {"open": 1, "close": 2, "green": 3, "red": 4, "stop": 5}
INPUTS = {
    "entry_loop": 1,
    "safety_loop": 2,
    "photocell": 3,
    "limit_open": 4,
    "limit_closed": 5,
    "stop": 6,
    "exit_loop": 7,
}

CONFIG = """
site = "fast"
gate = "fast"
data_folder = "data"
[wires.bus]
kind = "serial"
port = "memory"
[[issuers]]
name = "{issuer}"
actions = ["open", "close", "hold_open", "release", "lock", "unlock"]
"""
LANE = """
[lanes.{lane}]
direction = "{direction}"
read_wait_s = 6.0
[lanes.{lane}.camera]
source = "memory.mp4"
[lanes.{lane}.barrier]
wire = "bus"
address = {address}
outputs = {{ {outputs} }}
inputs = {{ {inputs} }}
travel_s = 3.5
entry_timeout_s = 30
"""

REAR = """
[lanes.{lane}.cameras.rear]
source = "memory.mp4"
sees = "rear"
"""


class House:
    """A gate over its lanes' worlds. `directions`: of each lane; `rng`: for a bad wire. `more`:
    lines for every barrier section; `without`: inputs that are not wired; `policy`: the chief's, as
    a file has it; `cached`: the platform's list is the product's own, on its disk. `commands`: from
    outside."""

    def __init__(
        self,
        folder: Path,
        worlds: Mapping[str, LaneWorld],
        directions: Mapping[str, str],
        time: VirtualTime,
        eyes: DrawnEyes,
        customs: MemoryCustoms,
        wait: Callable[[threading.Event, float], bool],
        rng: random.Random,
        more: str = "",
        without: frozenset[str] = frozenset(),
        policy: str = "",
        cached: bool = False,
    ) -> None:
        self.clock: ManualClock = time.clock
        self.declared = CachedList(folder / "list", time.clock) if cached else DeclaredList()
        self.eyes, self._time, self._wait = eyes, time, wait
        self.customs = customs
        self._folder = folder
        wired = {name: channel for name, channel in INPUTS.items() if name not in without}
        self.settings = _settings(folder, directions, wired, more, eyes.rears)
        self.commands = Outside(self.settings, self.clock, wait)
        self._policy = policy
        self.addresses = {lane: n for n, lane in enumerate(directions, 1)}
        self._boards = {
            n: Board(worlds[lane], OUTPUTS, wired, ("stop",), clock=lambda: time.mono)
            for lane, n in self.addresses.items()
        }
        time.boards = list(self._boards.values())
        self.line = MemoryLine(time, self._boards, rng, BAUD)
        self._ids = (f"{n:032x}" for n in count(1))
        self.running = False
        self.disk: list[str] = []
        """Pragmas under which SQLite refuses what a bad disk would."""
        self.was_full = False

    def start(self) -> None:
        settings, clock = self.settings, self.clock
        self.journal: SqliteJournal = open_journal(
            settings.data_folder, settings.journal, f"/{settings.site}/{settings.gate}", clock
        )
        self._wire = self._guards()
        self._guarding = Guards([self._wire])
        shell = Shell(
            settings,
            clock,
            self.journal,
            self._guarding,
            self.eyes,
            lambda: self.declared,
            self.declared.spend,
            new_id=self._ids.__next__,
            wait=self._wait,
        )
        self.see_disk()
        self.gate, self.operations = shell.gate, shell.operations
        # What was used before a crash is known from the journal alone.
        spent = self.journal.states_under(SPENT)
        self.declared.used = {key.removeprefix(SPENT) for key in spent}
        self._wire.report_to(shell.requests.before(self.gate.report))
        shell.alarms.clear_conditions()
        self.eyes.start(self.gate.report)
        self.customs.serve(self.journal)
        self.commands.serve(
            Remote(
                settings, self.commands.keyring, self.journal, self._guarding, shell.commits.record,
                shell.requests, clock, shell.governing.refuses, shell.gate.changed_meanwhile,
            )
        )  # fmt: skip
        if self._policy and not shell.policies.policy.number:
            self.operations.activate_policy(self._policy, "as the scenario says", "chief")
        self.running = True

    def kill(self) -> None:
        """As by a SIGKILL: no arm is halted, no pulse is cut; what is committed stays."""
        self.eyes.stop()
        self.customs.leave()
        self.journal.close()
        self.running = False

    def see_disk(self) -> None:
        """The journal's connection is as the disk is."""
        connection = self.journal._writing._db
        (pages,) = connection.execute("PRAGMA page_size").fetchone()
        most = self.settings.journal.max_mb * 1_000_000 // pages
        self.was_full = self.was_full or any(p.startswith("max_page") for p in self.disk)
        for pragma in (f"max_page_count = {most}", "query_only = off", *self.disk):
            connection.execute(f"PRAGMA {pragma}")

    def board(self, lane: str) -> Board:
        return self._boards[self.addresses[lane]]

    def round(self) -> float:
        """One round of every thread; how long the guard has nothing to do."""
        rest = self._wire.round()
        self.gate.round()
        return rest

    def declare(self, item: Mapping[str, object]) -> None:
        """The platform sends an item, or a new revision of one."""
        self.declared.put(item)
        self.heard()

    def platform_restarts(self) -> None:
        """The platform sends its whole list anew."""
        self.declared.restart()
        self.heard()

    def heard(self) -> None:
        """The platform has answered: its list is as of now."""
        self.declared.as_of = self.clock.now().wall
        if self.running:
            self.gate.report(AssignmentsChanged())

    def events(self) -> Iterator[dict[str, Any]]:
        """Everything that the journal holds, in order, as CloudEvents."""
        after = 0
        while rows := self.journal.after(after, PAGE):
            yield from (json.loads(row[3]) for row in rows)
            after = rows[-1][0]

    def _guards(self) -> WireGuards:
        gap = min(c.barrier.quiet_gap_s for c in self.settings.lanes.values())
        time = self._time
        line = SerialLine("memory", BAUD, gap, connect=self.line.open, now=lambda: time.mono)
        lanes = []
        for name, lane in self.settings.lanes.items():
            barrier = effective(lane.barrier, self.settings.wires)
            board = ModbusBoard(
                line, barrier.address, profile(barrier.board), barrier.outputs, barrier.inputs,
                barrier.inverted,
            )  # fmt: skip
            lanes.append((name, barrier, board))
        return WireGuards(line, lanes, self.clock)


def _settings(
    folder: Path,
    directions: Mapping[str, str],
    inputs: Mapping[str, int],
    more: str,
    rears: Collection[str],
) -> Settings:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "gate.toml"
    lanes = (
        LANE.format(
            lane=lane,
            direction=direction,
            address=n,
            outputs=", ".join(f"{name} = {c}" for name, c in OUTPUTS.items()),
            inputs=", ".join(f"{name} = {c}" for name, c in inputs.items()),
        )
        + more
        + (REAR.format(lane=lane) if lane in rears else "")
        for n, (lane, direction) in enumerate(directions.items(), 1)
    )
    file.write_text(CONFIG.format(issuer=ISSUER) + "".join(lanes), encoding="utf-8")
    return load(file)
