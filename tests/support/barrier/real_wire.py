"""A lane as the service runs it: drivers by registry.build, the guard's own thread, a real pty.

Time is real, so the monitor excuses the guard for as much as this process itself was late, which a
thread beside it measures.
"""

import random
import threading
import time
from dataclasses import replace
from datetime import timedelta

from edge.barrier.boards.registry import build
from edge.config import Settings
from edge.domain.commands import Action, Order
from edge.domain.facts import Arm
from edge.system.clock import SystemClock
from simulator.barrier.bad_wires import Clean
from simulator.barrier.modbus_board import Board, SerialBoards
from tests.support.barrier.lane_truth import CONFIG, Lane, Monitor, without_stop
from tests.support.waiting import wait_for

BEAT_S = 0.01

TWIN_S = 0.03
"""A twin's relay falls so much late at most while the computer is not late."""


class RealClock(SystemClock):
    """The computer's clock; its wall clock can be set wrong. `late`: how much this process has been
    late since a moment, by a thread that wants to run every BEAT_S."""

    def __init__(self):
        self.wrong_by = timedelta()
        self._beats = [(time.monotonic(), 0.0)]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    @property
    def mono(self):
        return time.monotonic()

    def now(self):
        moment = super().now()
        return replace(moment, wall=moment.wall + self.wrong_by)

    def late(self, since):
        beats = self._beats[-2000:]
        waiting = max(0.0, time.monotonic() - beats[-1][0] - BEAT_S)
        return TWIN_S + waiting + sum(late for at, late in beats if at >= since)

    def stop(self):
        self._ended.set()
        self._thread.join()

    def _beat(self):
        while not self._ended.wait(BEAT_S):
            now = time.monotonic()
            late = now - self._beats[-1][0] - BEAT_S
            self._beats.append((now, late if late > BEAT_S else 0.0))


class RealSite:
    """One lane, its board on a pty, its guard and the monitor."""

    def __init__(self, folder, stop=True, travel_s=1.2, seed=1):
        self.rng = random.Random(seed)
        self.clock = RealClock()
        config = CONFIG if stop else without_stop(CONFIG)
        inputs = {**config.inputs, "fire": 7, "manual_open": 8}
        config = config.model_copy(update={"inputs": inputs})
        self.lane = Lane(self.clock, config.dead_time_s, travel_s)
        self.board = Board(self.lane, config.outputs, inputs, config.inverted)
        self.link = folder / "by-id"
        self.monitor = Monitor(self.lane, [])
        self.wire = Clean()
        self.boards = None
        self.plug_in()
        self.guards = build(settings(self.link, config), self.clock)
        self.guard = self.guards.guard("x")
        self.facts = []
        self.guards.start(self.facts.append)

    def stop(self):
        self.guards.stop()
        self.unplug()
        self.clock.stop()

    def spoil(self, wire):
        """From now on answers come over that wire."""
        self.wire = wire
        if self.boards is not None:
            self.boards.fault = self.monitor.over(wire)

    def plug_in(self):
        """The adapter is there again, under its name but as another device."""
        self.boards = SerialBoards({1: self.board}, self.link, self.rng.randrange(1000))
        self.monitor.reopened(self.boards.seen)
        self.spoil(self.wire)
        self.boards.start()

    def unplug(self):
        if self.boards is not None:
            boards, self.boards = self.boards, None
            boards.stop()
            self.look()
            self.monitor.reopened()

    def run(self, seconds):
        """So long the lane is left to itself and looked at."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.look()
            time.sleep(BEAT_S)
        self.look()

    def run_until(self, true, seconds):
        """Whether that has come true; looked at meanwhile."""
        until = time.monotonic() + seconds
        while not true() and time.monotonic() < until:
            self.run(BEAT_S)
        return true()

    def look(self):
        if self.boards is None:
            # The board has power of its own: its pulses end.
            self.board.tick()
        self.monitor.look()

    def put(self, **inputs):
        with self.lane.lock:
            self.monitor.look()
            self.lane.put(**inputs)

    def admit(self):
        self.monitor.wishes += 1
        self.guard.authorise(f"a{self.monitor.wishes}")

    def order(self, action):
        self.monitor.wishes += 1
        self.guard.order(Order(f"o{self.monitor.wishes}", Action(action), "test", ""))

    def pass_through(self, seconds=3.0):
        """A vehicle comes, is admitted, and drives on as soon as the arm is up; whether it did."""
        self.put(entry_loop=True)
        self.admit()
        up = self.run_until(lambda: self.lane.arm.position > 0.95, seconds)
        if up:
            self.put(safety_loop=True, entry_loop=False)
            self.run(0.2)
            self.put(photocell=True)
            self.run(0.1)
        self.put(entry_loop=False, safety_loop=False, photocell=False)
        return up

    def ready(self):
        """Waits until the guard knows what is there."""
        wait_for(lambda: self.guard.status().arm is not Arm.UNKNOWN)


def settings(link, config):
    return Settings.model_validate(
        {
            "site": "here",
            "gate": "test",
            "wires": {"bus": {"kind": "serial", "port": str(link)}},
            "lanes": {
                "x": {
                    "direction": "export",
                    "camera": {"source": "http://127.0.0.1:9/none"},
                    "barrier": config.model_dump(exclude_none=True),
                }
            },
        }
    )
