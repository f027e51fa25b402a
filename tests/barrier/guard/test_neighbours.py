"""Two boards on one wire in memory, no stop wired, both arms on their way down: what the answers of
one cost the other."""

import logging

import pytest

from edge.barrier.boards.modbus import ModbusBoard
from edge.barrier.guard.wire_loop import WireGuards
from edge.config.board import profile
from edge.domain.alarm_codes import AlarmCode
from edge.domain.commands import Action, Order
from edge.domain.facts import Arm, ArmMoved, GuardAlarm, VehicleEntered
from simulator.barrier.modbus_board import Board
from tests.support.barrier.lane_truth import Lane, without_stop
from tests.support.barrier.memory_wire import Site, TcpSite
from tests.support.barrier.spoilt_answers import OPEN, TIMES, TRAVEL_S, Spoilt, noted, nothing

BLIND_S = 0.6
"""An answer time before it is known that nothing is read, another until the next try (decision
0020), and the frame itself."""


@pytest.fixture(autouse=True)
def quietly():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


class Neighbours:
    """Lanes x and y, addresses 1 and 2."""

    def __init__(self, made, config=TIMES):
        config = without_stop(config)
        self.site = made(1, stop=False, travel_s=TRAVEL_S, config=config)
        self.clock, self.port = self.site.clock, self.site.port
        self.lanes = {"x": self.site.lane, "y": Lane(self.clock, config.dead_time_s, TRAVEL_S)}
        wired = (config.outputs, config.inputs, config.inverted)
        other = Board(self.lanes["y"], *wired)
        other.clock = lambda: self.clock.mono
        self.port.boards[2] = other
        line = self.site._line(config.quiet_gap_s)
        known = profile("waveshare")
        self.guards = WireGuards(
            line,
            [(n, config, ModbusBoard(line, a, known, *wired)) for n, a in (("x", 1), ("y", 2))],
            self.clock,
        )
        self.facts = []
        self.guards.report_to(self.facts.append)

    def run_for(self, seconds):
        until = self.clock.mono + seconds
        while self.clock.mono < until:
            self.round()

    def round(self):
        wait = self.guards.round()
        self.port.forward(self.clock.mono + max(wait, 0.001))
        for lane in self.lanes.values():
            lane.arm.move(self.clock.mono)

    def order(self, action):
        for name, guard in self.guards.guards.items():
            guard.order(Order(f"{name}-{action}", Action(action), "test", ""))

    def arms(self):
        return [guard.status().arm for guard in self.guards.guards.values()]

    def come_down(self):
        """Both arms are up, then on their way down for 1.1 s."""
        self.run_for(1.0)
        self.order("open")
        self.run_for(5.0)
        assert self.arms() == ["open", "open"]
        self.order("close")
        self.run_for(1.3)
        assert self.arms() == ["closing", "closing"]


class OnlyX(Spoilt):
    """The answers of y are whole."""

    def __call__(self, answer, rng):
        return super().__call__(answer, rng) if answer[0] == 1 else [(0.0, answer)]


def comes_under_both(two, n, lost):
    """Something comes under x, whose turning frames or their answers are lost, and 0.05 s after the
    first of them under y. Gives how long after that y's arm no longer came down."""
    spoilt = OnlyX(two.site, two.port.boards[1], nothing, n, lost, {OPEN})
    y, came = two.lanes["y"], []
    turned, sense = noted(y), y.sense

    def senses():
        if came and two.clock.mono >= came[0]:
            y.put(safety_loop=True)
        return sense()

    handle = spoilt.handle

    def handles(pdu):
        answer = handle(pdu)
        if spoilt.hit and not came:
            came.append(two.clock.mono + 0.05)
        return answer

    y.sense, spoilt.handle = senses, handles
    two.lanes["x"].put(safety_loop=True)
    two.run_for(4.0)
    assert turned, "it came down"
    return turned[0] - came[0]


@pytest.mark.parametrize("made", [Site, TcpSite])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 99])
@pytest.mark.parametrize("lost", [True, False], ids=["frames", "answers"])
def test_an_arm_is_not_left_unwatched_while_the_one_beside_it_is_told_again(made, n, lost):
    two = Neighbours(made)
    two.come_down()
    rests = comes_under_both(two, n, lost)
    print(f"{n} {made.__name__}: {rests:.2f}")
    assert rests < BLIND_S


def test_a_guard_that_tells_an_arm_again_does_not_stand_still():
    """With the shortest watchdog that may be configured."""
    two = Neighbours(Site, TIMES.model_copy(update={"watchdog_s": 0.5}))
    two.come_down()
    comes_under_both(two, 5, True)
    stalled = [f for f in two.facts if isinstance(f, GuardAlarm) and f.code is AlarmCode.STALLED]
    assert not stalled


def test_a_guard_that_stood_still_within_an_unanswered_write_still_says_so():
    two = Neighbours(Site)
    two.come_down()
    spoilt = OnlyX(two.site, two.port.boards[1], nothing, 1, True, {OPEN})
    handle = spoilt.handle

    def stands_still(pdu):
        answer = handle(pdu)
        if spoilt.hit:
            two.clock.mono += 3.0
        return answer

    spoilt.handle = stands_still
    two.lanes["x"].put(safety_loop=True)
    two.run_for(5.0)
    assert any(isinstance(f, GuardAlarm) and f.code is AlarmCode.STALLED for f in two.facts)


def test_an_arm_beside_one_that_comes_down_is_not_sent_down_by_what_was_read_before():
    """Its board is read every 0.25 s meanwhile; somebody comes under it right after such a look."""
    two = Neighbours(Site)
    two.run_for(1.0)
    two.order("open")
    two.run_for(5.0)
    x, y = two.guards.guards["x"], two.guards.guards["y"]
    x.order(Order("x-close", Action.CLOSE, "test", ""))
    two.run_for(0.6)
    assert two.arms() == ["closing", "open"]

    def looks():
        return sum(address == 2 and pdu[0] == 2 for _, address, pdu in two.port.heard)

    seen = looks()
    while looks() == seen:
        two.round()
    two.lanes["y"].put(safety_loop=True)
    y.order(Order("y-close", Action.CLOSE, "test", ""))
    two.run_for(1.0)
    moved = [f.arm for f in two.facts if isinstance(f, ArmMoved) and f.lane == "y"]
    assert Arm.CLOSING not in moved
    assert moved[-1] is Arm.OPEN


def test_who_slips_under_an_arm_is_told_from_the_next_one_while_the_one_beside_it_comes_down():
    two = Neighbours(Site)
    two.run_for(1.0)
    two.lanes["y"].put(entry_loop=True, safety_loop=True)
    two.guards.guards["x"].order(Order("x", Action.OPEN, "test", ""))
    two.run_for(5.0)
    two.guards.guards["x"].order(Order("x2", Action.CLOSE, "test", ""))
    two.run_for(1.0)
    assert two.guards.guards["x"].status().arm is Arm.CLOSING
    for on in (False, True):
        two.lanes["y"].put(entry_loop=on)
        two.run_for(0.42)
    assert [f.lane for f in two.facts if isinstance(f, VehicleEntered)] == ["y"]
