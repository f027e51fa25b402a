"""A serial wire in memory on a clock that only moves when somebody waits: millions of steps."""

import random
import struct
from collections import deque

from edge.barrier.boards.modbus import ModbusBoard
from edge.barrier.guard.wire_loop import WireGuards
from edge.barrier.wires.serial import SerialLine
from edge.barrier.wires.tcp import TcpLine
from edge.config.board import profile
from edge.domain.commands import Action, Order
from simulator.barrier.bad_wires import EVERY, Clean, checksum
from simulator.barrier.modbus_board import Board
from tests.support.barrier.lane_truth import CONFIG, Lane, Monitor, without_stop

BYTE_S = 10 / 9600
"""8N1 at 9600 baud."""

BOARD_S = 0.003


class Clock:
    """Monotonic seconds that the wire moves on; wall time plays no part."""

    def __init__(self):
        self.mono = 1000.0

    def now(self):
        return self

    def late(self, since):
        """Only the rounding of moments."""
        return 0.005


class MemoryPort:
    """Implements serial.Port. `seen`: every good request, as (time, address, pdu), until a monitor
    takes it; `heard`: the last of them. What the
    wire makes of requests and answers is `fault`'s business."""

    def __init__(self, clock, boards, rng):
        self.clock, self.boards, self.rng = clock, boards, rng
        self.fault = Clean()
        self.loses_requests = 0.0
        self.timeout = 0.2
        self.coming = deque()
        self.gone = False
        self.seen = []
        self.heard = deque(maxlen=5000)

    @property
    def in_waiting(self):
        if self.gone:
            raise OSError(5, "Input/output error")
        return sum(len(data) for at, data in self.coming if at <= self.clock.mono)

    def write(self, data):
        if self.gone:
            raise OSError(5, "Input/output error")
        self.forward(self.clock.mono + len(data) * BYTE_S)
        address, pdu = data[0], bytes(data[1:-2])
        assert checksum(data[:-2]) == data[-2:]
        self.seen.append((self.clock.mono, address, pdu))
        self.heard.append((self.clock.mono, address, pdu))
        board = self.boards.get(address)
        if board is None or self.rng.random() < self.loses_requests:
            return len(data)
        board.tick()
        body = bytes([address]) + board.handle(pdu)
        at = self.clock.mono + BOARD_S
        for delay, piece in self.fault(body + checksum(body), self.rng):
            at += delay
            self.coming.append((at + len(piece) * BYTE_S, piece))
        self.coming = deque(sorted(self.coming))
        return len(data)

    def read(self, size):
        if self.gone:
            raise OSError(5, "Input/output error")
        until = self.clock.mono + max(self.timeout or 0.0, 1e-6)
        got = b""
        while len(got) < size:
            if not self.coming or self.coming[0][0] > until:
                self.forward(until)
                break
            at, data = self.coming.popleft()
            self.forward(at)
            wanted = size - len(got)
            got += data[:wanted]
            if data[wanted:]:
                self.coming.appendleft((at, data[wanted:]))
        return got

    def forward(self, to):
        """Time goes on to that moment; a pulse that ends meanwhile ends at its own moment."""
        for board in self.boards.values():
            for end in sorted(board.ends.values()):
                if end <= to:
                    self.clock.mono = max(self.clock.mono, end)
                    board.tick()
        self.clock.mono = max(self.clock.mono, to)

    def reset_input_buffer(self):
        while self.coming and self.coming[0][0] <= self.clock.mono:
            self.coming.popleft()

    def reset_output_buffer(self):
        if self.gone:
            raise OSError(5, "Input/output error")

    def close(self):
        self.coming.clear()


class MemorySocket(MemoryPort):
    """The same board behind Modbus TCP; implements what TcpLine uses of a socket."""

    def settimeout(self, seconds):
        self.timeout = seconds

    def setsockopt(self, *option):
        pass

    def sendall(self, data):
        number, _, _, unit = struct.unpack(">HHHB", data[:7])
        older, body = list(self.coming), bytes([unit]) + data[7:]
        self.write(body + checksum(body))
        framed = [
            x if x in older else (x[0], struct.pack(">HHH", number, 0, len(x[1]) - 2) + x[1][:-2])
            for x in self.coming
        ]
        self.coming = deque(framed)

    def recv(self, size):
        until = self.clock.mono + max(self.timeout, 1e-6)
        if self.gone:
            raise OSError(104, "Connection reset by peer")
        if not self.coming or self.coming[0][0] > until:
            self.forward(until)
            raise TimeoutError
        at, data = self.coming.popleft()
        self.forward(at)
        return data


