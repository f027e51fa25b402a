"""What a site has besides loops and switches, over real boards on a pty: two lanes of one gate."""

import threading
import time

import pytest

from edge.barrier.boards.registry import build
from edge.config import Settings
from edge.domain.commands import Action, Order
from edge.domain.facts import Arm, GuardAlarm, RequestHandled
from edge.system.clock import SystemClock
from simulator.barrier.arm import Arm as PhysicalArm
from simulator.barrier.modbus_board import Board, SerialBoards
from tests.support.waiting import stays, wait_for

OUTPUTS = {"open": 1, "close": 2, "stop": 3, "warning": 4, "photocell_test": 5}
INPUTS = {
    "safety_loop": 1,
    "photocell": 2,
    "limit_open": 3,
    "limit_closed": 4,
    "drive_fault": 5,
    "photocell_nc": 6,
    "site_fire": 7,
    "free_flow": 8,
}
FOR_ALL = ("site_fire", "free_flow")


class Cabinet:
    """An arm, its contacts and a photocell with a test input. `blind`: its receiver is broken."""

    def __init__(self):
        self.lock = threading.RLock()
        self.arm = PhysicalArm(0.8)
        self.inputs = dict.fromkeys((*INPUTS, "photocell_nc"), False)
        self.relays = dict.fromkeys(OUTPUTS, False)
        self.log = []
        self.blind = False
        self.torn = False

    def drive(self, output, on):
        with self.lock:
            self.relays[output] = on
            self.log.append((output, on))
            self.arm.drive(output, on, time.monotonic())

    def sense(self):
        with self.lock:
            self.arm.move(time.monotonic())
            dark = self.relays["photocell_test"] and not self.blind
            beam = self.inputs["photocell"] or dark
            pair = {"photocell": beam, "photocell_nc": beam if self.torn else not beam}
            return {**self.inputs, **pair, **self.arm.limits()}


class Gate:
    """Lanes `a` (whose board reads what is for all) and `b` on one line."""

    def __init__(self):
        self.cabinets = {"a": Cabinet(), "b": Cabinet()}
        own = {n: c for n, c in INPUTS.items() if n not in FOR_ALL}
        boards = {
            1: Board(self.cabinets["a"], OUTPUTS, INPUTS),
            2: Board(self.cabinets["b"], OUTPUTS, own),
        }
        self.boards = SerialBoards(boards)
        self.boards.start()
        lanes = {
            name: {
                "direction": "export",
                "camera": {"source": "http://127.0.0.1:9/"},
                "barrier": {
                    "wire": "bus", "address": address, "outputs": OUTPUTS, "inputs": inputs,
                    "inverted": [], "travel_s": 1.0, "clear_before_close_s": 0.3, "warn_s": 0.5,
                    "dead_time_s": 0.2, "pulse_s": 0.2,
                },
            }
            for name, address, inputs in (("a", 1, INPUTS), ("b", 2, own))
        }  # fmt: skip
        wires = {"bus": {"kind": "serial", "port": self.boards.port}}
        settings = {"site": "s", "gate": "g", "wires": wires, "lanes": lanes}
        self.facts = []
        self.settings = Settings.model_validate(settings)
        self.guards = build(self.settings, SystemClock())
        self.guards.start(self.facts.append)

    def restart(self):
        """The service ends, and another one begins that knows nothing."""
        self.guards.stop()
        self.facts.clear()
        self.guards = build(self.settings, SystemClock())
        self.guards.start(self.facts.append)

    def answered(self, lane):
        """How often an order of the lane was answered."""
        mine = [f for f in list(self.facts) if isinstance(f, RequestHandled) and f.lane == lane]
        return len(mine)

    def stop(self):
        self.guards.stop()
        self.boards.stop()

    def put(self, lane, **inputs):
        with self.cabinets[lane].lock:
            self.cabinets[lane].inputs.update(inputs)

    def arm(self, lane):
        return self.guards.guard(lane).status().arm

    def order(self, lane, action):
        self.guards.guard(lane).order(Order("o", Action(action), "test", ""))

    def alarms(self, lane):
        """Those that stand."""
        stands = {}
        for fact in list(self.facts):
            if isinstance(fact, GuardAlarm) and fact.lane == lane:
                stands[fact.code] = fact.active
        return {code for code, on in stands.items() if on}

    def closed(self, lane):
        """Down, and through with its self-test."""
        wait_for(lambda: self.arm(lane) is Arm.CLOSED)


@pytest.fixture
def gate():
    made = Gate()
    made.closed("a")
    made.closed("b")
    yield made
    made.stop()


def test_a_whole_cycle_warns_before_the_close_and_tests_the_photocell_after_it(gate):
    cabinet = gate.cabinets["b"]
    wait_for(lambda: cabinet.log[-1:] == [("photocell_test", False)])
    gate.order("b", "open")
    wait_for(lambda: gate.arm("b") is Arm.OPEN)
    cabinet.log.clear()
    wait_for(lambda: gate.arm("b") is Arm.CLOSED or gate.order("b", "close"), every=0.3)
    wait_for(lambda: cabinet.log[-1:] == [("photocell_test", False)])
    wanted = [("warning", True), ("close", True), ("close", False)]
    assert [step for step in cabinet.log if step in wanted] == wanted
    assert cabinet.log.count(("photocell_test", True)) == 1
    assert cabinet.log.index(("warning", False)) < cabinet.log.index(("photocell_test", True))
    assert gate.alarms("b") == set()


