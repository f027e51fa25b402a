"""Every kind of barrier on its real wire: a real guard opens, a vehicle passes, the arm closes."""

import threading
import time

import pytest

from edge.barrier import assemble
from edge.clock import SystemClock
from edge.commands import Action, Order
from edge.config import load
from edge.facts import Arm, VehicleCrossed
from simulator.barrier.hardware import KINDS, OUTPUTS, hardware
from simulator.barrier.modbus_board import Board, SerialBoards
from simulator.bodywork import Look
from simulator.broker import Embedded, Mosquitto
from simulator.rig import INPUTS
from simulator.world import LaneWorld, Vehicle

SETTINGS = """
site = "here"
gate = "test"
[wires.bus]
kind = "serial"
port = "{port}"
{wires}
[lanes.out1]
direction = "export"
[lanes.out1.camera]
source = "http://127.0.0.1:9/none"
[lanes.out1.barrier]
{keys}
outputs = {{ open = 1, close = 2, green = 3, red = 4 }}
inputs = {{ {inputs} }}
travel_s = {travel_s}
clear_before_close_s = 0.3
entry_held_s = 2.0
{below}
"""


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    kind = Mosquitto if Mosquitto.installed() else Embedded
    server = kind(tmp_path_factory.mktemp("broker"))
    server.start()
    yield server
    server.stop()


class Lane:
    """One lane with the hardware of a kind, and a guard on it."""

    def __init__(self, kind, broker, folder, arm_s=1.0, inputs=INPUTS):
        self.kind = kind
        self.world = LaneWorld("out1", time.monotonic, arm_s)
        board = self.board = Board(self.world, OUTPUTS, inputs, ("stop",))
        self.bus = SerialBoards({1: board})
        part = hardware(kind, "out1", self.world, board, (broker.host, broker.port), folder)
        self.part = part
        text = SETTINGS.format(
            port=self.bus.port,
            wires=part.wires,
            keys=part.keys,
            below=part.below,
            inputs=", ".join(f"{n} = {c}" for n, c in inputs.items()),
            travel_s=2.0 * arm_s if arm_s < 2 else arm_s,
        )
        (folder / "gate.toml").write_text(text)
        self.settings = load(folder / "gate.toml")
        self.facts = []
        self.guards = assemble.build(self.settings, SystemClock())
        self.guard = self.guards.guard("out1")
        self.ended = threading.Event()
        self.physics = threading.Thread(target=self.move)

    def move(self):
        while not self.ended.wait(0.03):
            self.world.step()

    def __enter__(self):
        for twin in (self.bus, *self.part.twins):
            twin.start()
        self.physics.start()
        self.guards.start(self.facts.append)
        return self

    def __exit__(self, *error):
        self.guards.stop()
        self.ended.set()
        self.physics.join()
        for twin in (*self.part.twins, self.bus):
            twin.stop()


def until(true, why, seconds=90):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, why()
        time.sleep(0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_a_guard_opens_lets_one_vehicle_through_and_closes(kind, broker, tmp_path):
    with Lane(kind, broker, tmp_path) as lane:

        def why():
            return f"{lane.guard.status()} {lane.facts}"

        until(lambda: lane.guard.status().arm in (Arm.CLOSED, Arm.STOPPED), why)
        look = Look("truck", (90, 90, 90), 1, "34A36837", "VN", "white", 1)
        vehicle = Vehicle(look, 3.0, True, patience_s=600)
        lane.world.add(vehicle)
        vehicle.front = -6.0
        until(lambda: lane.guard.status().entry_loop, why)
        lane.guard.authorise("a1")
        until(lambda: VehicleCrossed("out1", "a1") in lane.facts, why)
        until(lambda: lane.guard.status().arm is Arm.CLOSED, why)
        assert lane.world.truth.violations == []
        assert lane.world.arm.position < 0.05
        assert lane.world.arm.pulses == 1


def test_the_arm_of_a_cover_turns_on_a_vehicle(broker, tmp_path):
    """The safety loop is on the bus, the arm behind the broker."""
    with Lane("cover", broker, tmp_path) as lane:

        def why():
            return f"{lane.guard.status()} {lane.facts}"

        until(lambda: lane.guard.status().arm in (Arm.CLOSED, Arm.STOPPED), why)
        lane.guard.order(Order("1", Action.OPEN, "test", ""))
        until(lambda: lane.guard.status().arm is Arm.OPEN, why)
        time.sleep(0.6)
        lane.guard.order(Order("2", Action.CLOSE, "test", ""))
        until(lambda: lane.guard.status().arm is Arm.CLOSING, why)
        lane.world.overrides["safety_loop"] = True
        until(lambda: lane.guard.status().arm is Arm.OPEN, why)