class Site:
    """A guard on its wire in memory, and whatever may happen to a lane, at random."""

    makes = MemoryPort

    def __init__(self, seed, wires=EVERY, stop=True, travel_s=1.2, config=CONFIG):
        self.rng = random.Random(seed)
        self.clock = Clock()
        self.wires = wires
        config = config if stop else without_stop(config)
        self.lane = Lane(self.clock, config.dead_time_s, travel_s)
        board = Board(self.lane, config.outputs, config.inputs, config.inverted)
        board.clock = lambda: self.clock.mono
        self.port = self.makes(self.clock, {1: board}, self.rng)
        line = self._line(config.quiet_gap_s)
        driver = ModbusBoard(
            line, 1, profile("waveshare"), config.outputs, config.inputs, config.inverted
        )
        self.guards = WireGuards(line, [("x", config, driver)], self.clock)
        self.facts = []
        self.guards.report_to(self.facts.append)
        self.guard = self.guards.guards["x"]
        self.heard = self.port.heard
        self.monitor = Monitor(self.lane, self.port.seen)
        self.spoil(Clean())
        self.requests = self.stage = self.tries = 0
        self.plugged_at = 0.0

    def _line(self, quiet_gap_s):
        return SerialLine("memory", 9600, quiet_gap_s, connect=self._connect, now=self._mono)

    def _mono(self):
        return self.clock.mono

    def _connect(self, *where):
        if self.clock.mono < self.plugged_at:
            raise OSError(2, "No such file or directory")
        self.port.gone = False
        self.port.coming.clear()
        self.monitor.reopened()
        self.monitor.excuse(self.clock.mono)
        return self.port

    def spoil(self, wire, loses_requests=0.0):
        """From now on answers come over that wire."""
        self.port.fault = self.monitor.over(wire)
        self.port.loses_requests = loses_requests

    def step(self):
        """One turn of the guard, and perhaps something happens."""
        self.round()
        chance = self.rng.random()
        if chance < 0.04:
            self._drive_on()
        elif chance < 0.05:
            self._happen()

    def round(self):
        """One turn of the guard, looked at by the monitor."""
        wait = self.guards.round()
        self.monitor.look()
        self.port.forward(self.clock.mono + max(wait, 0.001))
        self.lane.arm.move(self.clock.mono)
        if self.port.gone:
            self.monitor.excuse(self.clock.mono)

    def run_until(self, true, turns=4000):
        """Turns until that is so."""
        for _ in range(turns):
            if true():
                return
            self.round()
        raise AssertionError(f"not within {turns} turns: {self.guard.status()}")

    def order(self, action):
        self._wish()
        self.guard.order(Order(f"o{self.requests}", Action(action), "test", ""))

    def admit(self):
        """One more vehicle is authorised."""
        self._wish()
        self.guard.authorise(f"a{self.requests}")

    def unplug(self, seconds):
        """The adapter is gone for so long, and comes back as whatever the system calls it."""
        self.port.gone = True
        self.plugged_at = self.clock.mono + seconds

    def stand_still(self, seconds):
        """The computer stands still; the board and the arm do not."""
        self.port.forward(self.clock.mono + seconds)
        self.monitor.excuse(self.clock.mono)

    def _drive_on(self):
        """Ordinary traffic: a vehicle comes, is admitted, goes through, and the next one comes."""
        lane, up = self.lane, self.lane.arm.position > 0.95
        match self.stage:
            case 0:
                lane.put(entry_loop=True, safety_loop=False, photocell=False, stop=False)
                lane.arm.stuck = False
                for action in (Action.UNLOCK, Action.IN_SERVICE, Action.RELEASE):
                    self.guard.order(Order("b", action, "test", ""))
                self.admit()
            case 1 if up:
                lane.put(safety_loop=True)
            case 2:
                lane.put(entry_loop=False, photocell=True)
            case 3:
                lane.put(safety_loop=False, photocell=False)
            case 4 if lane.arm.direction < 0 and self.rng.random() < 0.3:
                self.unplug(self.rng.random())
                lane.put(safety_loop=self.rng.random() < 0.7)
                self.stage = 0
            case 1:
                self.tries += 1
                if self.tries < 12:
                    return
        self.tries = 0
        self.stage = (self.stage + 1) % 6

    def _happen(self):
        rng, lane = self.rng, self.lane
        match rng.randrange(16):
            case 0 | 1 | 2:
                lane.put(safety_loop=rng.random() < 0.4)
            case 3:
                lane.put(photocell=rng.random() < 0.3)
            case 4 | 5:
                lane.put(entry_loop=rng.random() < 0.5)
            case 6 | 7 | 8:
                self.admit()
            case 9:
                self.guard.revoke(f"a{self.requests}")
            case 10 | 11:
                self.order(rng.choice(["open", "close", "close", "close", "hold_open", "release"]))
            case 12:
                action = rng.choice(["stop", "lock", "unlock", "out_of_service", "in_service"])
                self.guard.order(Order("s", Action(action), "test", ""))
                for back in (Action.UNLOCK, Action.IN_SERVICE):
                    if rng.random() < 0.8:
                        self.guard.order(Order("b", back, "test", ""))
            case 13:
                lane.put(stop=rng.random() < 0.3)
            case 14:
                self.spoil(rng.choice(self.wires), rng.choice([0.0, 0.0, 0.2]))
            case 15:
                self._mishap()

    def _mishap(self):
        rng = self.rng
        match rng.randrange(4):
            case 0:
                self.unplug(3 * rng.random())
            case 1:
                self.stand_still(4 * rng.random())
            case 2:
                self.lane.arm.stuck = rng.random() < 0.3
            case 3:
                self.lane.arm.move(self.clock.mono)
                self.lane.arm.position = rng.choice([0.0, 0.5, 1.0])
                self.lane.arm.direction = 0

    def _wish(self):
        self.requests += 1
        self.monitor.wishes += 1


class TcpSite(Site):
    """The same over Modbus TCP."""

    makes = MemorySocket

    def _line(self, quiet_gap_s):
        return TcpLine("memory", 502, connect=self._connect, now=self._mono)