def test_a_blind_photocell_is_found_and_the_arm_opens_but_is_not_closed(gate):
    gate.cabinets["b"].blind = True
    gate.order("b", "open")
    wait_for(lambda: gate.arm("b") is Arm.OPEN)
    # It was good when it was tested last; the test after this close finds it.
    wait_for(lambda: gate.arm("b") is Arm.CLOSED or gate.order("b", "close"), every=0.3)
    wait_for(lambda: "photocell_fault" in gate.alarms("b"))
    gate.order("b", "open")
    wait_for(lambda: gate.arm("b") is Arm.OPEN)
    gate.order("b", "close")
    why = "a vehicle is, or may be, under the arm"
    wait_for(lambda: any(isinstance(f, RequestHandled) and f.why == why for f in gate.facts))
    assert gate.arm("b") is Arm.OPEN


def test_a_pair_with_a_torn_wire_is_told_and_keeps_the_arm_up(gate):
    gate.order("b", "open")
    wait_for(lambda: gate.arm("b") is Arm.OPEN)
    gate.cabinets["b"].torn = True
    wait_for(lambda: "input_contradicts" in gate.alarms("b"))
    gate.order("b", "close")
    wait_for(
        lambda: any(isinstance(f, RequestHandled) and f.outcome == "refused" for f in gate.facts)
    )
    gate.cabinets["b"].torn = False
    wait_for(lambda: "input_contradicts" not in gate.alarms("b"))


def test_a_fault_of_the_drive_halts_a_closing_arm_and_is_not_called_the_stop(gate):
    gate.cabinets["b"].arm.travel_s = 6.0
    gate.order("b", "open")
    wait_for(lambda: gate.arm("b") is Arm.OPEN)
    wait_for(lambda: gate.arm("b") is Arm.CLOSING or gate.order("b", "close"), every=0.3)
    gate.put("b", drive_fault=True)
    wait_for(lambda: "drive_fault" in gate.alarms("b"))
    wait_for(lambda: gate.cabinets["b"].arm.direction == 0)
    assert gate.arm("b") is Arm.STOPPED
    assert "stop_pressed" not in gate.alarms("b")


def test_the_sites_fire_opens_every_lane_whichever_board_reads_it(gate):
    gate.put("a", site_fire=True)
    for lane in ("a", "b"):
        wait_for(lambda lane=lane: gate.arm(lane) is Arm.OPEN)
    assert "site_fire" in gate.alarms("a")
    gate.order("b", "close")
    wait_for(lambda: any(isinstance(f, RequestHandled) and f.lane == "b" for f in gate.facts))
    assert gate.arm("b") is Arm.OPEN
    gate.put("a", site_fire=False)
    wait_for(lambda: "site_fire" not in gate.alarms("a"))
    # Nothing comes down when a fire ends.
    stays(lambda: gate.arm("b") is Arm.OPEN, 0.5)


def test_free_flow_holds_every_lane_open_and_lets_go_without_a_motion(gate):
    gate.order("b", "lock")
    gate.put("a", free_flow=True)
    wait_for(lambda: gate.arm("a") is Arm.OPEN and gate.guards.guard("a").status().held_open)
    assert gate.arm("b") is Arm.CLOSED, "a locked lane stays locked"
    gate.order("b", "unlock")
    wait_for(lambda: gate.arm("b") is Arm.OPEN)
    gate.put("a", free_flow=False)
    for lane in ("a", "b"):
        wait_for(lambda lane=lane: not gate.guards.guard(lane).status().held_open)
    assert gate.arm("a") is Arm.OPEN
    requests = [f for f in gate.facts if isinstance(f, RequestHandled)]
    assert {f.request for f in requests} == {"o"}, "nobody waits for an answer to it"


@pytest.mark.parametrize("name", FOR_ALL)
def test_fire_and_free_flow_hold_while_their_board_cannot_be_read(gate, name):
    gate.put("a", **{name: True})
    wait_for(lambda: gate.arm("a") is Arm.OPEN and gate.arm("b") is Arm.OPEN)
    board = gate.boards.boards.pop(1)
    wait_for(lambda: gate.arm("a") is Arm.UNKNOWN)
    gate.order("b", "close")
    wait_for(lambda: gate.answered("b"))
    assert gate.arm("b") is Arm.OPEN
    gate.boards.boards[1] = board
    wait_for(lambda: gate.arm("a") is Arm.OPEN)
    gate.order("a", "close")
    wait_for(lambda: gate.answered("a"))
    assert gate.arm("a") is Arm.OPEN


@pytest.mark.parametrize("name", FOR_ALL)
def test_fire_and_free_flow_hold_after_a_restart(gate, name):
    gate.put("a", **{name: True})
    wait_for(lambda: gate.arm("a") is Arm.OPEN and gate.arm("b") is Arm.OPEN)
    gate.restart()
    wait_for(lambda: gate.arm("a") is Arm.OPEN and gate.arm("b") is Arm.OPEN)
    gate.order("b", "close")
    wait_for(lambda: gate.answered("b"))
    assert gate.arm("b") is Arm.OPEN
    assert gate.cabinets["b"].arm.limits()["limit_open"]


@pytest.mark.parametrize("name", FOR_ALL)
def test_what_began_while_the_service_was_away_opens_at_its_start(gate, name):
    gate.guards.stop()
    gate.put("a", **{name: True})
    gate.restart()
    wait_for(lambda: gate.arm("a") is Arm.OPEN and gate.arm("b") is Arm.OPEN)
