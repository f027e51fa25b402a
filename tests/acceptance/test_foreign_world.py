"""What a world that is not ours does, tried on every kind of wire at once: each lane has its own
arm, hardware and guard, and the same happens to all of them."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from edge.barrier.boards.gpio import GpioBoard, GpioLine
from edge.barrier.guard.wire_loop import WireGuards
from edge.config import BarrierConfig
from edge.domain.commands import Action, Order
from edge.domain.facts import Arm, GuardAlarm, VehicleCrossed, VehicleEntered
from edge.system.clock import SystemClock
from simulator.barrier.gpio import GpioChip
from simulator.barrier.hardware import KINDS, OUTPUTS
from simulator.rig import INPUTS
from tests.support.barrier_kinds_play import Lane
from tests.support.waiting import stays, wait_for

pytestmark = pytest.mark.timeout(600)

ARM_S = 5.0
"""So slow an arm leaves time for what is to happen on its way, on a busy computer too."""

NOBODY = SimpleNamespace(host="127.0.0.1", port=9)

UNDER = {"safety_loop": True, "photocell": True}


class PinsLane(Lane):
    """The same on pins."""

    def __init__(self, folder, inputs):
        super().__init__("serial", NOBODY, folder, ARM_S, inputs)
        self.kind = "gpio"
        pins = {name: 10 + channel for name, channel in inputs.items()}
        chip = GpioChip(self.world, OUTPUTS, pins, ("stop",))
        line = GpioLine(chip.path, chip.request)
        config = BarrierConfig(
            wire="pins",
            outputs=OUTPUTS,
            inputs=pins,
            travel_s=ARM_S,
            clear_before_close_s=0.3,
            entry_held_s=2.0,
        )
        board = GpioBoard(line, OUTPUTS, pins, ("stop",))
        self.chip = chip
        self.guards = WireGuards(line, [("out1", config, board)], SystemClock())
        self.guard = self.guards.guards["out1"]


def reported(lane):
    return f"{lane.kind}: {lane.guard.status()} {lane.world.arm} {lane.facts[-6:]}"


def until(lane, true, seconds=90):
    wait_for(true, seconds, every=0.01, why=lambda: reported(lane))


def put(lane, **inputs):
    lane.world.overrides.update(inputs)


def order(lane, action):
    lane.guard.order(Order(f"o{time.monotonic()}", Action(action), "test", ""))


def arm(lane):
    return lane.guard.status().arm


def alarms(lane, code):
    return [f.active for f in lane.facts if isinstance(f, GuardAlarm) and f.code == code]


def opened(lane):
    """The arm is up, for a vehicle on the entry loop."""
    until(lane, lambda: arm(lane) in (Arm.CLOSED, Arm.STOPPED))
    put(lane, entry_loop=True)
    until(lane, lambda: lane.guard.status().entry_loop)
    lane.guard.authorise("a1")
    until(lane, lambda: arm(lane) is Arm.OPEN)


def closes(lane):
    """Ordered down, again where a reading fails at the moment, or readings that were lost have
    stopped it on its way; whether it comes down."""
    if arm(lane) in (Arm.OPEN, Arm.STOPPED):
        order(lane, "close")
        time.sleep(0.1)
    return arm(lane) in (Arm.CLOSING, Arm.CLOSED)


def coming_down(lane, to=0.7):
    """The arm is on its way down by our order, and has come so far."""
    until(lane, lambda: arm(lane) in (Arm.CLOSED, Arm.STOPPED))
    order(lane, "open")
    until(lane, lambda: arm(lane) is Arm.OPEN)
    until(lane, lambda: closes(lane) and lane.world.arm.position < to)
    assert arm(lane) is Arm.CLOSING, reported(lane)


def at_once(lanes, play):
    """The play in every lane at the same time."""
    with ThreadPoolExecutor(len(lanes)) as threads:
        list(threads.map(play, lanes))


@contextlib.contextmanager
def a_yard(server, folder, inputs=INPUTS):
    """A lane of every kind."""
    for kind in (*KINDS, "gpio"):
        (folder / kind).mkdir()
    with contextlib.ExitStack() as stack:
        lanes = [Lane(kind, server, folder / kind, ARM_S, inputs) for kind in KINDS]
        lanes.append(PinsLane(folder / "gpio", inputs))
        yield [stack.enter_context(lane) for lane in lanes]


@pytest.fixture
def yard(broker, tmp_path):
    with a_yard(broker, tmp_path) as lanes:
        yield lanes


def lies_half_way(lane):
    """Faults 1 and 5: then a vehicle comes that both sensors see; no stop output is wired."""
    coming_down(lane)
    put(lane, limit_closed=True)
    time.sleep(0.4)
    del lane.world.overrides["limit_closed"]
    put(lane, stop=True)
    time.sleep(0.05)
    put(lane, stop=False, **UNDER)
    until(lane, lambda: lane.world.arm.direction >= 0)
    assert lane.world.arm.position > 0.05, reported(lane)
    assert arm(lane) is not Arm.CLOSED, reported(lane)


def test_a_lower_switch_that_lies_half_way_and_a_stop_that_bounces_end_no_watch(yard):
    at_once(yard, lies_half_way)


def comes_down_by_itself(lane):
    """Fault 4."""
    opened(lane)
    put(lane, entry_loop=False, **UNDER)
    until(lane, lambda: lane.guard.status().photocell or lane.guard.status().safety_loop)
    lane.world.arm.direction = -1
    until(lane, lambda: alarms(lane, "moves_by_itself") == [True])
    until(lane, lambda: lane.world.arm.position > 0.98 and lane.world.arm.direction >= 0)


def test_an_arm_that_comes_down_by_itself_is_opened_on_a_vehicle_and_told(yard):
    at_once(yard, comes_down_by_itself)


def has_a_gap(lane):
    """Fault 7."""
    opened(lane)
    put(lane, **UNDER)
    until(lane, lambda: any(isinstance(fact, VehicleEntered) for fact in lane.facts))
    put(lane, safety_loop=False, photocell=False)
    until(lane, lambda: alarms(lane, "passage_unfinished") == [True])
    assert lane.world.arm.position > 0.98, reported(lane)
    assert lane.guard.status().light == "red"
    assert not any(isinstance(fact, VehicleCrossed) for fact in lane.facts)
    until(lane, lambda: closes(lane) and arm(lane) is Arm.CLOSED)
    assert VehicleCrossed("out1", "a1") in lane.facts


def test_a_gap_in_a_long_vehicle_brings_no_arm_down_and_a_person_may_end_the_passage(yard):
    at_once(yard, has_a_gap)


def loses_its_inputs(lane):
    """Fault 9."""
    opened(lane)
    put(lane, entry_loop=False, **UNDER)
    until(lane, lambda: any(isinstance(fact, VehicleEntered) for fact in lane.facts))
    lost(lane, True)
    until(lane, lambda: arm(lane) is Arm.UNKNOWN)
    put(lane, safety_loop=False, photocell=False)
    lost(lane, False)
    # It comes down behind him, all being clear again, or stays up and that is reported.
    until(lane, lambda: alarms(lane, "left_open") == [True] or arm(lane) is Arm.CLOSED)


def test_inputs_that_are_lost_under_a_vehicle_leave_no_untold_open_arm(yard):
    at_once(yard, loses_its_inputs)


@pytest.mark.long
@pytest.mark.parametrize("play", [lies_half_way, comes_down_by_itself, has_a_gap, loses_its_inputs])
@pytest.mark.parametrize("lacks", ["safety_loop", "photocell"])
def test_with_one_of_the_two_safety_sensors_it_is_the_same(play, lacks, broker, tmp_path):
    inputs = {name: channel for name, channel in INPUTS.items() if name != lacks}
    with a_yard(broker, tmp_path, inputs) as lanes:
        at_once(lanes, play)


def lost(lane, gone):
    """The board with the inputs says nothing for as long."""
    if lane.kind == "gpio":
        lane.chip.gone = gone
    elif lane.kind == "tcp":
        lane.part.twins[0].boards = {} if gone else dict.fromkeys(range(1, 9), lane.board)
    else:
        lane.bus.silent = gone


def test_a_service_that_ends_leaves_no_arm_on_its_way_down(yard):
    """Fault 2."""

    def play(lane):
        coming_down(lane)
        lane.guards.stop()
        until(lane, lambda: lane.world.arm.direction >= 0, 10)
        assert lane.world.arm.position > 0.05, reported(lane)

    at_once(yard, play)


def test_a_guard_that_stood_still_inside_a_reading_opens_nothing_by_what_it_read(broker, tmp_path):
    """Fault 3: what lay in the buffer meanwhile is not believed."""

    def play(lane):
        until(lane, lambda: arm(lane) in (Arm.CLOSED, Arm.STOPPED))
        (guarded,) = [x for wire in wires(lane) for x in wire._lanes]
        guarded.driver = stopped = Stopped(guarded.driver, lane)
        # A reading that goes on by the real board would see the button too, and rightly open.
        until(lane, lambda: stopped.asked)
        put(lane, manual_open=True)
        until(lane, lambda: alarms(lane, "stalled") == [True, False])
        assert stopped.once
        stays(lambda: lane.world.arm.pulses == 0, 0.5, why=lambda: reported(lane))

    with a_yard(broker, tmp_path, {**INPUTS, "manual_open": 7}) as lanes:
        at_once(lanes, play)


class Stopped:
    """A board in whose reading the process is stopped for three seconds, between the answer and its
    use, as soon as the button is seen; by then nobody presses it any more."""

    def __init__(self, board, lane):
        self._board, self._lane = board, lane
        self.asked = self.once = False

    def __getattr__(self, name):
        return getattr(self._board, name)

    def read_inputs(self):
        self.asked = True
        inputs = self._board.read_inputs()
        if inputs["manual_open"] and not self.once:
            self.once = True
            put(self._lane, manual_open=False)
            time.sleep(3.0)
        return inputs


def wires(lane):
    return getattr(lane.guards, "_wires", [lane.guards])


@pytest.mark.long
def test_without_a_lower_switch_the_arm_is_watched_for_its_margin_too(broker, tmp_path):
    """Fault 6: an arm that is slower than usual is turned although its time is over."""
    inputs = {name: channel for name, channel in INPUTS.items() if name != "limit_closed"}

    def play(lane):
        lane.world.arm.slow = 1.5
        coming_down(lane, 0.15)
        put(lane, **UNDER)
        until(lane, lambda: lane.world.arm.direction >= 0)
        assert lane.world.arm.position > 0.0, reported(lane)

    with a_yard(broker, tmp_path, inputs) as lanes:
        at_once(lanes, play)
