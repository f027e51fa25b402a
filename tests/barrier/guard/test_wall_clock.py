"""Invariant 17: the wall clock moves no arm and changes no timer, whatever it shows."""

import os
import threading
import time

import pytest

from simulator.barrier.modbus_board import Board, SerialBoards
from simulator.bodywork import Look
from simulator.rig import INPUTS, OUTPUTS
from simulator.world import Driver, LaneWorld, Vehicle
from tests.support.builders import a_configuration
from tests.support.disturbance import Disturbance
from tests.support.guard_process import GuardProcess
from tests.support.waiting import wait_for

YEARS_S = 10 * 365 * 86400
CLEAR_S = 1.0


class Lane:
    """A guard in a process of its own, whose wall clock jumps by ten years to and fro."""

    def __init__(self, folder):
        self.world = LaneWorld("out1", time.monotonic, 1.0)
        self.boards = SerialBoards({1: Board(self.world, OUTPUTS, INPUTS, ("stop",))})
        self.boards.start()
        self.clock = Disturbance(folder)
        config = folder / "gate.toml"
        times = f"travel_s = 2.0\nclear_before_close_s = {CLEAR_S}"
        config.write_text(a_configuration(port=self.boards.port, barrier=times))
        self.guard = GuardProcess(config, {**os.environ, **self.clock.env})
        self.jumps, self.occupied_at = 0, 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._jump, daemon=True)
        self._thread.start()

    def stop(self):
        self._ended.set()
        self._thread.join()
        self.guard.stop()
        self.boards.stop()

    def _jump(self):
        while not self._ended.wait(0.03):
            self.clock.jump_by(YEARS_S * (1, -2, 1)[self.jumps % 3])
            self.jumps += 1
            sensed = self.world.sense()
            if sensed["safety_loop"] or sensed["photocell"]:
                self.occupied_at = time.monotonic()

    def pulses(self):
        """As (monotonic time, output) of each pulse on open or close."""
        names = {0: "open", 1: "close"}
        return [
            (at, names[pdu[2]])
            for at, _, pdu in list(self.boards.seen)
            if pdu[:2] == b"\x05\x02" and pdu[2] in names
        ]


@pytest.fixture
def lane(tmp_path):
    made = Lane(tmp_path)
    yield made
    made.stop()


def test_a_wall_clock_that_jumps_by_ten_years_moves_no_arm_and_changes_no_timer(lane):
    wait_for(lambda: "ArmMoved" in lane.guard.facts())
    vehicle = Vehicle(Look("truck", (90, 90, 90), 1, "34A36837", "VN", "white", 1), 3.0, True)
    vehicle.driver = Driver(patience_s=600)
    lane.world.add(vehicle)
    vehicle.front = -6.0
    wait_for(lambda: "VehicleArrived" in lane.guard.facts())
    # A second of jumps: nobody has been let in yet, and no timer has run out.
    jumps = lane.jumps
    wait_for(lambda: lane.jumps >= jumps + 30)
    assert lane.pulses() == []
    assert lane.world.arm.position == 0.0
    lane.guard.authorise("a1")
    wait_for(lambda: "VehicleCrossed" in lane.guard.facts())
    wait_for(lambda: len(lane.pulses()) == 2 and lane.world.arm.position == 0.0)
    assert [name for _, name in lane.pulses()] == ["open", "close"]
    # The way has been clear for the set time.
    assert lane.pulses()[1][0] >= lane.occupied_at + CLEAR_S
    assert lane.world.truth.violations == []
    reported = lane.guard.facts()
    assert "entry_timeout" not in reported
    assert "travel_" not in reported
