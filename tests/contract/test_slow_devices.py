"""Devices that think long, on the guard's own thread and beside another lane on the same bus.

Real wires: two lanes' loops on one pty, the first lane's arm behind a twin of its kind. However the
device answers, the guard comes round, the other lane is read, and nothing is closed on a vehicle.
"""

import time
from types import SimpleNamespace

import pytest

from edge.barrier.boards import registry
from edge.config import load
from edge.domain.commands import Action, Order
from edge.domain.facts import Arm
from edge.system.clock import SystemClock
from simulator.barrier.hardware import OUTPUTS, hardware
from simulator.barrier.modbus_board import Board, SerialBoards
from simulator.bodywork import Look
from simulator.broker import Embedded, Mosquitto
from simulator.rig import INPUTS
from simulator.world import Driver, LaneWorld, Vehicle
from tests.support.waiting import wait_for

WINDOW_S = 0.25
"""Seconds: half of what a guard that waited for a device would stand each time."""

MOST = 0.8
"""Part of the windows in which the other lane is read. A guard that waits for its device stands in
a quarter of them; a crowded computer in one or another."""

SETTINGS = """
site = "here"
gate = "test"
[wires.bus]
kind = "serial"
port = "{port}"
baud = 38400
{wires}
{lanes}
"""

LANE = """
[lanes.{name}]
direction = "export"
[lanes.{name}.camera]
source = "http://127.0.0.1:9/none"
[lanes.{name}.barrier]
{keys}
address = {address}
outputs = {{ open = 1, close = 2, green = 3, red = 4 }}
inputs = {{ {inputs} }}
travel_s = 2.0
clear_before_close_s = 0.3
{below}
"""


PLAIN = 2
"""The address of the lane without a device."""


