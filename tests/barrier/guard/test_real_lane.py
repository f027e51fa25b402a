"""Hypothesis plays a lane in real time: a real pty, bad wires, hang-ups, the guard's own thread.

The monitor of test_faulty_wires judges. A few plays in the ordinary run, many in the long one.
"""

import logging
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.barrier.core import crossing, motion, signals
from edge.domain.commands import Action
from edge.domain.facts import Arm
from simulator.barrier.bad_wires import EVERY, Clean
from tests.support.barrier.lane_truth import CONFIG
from tests.support.barrier.real_wire import RealSite
from tests.support.waiting import wait_for

INPUTS = ("entry_loop", "safety_loop", "photocell", "stop", "fire", "manual_open")
YEARS_S = 10 * 365 * 86400.0


class RealLane(RuleBasedStateMachine):
    @initialize(
        stop=st.booleans(), wire=st.sampled_from(EVERY), travel_s=st.sampled_from([0.8, 2.4])
    )
    def begin(self, stop, wire, travel_s):
        logging.disable(logging.CRITICAL)
        self.folder = tempfile.TemporaryDirectory()
        self.site = RealSite(Path(self.folder.name), stop, travel_s)
        self.site.ready()
        self.site.spoil(wire)

    def teardown(self):
        if not hasattr(self, "site"):
            return
        try:
            self.site.put(**dict.fromkeys(INPUTS, False))
            self.site.spoil(Clean())
            wait_for(lambda: self.site.guard.status().wire_ok)
        finally:
            self.site.stop()
            self.folder.cleanup()
            logging.disable(logging.NOTSET)
        assert self.site.monitor.unsafe == []

    @rule(tenths=st.integers(1, 8))
    def time_passes(self, tenths):
        self.site.run(tenths / 10)

    @rule()
    def a_vehicle_passes(self):
        self.site.pass_through()

    @rule(loops=st.fixed_dictionaries({}, optional={n: st.booleans() for n in INPUTS}))
    def something_stands_or_leaves(self, loops):
        self.site.put(**loops)

    @rule()
    def something_comes_under_a_closing_arm(self):
        if self.site.run_until(lambda: self.site.lane.arm.direction < 0, 1.0):
            self.site.run(0.1)
            self.site.put(safety_loop=True)

    @rule(action=st.sampled_from(list(Action)))
    def somebody_orders(self, action):
        self.site.order(action)

    @rule(wire=st.sampled_from(EVERY))
    def the_wire_changes(self, wire):
        self.site.spoil(wire)

    @rule(tenths=st.integers(0, 8), comes=st.booleans())
    def the_adapter_comes_back_as_another_device(self, tenths, comes):
        self.site.unplug()
        if comes:
            self.site.put(safety_loop=True)
        self.site.run(tenths / 10)
        self.site.plug_in()

    @rule(seconds=st.sampled_from([-YEARS_S, YEARS_S, 0.0]))
    def the_wall_clock_jumps(self, seconds):
        self.site.clock.wrong_by = timedelta(seconds=seconds)

    @rule(stuck=st.booleans())
    def the_arm_sticks_or_moves_again(self, stuck):
        with self.site.lane.lock:
            self.site.lane.sense()
            self.site.lane.arm.stuck = stuck

    @invariant()
    def nothing_unsafe_was_said(self):
        if hasattr(self, "site"):
            self.site.look()
            assert self.site.monitor.unsafe == []


# In real time nothing is gained by shrinking: the play is printed as it was.
ONCE = (Phase.explicit, Phase.generate)


class ManyRealLanes(RealLane):
    pass


RealLane.TestCase.settings = settings(
    max_examples=3, stateful_step_count=10, deadline=None, phases=ONCE
)
ManyRealLanes.TestCase.settings = settings(
    max_examples=100, stateful_step_count=30, deadline=None, phases=ONCE
)
test_no_play_of_a_real_lane_is_unsafe = RealLane.TestCase
test_no_long_play_of_a_real_lane_is_unsafe = pytest.mark.long(
    pytest.mark.timeout(3000)(ManyRealLanes.TestCase)
)


@pytest.fixture
def site(tmp_path):
    made = RealSite(tmp_path, travel_s=0.8)
    made.ready()
    yield made
    made.stop()


def test_a_vehicle_passes_and_the_monitor_sees_the_arm_move_both_ways(site):
    assert site.pass_through(60)
    wait_for(lambda: site.guard.status().arm is Arm.CLOSED)
    site.look()
    assert (site.monitor.opens, site.monitor.closes) == (1, 1)
    assert site.monitor.unsafe == []
    assert {"VehicleCrossed", "ArmMoved"} <= {type(fact).__name__ for fact in site.facts}


def test_the_monitor_sees_a_guard_that_ignores_the_loop(site, monkeypatch):
    """A guard made careless is caught on the real wire too."""
    for module in (signals, motion, crossing):
        monkeypatch.setattr(module, "obstructed", lambda input_state: False)
    for module in (signals, motion):
        monkeypatch.setattr(module, "unseen", lambda input_state: False)
    site.lane.arm.travel_s = 2.4
    site.order("open")
    wait_for(lambda: site.guard.status().arm is Arm.OPEN)
    wait_for(lambda: site.order("close") or site.lane.arm.direction < 0)
    site.put(safety_loop=True)
    site.run_until(lambda: site.monitor.unsafe or not site.lane.arm.direction, 60)
    assert "comes down on something" in site.monitor.unsafe[0]


@pytest.mark.parametrize("stop", [True, False], ids=["stops", "opens"])
@pytest.mark.parametrize("after_s", [0.0, 0.5], ids=["at once", "under way"])
def test_a_service_that_ends_leaves_no_arm_on_its_way_down(tmp_path, stop, after_s):
    site = RealSite(tmp_path, stop=stop, travel_s=6.0)
    try:
        site.ready()
        site.order("open")
        wait_for(lambda: site.guard.status().arm is Arm.OPEN)
        wait_for(lambda: site.order("close") or site.lane.arm.direction < 0)
        site.run(after_s)
        site.guards.stop()
        site.lane.sense()
        assert site.lane.arm.direction >= 0
        assert site.lane.arm.position > 0.4
        assert not any(site.lane.relays.get(name) for name in ("open", "close", "stop"))
    finally:
        site.stop()


def test_a_service_that_ends_cuts_no_opening_pulse(tmp_path):
    site = RealSite(tmp_path)
    moments = []
    drive = site.lane.drive
    site.lane.drive = lambda output, on: (
        moments.append((output, on, site.clock.mono)),
        drive(output, on),
    )
    try:
        site.ready()
        site.order("open")
        wait_for(lambda: site.lane.arm.direction > 0)
        site.guards.stop()
        (began,) = [at for output, on, at in moments if (output, on) == ("open", True)]
        ended = [at for output, on, at in moments if (output, on) == ("open", False)][-1]
        assert ended - began >= CONFIG.pulse_s - 0.02
    finally:
        site.stop()