class Gate:
    """Lane `slow` with its arm behind a device, lane `plain` on the bus alone."""

    def __init__(self, kind, broker, folder):
        names = ("slow", "plain")
        self.worlds = {n: LaneWorld(n, time.monotonic, 1.5) for n in names}
        boards = {
            n: Board(self.worlds[name], OUTPUTS, INPUTS, ("stop",))
            for n, name in enumerate(names, 1)
        }
        self.bus = SerialBoards(boards)
        at = (broker.host, broker.port)
        part = hardware(kind, "slow", self.worlds["slow"], boards[1], at, folder)
        self.device = part.twins[0]
        # The device has an answer time short of what it takes when it is slow.
        wires = part.wires.replace("answer_s = 1.0", "answer_s = 0.5")
        inputs = ", ".join(f"{n} = {c}" for n, c in INPUTS.items())
        lanes = [
            LANE.format(name=name, keys=keys, below=below, address=n, inputs=inputs)
            for n, name, keys, below in (
                (1, "slow", part.keys, part.below),
                (2, "plain", 'wire = "bus"', ""),
            )
        ]
        text = SETTINGS.format(port=self.bus.port, wires=wires, lanes="".join(lanes))
        (folder / "gate.toml").write_text(text)
        self.guards = registry.build(load(folder / "gate.toml"), SystemClock())
        self.slow, self.plain = (self.guards.guard(n) for n in names)
        self.facts = []

    def __enter__(self):
        self.bus.start()
        self.device.start()
        self.guards.start(self.facts.append)
        wait_for(lambda: self.slow.status().wire_ok and self.plain.status().wire_ok, why=self.why)
        return self

    def __exit__(self, *error):
        self.guards.stop()
        self.device.stop()
        self.bus.stop()

    def why(self):
        return f"{self.slow.status()} {self.plain.status()} {self.facts}"

    def watched(self, seconds):
        """For so long: in which part of it the other lane was read, and whether it was lost."""
        lost = False
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            lost |= not self.plain.status().wire_ok
            time.sleep(0.01)
        windows = range(int(seconds / WINDOW_S))
        asked = [(at - began) // WINDOW_S for at, address, _ in self.bus.seen if address == PLAIN]
        return SimpleNamespace(read=sum(n in asked for n in windows) / len(windows), lost=lost)

    def opened(self):
        """The slow lane's arm, opened by an order."""
        self.slow.order(Order("o", Action.OPEN, "test", ""))
        wait_for(lambda: self.slow.status().arm is Arm.OPEN, why=self.why)
        time.sleep(0.6)

    def arrive(self):
        """A truck, under the arm from one moment to the next."""
        look = Look("truck", (90, 90, 90), 1, "34A36837", "VN", "white", 1)
        vehicle = Vehicle(look, 3.0, True, Driver(patience_s=600))
        self.worlds["slow"].add(vehicle)
        vehicle.front = 0.9


ISAPI = {"thinks": {"slow_s": 2.1}, "drips": {"drip_s": 0.02}, "is mute": {"mute": True}}


@pytest.mark.parametrize("how", ISAPI, ids=str)
def test_a_slow_isapi_device_holds_up_nobody_and_its_own_lane_is_unknown(how, broker, tmp_path):
    with Gate("isapi", broker, tmp_path) as gate:
        for name, value in ISAPI[how].items():
            setattr(gate.device, name, value)
        seen = gate.watched(4.0)
        assert not gate.slow.status().wire_ok
        assert gate.slow.status().arm is Arm.UNKNOWN
        assert seen.read > MOST
        assert not seen.lost
        gate.device.slow_s, gate.device.drip_s, gate.device.mute = 0.0, 0.0, False
        wait_for(lambda: gate.slow.status().arm is Arm.CLOSED, why=gate.why)


def test_a_deaf_tasmota_device_holds_up_nobody(broker, tmp_path):
    with Gate("tasmota", broker, tmp_path) as gate:
        gate.device.deaf = True
        gate.slow.order(Order("o", Action.OPEN, "test", ""))
        seen = gate.watched(6.0)
        assert not gate.slow.status().wire_ok
        assert seen.read > MOST
        assert not seen.lost
        gate.device.deaf = False
        wait_for(lambda: gate.slow.status().wire_ok, why=gate.why)


def test_a_dead_broker_is_the_loss_of_its_own_lane_alone(tmp_path):
    own = (Mosquitto if Mosquitto.installed() else Embedded)(tmp_path / "broker")
    own.start()
    with Gate("cover", own, tmp_path) as gate:
        own.kill()
        seen = gate.watched(4.0)
        assert not gate.slow.status().wire_ok
        assert not seen.lost
        assert seen.read > MOST
        own.start()
        wait_for(lambda: gate.slow.status().wire_ok, why=gate.why)
    own.stop()


def test_an_arm_behind_a_network_is_opened_when_its_inputs_are_lost_while_it_closes(
    broker, tmp_path
):
    """The loops' wire is gone; the device is still there, and is told."""
    with Gate("isapi", broker, tmp_path) as gate:
        gate.opened()
        gate.slow.order(Order("c", Action.CLOSE, "test", ""))
        wait_for(lambda: gate.worlds["slow"].arm.closing, why=gate.why)
        gate.bus.silent = True
        wait_for(lambda: gate.device.log[-1] == (1, "open"), why=gate.why)
        wait_for(lambda: gate.worlds["slow"].sense()["limit_open"], why=gate.why)
        gate.bus.silent = False


def test_a_closing_that_the_device_does_late_is_turned_on_a_vehicle(broker, tmp_path):
    """It is told to close, thinks, is told to open because a truck has come, opens, and then does
    close. Its late answer gives it away."""
    with Gate("isapi", broker, tmp_path) as gate:
        gate.opened()
        gate.device.slow_s, gate.device.slow_at = 1.5, ">close<"
        gate.slow.order(Order("c", Action.CLOSE, "test", ""))
        wait_for(lambda: gate.slow.status().arm is Arm.CLOSING, why=gate.why)
        gate.arrive()
        wait_for(lambda: len(gate.device.log) == 4, why=gate.why)
        assert [mode for _, mode in gate.device.log] == ["open", "open", "close", "open"]
        wait_for(lambda: gate.worlds["slow"].sense()["limit_open"], why=gate.why)
        assert gate.worlds["slow"].truth.violations == []
        assert gate.worlds["slow"].arm.position > 0.9


@pytest.mark.parametrize("how", ISAPI, ids=str)
def test_a_closing_arm_turns_on_a_vehicle_although_the_device_has_become_slow(
    how, broker, tmp_path
):
    with Gate("isapi", broker, tmp_path) as gate:
        gate.opened()
        gate.slow.order(Order("c", Action.CLOSE, "test", ""))
        wait_for(lambda: gate.worlds["slow"].arm.closing, why=gate.why)
        gate.device.slow_at = "Status"
        for name, value in ISAPI[how].items():
            setattr(gate.device, name, value)
        gate.arrive()
        wait_for(lambda: gate.worlds["slow"].sense()["limit_open"], why=gate.why)
        assert gate.worlds["slow"].truth.violations == []
        gate.device.slow_s, gate.device.drip_s, gate.device.mute = 0.0, 0.0, False
